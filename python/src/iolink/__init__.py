"""Scientific images of any format as views and NumPy arrays, over the library IOLink for Swift.

``iolink.open(path)`` gives views that read on demand; ``numpy.asarray(view)`` an array, without a copy where memory allows.
``from iolink import *`` brings IOLink's own names (``open_view``, ``read_image``, ``write_view`` …) and the bare axes (``ROW``,
``COLUMN`` …), and not ``open``.
"""

import os as _os

from . import _core, _errors
from ._errors import (
    AccessDeniedError,
    ArgumentBufferError,
    ArgumentIndexError,
    ArgumentTypeError,
    CancelledError,
    FolderError,
    InputOutputError,
    InvalidArgumentError,
    IOLinkError,
    LimitExceededError,
    MalformedError,
    MissingFileError,
    NotFoundError,
    OutOfMemoryError,
    TruncatedError,
    UnrecognizedError,
    UnsupportedError,
    UnsupportedTypeError,
)

_core.check_interpreter()
if _core.prepare_forks() and hasattr(_os, "register_at_fork"):
    _os.register_at_fork(before=_core.before_fork, after_in_parent=_core.after_fork, after_in_child=_core.after_fork)
_core.set_error_factory(_errors.make, IOLinkError, ArgumentTypeError, ArgumentIndexError)

from ._access import RandomAccess, RandomAccessFactory
from ._conversion import OtherImagesWarning, convert
from ._creation import create
from ._enumerations import DataFrameCapability, ImageCapability, ImageDimension, ImageInterpretation, ImageTypeId, StreamCapability
from ._extensions import Indexer, TilingInfoExtension
from ._factory import ImageViewFactory
from ._frames import DataFrameView, DataFrameViewFactory
from ._interop import NumpyInterop
from ._metadata import MetadataNode
from ._multi_image import LodImageView, MultiImageView
from ._opening import open, open_view, read, read_image
from ._options import Format, Option
from ._properties import Axis, ImageInfo, ImageProperties, SpatialDirections
from ._providers import ImageViewProvider, MultiImageViewProvider
from ._registry import Codec, CodecRegistry, formats
from ._serialization import Serialization
from ._streams import StreamAccess, StreamAccessFactory
from ._types import DataType, DataTypeId, DataTypeInterpretation, PrimitiveTypeId
from ._vectors import RegionXu64, Vector2i64, Vector3d, VectorXd, VectorXi64, VectorXu64
from ._view import ArrayView, ImageView
from ._writing import Lost, Report, write, write_view

# Later versions of IOLink have these names.
AxesInterpretationId = ImageTypeId
ImageAxes = ImageDimension

COLUMN = ImageDimension.COLUMN
ROW = ImageDimension.ROW
SLICE = ImageDimension.SLICE
CHANNEL = ImageDimension.CHANNEL
SEQUENCE = ImageDimension.SEQUENCE
COMPONENT = ImageDimension.COMPONENT

__all__ = [
    "AxesInterpretationId", "CHANNEL", "COLUMN", "COMPONENT", "DataFrameCapability", "DataFrameView", "DataFrameViewFactory",
    "DataType", "DataTypeId", "DataTypeInterpretation", "ImageAxes", "ImageCapability", "ImageDimension", "ImageInfo",
    "ImageInterpretation", "ImageProperties", "ImageTypeId", "ImageView", "ImageViewFactory", "ImageViewProvider", "Indexer",
    "LodImageView", "MetadataNode", "MultiImageView", "MultiImageViewProvider", "NumpyInterop", "PrimitiveTypeId", "ROW",
    "RandomAccess", "RandomAccessFactory",
    "RegionXu64", "SEQUENCE", "SLICE", "Serialization", "SpatialDirections", "StreamAccess", "StreamAccessFactory",
    "StreamCapability", "TilingInfoExtension", "Vector2i64", "Vector3d", "VectorXd", "VectorXi64", "VectorXu64", "open_view",
    "read_image", "write_view",
]

# IOLink spells a member of an enumeration both ways: ImageTypeId.IMAGE and ImageTypeId_IMAGE.
for _enumeration in (DataTypeId, ImageTypeId, ImageDimension, ImageInterpretation, ImageCapability, PrimitiveTypeId):
    for _name, _member in _enumeration.__members__.items():
        globals()[f"{_enumeration.__name__}_{_name}"] = _member
        __all__.append(f"{_enumeration.__name__}_{_name}")
for _name, _member in ImageTypeId.__members__.items():
    globals()[f"AxesInterpretationId_{_name}"] = _member
    __all__.append(f"AxesInterpretationId_{_name}")
del _enumeration, _name, _member

__version__ = "0.1.0"
