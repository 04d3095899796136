"""Tables: named columns of one type each."""

from . import _core
from ._arguments import instance, integer, items, text, wrong_type, wrong_value
from ._enumerations import DataFrameCapability, capability
from ._errors import InvalidArgumentError, UnsupportedTypeError
from ._metadata import MetadataNode, metadata_value, packed_value
from ._types import DataType, DataTypeId, data_type, exact
from ._vectors import VectorXu64, integers


class DataFrameView:
    """A table in memory: named columns of the same length, each of one type. Made by ``DataFrameViewFactory``.

    Columns are named by index or by name. A column of numbers is read as a NumPy array, of vectors with a second dimension
    for the components; one of texts as a list of ``str``.
    """

    def __init__(self, handle):
        self._handle = instance(handle, "handle", _core.Handle, "what DataFrameViewFactory makes")

    def _info(self):
        return _core.frame_info(self._handle)

    @property
    def capabilities(self):
        """Which of READ, WRITE and RESHAPE it has."""
        return DataFrameCapability(_core.frame_capabilities(self._handle))

    def support(self, capabilities):
        """Whether it has all of these capabilities."""
        wanted = capability(DataFrameCapability, capabilities)
        return self.capabilities & wanted == wanted

    def shape(self):
        """The number of columns and of rows."""
        columns, rows = self._info()
        return VectorXu64(len(columns), rows)

    @property
    def metadata(self):
        """Everything else that is known about the table: a ``MetadataNode``."""
        return MetadataNode._of(_core.frame_metadata(self._handle))

    def column_name(self, index):
        """The name of a column."""
        return self._column(index)[0]

    def column_index(self, name):
        """The index of the column of that name. Raises ``NotFoundError`` (a ``KeyError``) when the table has none."""
        return _core.frame_column_index(self._handle, text(name, "name"))

    def column_data_type(self, index):
        """The type of a column's values."""
        kind = self._column(index)[1]
        return DataType(DataTypeId.UTF8_STRING) if kind is None else DataType._make(*kind)

    def _index(self, column):
        if isinstance(column, str):
            return self.column_index(column)
        return integer(column, "column", 0, len(self._info()[0]) - 1)

    def _column(self, column):
        index = self._index(column)
        return self._info()[0][index]

    def read(self, column, offset, count, dst=None):
        """The values of ``count`` rows from the row ``offset`` on: an array of numbers, or a list of texts.

        With ``dst``, an array or a list of that length, the values go there and None is given.
        """
        offset, count = integer(offset, "offset", 0), integer(count, "count", 0)
        values = metadata_value(_core.frame_read(self._handle, self._index(column), offset, count))
        values = values if isinstance(values, list) else values.copy()
        if dst is None:
            return values
        if not hasattr(dst, "__len__") or not hasattr(dst, "__setitem__"):
            raise wrong_type("dst", dst, f"an array or a list of {len(values)} items")
        if len(dst) != len(values):
            raise InvalidArgumentError(f"dst has {len(dst)} items, expected {len(values)}, as many as are read")
        dst[:] = exact(values, dst.dtype) if hasattr(dst, "dtype") else values
        return None

    def write(self, column, offset, count, src):
        """Replaces the values of ``count`` rows from the row ``offset`` on.

        Raises ``InvalidArgumentError`` when ``src`` has another length, or a value that the type of the column does not hold.
        """
        index, offset, count = self._index(column), integer(offset, "offset", 0), integer(count, "count", 0)
        kind = self._column(index)[1]
        src = src if hasattr(src, "shape") else items(src, "src", "an array or a list of values")
        if len(src) != count:
            raise InvalidArgumentError(f"src has {len(src)} values, expected {count}, one for each row")
        _core.frame_write(self._handle, index, offset, _values(src, kind))

    def at(self, column, row):
        """The value of one cell: a number, a tuple of components, or a text."""
        value = self.read(column, integer(row, "row", 0), 1)[0]
        return value if isinstance(value, str) else tuple(value.tolist()) if value.ndim else value.item()

    def set_at(self, column, row, value):
        """Replaces the value of one cell."""
        self.write(column, integer(row, "row", 0), 1, [value])

    def add_column(self, name, dtype):
        """Adds a column of zeros or empty texts after the others."""
        _core.frame_add_column(self._handle, text(name, "name"), _kind(dtype, "dtype"))

    def add_rows(self, offset, count):
        """Inserts rows of zeros and empty texts before the row ``offset``."""
        _core.frame_add_rows(self._handle, integer(offset, "offset", 0), integer(count, "count", 0))

    def remove_column(self, index):
        """Removes a column."""
        _core.frame_remove_column(self._handle, self._index(index))

    def remove_rows(self, offset, count):
        """Removes rows; the rows after them move up."""
        _core.frame_remove_rows(self._handle, integer(offset, "offset", 0), integer(count, "count", 0))

    def to_string(self):
        """As ``repr``."""
        return repr(self)

    def __repr__(self):
        columns = ", ".join(f"{self.column_name(i)} {self.column_data_type(i)}" for i in range(self.shape()[0]))
        return f"<DataFrameView of {self.shape()[1]} rows: {columns}>"


class DataFrameViewFactory:
    """Makes tables."""

    @staticmethod
    def allocate(shape, column_names, column_types):
        """A table of zeros and empty texts. ``shape`` is the number of columns and of rows; types are as for NumPy, or ``str``."""
        shape = integers(shape, "shape", 0)
        if len(shape) != 2:
            raise wrong_value("shape", shape, "two numbers: columns, rows")
        names = [text(name, "column_names", "a list of texts") for name in items(column_names, "column_names", "a list of texts")]
        types = [_kind(dtype, "column_types") for dtype in items(column_types, "column_types", "a list of types")]
        for given, argument in ((names, "column_names"), (types, "column_types")):
            if len(given) != shape[0]:
                raise InvalidArgumentError(f"{argument} has {len(given)} items, expected {shape[0]}, as many as there are columns")
        return DataFrameView(_core.frame_allocate(tuple(zip(names, types)), shape[1]))


def _kind(dtype, name):
    """What the library calls a type: NumPy's name and a count of components, None for texts. ``name`` is the argument's."""
    dtype = data_type(dtype, name)
    if dtype == DataTypeId.UTF8_STRING:
        return None
    if not dtype.is_numeric():
        raise UnsupportedTypeError(f"{name} is {dtype}, expected a type of numbers, or str")
    return dtype._scalar, dtype._count


def _values(src, kind):
    """Values as the library takes them."""
    if kind is None:
        for each in src:
            text(each, "src", "texts, which the column holds")
        return ("texts", tuple(src))
    name, count = kind
    array, shape = exact(src, name, "src"), (len(src), count) if count > 1 else (len(src),)
    if array.shape != shape:
        raise InvalidArgumentError(f"src has the shape {array.shape}, expected {shape}")
    return packed_value(array)
