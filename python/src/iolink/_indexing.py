"""Which samples and which order of dimensions an index expression or a list of axes names."""

import math
import operator

from . import _core
from ._arguments import shown, wrong_value
from ._enumerations import axis_list
from ._errors import ArgumentIndexError, InvalidArgumentError


def is_plain(key):
    """Whether an index expression has only slices, integers and an ellipsis: what stays lazy."""
    return all(
        item is Ellipsis or isinstance(item, slice) or hasattr(item, "__index__") and not isinstance(item, bool) and not is_array(item)
        for item in key
    )


def is_array(item):
    return isinstance(item, (list, tuple)) or getattr(item, "ndim", 0) > 0 or getattr(getattr(item, "dtype", None), "kind", "") == "b"


def _expanded(key, rank, taken):
    """An index expression with slices for its ellipsis and at its end. ``taken`` is how many dimensions its items take."""
    dots = sum(item is Ellipsis for item in key)
    if dots > 1:
        raise ArgumentIndexError("an index can have only one ellipsis")
    if taken > rank:
        raise ArgumentIndexError(f"too many indices: {taken} for {rank} dimensions")
    place = next((index for index, item in enumerate(key) if item is Ellipsis), len(key))
    # One that stands for no dimension still stands between lists.
    return key[:place] + ((slice(None),) * (rank - taken) or key[place : place + 1]) + key[place + 1 :]


def expanded(key, shape):
    """An index expression with arrays, masks or new axes: per dimension a slice, an integer or an array of indices; in between
    None for new axes, and an ellipsis that stands for no dimension."""
    import numpy

    items = [item if item is None or item is Ellipsis or isinstance(item, slice) else _index_array(item) for item in key]
    taken = sum(0 if item is None or item is Ellipsis else item.ndim if _is_mask(item) else 1 for item in items)
    found, dimension = [], 0
    for item in _expanded(tuple(items), len(shape), taken):
        if item is None or item is Ellipsis or isinstance(item, slice):
            found.append(item)
            dimension += isinstance(item, slice)
            continue
        arrays = [item]
        if _is_mask(item):
            lengths = shape[dimension : dimension + item.ndim]
            if item.shape != lengths:
                raise ArgumentIndexError(f"a mask of shape {item.shape} for dimensions of lengths {lengths}")
            arrays = item.nonzero()
        for places in arrays:
            length = shape[dimension]
            places = places.astype(numpy.intp)
            if places.size and not (-length <= places.min() and places.max() < length):
                raise ArgumentIndexError(f"an index is out of bounds for dimension {dimension} of length {length}")
            places = numpy.where(places < 0, places + length, places)
            found.append(int(places) if places.ndim == 0 else places)
            dimension += 1
    return found


def is_one_list(items):
    """Whether arrays of indices lie along one dimension only, one after another."""
    arrays = [item for item in items if is_array(item)]
    return len(arrays) == 1 and arrays[0].ndim == 1


def read_selection(array, items):
    """Reads what ``expanded`` gives: no more than it names along one dimension, else the smallest box that holds it."""
    import numpy

    box, inside = [], []
    for item in items:
        if item is None or item is Ellipsis:
            inside.append(item)
        elif isinstance(item, slice):
            box.append(item)
            inside.append(slice(None))
        elif isinstance(item, int):
            box.append(slice(item, item + 1))
            inside.append(0)
        else:
            first, end = (int(item.min()), int(item.max()) + 1) if item.size else (0, 0)
            box.append(slice(first, end))
            inside.append(item - first)
    if not is_one_list(items):
        return numpy.asarray(array[tuple(box)])[tuple(inside)]
    place = next(index for index, item in enumerate(inside) if is_array(item))
    dimension = place - sum(item is None or item is Ellipsis for item in inside[:place])
    offset, wanted = box[dimension].start, numpy.unique(inside[place])
    if 4 * wanted.size >= box[dimension].stop - offset:
        return numpy.asarray(array[tuple(box)])[tuple(inside)]
    inside[place] = numpy.searchsorted(wanted, inside[place])
    parts = []
    for run in runs(wanted):
        box[dimension] = slice(offset + int(run[0]), offset + int(run[-1]) + 1)
        parts.append(numpy.asarray(array[tuple(box)]))
    return numpy.concatenate(parts, axis=dimension)[tuple(inside)]


def runs(places):
    """Indices cut into pieces in which each is one more than the one before."""
    import numpy

    return numpy.split(places, numpy.flatnonzero(numpy.diff(places) != 1) + 1) if len(places) else []


def _index_array(item):
    import numpy

    try:
        array = numpy.asarray(item)
    except ValueError:  # lists of different lengths
        array = numpy.empty(1, object)
    if isinstance(item, (list, tuple)) and array.size == 0:
        array = array.astype(numpy.intp)  # an empty list
    if array.dtype.kind not in "iu" and not (array.dtype.kind == "b" and array.ndim):
        raise ArgumentIndexError(f"index is {shown(item)}, expected slices, integers, lists of integers, or masks")
    return array


def _is_mask(item):
    return getattr(getattr(item, "dtype", None), "kind", "") == "b"


def plain(key):
    """A plain index expression with Python's own integers, which NumPy's and others become."""
    return tuple(item if item is Ellipsis or isinstance(item, slice) else _integer(item) for item in key)


def _integer(item):
    try:
        return int(operator.index(item))
    except TypeError:
        raise ArgumentIndexError(f"index is {shown(item)}, expected slices, integers, lists of integers, or masks") from None


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
            raise wrong_value("axes", name.upper(), f"axes of the view: {_listed(names, count)}")
        order.append(known[name])
    if sorted(order) != list(range(len(names) + (count > 1))):
        raise InvalidArgumentError(f"axes names {len(order)} axes, expected each of the view's once: {_listed(names, count)}")
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
