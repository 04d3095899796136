"""Objects as bytes in a stream, and back."""

from . import _core
from ._arguments import instance, wrong_type
from ._frames import DataFrameView
from ._metadata import MetadataNode
from ._properties import ImageProperties, SpatialDirections
from ._streams import StreamAccess
from ._types import DataType
from ._vectors import RegionXu64, VectorXd, VectorXi64, VectorXu64
from ._view import ArrayView, ImageView

# Per class: what the library calls the kind, the value it takes of an object, and the object of a value.
_KINDS = [
    (VectorXu64, "unsigned", tuple, lambda value: VectorXu64(*value)),
    (VectorXi64, "signed", tuple, lambda value: VectorXi64(*value)),
    (VectorXd, "real", tuple, lambda value: VectorXd(*value)),
    (RegionXu64, "region", lambda it: (tuple(it.origin), tuple(it.size)), lambda value: RegionXu64(*value)),
    (DataType, "data_type", lambda it: (it.dtype.name, it.element_count), lambda value: DataType._make(*value)),
    (SpatialDirections, "directions", lambda it: it._parts(), lambda value: SpatialDirections(*value)),
    (ImageProperties, "properties", lambda it: it._parts(None), ImageProperties._detached),
    (MetadataNode, "metadata", lambda it: it._parts, MetadataNode._of),
    (ImageView, "image", lambda it: it, lambda value: value),
    (ArrayView, "image", lambda it: it.image, None),
    (DataFrameView, "frame", lambda it: it._handle, DataFrameView),
]


class Serialization:
    """Vectors, regions, types, properties, metadata, images and tables in a ``StreamAccess``.

    They follow IOLink's header: ``IOL ``, major and minor version, and the kind of the object, all big-endian. What follows the
    header is this library's own format, which other programs do not read.
    """

    @staticmethod
    def encode(object, stream):
        """Writes an object at the stream's cursor."""
        handle = _handle(stream)
        for cls, kind, value, _ in _KINDS:
            if isinstance(object, cls):
                return _core.encode(handle, kind, value(object))
        raise wrong_type("object", object, f"one of {', '.join(entry[0].__name__ for entry in _KINDS)}")

    @staticmethod
    def decode(stream):
        """Reads the object at the stream's cursor, and leaves the cursor after it. Images are in memory.

        Raises ``MalformedError``, ``TruncatedError`` or ``UnsupportedError`` when the bytes cannot be decoded.
        """
        kind, value = _core.decode(_handle(stream))
        return next(make for _, name, _, make in _KINDS if name == kind)(value)


def _handle(stream):
    return instance(stream, "stream", StreamAccess, "a StreamAccess, which StreamAccessFactory makes")._handle
