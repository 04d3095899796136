"""IOLink's vectors and regions."""

import operator

from ._arguments import GREATEST, number, wrong_type, wrong_value
from ._errors import InvalidArgumentError


class _Vector(tuple):
    """An arithmetic vector, which is also a tuple."""

    __slots__ = ()
    _kind = int
    _range = None
    _length = None

    def __new__(cls, *values):
        if len(values) == 1 and hasattr(values[0], "__iter__"):
            values = tuple(values[0])
        if cls._kind is int:
            try:
                numbers = tuple(map(operator.index, values))
            except TypeError:
                raise wrong_type(cls.__name__, values, "integers") from None
        else:
            numbers = tuple(number(value, f"{cls.__name__}[{index}]") for index, value in enumerate(values))
        if cls._length not in (None, len(numbers)):
            raise InvalidArgumentError(f"{cls.__name__} of {len(numbers)} entries, expected {cls._length} entries")
        if cls._range is not None and not all(cls._range[0] <= number <= cls._range[1] for number in numbers):
            raise wrong_value(cls.__name__, numbers, f"integers from {cls._range[0]} to {cls._range[1]}")
        return tuple.__new__(cls, numbers)

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(map(repr, self))})"

    def _each(self, other, function):
        others = other if isinstance(other, tuple) else (other,) * len(self)
        if len(others) != len(self):
            raise InvalidArgumentError(f"the other vector has {len(others)} entries, expected {len(self)}")
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
    _length = 2


class VectorXd(_Vector):
    """Floating-point numbers."""

    __slots__ = ()
    _kind = float


class Vector3d(VectorXd):
    """Three floating-point numbers: an origin, a spacing."""

    __slots__ = ()
    _length = 3


def integers(values, name="shape", minimum=None):
    """A tuple of integers of any sequence of integers, or of one."""
    expected = "integers" if minimum is None else f"integers of {minimum} or more"
    if isinstance(values, (str, bytes, bytearray, bool)):
        raise wrong_type(name, values, expected)
    try:
        found = tuple(map(operator.index, values)) if hasattr(values, "__iter__") else (operator.index(values),)
    except TypeError:
        raise wrong_type(name, values, expected) from None
    if minimum is not None and any(not minimum <= value <= GREATEST for value in found):
        raise wrong_value(name, found, f"{expected}, of 64 bits")
    return found


def vector3(values, name):
    """Three floating-point numbers of a sequence of them."""
    try:
        return Vector3d(*values) if not isinstance(values, str) and len(values) == 3 else _refused(values, name)
    except TypeError:
        return _refused(values, name)


def _refused(values, name):
    raise wrong_type(name, values, "three numbers")


class RegionXu64:
    """A part of an image: ``origin`` and ``size`` along each axis, COLUMN first."""

    __slots__ = ("origin", "size")

    def __init__(self, origin, size):
        self.origin = VectorXu64(*integers(origin, "origin", 0))
        self.size = VectorXu64(*integers(size, "size", 0))
        if len(self.origin) != len(self.size):
            raise wrong_value("size", tuple(self.size), f"as many numbers as the origin {tuple(self.origin)} has")

    @staticmethod
    def create_full_region(shape):
        """The region that covers all of an image of this shape."""
        shape = integers(shape, "shape", 0)
        return RegionXu64((0,) * len(shape), shape)

    @property
    def element_count(self):
        """The number of elements in the region."""
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


def as_region(value, shape=None):
    """A region of a region, or of a pair of origin and size; inside an image of this shape, where it is given."""
    if not isinstance(value, RegionXu64):
        try:
            origin, size = value
        except (TypeError, ValueError):
            raise wrong_type("region", value, "RegionXu64(origin, size)") from None
        value = RegionXu64(origin, size)
    if shape is not None:
        ends = [start + count for start, count in zip(value.origin, value.size)]
        if len(ends) != len(shape) or any(end > length for end, length in zip(ends, shape)):
            raise wrong_value("region", value, f"a region of an image of shape {tuple(shape)}")
    return value


def as_index(values, shape):
    """The index of an element of an image of this shape, as a tuple."""
    index = integers(values, "index")
    if len(index) != len(shape) or not all(0 <= place < length for place, length in zip(index, shape)):
        raise wrong_value("index", index, f"an index in an image of shape {tuple(shape)}")
    return index
