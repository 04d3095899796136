"""Assignment to a part of a lazy array: ``array[key] = values``."""

from . import _core
from ._enumerations import ImageCapability
from ._errors import InvalidArgumentError, UnsupportedError
from ._indexing import dimension_names, expanded, is_array, is_one_list, is_plain, runs
from ._pixels import shared_array
from ._types import exact


def assign(array, key, value):
    """Writes values, or what broadcasts to them, to the part of an ``ArrayView`` that an index expression names."""
    key = key if isinstance(key, tuple) else (key,)
    items = None if is_plain(key) else expanded(key, array.shape)
    if not _core.capabilities(array) & ImageCapability.WRITE:
        raise UnsupportedError("the view is read-only; copy it in memory, or open an uncompressed file with mode=\"update\"")
    source = exact(value, array.dtype, "value")
    if items is not None:
        _assign_selection(array, key, items, source)
        return
    part = array[key]
    source = fitted_part(source, part.shape, part, "value")
    shape = _core.shape(part)
    _core.write(part, (0,) * len(shape), shape, source, _core.dimensions(part))


def _assign_selection(array, key, items, source):
    if array._is_memory:
        memory = shared_array(array)
        try:
            memory[key] = source
        except ValueError as error:
            raise InvalidArgumentError(f"value does not fit: {error}") from None
    elif not any(hasattr(item, "ndim") for item in items):
        items = [item for item in items if item is not Ellipsis]
        part = array[tuple(item for item in items if item is not None)]
        lengths = iter(part.shape)
        shape = tuple(1 if item is None else next(lengths) for item in items if not isinstance(item, int))
        part[...] = fitted_part(source, shape, part, "value").reshape(part.shape)
    elif is_one_list(items):
        _write_list(array, items, source)
    else:
        raise UnsupportedError("lists and masks over several dimensions can only be assigned where the pixels are in memory")


def _write_list(array, items, values):
    """Assigns to what a list or mask along one dimension names, and to nothing else: piece by piece, with plain keys."""
    import numpy

    # Integers beside a list count as lists: the dimension of these stands first where others come between them.
    lists = [index for index, item in enumerate(items) if isinstance(item, int) or is_array(item)]
    are_neighbours = len(lists) == lists[-1] - lists[0] + 1
    items = [item for item in items if item is not Ellipsis]
    place = next(index for index, item in enumerate(items) if is_array(item))
    places = items[place]
    lengths = iter(array.shape)
    sizes = []  # per item: of the dimension that it gives, None where it gives none or is the list
    for item in items:
        length = 1 if item is None else next(lengths)
        sizes.append(len(range(*item.indices(length))) if isinstance(item, slice) else length if item is None else None)
    landing = sizes.index(None) if are_neighbours else 0
    given = [size for size in sizes if size is not None]
    values = _fitted(values, (*given[:landing], len(places), *given[landing:]))
    rest = [size for size, item in zip(sizes, items) if isinstance(item, slice)]
    values = numpy.moveaxis(values, landing, 0).reshape((len(places), *rest))
    key = [item for item in items if item is not None]
    dimension = place - sum(item is None for item in items[:place])
    axis = sum(isinstance(item, slice) for item in items[:place])
    start = 0
    for run in runs(places):
        key[dimension] = slice(int(run[0]), int(run[-1]) + 1)
        array[tuple(key)] = numpy.moveaxis(values[start : start + len(run)], 0, axis)
        start += len(run)


def fitted_part(values, shape, view, name):
    """An array as one of this shape, which is that of a part of a view. ``name`` is the argument's."""
    return _fitted(values, shape, f" ({', '.join(dimension_names(view))})", name)


def _fitted(values, shape, names="", name="value"):
    """An array as one of this shape, which is that of a part; leading dimensions of length 1 may be too many."""
    import numpy

    given = values
    while given.ndim > len(shape) and given.shape[0] == 1:
        given = given[0]
    try:
        return numpy.broadcast_to(given, shape)
    except ValueError:
        expected = f"{shape}{names}, or what broadcasts to it"
        raise InvalidArgumentError(f"{name} has the shape {values.shape}, expected {expected}") from None
