"""Tables: values of every type, shape changes, and what is refused."""

import numpy
import pytest

from iolink import *


def table():
    frame = DataFrameViewFactory.allocate((3, 4), ["area", "name", "centre"], ["uint16", str, DataTypeId.VEC2_FLOAT])
    frame.write("area", 0, 4, [1, 2, 3, 65535])
    frame.write("name", 1, 2, ["b", "µ"])
    frame.write("centre", 3, 1, [(0.5, 1.5)])
    return frame


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16",
                                   "float32", "float64", "complex64", "complex128"])
def test_numbers_of_every_type(dtype):
    one = DataType(dtype)
    three = DataType(one.primitive_type, 3, one.bit_depth, one.interpretation)
    frame = DataFrameViewFactory.allocate((2, 3), ["one", "two"], [one, three])
    values = numpy.array([0, 1, 1]).astype(dtype)
    frame.write(0, 0, 3, values)
    frame.write(1, 0, 3, numpy.stack([values, values, values], -1))
    assert frame.read(0, 0, 3).dtype == dtype and (frame.read(0, 0, 3) == values).all()
    assert frame.read(1, 1, 2).shape == (2, 3) and (frame.read(1, 1, 2) == values[1:, None]).all()


def test_cells_and_buffers():
    frame = table()
    assert frame.shape() == (3, 4) and isinstance(frame.shape(), VectorXu64)
    assert frame.at("area", 3) == 65535 and frame.at("name", 2) == "µ" and frame.at("centre", 3) == (0.5, 1.5)
    frame.set_at("name", 0, "first")
    frame.set_at(0, 0, 7)
    target, texts = numpy.zeros(2, "u2"), [""] * 2
    assert frame.read(0, 0, 2, target) is None and target.tolist() == [7, 2]
    frame.read("name", 0, 2, texts)
    assert texts == ["first", "b"]
    assert frame.support(DataFrameCapability.READ | DataFrameCapability.WRITE | DataFrameCapability.RESHAPE)
    assert repr(frame) == "<DataFrameView of 4 rows: area UINT16, name UTF8_STRING, centre VEC2_FLOAT>"


def test_columns_and_rows():
    frame = table()
    frame.add_column("late", "float64")
    frame.remove_column("name")
    assert [frame.column_name(i) for i in range(3)] == ["area", "centre", "late"] and frame.at("late", 3) == 0
    frame.remove_rows(0, 3)
    assert frame.shape() == (3, 1) and frame.at("area", 0) == 65535


@pytest.mark.parametrize("call, error", [
    (lambda f: f.read(3, 0, 1), ValueError), (lambda f: f.read(0, 2, 3), ValueError), (lambda f: f.read(0, -1, 1), ValueError),
    (lambda f: f.read(0, 2**70, 1), ValueError), (lambda f: f.read("nothing", 0, 1), KeyError), (lambda f: f.column_name(-1), ValueError),
    (lambda f: f.write(0, 0, 1, [70000]), ValueError), (lambda f: f.write(0, 0, 1, [-1]), ValueError),
    (lambda f: f.write(0, 0, 1, [1.5]), ValueError), (lambda f: f.write(0, 0, 1, ["a"]), TypeError),
    (lambda f: f.write(1, 0, 1, [5]), TypeError), (lambda f: f.write(0, 0, 2, [5]), ValueError),
    (lambda f: f.add_column("area", "uint8"), ValueError), (lambda f: f.add_column("x", DataType()), TypeError),
    (lambda f: f.add_rows(5, 1), ValueError), (lambda f: f.add_rows(0, 2**62), ValueError), (lambda f: f.remove_rows(3, 2), ValueError),
    (lambda f: f.read(0, 0, 2, [0]), ValueError), (lambda f: f.column_index("x"), KeyError),
    (lambda f: DataFrameViewFactory.allocate((1, 2), ["a", "b"], ["u1"]), ValueError),
    (lambda f: ImageViewFactory.allocate((2, 2), DataTypeId.UTF8_STRING), TypeError),
])
def test_what_is_refused(call, error):
    frame = table()
    with pytest.raises(error):
        call(frame)
    assert frame.read("area", 0, 4).tolist() == [1, 2, 3, 65535]
