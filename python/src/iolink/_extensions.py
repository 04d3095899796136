"""What views offer beside pixels: where elements lie in memory, and the tiles in which a file stores them."""

import math
import operator

from . import _core
from ._arguments import instance, integer, wrong_value
from ._errors import InvalidArgumentError
from ._types import DataType, data_type
from ._vectors import RegionXu64, VectorXi64, VectorXu64, as_index, integers


class Indexer:
    """Where the elements of an array lie: shape, strides and layout, COLUMN first. Made by ``view.indexer()``.

    ``Indexer(shape, dtype)`` is IOLink's native layout, COLUMN fastest; ``byte_stride`` gives any other.
    """

    __slots__ = ("_shape", "_dtype", "_byte_stride")

    def __init__(self, shape, dtype, byte_stride=None):
        self._shape = VectorXu64(*integers(shape, "shape", 0))
        self._dtype = data_type(dtype, "dtype")
        if byte_stride is None:
            byte_stride = (math.prod(self._shape[:axis]) * self._dtype.byte_count() for axis in range(len(self._shape)))
        self._byte_stride = VectorXi64(*integers(byte_stride, "byte_stride"))
        if len(self._byte_stride) != len(self._shape):
            raise wrong_value("byte_stride", tuple(self._byte_stride), f"{len(self._shape)} numbers, as the shape has")

    def dimension_count(self):
        """The number of dimensions."""
        return len(self._shape)

    def dtype(self):
        """The type of an element."""
        return self._dtype

    def shape(self):
        """The length of each dimension."""
        return self._shape

    def stride(self):
        """The distance of neighbours along each dimension, in elements; negative where they lie backwards.

        Raises ``InvalidArgumentError`` when a distance is not a whole number of elements; ``byte_stride`` has it in bytes.
        """
        size = self._dtype.byte_count()
        if any(stride % size for stride in self._byte_stride):
            raise InvalidArgumentError(f"byte strides {tuple(self._byte_stride)} are not multiples of an element's {size} bytes")
        return VectorXi64(*(stride // size for stride in self._byte_stride))

    def byte_stride(self):
        """The distance of neighbours along each dimension, in bytes; negative where they lie backwards."""
        return self._byte_stride

    def layout(self):
        """The dimensions in the order in which they are stored: fastest first."""
        return VectorXu64(*sorted(range(len(self._shape)), key=lambda axis: abs(self._byte_stride[axis])))

    def element_count(self):
        """The number of elements."""
        return math.prod(self._shape)

    def byte_count(self):
        """The bytes of all elements."""
        return self.element_count() * self._dtype.byte_count()

    def _sum(self, index, stride):
        return sum(map(operator.mul, as_index(index, self._shape), stride))

    def offset(self, index):
        """The distance from the first element to the one at ``index``, in elements."""
        return self._sum(index, self.stride())

    def byte_offset(self, index):
        """The distance from the first element to the one at ``index``, in bytes."""
        return self._sum(index, self._byte_stride)

    def is_continuous(self):
        """Whether the elements fill their memory without gaps, in the order of the layout."""
        if self.element_count() == 0:
            return True
        expected = self._dtype.byte_count()
        for axis in self.layout():
            if self._shape[axis] > 1 and self._byte_stride[axis] != expected:
                return False
            expected *= self._shape[axis]
        return True

    def __eq__(self, other):
        if not isinstance(other, Indexer):
            return NotImplemented
        return (self._shape, self._dtype, self._byte_stride) == (other._shape, other._dtype, other._byte_stride)

    __hash__ = None

    def __repr__(self):
        return f"Indexer({tuple(self._shape)}, {self._dtype}, byte_stride={tuple(self._byte_stride)})"


def indexer(view):
    """The indexer of a view with MEMORY_ACCESS."""
    return Indexer(_core.shape(view), DataType._make(*_core.type(view)), _core.strides(view))


class TilingInfoExtension:
    """The tiles in which an image is stored; whole tiles are the fastest to read. Made by ``view.tiling_info()``.

    Tiles are numbered COLUMN fastest. Those at the image's end are as short as what is left.
    """

    INVALID_TILE_INDEX = 0xFFFFFFFF

    def __init__(self, view, tile_shape):
        self._view = instance(view, "view", _core.View, "an ImageView")
        self._shape = _core.shape(view)
        tile_shape = integers(tile_shape, "tile_shape", 1)
        if len(tile_shape) != len(self._shape):
            raise wrong_value("tile_shape", tile_shape, f"{len(self._shape)} numbers, one for each axis of the image")
        self._tile = tuple(max(1, min(tile, length)) for tile, length in zip(tile_shape, self._shape))
        self._counts = tuple(-(-length // tile) for length, tile in zip(self._shape, self._tile))

    def max_tile_size(self):
        """The shape of a whole tile."""
        return VectorXu64(*self._tile)

    def tile_count(self):
        """The number of tiles."""
        return math.prod(self._counts)

    def tile_region(self, index):
        """The region of the image that a tile covers. Raises ``InvalidArgumentError`` for an index that is out of range."""
        index = integer(index, "index", 0, self.tile_count() - 1)
        origin, size = [], []
        for count, tile, length in zip(self._counts, self._tile, self._shape):
            index, place = divmod(index, count)
            origin.append(place * tile)
            size.append(min(tile, length - place * tile))
        return RegionXu64(origin, size)

    def tiling_grid(self):
        """The numbers of the tiles as an array with one dimension for each axis, COLUMN first."""
        import numpy

        return numpy.arange(self.tile_count(), dtype=numpy.uint64).reshape(self._counts, order="F")

    def read_tile(self, index, dst=None):
        """Reads a tile, as ``view.read_region`` reads its region."""
        return self._view.read_region(self.tile_region(index), dst)

    def write_tile(self, index, src):
        """Writes a tile, as ``view.write_region`` writes its region."""
        self._view.write_region(self.tile_region(index), src)

    def __repr__(self):
        return f"TilingInfoExtension({self.tile_count()} tiles of {tuple(self._tile)})"
