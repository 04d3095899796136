"""Opening, slicing, reading, writing and converting files."""

import io
import pathlib

import numpy
import pytest

import iolink
from iolink import *


@pytest.mark.parametrize("source", [str, pathlib.Path, lambda p: p.read_bytes(), lambda p: bytearray(p.read_bytes()),
                                    lambda p: open(p, "rb"), lambda p: io.BytesIO(p.read_bytes()), lambda p: open(p, "rb", buffering=0)],
                         ids=["str", "path", "bytes", "bytearray", "file", "BytesIO", "raw"])
def test_every_kind_of_source(source, npy, volume):
    with iolink.open(source(npy)) as file:
        assert file.format == "NPY" and len(file) == 1
        image = file.image()
        assert image.shape() == (8, 7, 6)
        assert (numpy.asarray(image) == volume).all()
        assert (numpy.asarray(image.array[2:4, ::-1, 3]) == volume[2:4, ::-1, 3]).all()


def test_a_file_stands_for_its_main_image(npy, volume):
    file = iolink.open(npy)
    assert (numpy.asarray(file) == volume).all() and file.shape() == (8, 7, 6)
    assert (numpy.asarray(file.array[1]) == volume[1]).all()


def test_sources_that_hold_content(tmp_path, npy, volume):
    import mmap

    with open(npy, "rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    assert ImageCapability.MEMORY_ACCESS in iolink.open(mapped)[0].capabilities
    assert (numpy.asarray(iolink.open(mapped)) == volume).all()
    assert (numpy.asarray(iolink.open(numpy.fromfile(npy, numpy.uint8))) == volume).all()
    with pytest.raises(ValueError, match="empty"):
        iolink.open(b"")
    for wrong in [numpy.zeros((2, 2)), 5, None, object()]:
        with pytest.raises(TypeError):
            iolink.open(wrong)


def test_axes_with_samples(tmp_path):
    rgb = numpy.arange(60, dtype="u1").reshape(4, 5, 3)
    for name, axes in [("a.png", "YXS"), ("a.tif", "YXS"), ("a.npy", [ROW, COLUMN, COMPONENT])]:
        iolink.write(rgb, tmp_path / name, axes=axes)
        found = iolink.open(tmp_path / name, axes="YXS")[0]
        assert found.data_type == DataTypeId.VEC3_UINT8 and (numpy.asarray(found) == rgb).all()
        back = iolink.open(tmp_path / name, axes="YXC")[0]
        assert back.data_type == DataTypeId.UINT8 and [axis.name for axis in back.axes] == ["column", "row", "channel"]
        assert (back.ordered("YXC") == rgb).all()
    with pytest.raises(NotImplementedError, match="YXS"):
        iolink.write(rgb, tmp_path / "b.png", axes="YXC")
    planes = numpy.moveaxis(rgb, -1, 0)
    iolink.write(planes, tmp_path / "c.png", axes="S,Y,X")
    assert (numpy.asarray(iolink.open(tmp_path / "c.png")) == rgb).all()
    numpy.save(tmp_path / "c.npy", planes)
    assert (numpy.asarray(iolink.open(tmp_path / "c.npy", axes="SYX")) == rgb).all()
    with pytest.raises(ValueError, match="last"):
        iolink.open(tmp_path / "a.png", axes="SYX").image()
    one = numpy.arange(20, dtype="u1").reshape(4, 5, 1)
    iolink.write(one, tmp_path / "d.h5", axes="YXS")
    assert iolink.open(tmp_path / "d.h5", axes="YXS")[0].shape() == (5, 4)
    view = iolink.open(tmp_path / "a.png")[0]
    iolink.write(view, tmp_path / "e.tif", axes="YXS")
    with pytest.raises(NotImplementedError, match="last"):
        iolink.write(view.array.transpose(2, 0, 1), tmp_path / "e.npy")
    assert ImageViewFactory.reinterpret_axes(view, [COLUMN, ROW, COMPONENT]).shape() == view.shape()


@pytest.mark.parametrize("name", ["a.tif", "a.h5"])
def test_calibration_is_given_with_an_array(tmp_path, name):
    array = numpy.zeros((2, 3, 4), "u1")
    for given in [
        {"spacing": (0.5, 0.25, 0.125), "unit": "µm"}, {"spacing": {"Z": 0.5, "row": 0.25, COLUMN: 0.125}, "unit": ["µm"] * 3},
    ]:
        report = iolink.write(array, tmp_path / name, axes="ZYX", **given)
        found = iolink.open(tmp_path / name)[0]
        assert found.spatial_spacing == (0.125, 0.25, 0.5) and found.spatial_unit == "µm" and report.lost == []
    with pytest.raises(TypeError, match="slowest"):
        iolink.write(array, tmp_path / name, axes="ZYX", spacing=0.5)
    for wrong in [{"spacing": (1, 2)}, {"spacing": {"C": 1}}, {"spacing": (0, 1, 1)}, {"origin": (float("nan"), 0, 0)}]:
        with pytest.raises(ValueError):
            iolink.write(array, tmp_path / name, axes="ZYX", **wrong)


def test_calibrate_changes_what_is_given():
    properties = ImageViewFactory.reinterpret(ImageViewFactory.allocate((4, 3), "uint8"), ImageTypeId.IMAGE).properties
    properties.calibrate("X", spacing=0.5, origin=1, unit="mm")
    properties.calibrate("X", spacing=2)
    assert properties.axes[0][2:] == (2.0, 1.0, "mm")
    properties.calibrate(COLUMN, origin=None)
    assert properties.axes[0][2:] == (2.0, None, "mm")
    for wrong in [{"spacing": 0}, {"spacing": float("inf")}, {"origin": float("nan")}]:
        with pytest.raises(ValueError):
            properties.calibrate("X", **wrong)
    with pytest.raises(TypeError):
        properties.calibrate("X", unit=5)


def test_unknown_axes_and_arrays_keep_their_order(tmp_path):
    array = numpy.arange(24, dtype="u2").reshape(2, 3, 4)
    unknown = NumpyInterop.from_numpy_array(array)
    stacked = ImageViewFactory.stack([unknown, unknown])
    rgb = NumpyInterop.from_numpy_array(numpy.arange(90, dtype="u1").reshape(6, 5, 3), ImageTypeId.IMAGE)
    named = NumpyInterop.from_numpy_array(array, ImageTypeId.VOLUME)
    for view in [
        unknown, stacked, ImageViewFactory.reinterpret(rgb, ImageTypeId.UNKNOWN), ImageViewFactory.reinterpret(named, ImageTypeId.UNKNOWN),
        unknown.array.T, named.array.T, named.array.transpose(1, 0, 2), named.array[:, 1],
    ]:
        iolink.write(view, tmp_path / "a.npy")
        assert numpy.load(tmp_path / "a.npy").shape == numpy.asarray(view).shape
        assert (numpy.load(tmp_path / "a.npy") == numpy.asarray(view)).all()
    report = iolink.write(unknown, tmp_path / "a.npy", spacing=[1, 2, 3])
    assert [item.value for item in report.lost if "spacing" in item.path] == ["1.0", "2.0", "3.0"]


def test_names_of_axes_are_kept():
    view = ImageViewFactory.allocate((4, 3, 2), "uint8")
    view = ImageViewFactory.reinterpret_axes(view, ["column", "row", "angle"])
    properties = view.properties
    properties.image_info.axes_interpretation = view.axes_interpretation
    assert [axis.name for axis in view.with_properties(properties).axes] == ["column", "row", "angle"]


def test_crop(tmp_path, npy, volume):
    for crop, expected in [
        ({"Z": 3}, volume[:, :][3:4]), ({"Z": slice(1, 3), "X": [2, None]}, volume[1:3, :, 2:]), ({"Y": (-3, None)}, volume[:, -3:]),
        ({SLICE: -1}, volume[-1:]), ({"Z": [0, 2]}, volume[:2]),
    ]:
        iolink.convert(npy, tmp_path / "a.npy", crop=crop)
        assert (numpy.load(tmp_path / "a.npy") == expected).all()
    for wrong in [{"Z": (5, 3)}, {"Z": slice(0, 4, 2)}, {"Z": "a"}, {"Z": 99}, {"Z": True}, {"Z": range(1, 3)}, {"Z": (0, 99)}, {"Q": 1}]:
        with pytest.raises(ValueError):
            iolink.convert(npy, tmp_path / "b.npy", crop=wrong)


def test_read_region(npy, volume):
    image = iolink.open(npy).image()
    area = RegionXu64((1, 2, 3), (4, 3, 2))
    expected = volume[3:5, 2:5, 1:5]
    assert (image.read_region(area) == expected).all()
    target = numpy.zeros((4, 3, 2), numpy.uint16).T
    image.read_region(area, target)
    assert (target == expected).all()
    flat = bytearray(expected.nbytes)
    image.read_region(area, flat)
    assert bytes(flat) == expected.tobytes()
    assert image.read((1, 2, 3)) == volume[3, 2, 1]
    for bad in [((0, 0, 0), (9, 1, 1)), ((0, 0), (1, 1)), ((-1, 0, 0), (1, 1, 1)), ((0, 0, 0), (2**62, 2**62, 4))]:
        with pytest.raises(ValueError):
            image.read_region(bad)
    with pytest.raises(ValueError):
        image.read_region(area, bytearray(3))


def test_write_region():
    a = numpy.zeros((5, 6), numpy.uint8)
    view = NumpyInterop.from_numpy_array(a, ImageTypeId.IMAGE)
    view.write_region(RegionXu64((1, 2), (3, 2)), [[1, 2, 3], [4, 5, 6]])
    assert a[2:4, 1:4].tolist() == [[1, 2, 3], [4, 5, 6]]
    view.array[0, ::2] = 9
    assert a[0].tolist() == [9, 0, 9, 0, 9, 0]
    view.write_region(((0, 4), (6, 1)), bytes(range(6)))
    assert a[4].tolist() == list(range(6))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int16", "uint32", "float16", "float32", "complex64", ">u2", ">f8"])
def test_write_gives_numpys_file(tmp_path, dtype):
    array = numpy.arange(24).reshape(2, 3, 4).astype(dtype)
    report = iolink.write(array, tmp_path / "a.npy")
    assert report.lost == [] and report.pixel_byte_count == array.nbytes
    back = numpy.load(tmp_path / "a.npy")
    assert back.dtype == array.dtype.newbyteorder("=") and (back == array).all()
    assert (numpy.asarray(iolink.read(tmp_path / "a.npy")) == array).all()


def test_arrays_are_named_by_the_rule_or_by_the_caller(tmp_path):
    iolink.write(numpy.zeros((9, 8, 3), numpy.uint8), tmp_path / "rgb.npy")
    assert iolink.open(tmp_path / "rgb.npy").data_type == DataTypeId.VEC3_UINT8
    iolink.write(numpy.zeros((4, 9, 8)), tmp_path / "t.npy", axes="TYX")
    with iolink.open(tmp_path / "t.npy", axes="TYX") as file:
        assert [axis.name for axis in file.axes] == ["column", "row", "sequence"]


def test_write_to_file_objects(tmp_path, volume):
    target = io.BytesIO()
    iolink.write(volume, target, format="npy")
    assert (numpy.load(io.BytesIO(target.getvalue())) == volume).all()
    with open(tmp_path / "b.npy", "wb") as file:
        iolink.write(volume, file)
    assert (numpy.load(tmp_path / "b.npy") == volume).all()
    with pytest.raises(ValueError, match="format"):
        iolink.write(volume, io.BytesIO())

    class Full(io.RawIOBase):
        def writable(self):
            return True

        def write(self, content):
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError) as caught:
        iolink.write(volume, Full(), format="npy")
    assert caught.value.errno == 28


def test_convert(tmp_path, npy, volume):
    seen = []
    iolink.convert(npy, tmp_path / "b.npy", crop={"Z": (1, 4), "x": (2, 6)}, progress=lambda done, total: seen.append((done, total)))
    assert (numpy.load(tmp_path / "b.npy") == volume[1:4, :, 2:6]).all()
    assert seen[-1][0] == seen[-1][1] == volume[1:4, :, 2:6].nbytes
    iolink.convert(npy, tmp_path / "c.npy", dtype="uint8", rescale=False)
    assert (numpy.load(tmp_path / "c.npy") == numpy.minimum(volume, 255)).all()


def test_convert_takes_every_nth_sample(tmp_path, npy, volume):
    iolink.convert(npy, tmp_path / "a.npy", step={"X": 3, ROW: 2}, crop={"x": (1, None)})
    assert (numpy.load(tmp_path / "a.npy") == volume[:, ::2, 1::3]).all()
    iolink.convert(npy, tmp_path / "a.h5", step={"X": 3}, axes="angle,Y,X")
    assert [axis.name for axis in iolink.open(tmp_path / "a.h5").axes] == ["column", "row", "angle"]


def test_convert_splits_axes(tmp_path, npy, volume):
    for axes, shape in [("T=2,Z=3,Y,X", (2, 3, 7, 8)), ("Z=3,T=2,Y,X", (3, 2, 7, 8)), ("T,Z=1,Y,X", (6, 1, 7, 8))]:
        iolink.convert(npy, tmp_path / "a.npy", axes=axes, crop={"X": (0, 8)})
        assert (numpy.load(tmp_path / "a.npy") == volume.reshape(shape)).all()
    iolink.convert(npy, tmp_path / "a.npy", axes="T=2,Z=3,Y,X", crop={"T": 1}, step={"Z": 2}, dtype="uint8", rescale=True)
    assert (numpy.load(tmp_path / "a.npy") == numpy.rint(volume[3::2] / 257)[None]).all()


def test_convert_chooses_by_name_and_index(tmp_path):
    numpy.savez(tmp_path / "a.npz", **{"1": numpy.zeros(3), "b": numpy.ones(3), "c": numpy.full(3, 2.0)})
    for image, value in [("1", 0), (1, 1), (-1, 2), ("b", 1), (numpy.int64(0), 0)]:
        iolink.convert(tmp_path / "a.npz", tmp_path / "b.npy", image)
        assert (numpy.load(tmp_path / "b.npy") == value).all()
    with pytest.raises(IndexError):
        iolink.convert(tmp_path / "a.npz", tmp_path / "b.npy", 3)
    with pytest.raises(KeyError, match="1, b, c"):
        iolink.convert(tmp_path / "a.npz", tmp_path / "b.npy", "d")


def test_a_failing_callback_stops_and_leaves_the_old_file(tmp_path, npy):
    target = tmp_path / "b.npy"
    target.write_bytes(b"old")

    def fail(done, total):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        iolink.convert(npy, target, progress=fail)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.npy", "volume.npy"]


def test_update(tmp_path, npy, volume):
    with iolink.open(npy, mode="update") as file:
        assert file[0].support(ImageCapability.WRITE)
        file[0].array[2:4, 1] = 1000
        file[0].write_region(((0, 0, 5), (8, 7, 1)), volume[5] + 1)
    expected = volume.copy()
    expected[2:4, 1] = 1000
    expected[5] += 1
    assert (numpy.load(npy) == expected).all()
    iolink.create(tmp_path / "new.npy", (3, 4, 5), "float32")
    assert numpy.load(tmp_path / "new.npy").shape == (3, 4, 5) and not numpy.load(tmp_path / "new.npy").any()


def test_formats():
    formats = {entry.name: entry for entry in iolink.formats()}
    assert {"NPY", "NPZ", "raw", "PNG", "TIFF", "HDF5"} <= set(formats)
    assert formats["NPY"].extensions == ["npy"] and "uint16" in formats["NPY"].types
    assert {"shape", "type", "byte-order"} <= {option.name for option in formats["raw"].read_options}


def test_raw_options(tmp_path, volume):
    (tmp_path / "v.raw").write_bytes(b"head" + volume.astype(">u2").tobytes())
    with iolink.open(tmp_path / "v.raw", "raw", shape=volume.shape, type=numpy.uint16, byte_order="big", offset=4) as file:
        assert (numpy.asarray(file) == volume).all()
    with pytest.raises(ValueError, match="byte-order"):
        iolink.open(tmp_path / "v.raw", "raw", shape=volume.shape, type="uint16", colour="red")


def test_metadata_and_calibration():
    view = ImageViewFactory.allocate((4, 3, 4), DataTypeId.UINT8, None, {"/tiff/Software": "x", "n": 3, "list": [1.5, 2.5], "words": ["a", "b"]})
    assert view.metadata["/tiff/Software"] == "x" and view.metadata["n"] == 3 and view.metadata["words"] == ["a", "b"]
    assert view.metadata["list"].tolist() == [1.5, 2.5] and set(view.metadata) == {"/tiff/Software", "/n", "/list", "/words"}
    view = ImageViewFactory.reinterpret(view, ImageTypeId.VOLUME)
    properties = view.properties
    properties.calibrate("Z", spacing=0.5, unit="µm")
    view = view.with_properties(properties)
    assert view.spatial_spacing == (1, 1, 0.5) and view.axes[2].unit == "µm"
    assert view.array[::2].image.axes[2].spacing == 1.0


def test_algebra_of_the_factory():
    a = numpy.arange(2 * 3 * 4, dtype=numpy.uint8).reshape(2, 3, 4)
    view = NumpyInterop.from_numpy_array(a, ImageTypeId.VOLUME)
    assert (numpy.asarray(ImageViewFactory.flip_dimension(view, ROW)) == a[:, ::-1]).all()
    assert (numpy.asarray(ImageViewFactory.flip_dimension_index(view, 0)) == a[..., ::-1]).all()
    assert (numpy.asarray(ImageViewFactory.sub_sample(view, (2, 1, 2))) == a[::2, :, ::2]).all()
    plane = NumpyInterop.from_numpy_array(a[0], ImageTypeId.IMAGE)
    stacked = ImageViewFactory.stack([plane, plane], SEQUENCE)
    assert stacked.axes_interpretation is ImageTypeId.IMAGE_SEQUENCE and (numpy.asarray(stacked) == [a[0], a[0]]).all()
    channels = NumpyInterop.from_numpy_array(a.transpose(1, 2, 0), ImageTypeId.MULTISPECTRAL_IMAGE)
    vectors = ImageViewFactory.assemble_channels(channels)
    assert vectors.data_type == DataTypeId.VEC2_UINT8 and numpy.shares_memory(numpy.asarray(vectors), a)
    assert (numpy.asarray(ImageViewFactory.disassemble_channels(vectors)) == a.transpose(1, 2, 0)).all()
    assert (numpy.asarray(ImageViewFactory.extract_channel(vectors, 1)) == a[1]).all()
    assert (numpy.asarray(ImageViewFactory.interlace([plane, plane])) == numpy.stack([a[0], a[0]], -1)).all()
    clipped = ImageViewFactory.extract_adjusted_region(view, RegionXu64((2, 1, 0), (9, 9, 1)))
    assert (numpy.asarray(clipped) == a[:1, 1:, 2:]).all()
    ranged = ImageViewFactory.adapt_dynamic_range(view, "float32", (0, 10), (0, 1))
    numpy.testing.assert_allclose(numpy.asarray(ranged), a / 10, rtol=1e-6)
    uniform = ImageViewFactory.uniform((5, 4), DataTypeId.VEC3_UINT16, (1, 2, 3))
    assert (numpy.asarray(uniform) == [1, 2, 3]).all() and numpy.asarray(uniform).shape == (5, 4, 3)
    buffer = bytearray(range(6))
    over = ImageViewFactory.from_buffer((3, 2), DataTypeId.UINT8, buffer)
    over.write((0, 1), 99)
    assert buffer[3] == 99 and over.shape() == (3, 2)
    copy = ImageViewFactory.copy_in_memory(view)
    assert (numpy.asarray(copy) == a).all() and not numpy.shares_memory(numpy.asarray(copy), a)
    assert copy.support(ImageCapability.RESHAPE)
    reordered = ImageViewFactory.reinterpret_axes(NumpyInterop.from_numpy_array(a), [SLICE, ROW, COLUMN])
    assert reordered.shape() == (4, 3, 2) and (numpy.asarray(reordered) == a).all()


def test_arrays_in_any_order(tmp_path):
    pixels = numpy.arange(3 * 5 * 2 * 6 * 4, dtype="u2").reshape(3, 5, 2, 6, 4)
    iolink.create(tmp_path / "a.npy", pixels.shape, pixels.dtype, axes="TZCYX")
    with iolink.open(tmp_path / "a.npy", mode="update", axes="TZCYX") as file:
        file.ordered("TZCYX")[1:, ::2] = pixels[1:, ::2]
        file.ordered("TZCYX")[0] = pixels[0]
        file.ordered("TZCYX")[1:, 1::2] = pixels[1:, 1::2]
        with pytest.raises(ValueError, match="sequence, slice, row, column, channel"):
            file.array[:] = pixels
    assert (numpy.load(tmp_path / "a.npy") == pixels).all()
    view = iolink.open(tmp_path / "a.npy", axes="TZCYX")[0]
    for order in ("CTZYX", "XYZCT"):
        expected = pixels.transpose(["TZCYX".index(letter) for letter in order])
        assert (numpy.asarray(view.ordered(order)) == expected).all()
        assert (numpy.asarray(view.ordered(order)[1, ..., ::-1]) == expected[1, ..., ::-1]).all()
    array = view.array
    assert (numpy.asarray(array.T) == numpy.asarray(array).T).all()
    assert (numpy.asarray(array.transpose(1, 0, -1, 2, 3)) == numpy.asarray(array).transpose(1, 0, -1, 2, 3)).all()
    import pickle

    assert (numpy.asarray(pickle.loads(pickle.dumps(array.T[0]))) == numpy.asarray(array).T[0]).all()
    rgb = NumpyInterop.from_numpy_array(numpy.zeros((6, 4, 3), "u1"), ImageTypeId.IMAGE)
    assert rgb.ordered("XY").shape == (4, 6, 3) and rgb.ordered([COMPONENT, ROW, COLUMN]).shape == (3, 6, 4)
    for wrong in ("TZYX", "TZCYQ", "TTZYX"):
        with pytest.raises(ValueError):
            view.ordered(wrong)
    with pytest.raises(ValueError):
        array.transpose(0, 0, 1, 2, 3)


def test_names_of_axes_are_not_changed_by_writing(tmp_path):
    view = NumpyInterop.order_from_numpy_array(numpy.zeros((3, 4, 5), "u1"), [CHANNEL, ROW, COLUMN])
    with pytest.raises(ValueError, match="order="):
        iolink.write(view, tmp_path / "a.h5", axes="ZYX")
    iolink.write(view, tmp_path / "a.h5", axes="CYX")
    iolink.write(NumpyInterop.from_numpy_array(numpy.zeros((3, 4, 5), "u1")), tmp_path / "a.h5", axes="ZYX")
    assert [axis.name for axis in iolink.open(tmp_path / "a.h5").axes] == ["column", "row", "slice"]


def test_types_that_hold_all_values_need_no_rule(tmp_path):
    pixels = numpy.array([[0, 65535]], "u2")
    numpy.save(tmp_path / "a.npy", pixels)
    iolink.convert(tmp_path / "a.npy", tmp_path / "b.npy", dtype="float32")
    assert numpy.load(tmp_path / "b.npy").dtype == "f4" and (numpy.load(tmp_path / "b.npy") == pixels).all()
    for arguments, says in [
        ({"dtype": "uint8"}, "uint8 does not hold every value of uint16"), ({"dtype": "float16"}, "float16"), ({"rescale": True}, "type"),
    ]:
        with pytest.raises(ValueError, match=says):
            iolink.convert(tmp_path / "a.npy", tmp_path / "c.npy", **arguments)


def test_names_in_a_file(tmp_path):
    numpy.savez(tmp_path / "a.npz", one=numpy.zeros(3), two=numpy.zeros(3))
    file = iolink.open(tmp_path / "a.npz")
    assert "one" in file and "three" not in file and 0 not in file and not hasattr(file, "nonsense")


def test_types_of_raw_files(tmp_path):
    array = numpy.arange(24, dtype=">u2").reshape(2, 4, 3)
    (tmp_path / "a.raw").write_bytes(array.tobytes())
    for name in ["uint16", "u2", numpy.uint16, numpy.dtype("u2"), DataTypeId.UINT16, DataType("u2")]:
        found = iolink.open(tmp_path / "a.raw", shape=(2, 4, 3), type=name, byte_order="big")
        assert (numpy.asarray(found) == array).all()
    for name in ["uint16x3", DataTypeId.VEC3_UINT16]:
        found = iolink.open(tmp_path / "a.raw", shape=(2, 4), type=name, byte_order="big")[0]
        assert found.data_type == DataTypeId.VEC3_UINT16 and (numpy.asarray(found) == array).all()
    for wrong in [">u2", numpy.dtype(">u2")]:
        with pytest.raises(ValueError, match="byte_order"):
            iolink.open(tmp_path / "a.raw", shape=(2, 4, 3), type=wrong)
    with pytest.raises(ValueError, match="expected one of bool"):
        iolink.open(tmp_path / "a.raw", "raw", shape=(2, 4, 3), type="number")


@pytest.mark.parametrize("target", ["a.h5", "a.tif"])
def test_what_is_left_of_a_file_is_converted_on_request(tmp_path, npy, volume, target):
    missing = 101
    short = tmp_path / "short.npy"
    short.write_bytes(npy.read_bytes()[:-missing * volume.itemsize])
    with pytest.raises(iolink.TruncatedError):
        iolink.convert(short, tmp_path / target)
    assert not (tmp_path / target).exists()
    report = iolink.convert(short, tmp_path / target, salvage=True)
    assert [item.reason.partition(":")[0] for item in report.lost if item.path == "/pixels"] == ["truncated"]
    expected = volume.copy().reshape(-1)
    expected[-missing:] = 0
    with iolink.open(tmp_path / target) as file:
        assert (numpy.asarray(file.image()).reshape(-1) == expected).all()
    # Into a file object, and from a file that is whole.
    stream = io.BytesIO()
    assert len(iolink.convert(short, stream, to_format="npy", salvage=True).lost) >= 1
    assert not [item for item in iolink.convert(npy, stream, to_format="npy", salvage=True).lost if item.path == "/pixels"]


def test_numbers_that_are_wider_in_the_file_count_as_they_are_stored(tmp_path):
    h5py = pytest.importorskip("h5py")
    wide = h5py.h5t.STD_I64LE.copy()
    wide.set_size(16)
    wide.set_precision(64)
    with h5py.File(tmp_path / "wide.h5", "w") as file:
        data = h5py.h5d.create(file.id, b"data", wide, h5py.h5s.create_simple((100_000,)))
        data.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.arange(100_000))
    with iolink.open(tmp_path / "wide.h5", limits={"chunk": "1M"}) as file:
        assert 16 * file["data"].chunk_shape[0] <= 1 << 20
        assert (numpy.asarray(file["data"].array) == numpy.arange(100_000)).all()
    with pytest.raises(iolink.LimitExceededError):
        iolink.read(tmp_path / "wide.h5", limits={"chunk": "600K"})
