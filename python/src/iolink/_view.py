"""Views of images: ``ImageView`` in IOLink's order of axes, ``ArrayView`` in NumPy's."""

import math
import os
import struct

from . import _core, _extensions, _recipes
from ._arguments import shown, wrong_type, wrong_value
from ._buffers import CODES, as_bytes, flat_or_array
from ._enumerations import ImageCapability, axis_list, capability
from ._errors import ArgumentBufferError, InvalidArgumentError, UnsupportedError
from ._indexing import (
    dimension_names, expanded, fitted, is_one_list, is_plain, merged, order_dimensions, read_selection, selection, sliced, write_selection
)
from ._metadata import MetadataNode, metadata_parts
from ._properties import ImageProperties, image_properties
from ._types import DataType, data_type, exact
from ._vectors import RegionXu64, VectorXu64, as_region, integers


class _Pixels(_core.View):
    """What both faces of an image share. Every operation is lazy: none reads a pixel until somebody reads."""

    __slots__ = ("_recipe", "__weakref__")

    def _with_recipe(self, recipe):
        self._recipe = recipe
        return self

    @property
    def recipe(self):
        """How to make this view again in another process; None where it cannot be."""
        return getattr(self, "_recipe", None)

    @property
    def dtype(self):
        """NumPy's type of a number."""
        import numpy

        return numpy.dtype(_core.type(self)[0])

    @property
    def ndim(self):
        """How many dimensions the array has, components included."""
        return len(_core.dimensions(self))

    def __array__(self, dtype=None, copy=None):
        import numpy

        shares = bool(_core.capabilities(self) & ImageCapability.MEMORY_ACCESS)
        wanted = self.dtype if dtype is None else numpy.dtype(dtype)
        if copy is False and not (shares and wanted == self.dtype):
            raise InvalidArgumentError(
                "copy is False, expected True or None: the view has no MEMORY_ACCESS, or another type was asked for"
            )
        if shares and copy is not True:
            array = shared_array(self)
        else:
            array = numpy.empty(_core.array_shape(self), self.dtype)
            _read_all(self, array)
        return array if wanted == array.dtype else array.astype(wanted)

    def __dlpack_device__(self):
        return (1, 0)

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        if stream is not None:
            raise ArgumentBufferError(f"stream is {shown(stream)}, expected None: memory of the processor has no stream")
        if dl_device is not None and dl_device != (1, 0):
            raise ArgumentBufferError(f"dl_device is {shown(dl_device)}, expected the processor's memory, (1, 0)")
        versioned = max_version is not None and integers(max_version, "max_version", 0) >= (1,)
        if copy is True:
            return _core.dlpack(_core.order(_core.copy(self, True), _core.dimensions(self), type(self)), versioned, True)
        return _core.dlpack(self, versioned, False)

    def __reduce__(self):
        return _recipes.reduce(self)


class ImageView(_Pixels):
    """An image: named axes in canonical order (COLUMN first), one type, pixels in memory or fetched on demand.

    Made by ``iolink.open``, ``ImageViewFactory`` and ``NumpyInterop``. Safe to read from many threads. As an array
    (``numpy.asarray(view)``, ``view.array``) it has NumPy's order: other axes, T, Z, Y, X, C, components.
    """

    __slots__ = ()

    def shape(self):
        """The length of each axis, COLUMN first."""
        return VectorXu64(*_core.shape(self))

    @property
    def dimension_count(self):
        """How many axes it has; components are none."""
        return len(_core.shape(self))

    @property
    def data_type(self):
        """The type of an element."""
        return DataType._make(*_core.type(self))

    @property
    def properties(self):
        """Axes, calibration, and what the numbers mean: a copy."""
        return ImageProperties._of(_core.properties(self), self.data_type.bit_depth)

    @property
    def metadata(self):
        """What else the file says."""
        return MetadataNode._of(_core.metadata(self))

    @property
    def capabilities(self):
        """READ, WRITE, RESHAPE, MEMORY_ACCESS, as far as it has them."""
        return ImageCapability(_core.capabilities(self))

    def support(self, capabilities):
        """Whether it has all of these capabilities."""
        wanted = capability(ImageCapability, capabilities)
        return _core.capabilities(self) & wanted == wanted

    @property
    def axes(self):
        """The axes, COLUMN first."""
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
        """Bits of a component that carry information: 12 for many cameras."""
        return self.properties.image_info.bit_depth

    @property
    def has_alpha(self):
        """Whether the last component is an opacity."""
        return self.properties.image_info.has_alpha

    @property
    def spatial_spacing(self):
        """Spacing along COLUMN, ROW, SLICE; 1 where nothing is stated."""
        return self.properties.spatial_spacing

    @property
    def spatial_origin(self):
        """Origin along COLUMN, ROW, SLICE; 0 where nothing is stated."""
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
        """The natural read size, COLUMN first; None where there is none."""
        chunk = _core.chunk_shape(self)
        return None if chunk is None else VectorXu64(*chunk)

    @property
    def storage(self):
        """How the file stores it; None for what is only in memory."""
        return _core.storage(self)

    @property
    def array(self):
        """The image as a lazy array in NumPy order: slice it, give it to NumPy or Dask."""
        return _core.order(self, _core.dimensions(self), ArrayView)._with_recipe(_recipes.extended(self, "array"))

    @array.setter
    def array(self, value):
        # What ``view.array += 1`` ends with, when all is written.
        if not isinstance(value, ArrayView):
            raise AttributeError("array cannot be set; assign to array[...]")

    def ordered(self, axes):
        """The image as a lazy array with its dimensions in this order: ``"TZCYX"``, ``"angle,Z,Y,X"`` or a sequence of axes.

        Components come last where they are not listed (as COMPONENT).
        """
        names = list(_core.axis_names(axes)) if isinstance(axes, str) else list(axis_list(axes))
        if _core.type(self)[1] > 1 and "component" not in names:
            names.append("component")
        return self.array._ordered(order_dimensions(self, names))

    def read(self, index, dst=None):
        """One element: a number, or a tuple of its components. With ``dst``, a writable buffer, its bytes go there."""
        name, count, content = _core.read_element(self, integers(index, "index"))
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
        """Writes one element: a number, or a sequence of its components."""
        index = integers(index, "index", 0)
        self.write_region(RegionXu64(index, (1,) * len(index)), src)

    def read_region(self, region, dst=None):
        """Reads a region.

        Without ``dst`` gives a NumPy array in NumPy order. ``dst`` is an array of that shape and this type with any
        strides, or a buffer of one dimension that is filled densely, COLUMN fastest.
        """
        import numpy

        area = as_region(region, len(_core.shape(self)))
        dimensions = _core.dimensions(self)
        shape = _region_shape(self, area, dimensions)
        if dst is None:
            dst = numpy.empty(shape, self.dtype)
            _core.read(self, area.origin, area.size, dst, dimensions)
            return dst
        target, dimensions = flat_or_array(self, dst, area, shape, dimensions, "dst", True)
        _core.read(self, area.origin, area.size, target, dimensions)
        return None

    def write_region(self, region, src):
        """Writes a region from an array in NumPy order (or what broadcasts to it), or from a buffer of one dimension, COLUMN
        fastest."""
        import numpy

        area = as_region(region, len(_core.shape(self)))
        dimensions = _core.dimensions(self)
        shape = _region_shape(self, area, dimensions)
        if isinstance(src, (bytes, bytearray)) or isinstance(src, memoryview) and src.ndim == 1:
            src, dimensions = flat_or_array(self, src, area, shape, dimensions, "src", False)
        else:
            src = exact(src, self.dtype, "src")
            if src.shape != shape and src.ndim == 1 < len(shape) and src.size == math.prod(shape) != shape[-1]:
                src, dimensions = flat_or_array(self, numpy.ascontiguousarray(src), area, shape, dimensions, "src", False)
            else:
                src = _fitted(src, shape, self)
        _core.write(self, area.origin, area.size, src, dimensions)

    def reshape(self, shape, dtype=None):
        """Gives the view fresh memory of another shape and type. Only for memory that was allocated and is not shared."""
        dtype = self.data_type if dtype is None else data_type(dtype, "dtype")
        _core.reshape(self, integers(shape, "shape", 0), dtype.dtype.name, dtype.element_count)

    def with_properties(self, properties):
        """The same pixels under other properties."""
        parts = image_properties(properties)._parts(_core.shape(self))
        return _core.with_properties(self, parts)._with_recipe(_recipes.extended(self, "properties", parts))

    def with_metadata(self, metadata):
        """The same pixels with other metadata: a ``MetadataNode`` or a dictionary of paths."""
        parts = metadata_parts(metadata)
        return _core.with_metadata(self, parts)._with_recipe(_recipes.extended(self, "metadata", parts))

    def indexer(self):
        """Where the elements lie in memory: an ``Indexer``. Needs MEMORY_ACCESS."""
        return _extensions.indexer(self)

    def tiling_info(self):
        """The tiles in which the file stores it: a ``TilingInfoExtension``; None where there are none."""
        chunk = _core.chunk_shape(self)
        return None if chunk is None else _extensions.TilingInfoExtension(self, chunk)

    def to_dask(self, chunks=None):
        """A Dask array in NumPy order; without ``chunks`` it has the file's."""
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


class ArrayView(_Pixels):
    """An image as a lazy array in NumPy order.

    Slicing (ranges with steps of either sign, integers, ``...``) gives another lazy array; ``numpy.asarray`` reads it, and
    copies only what is not in memory. Assignment to a slice writes, where the image can be written. Everything else reads
    it: indexing with lists, masks and new axes, operators, comparisons, and the methods of NumPy's arrays that compute.
    ``array += 1`` writes, as assignment does.
    """

    __slots__ = ()

    @property
    def shape(self):
        """The length of each dimension."""
        return _core.array_shape(self)

    @property
    def size(self):
        """How many numbers it has."""
        count = 1
        for length in self.shape:
            count *= length
        return count

    @property
    def itemsize(self):
        """Bytes of one number."""
        return self.dtype.itemsize

    @property
    def nbytes(self):
        """Bytes of all numbers."""
        return self.size * self.dtype.itemsize

    @property
    def chunks(self):
        """The natural read size per dimension; None where there is none."""
        chunk = _core.chunk_shape(self)
        if chunk is None:
            return None
        chunk = (*chunk, _core.type(self)[1])
        return tuple(max(1, chunk[axis]) for axis in _core.dimensions(self))

    @property
    def image(self):
        """The image of this array, in IOLink's order of axes. Selected components are components again."""
        view = self
        if any(axis[0] == "component" for axis in _core.properties(self)[0]) and _core.type(self)[1] == 1:
            view = _core.axis_to_components(self, "component")
        return _core.order(view, None, ImageView)._with_recipe(_recipes.extended(self, "image"))

    def item(self):
        """The number, of an array that has just one."""
        import numpy

        if self.size != 1:
            raise InvalidArgumentError(f"the array has the shape {self.shape}, expected a single number")
        return numpy.asarray(self).item()

    def __int__(self):
        return int(self.item())

    def __float__(self):
        return float(self.item())

    def __complex__(self):
        return complex(self.item())

    def __bool__(self):
        return bool(self.item())

    def __index__(self):
        if self.shape != () or self.dtype.kind not in "iu":
            raise TypeError("only an integer without dimensions is an index")
        return self.item()

    def __contains__(self, value):
        import numpy

        return value in numpy.asarray(self)

    def __len__(self):
        shape = self.shape
        if not shape:
            raise TypeError("an array without dimensions has no len()")
        return shape[0]

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def transpose(self, *order):
        """Its dimensions in another order, lazily; without one reversed."""
        order = order[0] if len(order) == 1 and not hasattr(order[0], "__index__") else order or range(self.ndim)[::-1]
        order = [place + self.ndim if place < 0 else place for place in integers(order, "order")]
        if sorted(order) != list(range(self.ndim)):
            raise wrong_value("order", tuple(order), f"each of the {self.ndim} dimensions once")
        dimensions = _core.dimensions(self)
        return self._ordered(tuple(dimensions[place] for place in order))

    @property
    def T(self):
        """Its dimensions reversed."""
        return self.transpose()

    def _ordered(self, dimensions):
        return _recipes.apply("order", [self], dimensions)

    def __getitem__(self, key):
        key = key if isinstance(key, tuple) else (key,)
        if not is_plain(key):
            import numpy

            items = expanded(key, self.shape)
            return numpy.asarray(self)[key] if self._is_memory else read_selection(self, items)
        start, count, step, dropped = selection(key, self.shape)
        return sliced(self, start, count, step, dropped, ArrayView)._with_recipe(
            _recipes.extended(self, "slice", start, count, step, dropped)
        )

    def __setitem__(self, key, value):
        key = key if isinstance(key, tuple) else (key,)
        items = None if is_plain(key) else expanded(key, self.shape)
        if not _core.capabilities(self) & ImageCapability.WRITE:
            raise UnsupportedError("the view is read-only; copy it in memory, or open an uncompressed file with mode=\"update\"")
        source = exact(value, self.dtype)
        if items is not None:
            self._write_selection(key, items, source)
            return
        part = self[key]
        source = _fitted(source, part.shape, part)
        shape = _core.shape(part)
        _core.write(part, (0,) * len(shape), shape, source, _core.dimensions(part))

    @property
    def _is_memory(self):
        return bool(_core.capabilities(self) & ImageCapability.MEMORY_ACCESS)

    def _write_selection(self, key, items, source):
        if self._is_memory:
            array = shared_array(self)
            try:
                array[key] = source
            except ValueError as error:
                raise InvalidArgumentError(str(error)) from None
        elif not any(hasattr(item, "ndim") for item in items):
            items = [item for item in items if item is not Ellipsis]
            part = self[tuple(item for item in items if item is not None)]
            lengths = iter(part.shape)
            shape = tuple(1 if item is None else next(lengths) for item in items if not isinstance(item, int))
            part[...] = _fitted(source, shape, part).reshape(part.shape)
        elif is_one_list(items):
            write_selection(self, items, source)
        else:
            raise UnsupportedError("lists and masks over several dimensions can only be assigned where the pixels are in memory")

    def to_dask(self, chunks=None):
        """A Dask array of it. Each worker reads its own part.

        Without ``chunks`` they are the file's, or whole multiples of them where there would be more than 10,000.
        """
        import dask.array
        import numpy

        if chunks is None:
            chunks = "auto" if self.chunks is None else merged(self.chunks, self.shape)

        meta = numpy.empty((0,) * self.ndim, self.dtype)
        return dask.array.from_array(self, chunks=chunks, lock=False, asarray=True, fancy=False, meta=meta)

    def __dask_tokenize__(self):
        recipe = self.recipe
        if recipe is None or _recipes.is_bound(recipe):
            return ("iolink", os.urandom(16).hex())
        return ("iolink", _recipes.token(recipe))

    def __repr__(self):
        return f"<ArrayView {self.shape} {self.dtype}>"

    # Two arrays are compared number by number; as keys they are what they are.
    __hash__ = object.__hash__


def _reading(name):
    def method(self, *arguments, **options):
        import numpy

        result = getattr(numpy.asarray(self), name)(*arguments, **options)
        if isinstance(result, numpy.ndarray) and not result.flags.owndata:
            # Whether it is the image's memory depends on the file: writing to it must not seem to work.
            result = result.view()
            result.flags.writeable = False
        return result

    method.__name__ = name
    method.__qualname__ = f"ArrayView.{name}"
    method.__doc__ = f"Reads the array; then as ``numpy.ndarray.{name}``."
    return method


def _writing(name):
    operate = _reading(name)

    def method(self, other):
        result = operate(self, other)
        if result.shape != self.shape:
            raise InvalidArgumentError(f"the result has the shape {result.shape}, the array {self.shape}")
        self[...] = result
        return self

    method.__name__ = name.replace("__", "__i", 1)
    method.__qualname__ = f"ArrayView.{method.__name__}"
    method.__doc__ = "Writes the result, where the type holds it and the image can be written."
    return method


# No __array_ufunc__ and no __array_function__: NumPy's functions read the array, and Dask takes it for a store of chunks.
for _name in (
    "all any argmax argmin argsort astype clip copy cumprod cumsum dot flatten max mean min nonzero prod ravel repeat reshape round "
    "squeeze std sum swapaxes take tobytes tolist var __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ "
    "__floordiv__ __rfloordiv__ __mod__ __rmod__ __divmod__ __rdivmod__ __pow__ __rpow__ __matmul__ __rmatmul__ __and__ __rand__ "
    "__or__ __ror__ __xor__ __rxor__ __lshift__ __rlshift__ __rshift__ __rrshift__ __neg__ __pos__ __abs__ __invert__ __lt__ __le__ "
    "__gt__ __ge__ __eq__ __ne__"
).split():
    setattr(ArrayView, _name, _reading(_name))
for _name in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split():
    setattr(ArrayView, f"__i{_name}__", _writing(f"__{_name}__"))
del _name


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


def shared_array(view):
    """A view's memory as an array."""
    import numpy

    try:
        return numpy.asarray(memoryview(view))
    except BufferError as error:
        _core.check_open(view)
        raise UnsupportedError(
            "the view has no MEMORY_ACCESS: its pixels are not in memory as they are; copy it first with "
            "ImageViewFactory.copy_in_memory(view), or read it with numpy.array(view)"
        ) from error


def _read_all(view, array):
    shape = _core.shape(view)
    _core.read(view, (0,) * len(shape), shape, array, _core.dimensions(view))


def _fitted(values, shape, view):
    """An array as one of this shape, which is that of a part of a view."""
    return fitted(values, shape, f" ({', '.join(dimension_names(view))})")


def _region_shape(view, area, dimensions):
    lengths = (*area.size, _core.type(view)[1])
    return tuple(lengths[axis] for axis in dimensions)
