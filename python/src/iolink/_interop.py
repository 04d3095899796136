"""NumPy arrays as views, and views as NumPy arrays, over the same memory."""

from . import _core
from ._arguments import instance, shown, wrong_type
from ._enumerations import axis_list
from ._enumerations import image_type as named_image_type
from ._errors import (
    ArgumentBufferError, ArgumentTypeError, InvalidArgumentError, IOLinkError, UnsupportedError, UnsupportedTypeError
)
from ._indexing import order_dimensions
from ._pixels import shared_array

_plain_types = set()


def _check_type(cls):
    """Refuses classes of arrays that hold more than a view can; a class that passes is not looked at again."""
    if hasattr(cls, "filled"):
        raise UnsupportedTypeError("a masked array cannot be an image: nothing would hold its mask; fill it first (filled)")
    _plain_types.add(cls)


def wrap(array, axes=None, component=-1):
    """A view over an array's memory. Raises ``UnsupportedTypeError`` for elements that images cannot have."""
    if type(array) not in _plain_types:
        _check_type(type(array))
    try:
        return _core.wrap(array, axes, component)
    except UnsupportedError as error:
        reason = error.reason
        if getattr(array, "dtype", None) is not None and array.dtype.kind not in "biufc":
            reason = _unsupported(array.dtype)
        raise UnsupportedTypeError(reason) from None
    except ArgumentTypeError:
        raise _not_an_array(array) from None
    except IOLinkError:
        raise
    except (ValueError, BufferError, TypeError) as error:
        dtype = getattr(array, "dtype", None)
        if dtype is None:
            if isinstance(error, BufferError):
                raise ArgumentBufferError(f"a is {shown(array)}, whose memory cannot be shared: {error}") from None
            raise _not_an_array(array) from error
        raise UnsupportedTypeError(_unsupported(dtype)) from error


def _not_an_array(value):
    return wrong_type("a", value, "an array; make one first (numpy.asarray)")


def _unsupported(dtype):
    return f"an array of dtype {dtype} cannot be an image; expected numbers or booleans. Convert it first (astype)"


class NumpyInterop:
    """Arrays as views and views as arrays, without a copy: a change on one side is seen on the other."""

    @staticmethod
    def from_numpy_array(a, image_type=None):
        """A view over an array's memory.

        Without an image type the axes are unknown and keep the array's order: shape (2, 3) gives ``VectorXu64(2, 3)``.
        With one, the array's dimensions are those of the type in NumPy order (T, Z, Y, X, C), and a further last
        dimension of 2 to 4 holds components. A read-only array gives a view without WRITE; one in the other byte order a
        lazy view without MEMORY_ACCESS.
        """
        if image_type is None:
            return wrap(a)
        return wrap(a, named_image_type(image_type)._numpy_axes)

    @staticmethod
    def order_from_numpy_array(a, axes):
        """A view over an array's memory. ``axes`` names each dimension of the array, in its order.

        COMPONENT names the dimension that holds the components of a vector type. Raises ``InvalidArgumentError`` unless each
        dimension is named once.
        """
        names = axis_list(axes)
        shape = _shape(a)
        if len(names) != len(shape):
            raise InvalidArgumentError(f"axes names {len(names)} axes, expected {len(shape)}, one for each dimension of the array")
        if len(set(names)) != len(names):
            listed = ", ".join(name.upper() or "unknown" for name in names)
            raise InvalidArgumentError(f"axes names an axis twice: {listed}; expected each once")
        component = names.index("component") if "component" in names else -1
        return wrap(a, tuple(name for name in names if name != "component"), component)

    @staticmethod
    def to_numpy_array(view):
        """The view's memory as an array in NumPy order: other axes, T, Z, Y, X, C, components.

        If the view has unknown axes, the axes keep their order, and only the components come last. Raises ``UnsupportedError``
        for a view without MEMORY_ACCESS; copy it first (``ImageViewFactory.copy_in_memory``).
        """
        return shared_array(instance(view, "view", _core.View, "an ImageView"))

    @staticmethod
    def order_to_numpy_array(view, axes):
        """The view's memory as an array with its dimensions in the order of ``axes``.

        Of a vector type the components are listed too: as COMPONENT, or as CHANNEL where the view lacks a CHANNEL axis.
        """
        instance(view, "view", _core.View, "an ImageView")
        if not view._is_memory:
            return shared_array(view)
        return shared_array(_core.order(view, order_dimensions(view, axes), type(view)))


def _shape(array):
    shape = getattr(array, "shape", None)
    if isinstance(shape, tuple):
        return shape
    try:
        return memoryview(array).shape
    except TypeError:
        raise _not_an_array(array) from None
