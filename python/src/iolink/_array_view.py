"""Images as lazy arrays in NumPy order."""

import os

from . import _core, _recipes
from ._arguments import wrong_value
from ._assignment import assign
from ._errors import InvalidArgumentError
from ._indexing import expanded, is_plain, merged, plain, read_selection
from ._pixels import Pixels
from ._vectors import integers


class ArrayView(Pixels):
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
        """How many numbers the array has."""
        count = 1
        for length in self.shape:
            count *= length
        return count

    @property
    def itemsize(self):
        """The bytes of one number."""
        return self.dtype.itemsize

    @property
    def nbytes(self):
        """The bytes of all numbers."""
        return self.size * self.dtype.itemsize

    @property
    def chunks(self):
        """The length along each dimension that is cheapest to read at once; None where every length is as good."""
        chunk = _core.chunk_shape(self)
        if chunk is None:
            return None
        chunk = (*chunk, _core.type(self)[1])
        return tuple(max(1, chunk[axis]) for axis in _core.dimensions(self))

    @property
    def image(self):
        """The array as an ``ImageView``, in IOLink's order of axes. Selected components become components again."""
        view = self
        if any(axis[0] == "component" for axis in _core.properties(self)[0]) and _core.type(self)[1] == 1:
            view = _core.axis_to_components(self, "component")
        return _core.order(view, None, None)._with_recipe(_recipes.extended(self, "image"))

    def item(self):
        """The number of an array that has just one. Raises ``InvalidArgumentError`` for any other array."""
        number = _core.number(self)
        if number is None:
            raise InvalidArgumentError(f"the array has the shape {self.shape}, expected a single number")
        return number

    def __int__(self):
        return int(self.item())

    def __float__(self):
        return float(self.item())

    def __complex__(self):
        return complex(self.item())

    def __bool__(self):
        return bool(self.item())

    def __index__(self):
        number = _core.number(self)
        if self.shape != () or type(number) is not int:
            raise TypeError("only an integer without dimensions is an index")
        return number

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
        """The array with its dimensions in another order, lazily; without an order they are reversed."""
        order = order[0] if len(order) == 1 and not hasattr(order[0], "__index__") else order or range(self.ndim)[::-1]
        order = [place + self.ndim if place < 0 else place for place in integers(order, "order")]
        if sorted(order) != list(range(self.ndim)):
            raise wrong_value("order", tuple(order), f"each of the {self.ndim} dimensions once")
        dimensions = _core.dimensions(self)
        return self._ordered(tuple(dimensions[place] for place in order))

    @property
    def T(self):
        """The array with its dimensions reversed."""
        return self.transpose()

    def _ordered(self, dimensions):
        return _recipes.apply("order", [self], dimensions)

    def __getitem__(self, key):
        key = key if isinstance(key, tuple) else (key,)
        part = _core.select(self, key, ArrayView)
        if part is not None:
            return part._with_recipe(_recipes.extended(self, "slice", key))
        if is_plain(key):
            return self[plain(key)]
        import numpy

        items = expanded(key, self.shape)
        return numpy.asarray(self)[key] if self._is_memory else read_selection(self, items)

    def __setitem__(self, key, value):
        assign(self, key, value)

    def to_dask(self, chunks=None):
        """The array as a Dask array, of which each worker reads its own part.

        Without ``chunks`` the chunks are the file's, or whole multiples of them where there would be more than 10,000.
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
