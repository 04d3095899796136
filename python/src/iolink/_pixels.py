"""What ``ImageView`` and ``ArrayView``, the two faces of an image, share."""

from . import _core, _recipes
from ._arguments import shown
from ._enumerations import ImageCapability
from ._errors import ArgumentBufferError, InvalidArgumentError, LimitExceededError, OutOfMemoryError, UnsupportedError
from ._vectors import integers

# A plain number: the flag itself would make a flag of each answer.
_MEMORY_ACCESS = int(ImageCapability.MEMORY_ACCESS)


def new_array(shape, dtype):
    """An array whose elements are still to be read. Images may be larger than any array, even those without elements."""
    import numpy

    try:
        return numpy.empty(shape, dtype)
    except ValueError as error:
        raise LimitExceededError(f"NumPy cannot make an array of shape {tuple(shape)}: {error}") from None
    except MemoryError as error:
        raise OutOfMemoryError(f"there is not enough memory for an array of shape {tuple(shape)}: {error}") from None


class Pixels(_core.View):
    """What both faces of an image share. Operations are lazy: no pixel is read before the result is."""

    __slots__ = ("_recipe", "__weakref__")

    def _with_recipe(self, recipe):
        self._recipe = recipe
        return self

    @property
    def recipe(self):
        """How another process makes this view again; None for a view that is pickled by its pixels."""
        return getattr(self, "_recipe", None)

    @property
    def dtype(self):
        """NumPy's type of a component."""
        import numpy

        return numpy.dtype(_core.type(self)[0])

    @property
    def _is_memory(self):
        return _core.capabilities(self) & _MEMORY_ACCESS != 0

    @property
    def ndim(self):
        """How many dimensions the array has, components included."""
        return len(_core.dimensions(self))

    def __array__(self, dtype=None, copy=None):
        import numpy

        shares, own = self._is_memory, self.dtype
        wanted = own if dtype is None else numpy.dtype(dtype)
        if copy is False and not (shares and wanted == own):
            raise InvalidArgumentError(
                "copy is False, expected True or None: the view has no MEMORY_ACCESS, or another type was asked for"
            )
        if shares and copy is not True:
            array = shared_array(self)
        else:
            array = new_array(_core.array_shape(self), own)
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
