"""Which samples and which order of dimensions an index expression or a list of axes names."""

import math
import operator

from . import _core
from ._enumerations import axis_list
from ._errors import InvalidArgumentError


def selection(key, shape):
    """Per dimension start, count and step of an index expression, and which dimensions disappear."""
    key = key if isinstance(key, tuple) else (key,)
    if any(item is None for item in key):
        raise IndexError("a lazy array takes no new axes; read it with numpy.asarray first")
    dots = sum(item is Ellipsis for item in key)
    if dots > 1:
        raise IndexError("an index can have only one ellipsis")
    if len(key) - dots > len(shape):
        raise IndexError(f"too many indices: {len(key) - dots} for {len(shape)} dimensions")
    if dots:
        place = next(index for index, item in enumerate(key) if item is Ellipsis)
        fill = (slice(None),) * (len(shape) - len(key) + 1)
        key = key[:place] + fill + key[place + 1 :]
    key += (slice(None),) * (len(shape) - len(key))
    start, count, step, dropped = [], [], [], []
    for dimension, (item, length) in enumerate(zip(key, shape)):
        if isinstance(item, slice):
            first, stop, stride = item.indices(length)
            number = len(range(first, stop, stride))
            start.append(first if number else 0)
            count.append(number)
            # The step of a single sample says no more than how far it would go.
            step.append(stride if number > 1 else max(-length, min(stride, length)) or 1)
            continue
        if isinstance(item, bool) or not hasattr(item, "__index__"):
            raise IndexError(f"{item!r} is no index of a lazy array; use slices and integers, or numpy.asarray first")
        index = operator.index(item)
        if not -length <= index < length:
            raise IndexError(f"index {index} is out of bounds for dimension {dimension} of length {length}")
        start.append(index % length)
        count.append(1)
        step.append(1)
        dropped.append(dimension)
    return tuple(start), tuple(count), tuple(step), tuple(dropped)


def sliced(view, start, count, step, dropped, cls):
    """The selection of an array view: per dimension of the array."""
    dimensions = _core.dimensions(view)
    rank = len(_core.shape(view))
    if rank in dimensions:
        place = dimensions.index(rank)
        whole = (0, _core.type(view)[1], 1)
        if (start[place], count[place], step[place]) != whole or place in dropped:
            # Components that are selected become an axis for it.
            view = _core.components_to_axis(view, "component")
            names = [axis[0] for axis in _core.properties(view)[0]]
            new = names.index("component")
            dimensions = tuple(new if axis == rank else axis + (axis >= new) for axis in dimensions)
            rank += 1
    per_axis = {axis: index for index, axis in enumerate(dimensions) if axis < rank}
    order = [per_axis[axis] for axis in range(rank)]
    gone = sorted(dimensions[dimension] for dimension in dropped)
    left = [axis for dimension, axis in enumerate(dimensions) if dimension not in dropped]
    renumbered = tuple(axis - sum(lost < axis for lost in gone) for axis in left)
    return _core.transform(
        view, tuple(start[i] for i in order), tuple(count[i] for i in order), tuple(step[i] for i in order), tuple(gone),
        renumbered, cls,
    )


def dimension_names(view):
    """The names of an array's dimensions."""
    names = [axis[0] or "unknown" for axis in _core.properties(view)[0]] + ["component"]
    return [names[axis] for axis in _core.dimensions(view)]


def order_dimensions(view, axes):
    """For every named axis its number among the view's, the components being the last."""
    names = [axis[0] for axis in _core.properties(view)[0]]
    if "" in names:
        raise InvalidArgumentError(
            "the view has unknown axes, which have no names to order by; set its axes interpretation first "
            "(ImageViewFactory.reinterpret), or use to_numpy_array"
        )
    count = _core.type(view)[1]
    known = {name: index for index, name in enumerate(names)}
    if count > 1:
        known["component"] = len(names)
        known.setdefault("channel", len(names))
    order = []
    for name in axis_list(axes):
        if name not in known:
            raise InvalidArgumentError(f"no axis {name.upper()}; the view has {_listed(names, count)}")
        order.append(known[name])
    if sorted(order) != list(range(len(names) + (count > 1))):
        raise InvalidArgumentError(f"each axis must be named once; the view has {_listed(names, count)}")
    return tuple(order)


def _listed(names, count):
    return ", ".join([name.upper() for name in names] + (["COMPONENT"] if count > 1 else []))


def merged(chunks, shape):
    """Chunks made longer along the slowest dimension that has several, until there are at most 10,000."""
    chunks = [min(chunk, max(1, length)) for chunk, length in zip(chunks, shape)]
    while math.prod(-(-length // chunk) for chunk, length in zip(chunks, shape)) > 10_000:
        dimension = next(d for d, (chunk, length) in enumerate(zip(chunks, shape)) if chunk < length)
        chunks[dimension] = min(2 * chunks[dimension], shape[dimension])
    return tuple(chunks)
