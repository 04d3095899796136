"""Callers' buffers: numbers in them, and their bytes."""

from . import _core
from ._arguments import buffer as checked_buffer
from ._errors import InvalidArgumentError
from ._indexing import dimension_names

# As the struct module spells them.
CODES = {
    "bool": "?", "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q", "int8": "b", "int16": "h", "int32": "i",
    "int64": "q", "float16": "e", "float32": "f", "float64": "d", "complex64": "ff", "complex128": "dd",
}


def flat_or_array(view, buffer, area, shape, dimensions, name, writable):
    """A buffer as an array that ``_core`` takes, and what its dimensions are.

    It has the region's shape in NumPy order, or one dimension, in which the elements lie densely, COLUMN fastest. ``name`` is
    the argument's.
    """
    import numpy

    content = checked_buffer(buffer, name, writable)
    if content.shape == shape or content.ndim != 1:
        array = numpy.asarray(content)
        if array.shape == shape and array.dtype == view.dtype:
            return array, dimensions
        if content.ndim != 1:
            names = ", ".join(dimension_names(view))
            raise InvalidArgumentError(
                f"{name} is {array.dtype} of shape {array.shape}, expected that of the region: {view.dtype} of shape {shape} ({names})"
            )
    count = _core.type(view)[1]
    lengths = tuple(reversed(area.size)) + ((count,) if count > 1 else ())
    rank = len(area.size)
    order = tuple(reversed(range(rank))) + ((rank,) if count > 1 else ())
    flat = numpy.frombuffer(as_bytes(buffer, view.dtype.name, name), numpy.uint8)
    wanted = area.element_count * count * view.dtype.itemsize
    if flat.nbytes != wanted:
        raise InvalidArgumentError(f"{name} has {flat.nbytes} bytes, expected {wanted}, as the region has")
    return flat.view(view.dtype).reshape(lengths), order


def as_bytes(buffer, dtype, name, writable=False):
    """A buffer as bytes: one of bytes, or of numbers of this type. ``name`` is the argument's."""
    content = checked_buffer(buffer, name, writable)
    code = CODES[dtype] if not dtype.startswith("complex") else "Z" + CODES[dtype][0]
    same = {code, "@" + code, "=" + code} | ({"l", "q"} if dtype == "int64" else {"L", "Q"} if dtype == "uint64" else set())
    if content.format not in same and content.format not in ("B", "b", "c"):
        raise InvalidArgumentError(
            f"{name} has elements of format {content.format!r}, expected bytes, or {dtype} in native byte order as the view has"
        )
    if not content.c_contiguous:
        raise InvalidArgumentError(f"{name} is not contiguous; expected contiguous memory, or an array of the region's shape")
    return content.cast("B") if content.nbytes else memoryview(b"")
