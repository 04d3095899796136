"""Objects in streams: everything comes back, and damage is an error."""

import numpy
import pytest
from test_tables import table

import iolink
from iolink import *


def copied(thing):
    stream = StreamAccessFactory.allocate()
    Serialization.encode(thing, stream)
    end = stream.tell()
    stream.seek(0)
    copy = Serialization.decode(stream)
    assert stream.tell() == end == stream.size()
    return copy


@pytest.mark.parametrize("thing", [
    VectorXu64(), VectorXu64(1, 2**64 - 1), VectorXi64(-5, 2**62), VectorXd(0.5, float("inf")), RegionXu64((1, 2), (3, 4)),
    DataType("uint16"), DataType(DataTypeId.VEC3_UINT16), DataType("complex64"), SpatialDirections((0, 1, 0), (0, 0, 1)),
    MetadataNode("root", {"a": {"b": [1.5, 2]}, "c": ["x", "y"], "d": b"bytes", "e": 1 + 2j}),
], ids=repr)
def test_values(thing):
    assert copied(thing) == thing and type(copied(thing)) is type(thing)


@pytest.mark.parametrize("dtype", ["bool", "uint8", ">u2", "int32", "float16", "float64", "complex64"])
def test_images(dtype):
    a = numpy.arange(24).reshape(2, 3, 4).astype(dtype)
    properties = ImageProperties.from_data_type(numpy.dtype(dtype).newbyteorder("="))
    properties.image_info.set_axes_interpretation(ImageTypeId.VOLUME)
    properties.calibrate(SLICE, spacing=0.5, unit="µm")
    view = NumpyInterop.from_numpy_array(a, ImageTypeId.VOLUME).with_properties(properties).with_metadata({"/x": 1})
    copy = copied(view)
    assert (numpy.asarray(copy) == a).all() and copy.properties == view.properties and copy.metadata == view.metadata
    assert copy.axes[2].spacing == 0.5 and copy.data_type == view.data_type
    assert copy.support(ImageCapability.WRITE | ImageCapability.RESHAPE | ImageCapability.MEMORY_ACCESS)
    assert copied(view.properties) == view.properties and copied(properties) == properties


def test_lazy_views_and_tables(npy, volume):
    part = iolink.open(npy).array[1:3, ::-1]
    assert (numpy.asarray(copied(part)) == volume[1:3, ::-1]).all()
    copy = copied(table())
    assert copy.shape() == (3, 4) and copy.read("area", 0, 4).tolist() == [1, 2, 3, 65535] and copy.at("name", 2) == "µ"


def test_several_in_a_file(tmp_path):
    stream = StreamAccessFactory.open_file(tmp_path / "objects", "w")
    for thing in (VectorXu64(1, 2), DataType("uint8"), ImageViewFactory.uniform((3, 2), "uint8", 7)):
        Serialization.encode(thing, stream)
    stream.close()
    stream = StreamAccessFactory.open_file(tmp_path / "objects")
    assert Serialization.decode(stream) == (1, 2) and Serialization.decode(stream) == DataTypeId.UINT8
    assert (numpy.asarray(Serialization.decode(stream)) == 7).all()
    with pytest.raises(EOFError):
        Serialization.decode(stream)


def test_damage():
    stream = StreamAccessFactory.allocate()
    Serialization.encode(ImageViewFactory.uniform((3, 2), "uint16", 7, None, {"/a": "b"}), stream)
    stream.seek(0)
    content = stream.read(stream.size())
    for count in range(len(content)):
        with pytest.raises(iolink.TruncatedError):
            Serialization.decode(StreamAccessFactory.from_bytes(content[:count]))
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        try:
            Serialization.decode(StreamAccessFactory.from_bytes(bytes(damaged)))
        except iolink.IOLinkError:
            pass
    with pytest.raises(TypeError, match="MetadataNode"):
        Serialization.encode({"a": 1}, StreamAccessFactory.allocate())
    with pytest.raises(NotImplementedError):
        Serialization.decode(StreamAccessFactory.from_bytes(content[:11] + b"\x63" + content[12:]))
