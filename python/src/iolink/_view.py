"""Images in IOLink's order of axes."""

import math
import struct

from . import _core, _extensions, _recipes
from ._arguments import wrong_type
from ._array_view import ArrayView
from ._assignment import fitted_part
from ._buffers import CODES, as_bytes, flat_or_array
from ._enumerations import ImageCapability, axis_list, capability
from ._errors import InvalidArgumentError
from ._indexing import order_dimensions
from ._metadata import MetadataNode, metadata_parts
from ._pixels import Pixels, new_array
from ._properties import ImageProperties, image_properties
from ._types import DataType, data_type, exact
from ._vectors import RegionXu64, VectorXu64, as_index, as_region, integers


class ImageView(Pixels):
    """An image: named axes in canonical order (COLUMN first), one type, and pixels in memory or read on demand.

    Made by ``iolink.open``, ``ImageViewFactory`` and ``NumpyInterop``. Safe to read from many threads. As an array
    (``numpy.asarray(view)``, ``view.array``) it has NumPy's order: other axes, T, Z, Y, X, C, components.
    """

    __slots__ = ()

    def shape(self):
        """The length of each axis, COLUMN first."""
        return VectorXu64(*_core.shape(self))

    @property
    def dimension_count(self):
        """How many axes the image has; components are not an axis."""
        return len(_core.shape(self))

    @property
    def data_type(self):
        """The ``DataType`` of an element, components included."""
        return DataType._make(*_core.type(self))

    @property
    def properties(self):
        """The axes, their calibration and what the numbers mean: a copy, which ``with_properties`` takes back."""
        return ImageProperties._of(_core.properties(self), self.data_type.bit_depth)

    @property
    def metadata(self):
        """Everything else that the file says: a ``MetadataNode``."""
        return MetadataNode._of(_core.metadata(self))

    @property
    def capabilities(self):
        """Which of READ, WRITE, RESHAPE and MEMORY_ACCESS the view has."""
        return ImageCapability(_core.capabilities(self))

    def support(self, capabilities):
        """Whether the view has all of these capabilities: an ``ImageCapability``, the name of one, or a list of either."""
        wanted = capability(ImageCapability, capabilities)
        return _core.capabilities(self) & wanted == wanted

    @property
    def axes(self):
        """The axes with length, spacing, origin and unit, COLUMN first."""
        return self.properties.axes

    @property
    def axes_interpretation(self):
        """IOLink's name for the combination of axes."""
        return self.properties.image_info.axes_interpretation

    @property
    def image_interpretation(self):
        """What the numbers mean."""
        return self.properties.image_info.interpretation

    @property
    def bit_depth(self):
        """How many bits of a component carry information: 12 for many cameras."""
        return self.properties.image_info.bit_depth

    @property
    def has_alpha(self):
        """Whether the last component is an opacity."""
        return self.properties.image_info.has_alpha

    @property
    def spatial_spacing(self):
        """The spacing of samples along COLUMN, ROW and SLICE, in ``spatial_unit``; 1 where nothing is stated."""
        return self.properties.spatial_spacing

    @property
    def spatial_origin(self):
        """The position of the first sample along COLUMN, ROW and SLICE, in ``spatial_unit``; 0 where nothing is stated."""
        return self.properties.spatial_origin

    @property
    def spatial_unit(self):
        """The unit of the spatial axes; empty where nothing is stated."""
        return self.properties.spatial_unit

    @property
    def spatial_directions(self):
        """How COLUMN, ROW and SLICE lie in the world; along its axes where nothing is stated."""
        return self.properties.spatial_directions

    @property
    def chunk_shape(self):
        """The shape that is cheapest to read at once, COLUMN first; None where every shape is as good."""
        chunk = _core.chunk_shape(self)
        return None if chunk is None else VectorXu64(*chunk)

    @property
    def storage(self):
        """How the file stores the image, such as ``tiles 256 × 256, deflate``; None for an image that is only in memory."""
        return _core.storage(self)

    @property
    def array(self):
        """The image as a lazy ``ArrayView`` in NumPy order, which can be sliced and given to NumPy or Dask."""
        return _core.order(self, _core.dimensions(self), ArrayView)._with_recipe(_recipes.extended(self, "array"))

    @array.setter
    def array(self, value):
        # What ``view.array += 1`` ends with, when all is written.
        if not isinstance(value, ArrayView):
            raise AttributeError("array cannot be set; assign to array[...]")

    def ordered(self, axes):
        """The image as a lazy ``ArrayView`` with its dimensions in the order of ``axes``.

        ``axes`` is a text such as ``"TZCYX"`` or ``"angle,Z,Y,X"``, or a list of axes. It names each axis once; components come
        last where it does not list them (as COMPONENT). Raises ``InvalidArgumentError`` when the view has unknown axes.
        """
        names = list(_core.axis_names(axes)) if isinstance(axes, str) else list(axis_list(axes))
        if _core.type(self)[1] > 1 and "component" not in names:
            names.append("component")
        return self.array._ordered(order_dimensions(self, names))

    def read(self, index, dst=None):
        """Reads the element at ``index``, COLUMN first: a number, or a tuple of its components.

        With ``dst``, a writable buffer of bytes or of numbers of this type, the element goes there and None is given.
        """
        name, count, content = _core.read_element(self, as_index(index, _core.shape(self)))
        if dst is not None:
            target = as_bytes(dst, name, "dst", writable=True)
            if len(target) < len(content):
                raise InvalidArgumentError(f"dst has {len(target)} bytes, expected {len(content)} or more, as an element has")
            target[: len(content)] = content
            return None
        values = struct.unpack("=" + CODES[name] * count, content)
        if name.startswith("complex"):
            values = tuple(map(complex, values[::2], values[1::2]))
        return values[0] if count == 1 else values

    def write(self, index, src):
        """Writes the element at ``index``, COLUMN first: a number, or a sequence of its components. Needs WRITE."""
        index = as_index(index, _core.shape(self))
        self.write_region(RegionXu64(index, (1,) * len(index)), src)

    def read_region(self, region, dst=None):
        """Reads a region: a ``RegionXu64``, or a pair of origin and size, COLUMN first.

        Without ``dst`` it gives a NumPy array in NumPy order. ``dst`` is an array of that shape and of this type with any strides,
        or a buffer of one dimension, which is filled densely, COLUMN fastest; then None is given. Raises
        ``InvalidArgumentError`` when the region passes the image, or ``dst`` has another shape or type.
        """
        area = as_region(region, _core.shape(self))
        dimensions = _core.dimensions(self)
        shape = _region_shape(self, area, dimensions)
        if dst is None:
            dst = new_array(shape, self.dtype)
            _core.read(self, area.origin, area.size, dst, dimensions)
            return dst
        target, dimensions = flat_or_array(self, dst, area, shape, dimensions, "dst", True)
        _core.read(self, area.origin, area.size, target, dimensions)
        return None

    def write_region(self, region, src):
        """Writes a region: a ``RegionXu64``, or a pair of origin and size, COLUMN first. Needs WRITE.

        ``src`` is an array in NumPy order or what broadcasts to one, or a buffer of one dimension, COLUMN fastest. Raises
        ``InvalidArgumentError`` when the region passes the image, shapes do not fit, or the type does not hold a value.
        """
        import numpy

        area = as_region(region, _core.shape(self))
        dimensions = _core.dimensions(self)
        shape = _region_shape(self, area, dimensions)
        if isinstance(src, (bytes, bytearray)) or isinstance(src, memoryview) and src.ndim == 1:
            src, dimensions = flat_or_array(self, src, area, shape, dimensions, "src", False)
        else:
            src = exact(src, self.dtype, "src")
            if src.shape != shape and src.ndim == 1 < len(shape) and src.size == math.prod(shape) != shape[-1]:
                src, dimensions = flat_or_array(self, numpy.ascontiguousarray(src), area, shape, dimensions, "src", False)
            else:
                src = fitted_part(src, shape, self, "src")
        _core.write(self, area.origin, area.size, src, dimensions)

    def reshape(self, shape, dtype=None):
        """Gives the view fresh memory of another shape, COLUMN first, and type. Needs RESHAPE, and memory that is not shared."""
        dtype = self.data_type if dtype is None else data_type(dtype, "dtype")
        _core.reshape(self, integers(shape, "shape", 0), dtype.dtype.name, dtype.element_count)

    def with_properties(self, properties):
        """The same pixels under other ``ImageProperties``, which must have as many axes as the image."""
        parts = image_properties(properties)._parts(_core.shape(self))
        return _core.with_properties(self, parts)._with_recipe(_recipes.extended(self, "properties", parts))

    def with_metadata(self, metadata):
        """The same pixels with other metadata: a ``MetadataNode`` or a dictionary of paths."""
        parts = metadata_parts(metadata)
        return _core.with_metadata(self, parts)._with_recipe(_recipes.extended(self, "metadata", parts))

    def indexer(self):
        """Where the elements lie in memory: an ``Indexer``. Raises ``UnsupportedError`` without MEMORY_ACCESS."""
        return _extensions.indexer(self)

    def tiling_info(self):
        """The tiles in which the file stores the image: a ``TilingInfoExtension``; None where it has none."""
        chunk = _core.chunk_shape(self)
        return None if chunk is None else _extensions.TilingInfoExtension(self, chunk)

    def refreshed(self):
        """The image as its file describes it now, with what another program has added since: frames of a measurement that runs.

        This view keeps its shape. Raises ``UnsupportedError`` for images that cannot grow, such as crops and images in memory.
        """
        return _core.refreshed(self)._with_recipe(self.recipe)

    def to_dask(self, chunks=None):
        """The image as a Dask array in NumPy order. Without ``chunks`` its chunks are the file's."""
        return self.array.to_dask(chunks)

    def to_string(self):
        """As ``repr``."""
        return repr(self)

    def __bool__(self):
        return True

    def __len__(self):
        raise TypeError("an ImageView has no len(); use shape(), or len(view.array)")

    def __repr__(self):
        axes = ", ".join(f"{axis.name.upper() or 'UNKNOWN'}={axis.length}" for axis in self.properties.axes)
        return f"<ImageView {self.data_type} {axes}; {self.capabilities.name or int(self.capabilities)}>"


_core.set_view_class(ImageView)


def image_view(value, name="view"):
    """What must be an ``ImageView``."""
    if isinstance(value, ImageView):
        return value
    advice = "an ImageView"
    if isinstance(value, ArrayView):
        advice += ", which .image of the array gives"
    elif hasattr(value, "image"):
        advice += ", which .image() of the file gives"
    elif hasattr(value, "shape"):
        advice += "; wrap an array with NumpyInterop.from_numpy_array"
    raise wrong_type(name, value, advice)


def _region_shape(view, area, dimensions):
    lengths = (*area.size, _core.type(view)[1])
    return tuple(lengths[axis] for axis in dimensions)
