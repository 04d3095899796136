"""The test cases of the reference, by their numbers there; those about file names of IOFormat by their meaning."""

import io
import zipfile

import numpy
import pytest

import iolink
from iolink import *

A = numpy.array([[11, 12, 13], [21, 22, 23]], numpy.uint16)


def volume(dtype, shape):
    properties = ImageProperties.from_data_type(DataType(dtype))
    properties.image_info.set_axes_interpretation(ImageTypeId.VOLUME)
    return ImageViewFactory.allocate(shape, DataType(dtype), properties, None)


def test_1_both_sides_see_changes():
    a = A.copy()
    view = NumpyInterop.from_numpy_array(a)
    a[0, 0] = 99
    assert view.read((0, 0)) == 99
    view.write((1, 2), 7)
    assert a[1, 2] == 7


def test_2_layouts():
    for order in "CF":
        view = NumpyInterop.from_numpy_array(numpy.array(A, order=order))
        assert repr(view.shape()) == "VectorXu64(2, 3)"
        assert view.read((1, 2)) == 23


@pytest.mark.parametrize("make", [
    lambda a: NumpyInterop.from_numpy_array(a, ImageTypeId_IMAGE),
    lambda a: NumpyInterop.order_from_numpy_array(a, [ImageDimension_ROW, ImageDimension_COLUMN]),
], ids=["3_by_type", "4_by_axes"])
def test_3_and_4_canonical_order(make):
    a = A.copy()
    view = make(a)
    assert view.shape() == (3, 2)
    assert view.axes_interpretation is ImageTypeId.IMAGE
    assert view.read((2, 1)) == 23
    assert (a == A).all()
    assert numpy.shares_memory(numpy.asarray(view), a)


def test_5_volume_on_two_axes():
    assert NumpyInterop.to_numpy_array(volume(DataTypeId.UINT16, (6, 4))).shape == (4, 6)


def test_6_vector_without_interpretation():
    image = ImageViewFactory.allocate((6, 4), DataTypeId.VEC3_UINT16)
    assert NumpyInterop.to_numpy_array(image).shape == (6, 4, 3)


def test_7_and_8_chosen_order():
    image = volume(DataTypeId.UINT16, (6, 5, 4))
    assert NumpyInterop.order_to_numpy_array(image, [ROW, SLICE, COLUMN]).shape == (5, 4, 6)
    image = volume(DataTypeId.VEC3_UINT16, (6, 5, 4))
    assert NumpyInterop.order_to_numpy_array(image, [ROW, SLICE, CHANNEL, COLUMN]).shape == (5, 4, 3, 6)
    assert NumpyInterop.order_to_numpy_array(image, [ROW, SLICE, COMPONENT, COLUMN]).shape == (5, 4, 3, 6)


def test_9_raw_io():
    assert isinstance(iolink.StreamAccessFactory.allocate().to_raw_io(), io.RawIOBase)


def test_10_volume():
    assert NumpyInterop.to_numpy_array(volume(DataTypeId.UINT16, (12, 4, 6))).shape == (6, 4, 12)
    assert NumpyInterop.to_numpy_array(volume(DataTypeId.VEC3_UINT16, (12, 4, 6))).shape == (6, 4, 12, 3)


def test_11_allocate():
    image = ImageViewFactory.allocate((100, 200), DataTypeId.UINT8)
    assert image.shape() == (100, 200) and image.dimension_count == 2 and memoryview(image).nbytes == 20_000
    assert memoryview(ImageViewFactory.allocate((100, 200, 15), DataTypeId.UINT16)).nbytes == 600_000


def test_12_full_region():
    full = RegionXu64.create_full_region(VectorXu64(100, 200))
    assert full.origin == (0, 0) and full.size == (100, 200)


def test_13_data_type():
    assert DataType(DataTypeId.UINT8).bit_depth == 8
    vector = DataType(DataTypeId.VEC3_UINT16)
    assert (vector.bit_depth, vector.element_count, vector.byte_count(), vector.bit_count()) == (16, 3, 6, 48)
    assert DataType.extract_scalar_type(vector) == DataTypeId.UINT16
    assert vector == DataType(PrimitiveTypeId.UNSIGNED_INTEGER, 3, 16) and vector.is_vector() and vector.is_numeric()
    assert DataType(DataTypeId.UINT8).is_convertible_to(DataTypeId.UINT16)
    assert not DataType(DataTypeId.UINT16).is_convertible_to(DataTypeId.UINT8)
    assert DataType("int32").is_convertible_to("float64") and not DataType("int64").is_convertible_to("float64")


def test_14_capabilities(npy):
    image = ImageViewFactory.allocate((4, 3), DataTypeId.UINT8)
    assert image.support(ImageCapability.READ | ImageCapability.WRITE | ImageCapability.RESHAPE | ImageCapability.MEMORY_ACCESS)
    with iolink.open(npy) as file:
        assert not file[0].support(ImageCapability.WRITE) and not file[0].support(ImageCapability.RESHAPE)
        with pytest.raises(NotImplementedError):
            file[0].write((0, 0, 0), 1)


def test_15_indexers_of_both_layouts():
    native = ImageViewFactory.allocate((2, 2), DataTypeId.UINT16).indexer()
    assert native.stride() == (1, 2) and native.layout() == (0, 1) and native.offset((1, 0)) == 1
    c_array = NumpyInterop.from_numpy_array(numpy.zeros((2, 2), numpy.uint16)).indexer()
    assert c_array.stride() == (2, 1) and c_array.layout() == (1, 0) and c_array.offset((1, 0)) == 2
    assert c_array.byte_stride() == (4, 2) and c_array.byte_offset((1, 1)) == 6 and c_array.byte_count() == 8
    assert native.is_continuous() and c_array.is_continuous() and native != c_array
    assert native == Indexer((2, 2), DataTypeId.UINT16) and native.dtype() == DataTypeId.UINT16
    part = NumpyInterop.from_numpy_array(numpy.zeros((4, 6), numpy.uint8)[::2, ::-1]).indexer()
    assert part.byte_stride() == (12, -1) and not part.is_continuous() and part.offset((1, 5)) == 7
    for index in [(0, 2), (-1, 0), (0,)]:
        with pytest.raises(ValueError):
            native.offset(index)
    with pytest.raises(NotImplementedError, match="MEMORY_ACCESS"):
        ImageViewFactory.adapt_data_type(NumpyInterop.from_numpy_array(A), DataTypeId.FLOAT).indexer()


def test_16_directions():
    assert SpatialDirections().slice == (0, 0, 1) and SpatialDirections() == SpatialDirections((1, 0, 0), (0, 1, 0))


def test_17_levels():
    from iolink import LodImageView

    lod = LodImageView([ImageViewFactory.allocate((4, 4), DataTypeId.UINT8)])
    assert lod.level_range == (0, 0) and lod.resolution(0).shape() == (4, 4)
    with pytest.raises(ValueError):
        lod.resolution(1)


def test_18_tiles_cover_the_image(tmp_path):
    h5py = pytest.importorskip("h5py")
    pixels = numpy.arange(50 * 70 * 90, dtype=numpy.uint32).reshape(50, 70, 90)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("a", data=pixels, chunks=(16, 32, 40), compression="gzip")
    with iolink.open(tmp_path / "a.h5") as file:
        image = file.image()
        tiles = image.tiling_info()
        assert tiles.max_tile_size() == (40, 32, 16) and tiles.tile_count() == 3 * 3 * 4
        assert tiles.tile_region(0) == RegionXu64((0, 0, 0), (40, 32, 16))
        assert tiles.tile_region(35) == RegionXu64((80, 64, 48), (10, 6, 2))
        grid = tiles.tiling_grid()
        assert grid.shape == (3, 3, 4) and grid[1, 0, 0] == 1 and grid[0, 1, 0] == 3 and grid[2, 2, 3] == 35
        assert sum(tiles.tile_region(i).element_count for i in range(tiles.tile_count())) == pixels.size
        total = sum(int(tiles.read_tile(i).sum()) for i in range(tiles.tile_count()))
        assert total == int(pixels.sum())
        for index in (36, -1, TilingInfoExtension.INVALID_TILE_INDEX):
            with pytest.raises(ValueError):
                tiles.tile_region(index)
    assert NumpyInterop.from_numpy_array(A).tiling_info() is None


def test_19_data_frames():
    frame = DataFrameViewFactory.allocate((2, 10), ["count", "name"], [DataTypeId.INT32, DataTypeId.UTF8_STRING])
    assert frame.shape() == (2, 10)
    frame.write(0, 0, 10, numpy.arange(10, dtype=numpy.int32))
    frame.write(1, 0, 10, [f"cell {i}" for i in range(10)])
    assert frame.read(0, 5, 5).tolist() == [5, 6, 7, 8, 9] and frame.read(1, 0, 5) == [f"cell {i}" for i in range(5)]
    for index in range(2):
        assert frame.column_index(frame.column_name(index)) == index
    assert frame.column_data_type(0) == DataTypeId.INT32 and frame.column_data_type(1) == DataTypeId.UTF8_STRING
    frame.remove_rows(2, 3)
    assert frame.shape() == (2, 7) and frame.at("count", 2) == 5 and frame.at("name", 2) == "cell 5" and frame.at(0, 1) == 1
    frame.add_rows(0, 1)
    assert frame.at("count", 0) == 0 and frame.at("name", 1) == "cell 0"


def test_20_streams():
    stream = StreamAccessFactory.allocate()
    stream.write(b"abcdef")
    stream.seek(4)
    stream.write(b"EFGH")
    assert stream.size() == 8
    stream.seek(0)
    assert (stream.read(4), stream.read(4)) == (b"abcd", b"EFGH")
    access = RandomAccessFactory.allocate(8)
    access.write(4, b"wxyz")
    assert access.read(2, 4) == b"\0\0wx" and access.size() == 8
    for offset, content in [(5, b"wxyz"), (9, b""), (-1, b"a"), (0, bytes(9))]:
        with pytest.raises(ValueError):
            access.write(offset, content)
    assert access.size() == 8


def test_21_serialization_bytes():
    stream = StreamAccessFactory.allocate()
    Serialization.encode(VectorXu64(2, 3), stream)
    stream.seek(0)
    content = stream.read(stream.size())
    assert content[:8] == bytes.fromhex("494f4c20 0001 0000") and len(content) > 12

    def decoded(content):
        return Serialization.decode(StreamAccessFactory.from_bytes(content))

    assert decoded(content) == VectorXu64(2, 3)
    assert decoded(content[:6] + b"\0\7" + content[8:]) == VectorXu64(2, 3)
    with pytest.raises(NotImplementedError, match="version 2"):
        decoded(content[:4] + b"\0\2" + content[6:])
    with pytest.raises(ValueError):
        decoded(b"X" + content[1:])


def test_22_several_images(tmp_path):
    numpy.savez(tmp_path / "two.npz", first=A, second=A + 1)
    with pytest.raises(ValueError, match="first, second"):
        iolink.read(tmp_path / "two.npz")
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffWriter(tmp_path / "frames.tif") as writer:
        writer.write(A)
        writer.write(numpy.zeros((5, 6), numpy.uint8))
    with pytest.raises(ValueError, match="2 images"):
        iolink.read(tmp_path / "frames.tif")
    assert (numpy.asarray(iolink.read(tmp_path / "frames.tif", 0)) == A).all() and len(iolink.open(tmp_path / "frames.tif")) == 2
    with pytest.warns(iolink.OtherImagesWarning):
        iolink.convert(tmp_path / "frames.tif", tmp_path / "first.npy")
    with pytest.raises(ValueError, match="2 images"):
        read_image(tmp_path / "frames.tif")
    file = open_view(tmp_path / "two.npz")
    assert isinstance(file, MultiImageView) and MultiImageViewProvider.is_multi_image(file) and file.names == ["first", "second"]
    assert (numpy.asarray(file["second"]) == A + 1).all() and (numpy.asarray(file[-1]) == A + 1).all()


def test_22_one_image(tmp_path, npy, volume):
    view = open_view(npy)
    assert isinstance(view, ImageView) and ImageViewProvider.to_image(view) is view
    assert view.storage and (numpy.asarray(view) == volume).all()
    image = read_image(npy)
    assert isinstance(image, ImageView) and image.support("MEMORY_ACCESS") and (numpy.asarray(image) == volume).all()
    assert isinstance(write_view(view, tmp_path / "a.tif"), iolink.Report)
    assert (numpy.asarray(read_image(tmp_path / "a.tif")) == volume).all()
    raw = io.BytesIO(volume.tobytes())
    assert (numpy.asarray(open_view(raw, "raw", shape=volume.shape, type="uint16")) == volume).all()
    assert (numpy.asarray(read_image(raw, "raw", shape=volume.shape, type="uint16")) == volume).all()
    assert [axis.name for axis in open_view(npy, axes="TYX").axes] == ["column", "row", "sequence"]
    for wrong in (volume, None, "a.npy"):
        with pytest.raises(TypeError, match="view is .*, expected a view"):
            write_view(wrong, tmp_path / "b.npy")
    assert not (tmp_path / "b.npy").exists()


def test_22_levels(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    pixels = numpy.arange(64 * 64, dtype=numpy.uint16).reshape(64, 64)
    with tifffile.TiffWriter(tmp_path / "pyramid.tif") as writer:
        writer.write(pixels, subifds=1, tile=(16, 16))
        writer.write(pixels[::2, ::2], subfiletype=1, tile=(16, 16))
    view = open_view(tmp_path / "pyramid.tif")
    assert isinstance(view, LodImageView) and view.level_range == (0, 1)
    assert (numpy.asarray(view.resolution(1)) == pixels[::2, ::2]).all()
    write_view(view, tmp_path / "finest.npy")
    assert (numpy.load(tmp_path / "finest.npy") == pixels).all()
    assert (numpy.asarray(read_image(tmp_path / "pyramid.tif")) == pixels).all()


def test_23_content_decides_and_a_format_can_be_given(npy, volume, tmp_path):
    unnamed = tmp_path / "x.bin"
    unnamed.write_bytes(npy.read_bytes())
    assert (numpy.asarray(iolink.read(unnamed)) == volume).all()
    unnamed.write_bytes(volume.tobytes())
    with pytest.raises(iolink.UnrecognizedError, match="NPY"):
        iolink.open(unnamed)
    raw = iolink.read(unnamed, format="raw", shape=volume.shape, type="uint16")
    assert (numpy.asarray(raw) == volume).all()


class Portable:
    """A codec for the same files as another."""

    extensions = ("ppx",)

    def __init__(self, name):
        self.name = name

    def detect(self, prefix, name):
        return prefix.startswith(b"PPX")

    def open(self, access):
        return {self.name: numpy.frombuffer(access.read(3, access.size() - 3), numpy.uint8)}


def test_24_the_order_of_codecs_can_be_chosen():
    registry = iolink.CodecRegistry()
    registry.register(Portable("B"))
    registry.register(Portable("A"))
    assert iolink.open(b"PPX123", registry=registry).format == "A"  # the later registered
    registry.prioritize("A", -1)
    assert iolink.open(b"PPX123", registry=registry).names == ["B"]
    assert iolink.open(b"PPX123", "A", registry=registry).format == "A"
    with pytest.raises(iolink.UnrecognizedError):
        iolink.open(b"PPX123")


def test_25_adapt_data_type():
    a = numpy.array([[0, 1, 255]], numpy.uint8)
    adapted = ImageViewFactory.adapt_data_type(NumpyInterop.from_numpy_array(a, ImageTypeId.IMAGE), DataTypeId.UINT16)
    assert numpy.asarray(adapted).tolist() == [[0, 257, 65535]]
    assert adapted.capabilities & ~(ImageCapability.READ | ImageCapability.WRITE) == 0


def test_26_extract_region_writes_through():
    a = A.copy()
    view = NumpyInterop.from_numpy_array(a, ImageTypeId.IMAGE)
    part = ImageViewFactory.extract_region(view, RegionXu64((1, 0), (2, 2)))
    part.write((0, 1), 77)
    assert a[1, 1] == 77 and numpy.shares_memory(numpy.asarray(part), a)


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("components", [False, True])
def test_27_every_permutation_of_axes_shares_memory(order, components):
    import itertools

    names = [COLUMN, ROW, SLICE, CHANNEL, SEQUENCE]
    for rank in (1, 2, 3, 4, 5):
        for axes in itertools.permutations(names, rank):
            axes = [*axes, COMPONENT] if components else list(axes)
            a = numpy.arange(2 ** len(axes), dtype=numpy.uint16).reshape((2,) * len(axes), order=order)
            view = NumpyInterop.order_from_numpy_array(a, axes)
            back = NumpyInterop.order_to_numpy_array(view, axes)
            assert numpy.shares_memory(back, a) and (back == a).all() and back.strides == a.strides


def test_28_unknown_axes_have_no_order():
    with pytest.raises(ValueError, match="unknown"):
        NumpyInterop.order_to_numpy_array(NumpyInterop.from_numpy_array(A), [ROW, COLUMN])


def test_29_memory_access_is_needed():
    lazy = ImageViewFactory.adapt_data_type(NumpyInterop.from_numpy_array(A), DataTypeId.FLOAT)
    for export in (NumpyInterop.to_numpy_array, lambda view: NumpyInterop.order_to_numpy_array(view, [ROW, COLUMN])):
        with pytest.raises(NotImplementedError, match="copy_in_memory"):
            export(lazy)


def test_the_stream_serves_other_libraries():
    raw = StreamAccessFactory.allocate().to_raw_io()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("a.txt", b"hello")
    raw.seek(0)
    assert zipfile.ZipFile(io.BufferedReader(raw)).read("a.txt") == b"hello"
