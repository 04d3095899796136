"""Which samples and which order of dimensions an index expression or a list of axes names."""

import math
import operator

from . import _core
from ._arguments import shown, wrong_value
from ._enumerations import axis_list
from ._errors import ArgumentIndexError, InvalidArgumentError
from ._pixels import new_array


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
    """Reads what ``expanded`` gives: the box around lists that name much of it, else only the chunks that hold what they name."""
    import numpy

    key = [item for item in items if item is not None and item is not Ellipsis]
    part = array[tuple(slice(item, item + 1) if isinstance(item, int) else slice(None) if is_array(item) else item for item in key)]
    axes = _core.dimensions(part)
    lists = {place: item for place, item in enumerate(key) if is_array(item) and axes[place] < len(_core.shape(part))}
    try:
        points = dict(zip(lists, numpy.broadcast_arrays(*lists.values())))
    except ValueError as error:
        raise ArgumentIndexError(f"the lists of an index do not fit together: {error}") from None
    box = {place: slice(int(item.min()), int(item.max()) + 1) if item.size else slice(0, 0) for place, item in lists.items()}
    size = next((item.size for item in points.values()), 1)
    if 4 * size >= math.prod(span.stop - span.start for span in box.values()):
        samples = numpy.asarray(part[tuple(box.get(place, slice(None)) for place in range(len(key)))])
        found = {place: item - box[place].start for place, item in lists.items()}
    else:
        samples = _read_points(part, {place: item.ravel() for place, item in points.items()})
        # One dimension has the points; those of the other lists have length 1.
        first = next(iter(points))
        found = {place: numpy.arange(size).reshape(item.shape) if place == first else 0 for place, item in points.items()}
    for place, item in enumerate(key):
        found.setdefault(place, 0 if isinstance(item, int) else slice(None) if isinstance(item, slice) else item)
    places = iter(range(len(key)))
    return samples[tuple(item if item is None or item is Ellipsis else found[next(places)] for item in items)]


def _read_points(array, points):
    """Reads a lazy array at points, given by their indices along some of its dimensions, and all of the other dimensions. The points
    are the first of these dimensions; the others have length 1."""
    import numpy

    axes, shape = _core.dimensions(array), list(_core.shape(array))
    rank, count = len(shape), len(next(iter(points.values())))
    origins = numpy.zeros((count, rank), numpy.int64)
    for place, indices in points.items():
        origins[:, axes[place]] = indices
        shape[axes[place]] = 1
    blocks = new_array((count, *reversed(shape), _core.type(array)[1]), array.dtype)
    _core.read_blocks(array, tuple(shape), origins, blocks)
    samples = blocks.swapaxes(0, rank - axes[next(iter(points))])[0]
    if rank not in axes:
        samples = samples[..., 0]
    return samples.transpose([rank - 1 - axis if axis < rank else rank for axis in axes])


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
