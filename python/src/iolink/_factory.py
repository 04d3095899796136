"""``ImageViewFactory``: images in memory, and lazy views of views."""

import math
import os

from . import _core, _recipes
from ._arguments import buffer as checked_buffer
from ._arguments import instance, integer, items, number, path, wrong_type, wrong_value
from ._access import RandomAccess, RandomAccessFactory
from ._enumerations import axis_name, image_type
from ._errors import make as make_error
from ._metadata import metadata_parts
from ._properties import image_properties
from ._types import data_type, exact
from ._vectors import RegionXu64, as_region, integers
from ._view import image_view


def _described(view, properties, metadata):
    if properties is not None:
        view = _core.with_properties(view, image_properties(properties)._parts(_core.shape(view)))
    if metadata is not None:
        view = _core.with_metadata(view, metadata_parts(metadata))
    return view


def _axis_index(view, dimension):
    """The index of an axis by name."""
    name = axis_name(dimension, "dimension")
    names = [axis[0] for axis in _core.properties(view)[0]]
    if name not in names:
        raise wrong_value("dimension", name.upper(), f"an axis of the view: {', '.join(n.upper() or 'UNKNOWN' for n in names)}")
    return names.index(name)


class ImageViewFactory:
    """Makes images. Shapes, regions and steps are COLUMN first. Views of views are lazy, and copy nothing."""

    @staticmethod
    def allocate(shape, type, properties=None, metadata=None):
        """An image of zeros in memory, COLUMN fastest, with the components of an element side by side."""
        shape, dtype = integers(shape, "shape", 0), data_type(type)
        return _described(_core.allocate(shape, dtype.dtype.name, dtype.element_count), properties, metadata)

    @staticmethod
    def copy_in_memory(image):
        """A copy of an image in fresh memory, with READ, WRITE, RESHAPE and MEMORY_ACCESS."""
        return _core.copy(image_view(image, "image"), False)

    @staticmethod
    def from_image_view(view, properties, metadata=None):
        """The same pixels under other properties and metadata; None keeps those of the view."""
        image_view(view)
        if properties is not None:
            view = view.with_properties(properties)
        return view if metadata is None else view.with_metadata(metadata)

    @staticmethod
    def from_buffer(shape, dtype, buffer, properties=None, metadata=None):
        """An image over a buffer that holds its elements densely, COLUMN fastest. It is read-only if the buffer is.

        Raises ``InvalidArgumentError`` when the buffer has another number of bytes than the shape and the type need.
        """
        shape, dtype = integers(shape, "shape", 0), data_type(dtype, "dtype")
        view = _core.from_buffer(shape, dtype.dtype.name, dtype.element_count, checked_buffer(buffer, "buffer"))
        return _described(view, properties, metadata)

    @staticmethod
    def from_random_access(access, shape, dtype, byte_offset=0, properties=None, metadata=None):
        """An image over the bytes of a ``RandomAccess``, which hold its elements densely, COLUMN fastest, from ``byte_offset`` on.

        Raises ``InvalidArgumentError`` or ``TruncatedError`` when the bytes end before the image does.
        """
        instance(access, "access", RandomAccess, "a RandomAccess, which RandomAccessFactory makes; from_buffer takes memory")
        shape, dtype, byte_offset = integers(shape, "shape", 0), data_type(dtype, "dtype"), integer(byte_offset, "byte_offset", 0)
        view = _core.access_image(access._handle, shape, dtype.dtype.name, dtype.element_count, byte_offset)
        return _described(view, properties, metadata)

    @staticmethod
    def create_on_disk(shape, type, properties=None, metadata=None, *more, folder=None):
        """An image of zeros in a temporary file, in ``folder`` or where the system keeps such files.

        The file has no name, and is deleted with the last view of it. As in IOLink the folder may also come first:
        ``create_on_disk(folder, shape, type)``. Raises ``InputOutputError`` when the disk has not enough room.
        """
        import tempfile

        if isinstance(shape, (str, os.PathLike)) and len(more) < 2:
            folder, shape, type, properties, metadata = shape, type, properties, metadata, *more, *([None] * (1 - len(more)))
        elif more:
            raise wrong_type("an argument after metadata", more[0], "at most four arguments, or five with the folder first")
        shape, dtype = integers(shape, "shape", 0), data_type(type)
        folder = None if folder is None else path(folder, "folder")
        size = math.prod(shape) * dtype.dtype.itemsize * dtype.element_count
        if size >= 2**63:
            raise wrong_value("shape", shape, f"one of fewer than 2^63 bytes of {dtype}")
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".iolink-") as file:
            try:
                if size and hasattr(os, "posix_fallocate"):
                    # All of it now: a disk that is full when mapped memory is written ends the process.
                    os.posix_fallocate(file.fileno(), 0, size)
                else:
                    file.truncate(size)
            except OSError as error:
                problem = f"no room for {size} bytes: {error.strerror}"
                raise make_error("io", None, None, problem, str(error), error.errno, file.name) from None
            access = RandomAccessFactory.open_file(file.name, "r+")
        return ImageViewFactory.from_random_access(access, shape, dtype, 0, properties, metadata)

    @staticmethod
    def copy_on_disk(image, folder=None):
        """A copy of an image in a temporary file, as ``create_on_disk`` makes it."""
        _core.check_open(image_view(image, "image"))
        copy = ImageViewFactory.create_on_disk(image.shape(), image.data_type, image.properties, image.metadata, folder=folder)
        shape = _core.shape(image)
        # It is mapped: reading into it needs no memory of its own.
        _core.read(image, (0,) * len(shape), shape, memoryview(copy), _core.dimensions(copy))
        return copy

    @staticmethod
    def uniform(shape, type, value, properties=None, metadata=None):
        """A read-only image with the same element everywhere, which takes the memory of one element."""
        import numpy

        shape, dtype = integers(shape, "shape", 0), data_type(type)
        numbers = exact(value, dtype.dtype, "value")
        if numbers.shape not in ((), (1,), (dtype.element_count,)):
            raise wrong_value("value", value, f"a number, or {dtype.element_count} numbers")
        element = numpy.broadcast_to(numbers, (dtype.element_count,)).tobytes()
        view = _core.uniform(shape, dtype.dtype.name, dtype.element_count, element)
        return _described(view, properties, metadata)

    @staticmethod
    def extract_region(view, region):
        """The part of an image inside a region. Writing to it writes to the image.

        Raises ``InvalidArgumentError`` when the region passes the image; ``extract_adjusted_region`` clips it instead.
        """
        area = as_region(region, _core.shape(image_view(view)))
        ones = (1,) * len(area.size)
        return _recipes.apply("transform", [view], tuple(area.origin), tuple(area.size), ones, ())

    @staticmethod
    def extract_adjusted_region(view, region):
        """The part of an image inside a region, which is first clipped to the image. Writing to it writes to the image."""
        shape = _core.shape(image_view(view))
        area = as_region(region)
        if len(area.size) != len(shape):
            raise wrong_value("region", area, f"{len(shape)} axes, as the image has")
        origin = tuple(min(start, length) for start, length in zip(area.origin, shape))
        end = (min(start + size, length) for start, size, length in zip(area.origin, area.size, shape))
        return ImageViewFactory.extract_region(
            view, RegionXu64(origin, tuple(max(0, stop - start) for start, stop in zip(origin, end)))
        )

    @staticmethod
    def extract_channel(view, index):
        """One channel of an image: a sample along the CHANNEL axis if it has one, otherwise a component of every element."""
        names = [axis[0] for axis in _core.properties(image_view(view))[0]]
        if "channel" not in names:
            view = _recipes.apply("components_to_axis", [view], "channel")
        return ImageViewFactory.extract_slice(view, "channel", index)

    @staticmethod
    def extract_slice(view, dimension, index):
        """The image at one index along an axis; the result does not have this axis."""
        axis = _axis_index(image_view(view), dimension)
        shape = _core.shape(view)
        index = integer(index, "index", 0, shape[axis] - 1)
        start = tuple(index if other == axis else 0 for other in range(len(shape)))
        count = tuple(1 if other == axis else length for other, length in enumerate(shape))
        return _recipes.apply("transform", [view], start, count, (1,) * len(shape), (axis,))

    @staticmethod
    def sub_sample(image, step):
        """Every n-th sample along each axis, starting with the first; ``step`` has a number for each axis, COLUMN first."""
        shape = _core.shape(image_view(image, "image"))
        step = integers(step, "step", 1)
        if len(step) != len(shape):
            raise wrong_value("step", step, f"{len(shape)} numbers, one for each axis of the image")
        count = tuple(-(-length // each) for length, each in zip(shape, step))
        return _recipes.apply("transform", [image], (0,) * len(shape), count, step, ())

    @staticmethod
    def flip_dimension(image, dimension):
        """The image mirrored along the axis of that name."""
        return ImageViewFactory.flip_dimension_index(image, _axis_index(image_view(image, "image"), dimension))

    @staticmethod
    def flip_dimension_index(image, index):
        """The image mirrored along the axis of that index, COLUMN being 0."""
        shape = _core.shape(image_view(image, "image"))
        index = integer(index, "index", 0, len(shape) - 1)
        start = tuple(max(0, length - 1) if axis == index else 0 for axis, length in enumerate(shape))
        step = tuple(-1 if axis == index else 1 for axis in range(len(shape)))
        return _recipes.apply("transform", [image], start, shape, step, ())

    flip = flip_dimension

    @staticmethod
    def stack(views, dimension="sequence"):
        """Images of the same shape and type, stacked along a new axis."""
        views = [image_view(view, "views") for view in items(views, "views", "a list of ImageViews")]
        if not views:
            raise wrong_value("views", views, "one ImageView or more")
        return _recipes.apply("stack", views, axis_name(dimension, "dimension"))

    @staticmethod
    def assemble_channels(image):
        """The CHANNEL axis as components: 3 channels of UINT8 become VEC3_UINT8."""
        _axis_index(image_view(image, "image"), "channel")
        return _recipes.apply("axis_to_components", [image], "channel")

    @staticmethod
    def disassemble_channels(image):
        """Components as a CHANNEL axis."""
        return _recipes.apply("components_to_axis", [image_view(image, "image")], "channel")

    @staticmethod
    def interlace(views):
        """Images of the same shape and type as the components of one image."""
        stacked = ImageViewFactory.stack(views, "component")
        return _recipes.apply("axis_to_components", [stacked], "component")

    @staticmethod
    def reinterpret(image, image_type_id):
        """The same axes, index for index, under the names of an image type."""
        kind = image_type(image_type_id, "image_type_id")
        rank = len(_core.shape(image_view(image, "image")))
        if kind.value and rank > len(kind.value):
            raise wrong_value("image_type_id", kind.name, f"a type that names {rank} axes, which the image has")
        properties = image.properties
        properties.axes = tuple(axis._replace(name=name) for axis, name in zip(properties.axes, kind.value or ("",) * rank))
        properties.axes_are_inferred = False
        properties.image_info.set_axes_interpretation(kind)
        return image.with_properties(properties)

    @staticmethod
    def reinterpret_axes(image, dimensions):
        """The image under other names of axes, one for each axis, COLUMN first; the axes are then put in canonical order."""
        names = items(dimensions, "dimensions", "a list of axes such as [ROW, COLUMN]")
        names = tuple("" if isinstance(name, str) and not name else axis_name(name, "dimensions") for name in names)
        return _recipes.apply("name_axes", [image_view(image, "image")], names, True)

    @staticmethod
    def adapt_data_type(view, type):
        """The image in another type, lazily: the full range of one type is mapped onto that of the other (0 to 1 for floats)."""
        return _recipes.apply("convert", [view], _scalar(view, type), "rescale", 0.0, 0.0, 0.0, 0.0)

    @staticmethod
    def adapt_dynamic_range(view, type, input_range, output_range):
        """The image in another type, lazily: ``input_range`` is mapped onto ``output_range`` linearly, then values saturate."""
        bounds = (*_range(input_range, "input_range"), *_range(output_range, "output_range"))
        if bounds[0] == bounds[1]:
            raise wrong_value("input_range", input_range, "a range of some width")
        return _recipes.apply("convert", [view], _scalar(view, type), "range", *bounds)

    @staticmethod
    def cast_data_type(view, type):
        """The image in another type, lazily: values are rounded and saturate, without any scaling."""
        return _recipes.apply("convert", [view], _scalar(view, type), "cast", 0.0, 0.0, 0.0, 0.0)

    @staticmethod
    def read_only(view):
        """The same image without WRITE and RESHAPE."""
        return _recipes.apply("read_only", [image_view(view)])

    @staticmethod
    def make_thread_safe(image):
        """The image itself: all views are safe to read from many threads."""
        _core.check_open(image_view(image, "image"))
        return image


def _range(pair, name):
    """Two finite numbers, of which the second is not less than the first."""
    bounds = [number(bound, name) for bound in items(pair, name, "two numbers")]
    if len(bounds) != 2 or not all(map(math.isfinite, bounds)) or bounds[0] > bounds[1]:
        raise wrong_value(name, pair, "two finite numbers, ascending")
    return bounds


def _scalar(view, dtype):
    """NumPy's name of a type, whose components must be as many as the view's."""
    dtype = data_type(dtype)
    count = _core.type(image_view(view))[1]
    if dtype.element_count not in (1, count):
        raise wrong_value("type", dtype, f"a type of {count} components, as the view has, or of one")
    return dtype.dtype.name
