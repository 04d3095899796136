"""Making files that are filled later."""

import math

from . import _core
from ._arguments import flag, optional_text, wrong_value
from ._enumerations import axis_names
from ._errors import InvalidArgumentError
from ._types import data_type, native
from ._vectors import integers
from ._writing import prepared, report, target_path, write


def create(
    target, shape, dtype, format=None, *, axes=None, spacing=None, origin=None, unit=None, metadata=None, sync=False, **options
):
    """Makes a file of zeros that is then filled by regions (``open(target, mode="update")``), and gives a ``Report``.

    ``shape`` is in the file's order, slowest first. Components come last: as part of a vector type, as a last number of the shape
    where ``axes`` names one dimension less, or as ``S`` in ``axes``. Unless options say otherwise the file is stored in a way that
    can be updated: uncompressed, and as sparse as the file system allows. Everything else is as for ``write``.

    Raises ``UnsupportedError`` when files of the format cannot be updated, and what ``write`` raises.
    """
    import numpy

    dtype = data_type(native(dtype, "dtype"), "dtype")
    shape, axes = integers(shape, "shape", 0), axis_names(axes)
    format, sync, path = optional_text(format, "format"), flag(sync, "sync"), target_path(target)
    if math.prod(shape) * dtype.byte_count() >= 2**63:
        raise wrong_value("shape", shape, f"one of fewer than 2^63 bytes of {dtype}")
    if dtype.element_count > 1:
        axes = (*(axes if axes is not None else _core.infer_axes(shape, dtype.dtype.name, 1)[0]), "component")
        shape = (*shape, dtype.element_count)
    zeros = numpy.broadcast_to(numpy.zeros((), dtype.dtype), shape)
    if format is None and path is None:
        raise InvalidArgumentError("the format must be named: a file object has no extension (format=\"npy\")")
    format = _core.write_format(path) if format is None else format
    options = {**dict(_core.update_options(format)), **options}
    if path is None:
        return write(zeros, target, format, axes=axes, spacing=spacing, origin=origin, unit=unit, metadata=metadata, **options)
    view, texts = prepared(zeros, axes, spacing, origin, unit, metadata, options)
    lost, count = _core.create_path(view, path, format, texts, sync)
    return report(lost, count)
