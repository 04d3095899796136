"""Types of elements, and what values they hold."""

import enum

from ._arguments import instance, integer, shown, wrong_type, wrong_value
from ._errors import InvalidArgumentError, UnsupportedTypeError


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
            if interpretation is not None:
                instance(interpretation, "interpretation", DataTypeInterpretation, "a DataTypeInterpretation")
            is_complex = interpretation is DataTypeInterpretation.COMPLEX
            self._count = integer(dimension, "dimension", 1, 65535)
            self._scalar = self._find(kind, bit_depth, is_complex)
            if self._count > 1 and not self.is_numeric():
                raise wrong_value("dimension", dimension, f"1, because {kind.name} has single values only")
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
        if kind is PrimitiveTypeId.OPAQUE and not bits:
            return None
        integer(bits, "bit_depth")
        depths = [depth for _, _, each, depth in (*_SCALARS, _TEXT) if each is kind]
        for name, _, each, depth in (*_SCALARS, _TEXT):
            if each is kind and depth == bits and name.startswith("complex") == is_complex:
                return name
        listed = ", ".join(map(str, sorted(set(depths)))) or "0"
        raise wrong_value("bit_depth", bits, f"one that {kind.name} has: {listed}")

    @staticmethod
    def _parse(identifier, argument="kind"):
        if identifier == 0:
            return None, 1
        if identifier == DataTypeId.UTF8_STRING:
            return _TEXT[0], 1
        count = identifier >> 16 & 0xFFFF
        for name, _, kind, bits in _SCALARS:
            if count and _packed(kind, bits, count, name.startswith("complex")) == identifier:
                return name, count
        raise wrong_value(argument, identifier, "the id of a type, as DataTypeId has them")

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
        """Whether the other type holds every value of this type exactly."""
        import numpy

        other = data_type(other, "other")
        if not (self.is_numeric() and other.is_numeric()):
            return self == other
        if self.bit_depth == 64 and self.dtype.kind in "iu" and other.dtype.kind in "fc":
            return False  # NumPy calls it safe, and rounds
        return self._count == other._count and numpy.can_cast(self.dtype, other.dtype, "safe")

    def to_string(self):
        """IOLink's name: ``VEC3_UINT16``."""
        return str(self)

    @staticmethod
    def extract_scalar_type(dtype):
        """The type of a component."""
        return DataType._make(data_type(dtype, "dtype")._scalar, 1)

    @staticmethod
    def standard_range(dtype):
        """The range that conversions map from and to: all values of an integer type, 0 to 1 for other types."""
        dtype = data_type(dtype, "dtype")
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
            raise UnsupportedTypeError(f"type is {self}, expected a type of numbers, which images hold")
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


def _numpy_type(value, name):
    """NumPy's type of what it takes for one, but for None."""
    import numpy

    try:
        if value is not None:
            return numpy.dtype(value)
    except Exception:  # objects with an attribute dtype can raise anything
        pass
    raise wrong_type(name, value, 'a type such as "uint8", numpy.uint8 or DataTypeId.UINT8')


def _numpy_name(value, name="type"):
    """NumPy's name of what ``numpy.dtype`` or IOLink calls a type."""
    if isinstance(value, str) and value in _NAMES:
        return value
    found = _numpy_type(value, name).name
    if found not in _NAMES:
        raise UnsupportedTypeError(f"{name} is {shown(value)}, which images cannot hold; expected one of {', '.join(_NAMES)}")
    return found


def native(value, name="type"):
    """What NumPy or the library call a type; of NumPy's not one in the other byte order, which would be forgotten."""
    if isinstance(value, (DataType, int)) or isinstance(value, str) and value.upper() in DataTypeId.__members__:
        return value
    dtype = _numpy_type(value, name)
    if not dtype.isnative:
        raise wrong_value(name, value, 'native byte order; the order is an option of its own, byte_order="big" or "little"')
    return dtype


def is_number(dtype):
    """Whether an image can hold numbers of a NumPy dtype, in either byte order."""
    return dtype.name in _NAMES


def data_type(value, name="type"):
    """A ``DataType`` of one, of an id, or of what NumPy calls a type. ``name`` is the argument's."""
    if isinstance(value, DataType):
        return value
    if isinstance(value, str) and value.upper() in DataTypeId.__members__:
        return DataType(DataTypeId[value.upper()])
    if isinstance(value, (bool, PrimitiveTypeId)):
        raise wrong_type(name, value, 'a type such as "uint8", numpy.uint8 or DataTypeId.UINT8')
    if isinstance(value, int):
        return DataType._make(*DataType._parse(value, name))
    if value is str:
        return DataType(value)
    return DataType._make(_numpy_name(value, name), 1)


def exact(values, dtype, name="values"):
    """Values as an array of a type, none of them changed but by the rounding of floats. ``name`` is the argument's."""
    import numpy

    dtype = numpy.dtype(dtype)
    try:
        given = numpy.asarray(values)
    except ValueError:  # lists of different lengths
        raise wrong_value(name, values, f"numbers that form an array of {dtype}") from None
    if dtype.kind in "iu" and given.dtype.kind in "fO" and not hasattr(values, "dtype"):
        # NumPy makes floats or objects of large integers.
        objects = numpy.asarray(values, object)
        if all(isinstance(each, int) for each in objects.flat):
            try:
                return objects.astype(dtype)
            except OverflowError:
                raise wrong_value(name, values, f"values that {dtype} holds") from None
    if given.dtype.kind not in "biufc" or given.dtype.kind == "c" != dtype.kind:
        raise UnsupportedTypeError(f"{name} is {shown(values)} of {given.dtype}, expected numbers that {dtype} holds")
    if numpy.can_cast(given.dtype, dtype, "safe"):
        return given.astype(dtype, copy=False)
    if given.dtype.kind in "iu" and dtype.kind in "iu":
        limits = numpy.iinfo(dtype)
        if given.size and not (limits.min <= int(given.min()) and int(given.max()) <= limits.max):
            raise _inexact(name, given, dtype)
        return given.astype(dtype)
    with numpy.errstate(all="ignore"):
        array = given.astype(dtype)
    is_kept = (numpy.isfinite(array) == numpy.isfinite(given)).all() if dtype.kind in "fc" else numpy.array_equal(array, given)
    if not is_kept:
        raise _inexact(name, given, dtype)
    return array


def _inexact(name, given, dtype):
    return InvalidArgumentError(f"{name} has values of {given.dtype} that {dtype} does not hold; convert them first (astype)")
