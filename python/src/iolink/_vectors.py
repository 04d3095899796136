"""IOLink's vectors and regions."""

import operator

from ._errors import InvalidArgumentError


class _Vector(tuple):
    """An arithmetic vector; a tuple to everything that takes one."""

    __slots__ = ()
    _kind = int
    _range = None
    _length = None

    def __new__(cls, *values):
        if len(values) == 1 and hasattr(values[0], "__iter__"):
            values = tuple(values[0])
        convert = operator.index if cls._kind is int else float
        numbers = tuple(map(convert, values))
        if cls._length not in (None, len(numbers)):
            raise InvalidArgumentError(f"a {cls.__name__} has {cls._length} entries, not {len(numbers)}")
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
    _length = 2


class VectorXd(_Vector):
    """Floating-point numbers."""

    __slots__ = ()
    _kind = float


class Vector3d(VectorXd):
    """Three floating-point numbers: an origin, a spacing."""

    __slots__ = ()
    _length = 3


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

    def __init__(self, origin, size):
        self.origin = VectorXu64(*integers(origin, "origin"))
        self.size = VectorXu64(*integers(size, "size"))
        if len(self.origin) != len(self.size):
            raise InvalidArgumentError(f"origin {tuple(self.origin)} and size {tuple(self.size)} have different lengths")

    @staticmethod
    def create_full_region(shape):
        """All of an image of this shape: origin zero."""
        shape = integers(shape)
        return RegionXu64((0,) * len(shape), shape)

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


def as_region(value):
    """A region of a region, or of a pair of origin and size."""
    if isinstance(value, RegionXu64):
        return value
    try:
        origin, size = value
    except (TypeError, ValueError):
        raise TypeError(f"{value!r} is no region; expected RegionXu64(origin, size)") from None
    return RegionXu64(origin, size)
