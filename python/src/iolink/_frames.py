"""Tables: named columns of one type each."""

import operator

from . import _core
from ._enumerations import DataFrameCapability, capability
from ._errors import InvalidArgumentError, UnsupportedTypeError
from ._metadata import MetadataNode, metadata_value, packed_value
from ._types import DataType, DataTypeId, data_type, exact
from ._vectors import VectorXu64, integers


class DataFrameView:
    """A table in memory: named columns, each of one type, all of one length. Made by ``DataFrameViewFactory``.

    Columns are named by index or by name. A column of numbers is read as a NumPy array, of vectors with a second dimension
    for the components; one of texts as a list of ``str``.
    """

    def __init__(self, handle):
        self._handle = handle

    def _info(self):
        return _core.frame_info(self._handle)

    @property
    def capabilities(self):
        """READ, WRITE and RESHAPE."""
        return DataFrameCapability(_core.frame_capabilities(self._handle))

    def support(self, capabilities):
        """Whether it has all of these capabilities."""
        wanted = capability(DataFrameCapability, capabilities)
        return self.capabilities & wanted == wanted

    def shape(self):
        """Columns, rows."""
        columns, rows = self._info()
        return VectorXu64(len(columns), rows)

    @property
    def metadata(self):
        """What else is known of the table."""
        return MetadataNode._of(_core.frame_metadata(self._handle))

    def column_name(self, index):
        """The name of a column."""
        return self._column(index)[0]

    def column_index(self, name):
        """The index of the column of that name."""
        return _core.frame_column_index(self._handle, name)

    def column_data_type(self, index):
        """The type of a column's values."""
        kind = self._column(index)[1]
        return DataType(DataTypeId.UTF8_STRING) if kind is None else DataType._make(*kind)

    def _index(self, column):
        return self.column_index(column) if isinstance(column, str) else operator.index(column)

    def _column(self, column):
        columns, index = self._info()[0], self._index(column)
        if not 0 <= index < len(columns):
            raise InvalidArgumentError(f"no column {index}; there are {len(columns)}")
        return columns[index]

    def read(self, column, offset, count, dst=None):
        """The values of ``count`` rows from ``offset`` on; into ``dst``, an array or a list of that length, where it is given."""
        values = metadata_value(_core.frame_read(self._handle, self._index(column), offset, count))
        values = values if isinstance(values, list) else values.copy()
        if dst is None:
            return values
        if len(dst) != len(values):
            raise InvalidArgumentError(f"the destination has {len(dst)} items, {len(values)} are read")
        dst[:] = exact(values, dst.dtype) if hasattr(dst, "dtype") else values
        return None

    def write(self, column, offset, count, src):
        """Replaces the values of ``count`` rows from ``offset`` on."""
        index = self._index(column)
        kind = self._column(index)[1]
        if len(src) != count:
            raise InvalidArgumentError(f"{len(src)} values for {count} rows")
        _core.frame_write(self._handle, index, offset, _values(src, kind))

    def at(self, column, row):
        """The value of one cell: a number, a tuple of components, or a text."""
        value = self.read(column, row, 1)[0]
        return value if isinstance(value, str) else tuple(value.tolist()) if value.ndim else value.item()

    def set_at(self, column, row, value):
        """Replaces the value of one cell."""
        self.write(column, row, 1, [value])

    def add_column(self, name, dtype):
        """Adds a column of zeros or empty texts behind the others."""
        _core.frame_add_column(self._handle, name, _kind(dtype))

    def add_rows(self, offset, count):
        """Inserts rows of zeros and empty texts before the row ``offset``."""
        _core.frame_add_rows(self._handle, offset, count)

    def remove_column(self, index):
        """Removes a column."""
        _core.frame_remove_column(self._handle, self._index(index))

    def remove_rows(self, offset, count):
        """Removes rows; those behind move up."""
        _core.frame_remove_rows(self._handle, offset, count)

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
        """A table of zeros and empty texts: ``shape`` is columns, rows."""
        columns, rows = integers(shape)
        column_names, column_types = list(column_names), list(column_types)
        if not columns == len(column_names) == len(column_types):
            raise InvalidArgumentError(f"{columns} columns, {len(column_names)} names, {len(column_types)} types")
        return DataFrameView(_core.frame_allocate(tuple(zip(column_names, map(_kind, column_types))), rows))


def _kind(dtype):
    """What the library calls a type: NumPy's name and a count of components, None for texts."""
    dtype = data_type(dtype)
    if dtype == DataTypeId.UTF8_STRING:
        return None
    if not dtype.is_numeric():
        raise UnsupportedTypeError(f"a column cannot hold {dtype}")
    return dtype._scalar, dtype._count


def _values(src, kind):
    """Values as the library takes them."""
    if kind is None:
        if not all(isinstance(text, str) for text in src):
            raise TypeError("the column holds texts")
        return ("texts", tuple(src))
    name, count = kind
    array, shape = exact(src, name), (len(src), count) if count > 1 else (len(src),)
    if array.shape != shape:
        raise InvalidArgumentError(f"values of shape {array.shape}, expected {shape}")
    return packed_value(array)
