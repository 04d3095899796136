"""Which samples and which order of dimensions an index expression or a list of axes names."""

import math
import operator

from . import _core
from ._enumerations import axis_list
from ._errors import InvalidArgumentError


def is_plain(key):
    """Whether an index expression has only slices, integers and an ellipsis: what stays lazy."""
    return all(
        item is Ellipsis or isinstance(item, slice) or hasattr(item, "__index__") and not isinstance(item, bool) and not _is_array(item)
        for item in key
    )


def _is_array(item):
    return isinstance(item, (list, tuple)) or getattr(item, "ndim", 0) > 0 or getattr(getattr(item, "dtype", None), "kind", "") == "b"


def _expanded(key, rank, taken):
    """An index expression with slices for its ellipsis and at its end. ``taken`` is how many dimensions its items take."""
    dots = sum(item is Ellipsis for item in key)
    if dots > 1:
        raise IndexError("an index can have only one ellipsis")
    if taken > rank:
        raise IndexError(f"too many indices: {taken} for {rank} dimensions")
    place = next((index for index, item in enumerate(key) if item is Ellipsis), len(key))
    return key[:place] + (slice(None),) * (rank - taken) + key[place + 1 :]


def slab(key, shape):
    """The smallest box that holds all that an index expression with arrays, masks or new axes selects.

    Gives an index of the box, and the expression as one of the box.
    """
    items = [item if item is None or item is Ellipsis or isinstance(item, slice) else _index_array(item) for item in key]
    taken = sum(0 if item is None or item is Ellipsis else item.ndim if _is_mask(item) else 1 for item in items)
    box, inside = [], []
    for item in _expanded(tuple(items), len(shape), taken):
        if item is None:
            inside.append(None)
        elif isinstance(item, slice):
            box.append(item)
            inside.append(slice(None))
        elif _is_mask(item):
            lengths = shape[len(box) : len(box) + item.ndim]
            if item.shape != lengths:
                raise IndexError(f"a mask of shape {item.shape} for dimensions of lengths {lengths}")
            for places in item.nonzero():
                _add(places, shape, box, inside)
        else:
            _add(item, shape, box, inside)
    return tuple(box), tuple(inside)


def _index_array(item):
    import numpy

    array = numpy.asarray(item)
    if array.size == 0 and array.dtype.kind == "f":
        array = array.astype(numpy.intp)  # an empty list
    if array.dtype.kind not in "iu" and not (array.dtype.kind == "b" and array.ndim):
        raise IndexError(f"{item!r} is no index; use slices, integers, lists of integers, or masks")
    return array


def _is_mask(item):
    return getattr(getattr(item, "dtype", None), "kind", "") == "b"


def _add(places, shape, box, inside):
    """Adds an array of indices along the next dimension."""
    import numpy

    length = shape[len(box)]
    places = places.astype(numpy.intp)
    if places.size and not (-length <= places.min() and places.max() < length):
        raise IndexError(f"an index is out of bounds for dimension {len(box)} of length {length}")
    places = numpy.where(places < 0, places + length, places)
    first = int(places.min()) if places.size else 0
    box.append(slice(first, int(places.max()) + 1 if places.size else 0))
    inside.append(places - first)


def selection(key, shape):
    """Per dimension start, count and step of a plain index expression, and which dimensions disappear."""
    key = _expanded(key, len(shape), sum(item is not Ellipsis for item in key))
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
