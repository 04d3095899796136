"""Axes, combinations of axes, meanings of images, capabilities."""

import enum

from . import _core
from ._arguments import items, wrong_type, wrong_value


class ImageTypeId(enum.Enum):
    """A named combination of axes."""

    def __new__(cls, *axes):
        # Said here, because early versions of Python 3.11 make an object of an empty tuple.
        member = object.__new__(cls)
        member._value_ = axes
        return member

    UNKNOWN = ()
    IMAGE = ("column", "row")
    VOLUME = ("column", "row", "slice")
    IMAGE_SEQUENCE = ("column", "row", "sequence")
    VOLUME_SEQUENCE = ("column", "row", "slice", "sequence")
    MULTISPECTRAL_IMAGE = ("column", "row", "channel")
    MULTISPECTRAL_VOLUME = ("column", "row", "slice", "channel")
    MULTISPECTRAL_IMAGE_SEQUENCE = ("column", "row", "channel", "sequence")
    MULTISPECTRAL_VOLUME_SEQUENCE = ("column", "row", "slice", "channel", "sequence")


class ImageDimension(enum.Enum):
    """An axis by its role. COMPONENT names the components of a vector type where an array's dimensions are listed."""

    COLUMN = "column"
    ROW = "row"
    SLICE = "slice"
    CHANNEL = "channel"
    SEQUENCE = "sequence"
    COMPONENT = "component"


class ImageInterpretation(enum.Enum):
    """What the numbers of an image mean."""

    UNKNOWN = "UNKNOWN"
    GRAYSCALE = "GRAYSCALE"
    MIN_IS_WHITE = "MIN_IS_WHITE"
    RGB = "RGB"
    CMYK = "CMYK"
    CIELAB = "CIELAB"
    LABEL = "LABEL"
    BINARY = "BINARY"
    PALETTE = "PALETTE"
    MULTISPECTRAL = "MULTISPECTRAL"

    @classmethod
    def _missing_(cls, value):
        # An open set: what a codec says is kept.
        if not isinstance(value, str):
            return None
        member = object.__new__(cls)
        member._name_ = member._value_ = value.upper()
        return cls._value2member_map_.setdefault(member._value_, member)


class ImageCapability(enum.IntFlag):
    """What a view can do."""

    READ = 1
    WRITE = 2
    RESHAPE = 4
    MEMORY_ACCESS = 8


class DataFrameCapability(enum.IntFlag):
    """What a table can do."""

    READ = 1
    WRITE = 2
    RESHAPE = 4


class StreamCapability(enum.IntFlag):
    """What a stream can do."""

    READ = 1
    WRITE = 2
    SEEK = 4
    MEMORY_ACCESS = 8


def capability(cls, value):
    """Capabilities of some, of the name of one, or of a sequence of either."""
    if isinstance(value, cls):
        return value
    expected = f"{cls.__name__}: {', '.join(cls.__members__)}"
    if isinstance(value, str):
        if value not in cls.__members__:
            raise wrong_value("capabilities", value, expected)
        return cls[value]
    if isinstance(value, int) and not isinstance(value, (enum.Enum, bool)):
        if not 0 <= value <= sum(cls.__members__.values()):
            raise wrong_value("capabilities", value, expected)
        return cls(value)
    if isinstance(value, (enum.Enum, bool)) or not hasattr(value, "__iter__"):
        raise wrong_type("capabilities", value, expected)
    found = cls(0)
    for each in value:
        found |= capability(cls, each)
    return found


_NUMPY_ORDER = ("sequence", "slice", "row", "column", "channel")


def image_type(value, name="image_type"):
    """An ``ImageTypeId`` of one or of its name."""
    if isinstance(value, ImageTypeId):
        return value
    try:
        return ImageTypeId[value]
    except (KeyError, TypeError):
        names = ", ".join(ImageTypeId.__members__)
        if isinstance(value, (list, tuple)):
            raise wrong_type(name, value, f"one of {names}; order_from_numpy_array takes lists of axes") from None
        raise (wrong_value if isinstance(value, str) else wrong_type)(name, value, f"one of {names}") from None


for _kind in ImageTypeId:
    # The axes in NumPy order: slowest first, CHANNEL last. An attribute, because hashing a member is slow.
    # None for UNKNOWN, which names none.
    _kind._numpy_axes = None
    if _kind.value:
        _kind._numpy_axes = _core.named_axes(_kind.name, tuple(name for name in _NUMPY_ORDER if name in _kind.value))


def axis_name(value, name="axis"):
    """The name of an axis of an ``ImageDimension``, or of a text such as ``Z``, ``slice`` or ``angle``."""
    if isinstance(value, ImageDimension):
        return value.value
    if isinstance(value, str):
        if not value.isprintable():
            raise wrong_value(name, value, "the name of an axis, of printable characters")
        names = _core.axis_names(value)
        return names[0] if len(names) == 1 else value.lower()
    raise wrong_type(name, value, "an axis: an ImageDimension or a name")


def axis_list(values, name="axes"):
    """The names of axes listed one by one."""
    return tuple(axis_name(value, name) for value in items(values, name, "a list of axes such as [ROW, COLUMN]"))


def axis_names(axes):
    """The names of axes, slowest first, of ``"ZYX"``, ``"angle,Z,Y,X"`` or a list; None for None."""
    if axes is None:
        return None
    return _core.axis_names(axes) if isinstance(axes, str) else axis_list(axes)
