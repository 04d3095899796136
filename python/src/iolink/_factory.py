"""``ImageViewFactory``: images in memory, and lazy views of views."""

import math
import operator
import os

from . import _core, _recipes
from ._access import RandomAccess, RandomAccessFactory
from ._enumerations import axis_name, image_type
from ._errors import InvalidArgumentError
from ._errors import make as make_error
from ._metadata import metadata_parts
from ._properties import image_properties
from ._types import data_type, exact
from ._vectors import RegionXu64, as_region, integers


def _described(view, properties, metadata):
    if properties is not None:
        view = _core.with_properties(view, image_properties(properties)._parts(_core.shape(view)))
    if metadata is not None:
        view = _core.with_metadata(view, metadata_parts(metadata))
    return view


def _axis_index(view, dimension):
    """The index of an axis by name."""
    name = axis_name(dimension)
    names = [axis[0] for axis in _core.properties(view)[0]]
    if name not in names:
        raise InvalidArgumentError(f"no axis {name.upper()}; the view has {', '.join(n.upper() or 'UNKNOWN' for n in names)}")
    return names.index(name)


class ImageViewFactory:
    """Makes images. Shapes, regions and steps are COLUMN first; what is lazy copies nothing."""

    @staticmethod
    def allocate(shape, type, properties=None, metadata=None):
        """Zeros in memory, COLUMN fastest, components interleaved."""
        dtype = data_type(type)
        return _described(_core.allocate(integers(shape), dtype.dtype.name, dtype.element_count), properties, metadata)

    @staticmethod
    def copy_in_memory(image):
        """All of an image in fresh memory: READ, WRITE, RESHAPE and MEMORY_ACCESS."""
        return _core.copy(image, False)

    @staticmethod
    def from_image_view(view, properties, metadata=None):
        """The same pixels under other properties and metadata."""
        if properties is not None:
            view = view.with_properties(properties)
        return view if metadata is None else view.with_metadata(metadata)

    @staticmethod
    def from_buffer(shape, dtype, buffer, properties=None, metadata=None):
        """An image over a buffer that holds its elements densely, COLUMN fastest. Read-only if the buffer is."""
        dtype = data_type(dtype)
        view = _core.from_buffer(integers(shape), dtype.dtype.name, dtype.element_count, buffer)
        return _described(view, properties, metadata)

    @staticmethod
    def from_random_access(access, shape, dtype, byte_offset=0, properties=None, metadata=None):
        """An image over bytes that hold its elements densely, COLUMN fastest, from ``byte_offset`` on."""
        if not isinstance(access, RandomAccess):
            raise TypeError(f"{access.__class__.__name__} is no RandomAccess; see RandomAccessFactory, or from_buffer")
        dtype = data_type(dtype)
        view = _core.access_image(access._handle, integers(shape), dtype.dtype.name, dtype.element_count, byte_offset)
        return _described(view, properties, metadata)

    @staticmethod
    def create_on_disk(shape, type, properties=None, metadata=None, *more, folder=None):
        """Zeros in a temporary file, in ``folder`` or where the system keeps such files.

        The file has no name that anybody could open, and is gone with the last view of it. As in IOLink the folder may
        also stand first: ``create_on_disk(folder, shape, type)``.
        """
        import tempfile

        if isinstance(shape, (str, os.PathLike)):
            folder, shape, type, properties, metadata = shape, type, properties, metadata, *more, *([None] * (1 - len(more)))
        elif more:
            raise TypeError(f"{len(more)} arguments too many")
        shape, dtype = integers(shape), data_type(type)
        folder = None if folder is None else os.fspath(folder)
        size = math.prod(shape) * dtype.dtype.itemsize * dtype.element_count
        if min(shape, default=0) < 0 or size >= 2**63:
            raise InvalidArgumentError(f"an image of shape {shape} {dtype} cannot be")
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
        _core.check_open(image)
        copy = ImageViewFactory.create_on_disk(image.shape(), image.data_type, image.properties, image.metadata, folder=folder)
        shape = _core.shape(image)
        # It is mapped: reading into it needs no memory of its own.
        _core.read(image, (0,) * len(shape), shape, memoryview(copy), _core.dimensions(copy))
        return copy

    @staticmethod
    def uniform(shape, type, value, properties=None, metadata=None):
        """The same element everywhere, in the memory of one; read-only."""
        import numpy

        dtype = data_type(type)
        element = numpy.broadcast_to(exact(value, dtype.dtype), (dtype.element_count,)).tobytes()
        view = _core.uniform(integers(shape), dtype.dtype.name, dtype.element_count, element)
        return _described(view, properties, metadata)

    @staticmethod
    def extract_region(view, region):
        """The part of an image inside a region; writing goes through."""
        area = as_region(region)
        ones = (1,) * len(area.size)
        return _recipes.apply("transform", [view], tuple(area.origin), tuple(area.size), ones, ())

    @staticmethod
    def extract_adjusted_region(view, region):
        """The part of an image inside a region that is first clipped to the image."""
        area = as_region(region)
        shape = _core.shape(view)
        if len(area.size) != len(shape):
            raise InvalidArgumentError(f"{area} has {len(area.size)} axes, the image {len(shape)}")
        origin = tuple(min(start, length) for start, length in zip(area.origin, shape))
        end = (min(start + size, length) for start, size, length in zip(area.origin, area.size, shape))
        return ImageViewFactory.extract_region(
            view, RegionXu64(origin, tuple(max(0, stop - start) for start, stop in zip(origin, end)))
        )

    @staticmethod
    def extract_channel(view, index):
        """One channel: of the CHANNEL axis where there is one, else one component of every element."""
        names = [axis[0] for axis in _core.properties(view)[0]]
        if "channel" not in names:
            view = _recipes.apply("components_to_axis", [view], "channel")
        return ImageViewFactory.extract_slice(view, "channel", index)

    @staticmethod
    def extract_slice(view, dimension, index):
        """One sample along an axis, which disappears."""
        axis = _axis_index(view, dimension)
        shape = _core.shape(view)
        index = operator.index(index)
        if not 0 <= index < shape[axis]:
            raise InvalidArgumentError(f"index {index} along an axis of length {shape[axis]}")
        start = tuple(index if other == axis else 0 for other in range(len(shape)))
        count = tuple(1 if other == axis else length for other, length in enumerate(shape))
        return _recipes.apply("transform", [view], start, count, (1,) * len(shape), (axis,))

    @staticmethod
    def sub_sample(image, step):
        """Every ``step``-th sample along each axis, starting with the first."""
        shape = _core.shape(image)
        step = integers(step, "step")
        if len(step) != len(shape) or any(each < 1 for each in step):
            raise InvalidArgumentError(f"steps {step} for an image of {len(shape)} axes, expected positive ones")
        count = tuple(-(-length // each) for length, each in zip(shape, step))
        return _recipes.apply("transform", [image], (0,) * len(shape), count, step, ())

    @staticmethod
    def flip_dimension(image, dimension):
        """Mirrored along an axis, by name."""
        return ImageViewFactory.flip_dimension_index(image, _axis_index(image, dimension))

    @staticmethod
    def flip_dimension_index(image, index):
        """Mirrored along the axis of this index."""
        shape = _core.shape(image)
        if not 0 <= index < len(shape):
            raise InvalidArgumentError(f"axis {index} of an image of {len(shape)} axes")
        start = tuple(max(0, length - 1) if axis == index else 0 for axis, length in enumerate(shape))
        step = tuple(-1 if axis == index else 1 for axis in range(len(shape)))
        return _recipes.apply("transform", [image], start, shape, step, ())

    flip = flip_dimension

    @staticmethod
    def stack(views, dimension="sequence"):
        """Images of one shape and type, one behind the other along a new axis."""
        views = list(views)
        if not views:
            raise InvalidArgumentError("no images to stack")
        return _recipes.apply("stack", views, axis_name(dimension))

    @staticmethod
    def assemble_channels(image):
        """The CHANNEL axis as components: 3 channels of UINT8 become VEC3_UINT8."""
        _axis_index(image, "channel")
        return _recipes.apply("axis_to_components", [image], "channel")

    @staticmethod
    def disassemble_channels(image):
        """Components as a CHANNEL axis."""
        return _recipes.apply("components_to_axis", [image], "channel")

    @staticmethod
    def interlace(views):
        """Images of one shape as the components of one."""
        stacked = ImageViewFactory.stack(views, "component")
        return _recipes.apply("axis_to_components", [stacked], "component")

    @staticmethod
    def reinterpret(image, image_type_id):
        """The same axes, index for index, under the names of an image type."""
        kind = image_type(image_type_id)
        rank = len(_core.shape(image))
        if kind.value and rank > len(kind.value):
            raise InvalidArgumentError(f"{kind.name} names {len(kind.value)} axes, the image has {rank}")
        properties = image.properties
        properties.axes = tuple(axis._replace(name=name) for axis, name in zip(properties.axes, kind.value or ("",) * rank))
        properties.axes_are_inferred = False
        properties.image_info.set_axes_interpretation(kind)
        return image.with_properties(properties)

    @staticmethod
    def reinterpret_axes(image, dimensions):
        """The axes under these names, one for each index; moved to canonical order where they do not stand in it."""
        names = tuple("" if name == "" else axis_name(name) for name in dimensions)
        return _recipes.apply("name_axes", [image], names, True)

    @staticmethod
    def adapt_data_type(view, type):
        """Another type of number, the full range of one onto the full range of the other (0 to 1 for floats). Lazy."""
        return _recipes.apply("convert", [view], _scalar(view, type), "rescale", 0.0, 0.0, 0.0, 0.0)

    @staticmethod
    def adapt_dynamic_range(view, type, input_range, output_range):
        """Another type of number, one range onto another, linearly, then saturating. Lazy."""
        (low, high), output = (tuple(map(float, pair)) for pair in (input_range, output_range))
        if not low < high:
            raise InvalidArgumentError(f"the range {low} to {high}, which is mapped, has no width")
        bounds = (low, high, *output)
        return _recipes.apply("convert", [view], _scalar(view, type), "range", *bounds)

    @staticmethod
    def cast_data_type(view, type):
        """Another type of number, saturating and rounded, no rescale. Lazy."""
        return _recipes.apply("convert", [view], _scalar(view, type), "cast", 0.0, 0.0, 0.0, 0.0)

    @staticmethod
    def read_only(view):
        """The same image without WRITE."""
        return _recipes.apply("read_only", [view])

    @staticmethod
    def make_thread_safe(image):
        """The image itself: all views are safe to read from many threads."""
        _core.check_open(image)
        return image


def _scalar(view, dtype):
    """NumPy's name of a type, whose components must be as many as the view's."""
    dtype = data_type(dtype)
    count = _core.type(view)[1]
    if dtype.element_count not in (1, count):
        raise InvalidArgumentError(f"{dtype} has {dtype.element_count} components, the view {count}")
    return dtype.dtype.name
