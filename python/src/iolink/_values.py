"""IOLink's basic types: vectors, regions, data types, and the enumerations."""

import enum
import operator

from . import _core
from ._errors import InvalidArgumentError, UnsupportedTypeError


class _Vector(tuple):
    """An arithmetic vector; a tuple to everything that takes one."""

    __slots__ = ()
    _kind = int
    _range = None

    def __new__(cls, *values):
        if len(values) == 1 and hasattr(values[0], "__iter__"):
            values = tuple(values[0])
        convert = operator.index if cls._kind is int else float
        numbers = tuple(map(convert, values))
        if cls._range is not None and not all(cls._range[0] <= number <= cls._range[1] for number in numbers):
            raise InvalidArgumentError(f"{cls.__name__}{numbers} has an entry outside {cls._range[0]} to {cls._range[1]}")
        return tuple.__new__(cls, numbers)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(repr, self))})"

    def _each(self, other, function):
        others = other if isinstance(other, tuple) else (other,) * len(self)
        if len(others) != len(self):
            raise InvalidArgumentError(f"vectors of {len(self)} and {len(others)} entries")
        return type(self)(*(function(a, b) for a, b in zip(self, others)))

    def __add__(self, other):
        return self._each(other, operator.add)

    def __sub__(self, other):
        return self._each(other, operator.sub)

    def __mul__(self, other):
        return self._each(other, operator.mul)

    def __rmul__(self, other):
        return self._each(other, operator.mul)

    def __floordiv__(self, other):
        return self._each(other, operator.floordiv)

    @property
    def size(self):
        """How many entries it has."""
        return len(self)


class VectorXu64(_Vector):
    """Unsigned integers: a shape, an index. ``VectorXu64(2, 3)``."""

    __slots__ = ()
    _range = (0, 2**64 - 1)


class VectorXi64(_Vector):
    """Signed integers."""

    __slots__ = ()
    _range = (-(2**63), 2**63 - 1)


class Vector2i64(VectorXi64):
    """Two signed integers: a range of levels."""

    __slots__ = ()


class VectorXd(_Vector):
    """Floating-point numbers."""

    __slots__ = ()
    _kind = float


class Vector3d(VectorXd):
    """Three floating-point numbers: an origin, a spacing."""

    __slots__ = ()


def exact(values, dtype):
    """Values as an array of a type, none of them changed but by the rounding of floats."""
    import numpy

    given, dtype = numpy.asarray(values), numpy.dtype(dtype)
    if dtype.kind in "iu" and given.dtype.kind in "fO" and not hasattr(values, "dtype"):
        # NumPy makes floats or objects of large integers.
        objects = numpy.asarray(values, object)
        if all(isinstance(each, int) for each in objects.flat):
            try:
                return objects.astype(dtype)
            except OverflowError:
                raise InvalidArgumentError(f"some values are none of {dtype}") from None
    if given.dtype.kind not in "biufc" or given.dtype.kind == "c" != dtype.kind:
        raise UnsupportedTypeError(f"{given.dtype} cannot be {dtype}")
    if numpy.can_cast(given.dtype, dtype, "safe"):
        return given.astype(dtype, copy=False)
    if given.dtype.kind in "iu" and dtype.kind in "iu":
        limits = numpy.iinfo(dtype)
        if given.size and not (limits.min <= int(given.min()) and int(given.max()) <= limits.max):
            raise InvalidArgumentError(f"some values of {given.dtype} are none of {dtype}; convert them first (astype)")
        return given.astype(dtype)
    with numpy.errstate(all="ignore"):
        array = given.astype(dtype)
    is_kept = (numpy.isfinite(array) == numpy.isfinite(given)).all() if dtype.kind in "fc" else numpy.array_equal(array, given)
    if not is_kept:
        raise InvalidArgumentError(f"some values of {given.dtype} are none of {dtype}; convert them first (astype)")
    return array


def integers(values, what="shape"):
    """A tuple of integers of any sequence of integers, or of one."""
    try:
        if hasattr(values, "__iter__"):
            return tuple(map(operator.index, values))
        return (operator.index(values),)
    except TypeError:
        raise TypeError(f"{what} is {values!r}, expected integers") from None


class RegionXu64:
    """A box: ``origin`` and ``size`` per axis, COLUMN first, half-open."""

    __slots__ = ("origin", "size")

    def __init__(self, origin, size=None):
        if size is None:
            origin, size = VectorXu64(*(0 for _ in origin)), origin
        self.origin = VectorXu64(*integers(origin, "origin"))
        self.size = VectorXu64(*integers(size, "size"))
        if len(self.origin) != len(self.size):
            raise InvalidArgumentError(f"origin {tuple(self.origin)} and size {tuple(self.size)} have different lengths")

    @staticmethod
    def create_full_region(shape):
        """All of an image of this shape: origin zero."""
        return RegionXu64(shape)

    @property
    def element_count(self):
        """How many elements lie in it."""
        count = 1
        for length in self.size:
            count *= length
        return count

    def __eq__(self, other):
        if not isinstance(other, RegionXu64):
            return NotImplemented
        return (self.origin, self.size) == (other.origin, other.size)

    def __hash__(self):
        return hash((self.origin, self.size))

    def __repr__(self):
        return f"RegionXu64({self.origin!r}, {self.size!r})"

    def __reduce__(self):
        return RegionXu64, (tuple(self.origin), tuple(self.size))


def region(value):
    """A region of a region, or of a pair of origin and size."""
    if isinstance(value, RegionXu64):
        return value
    try:
        origin, size = value
    except (TypeError, ValueError):
        raise TypeError(f"{value!r} is no region; expected RegionXu64(origin, size)") from None
    return RegionXu64(origin, size)


class PrimitiveTypeId(enum.Enum):
    """What kind of number a component is."""

    OPAQUE = 0
    UNSIGNED_INTEGER = 1
    SIGNED_INTEGER = 2
    FLOATING_POINT = 3
    BOOLEAN = 4
    STRING = 5


class DataTypeInterpretation(enum.Enum):
    """What the components of an element are together."""

    UNKNOWN = 0
    SCALAR = 1
    VECTOR = 2
    COMPLEX = 3


# NumPy's name, IOLink's name, kind, bits of a component.
_SCALARS = [
    ("bool", "BOOLEAN", PrimitiveTypeId.BOOLEAN, 8),
    ("uint8", "UINT8", PrimitiveTypeId.UNSIGNED_INTEGER, 8),
    ("uint16", "UINT16", PrimitiveTypeId.UNSIGNED_INTEGER, 16),
    ("uint32", "UINT32", PrimitiveTypeId.UNSIGNED_INTEGER, 32),
    ("uint64", "UINT64", PrimitiveTypeId.UNSIGNED_INTEGER, 64),
    ("int8", "INT8", PrimitiveTypeId.SIGNED_INTEGER, 8),
    ("int16", "INT16", PrimitiveTypeId.SIGNED_INTEGER, 16),
    ("int32", "INT32", PrimitiveTypeId.SIGNED_INTEGER, 32),
    ("int64", "INT64", PrimitiveTypeId.SIGNED_INTEGER, 64),
    ("float16", "FLOAT16", PrimitiveTypeId.FLOATING_POINT, 16),
    ("float32", "FLOAT", PrimitiveTypeId.FLOATING_POINT, 32),
    ("float64", "DOUBLE", PrimitiveTypeId.FLOATING_POINT, 64),
    ("complex64", "COMPLEX_FLOAT", PrimitiveTypeId.FLOATING_POINT, 32),
    ("complex128", "COMPLEX_DOUBLE", PrimitiveTypeId.FLOATING_POINT, 64),
]

_NAMES = {name: identifier for name, identifier, _, _ in _SCALARS}

# Columns of tables hold texts too; images do not.
_TEXT = ("text", "UTF8_STRING", PrimitiveTypeId.STRING, 8)


def _packed(kind, bits, count, is_complex):
    """The id of a type: kind, bits of a component, components, interpretation, 16 bits each."""
    interpretation = (
        DataTypeInterpretation.COMPLEX if is_complex
        else DataTypeInterpretation.SCALAR if count == 1 else DataTypeInterpretation.VECTOR
    )
    return kind.value << 48 | bits << 32 | count << 16 | interpretation.value


DataTypeId = enum.IntEnum(
    "DataTypeId",
    [("UNKNOWN", 0)]
    + [
        (f"VEC{count}_{identifier}" if count > 1 else identifier, _packed(kind, bits, count, name.startswith("complex")))
        for count in (1, 2, 3, 4)
        for name, identifier, kind, bits in _SCALARS
    ]
    + [(_TEXT[1], _packed(*_TEXT[2:], 1, False))],
    module=__name__,
)
DataTypeId.__doc__ = (
    "The types with a name of their own: UINT8 … COMPLEX_DOUBLE, VEC2_, VEC3_, VEC4_ of each, and UTF8_STRING for tables."
)


class DataType:
    """The type of an element: a number, times a count of components.

    ``DataType(DataTypeId.VEC3_UINT16)``, ``DataType(PrimitiveTypeId.UNSIGNED_INTEGER, 3, 16)``, or of anything that
    ``numpy.dtype`` takes. ``DataType()`` is opaque; ``DataType(str)`` is that of texts in tables.
    """

    __slots__ = ("_scalar", "_count")

    def __init__(self, kind=DataTypeId.UNKNOWN, dimension=None, bit_depth=None, interpretation=None):
        if isinstance(kind, PrimitiveTypeId):
            is_complex = interpretation is DataTypeInterpretation.COMPLEX
            self._scalar, self._count = self._find(kind, bit_depth, is_complex), operator.index(dimension)
            if not 1 <= self._count <= 65535:
                raise InvalidArgumentError(f"dimension is {dimension}, expected 1 to 65535")
        elif isinstance(kind, DataType):
            self._scalar, self._count = kind._scalar, kind._count
        elif isinstance(kind, int) and not isinstance(kind, bool):
            self._scalar, self._count = self._parse(kind)
        elif kind is str:
            self._scalar, self._count = _TEXT[0], 1
        else:
            self._scalar, self._count = _numpy_name(kind), 1

    @staticmethod
    def _find(kind, bits, is_complex):
        for name, _, each, depth in _SCALARS:
            if each is kind and depth == bits and name.startswith("complex") == is_complex:
                return name
        raise InvalidArgumentError(f"no type of kind {kind.name} with {bits} bits")

    @staticmethod
    def _parse(identifier):
        if identifier == 0:
            return None, 1
        if identifier == DataTypeId.UTF8_STRING:
            return _TEXT[0], 1
        count = identifier >> 16 & 0xFFFF
        for name, _, kind, bits in _SCALARS:
            if count and _packed(kind, bits, count, name.startswith("complex")) == identifier:
                return name, count
        raise InvalidArgumentError(f"{identifier:#x} is the id of no type")

    @classmethod
    def _make(cls, scalar, count):
        made = object.__new__(cls)
        made._scalar, made._count = scalar, count
        return made

    @property
    def _row(self):
        for row in (*_SCALARS, _TEXT):
            if row[0] == self._scalar:
                return row
        return None, "UNKNOWN", PrimitiveTypeId.OPAQUE, 0

    @property
    def id(self):
        """The packed id; a ``DataTypeId`` where it has a name."""
        if self._scalar is None:
            return DataTypeId.UNKNOWN
        name, _, kind, bits = self._row
        packed = _packed(kind, bits, self._count, name.startswith("complex"))
        try:
            return DataTypeId(packed)
        except ValueError:
            return packed

    def get_id(self):
        """As ``id``."""
        return self.id

    @property
    def primitive_type(self):
        """What kind of number a component is."""
        return self._row[2]

    @property
    def bit_depth(self):
        """Bits of one component: 16 for VEC3_UINT16; of half a complex number."""
        return self._row[3]

    @property
    def element_count(self):
        """How many components: 3 for VEC3_UINT16."""
        return self._count

    @property
    def interpretation(self):
        """Scalar, vector or complex."""
        if self._scalar is None:
            return DataTypeInterpretation.UNKNOWN
        if self._scalar.startswith("complex"):
            return DataTypeInterpretation.COMPLEX
        return DataTypeInterpretation.SCALAR if self._count == 1 else DataTypeInterpretation.VECTOR

    def bit_count(self):
        """Bits of an element: 48 for VEC3_UINT16."""
        return self.bit_depth * self._count * (2 if self.interpretation is DataTypeInterpretation.COMPLEX else 1)

    def byte_count(self):
        """Bytes of an element: 6 for VEC3_UINT16."""
        return self.bit_count() // 8

    def is_numeric(self):
        """Whether it holds numbers."""
        return self._scalar in _NAMES

    def is_scalar(self):
        """Whether it has one component."""
        return self._scalar is not None and self._count == 1

    def is_vector(self):
        """Whether it has several components."""
        return self._count > 1

    def is_convertible_to(self, other):
        """Whether every value is a value of the other type, exactly."""
        import numpy

        other = data_type(other)
        if not (self.is_numeric() and other.is_numeric()):
            return self == other
        return self._count == other._count and numpy.can_cast(self.dtype, other.dtype, "safe")

    def to_string(self):
        """IOLink's name: ``VEC3_UINT16``."""
        return str(self)

    @staticmethod
    def extract_scalar_type(dtype):
        """The type of a component."""
        return DataType._make(data_type(dtype)._scalar, 1)

    @staticmethod
    def standard_range(dtype):
        """The range that conversions map from and to: all of an integer's, 0 to 1 for others."""
        dtype = data_type(dtype)
        bits = dtype.bit_depth
        if dtype.primitive_type is PrimitiveTypeId.UNSIGNED_INTEGER:
            return (0.0, float(2**bits - 1))
        if dtype.primitive_type is PrimitiveTypeId.SIGNED_INTEGER:
            return (float(-(2 ** (bits - 1))), float(2 ** (bits - 1) - 1))
        return (0.0, 1.0)

    @property
    def dtype(self):
        """NumPy's type of a component."""
        import numpy

        if not self.is_numeric():
            raise UnsupportedTypeError(f"{self} is no type of numbers, which an image holds")
        return numpy.dtype(self._scalar)

    def __eq__(self, other):
        if isinstance(other, DataType):
            return (self._scalar, self._count) == (other._scalar, other._count)
        if isinstance(other, int) and not isinstance(other, bool):
            return self.id == other
        return NotImplemented

    def __hash__(self):
        return hash(int(self.id))

    def __str__(self):
        name = self._row[1]
        return name if self._count == 1 else f"VEC{self._count}_{name}"

    def __repr__(self):
        return f"DataType({self})"

    def __reduce__(self):
        return DataType._make, (self._scalar, self._count)


def _numpy_name(value):
    """NumPy's name of what ``numpy.dtype`` or IOLink calls a type."""
    if isinstance(value, str) and value in _NAMES:
        return value
    if value is None:
        raise TypeError("a type is expected, not None")
    import numpy

    name = numpy.dtype(value).name
    if name not in _NAMES:
        raise UnsupportedTypeError(f"{name} cannot be an image; expected one of {', '.join(_NAMES)}")
    return name


def is_number(dtype):
    """Whether an image can hold numbers of a NumPy dtype, in either byte order."""
    return dtype.name in _NAMES


def data_type(value):
    """A ``DataType`` of one, of an id, or of what NumPy calls a type."""
    if isinstance(value, DataType):
        return value
    if isinstance(value, str) and value.upper() in DataTypeId.__members__:
        return DataType(DataTypeId[value.upper()])
    return DataType(value)


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
    if isinstance(value, str):
        if value not in cls.__members__:
            raise InvalidArgumentError(f"{value!r} is no capability; there are {', '.join(cls.__members__)}")
        return cls[value]
    if isinstance(value, int):
        return cls(value)
    found = cls(0)
    for each in value:
        found |= capability(cls, each)
    return found


_NUMPY_ORDER = ("sequence", "slice", "row", "column", "channel")


def image_type(value):
    """An ``ImageTypeId`` of one or of its name."""
    if isinstance(value, ImageTypeId):
        return value
    try:
        return ImageTypeId[value]
    except KeyError:
        names = ", ".join(ImageTypeId.__members__)
        raise InvalidArgumentError(f"{value!r} is no image type; there are {names}") from None


for _kind in ImageTypeId:
    # The axes in NumPy order: slowest first, CHANNEL last. An attribute, because hashing a member is slow.
    # None for UNKNOWN, which names none.
    _kind._numpy_axes = None
    if _kind.value:
        _kind._numpy_axes = _core.named_axes(_kind.name, tuple(name for name in _NUMPY_ORDER if name in _kind.value))


def axis_name(value):
    """The name of an axis of an ``ImageDimension``, or of a text such as ``Z``, ``slice`` or ``angle``."""
    if isinstance(value, ImageDimension):
        return value.value
    if isinstance(value, str):
        names = _core.axis_names(value)
        return names[0] if len(names) == 1 else value.lower()
    raise TypeError(f"{value!r} is no axis; expected ImageDimension or a name")
