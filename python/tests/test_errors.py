"""Bad input: a Python exception of the right class that says what to do. Never a crash."""

import io
import pickle

import numpy
import pytest

import iolink
from iolink import *


@pytest.mark.parametrize("array", [
    numpy.array([object()]), numpy.array(["text"]), numpy.array([b"bytes"]), numpy.zeros(2, [("a", "u2"), ("b", "f4")]),
    numpy.zeros(2, "M8[s]"), numpy.zeros(2, "m8[s]"), numpy.zeros(2, numpy.longdouble),
], ids=lambda array: str(array.dtype))
def test_types_that_no_image_has(array):
    for call in (lambda: NumpyInterop.from_numpy_array(array), lambda: iolink.write(array, io.BytesIO(), "npy")):
        with pytest.raises(TypeError, match="astype") as caught:
            call()
        assert isinstance(caught.value, NotImplementedError) and isinstance(caught.value, iolink.IOLinkError)


@pytest.mark.parametrize("dtype", [">u2", ">i4", ">f8", ">c8", ">f2"])
def test_byte_swapped_arrays_are_lazy(dtype):
    if numpy.dtype(dtype).isnative:
        pytest.skip("this machine is big-endian")
    array = numpy.arange(12).reshape(3, 4).astype(dtype)
    view = NumpyInterop.from_numpy_array(array, ImageTypeId.IMAGE)
    assert view.capabilities == ImageCapability.READ | ImageCapability.WRITE
    assert (numpy.asarray(view) == array).all() and numpy.asarray(view).dtype.isnative
    view.write((1, 2), 77)
    assert array[2, 1] == 77
    with pytest.raises(NotImplementedError, match="copy"):
        NumpyInterop.to_numpy_array(view)
    assert (numpy.asarray(ImageViewFactory.copy_in_memory(view)) == array).all()


def test_axes():
    a = numpy.zeros((4, 5), numpy.uint8)
    for axes in [[ROW], [ROW, COLUMN, SLICE], [ROW, ROW], []]:
        with pytest.raises(ValueError):
            NumpyInterop.order_from_numpy_array(a, axes)
    for kind in [ImageTypeId.VOLUME, ImageTypeId.VOLUME_SEQUENCE]:
        with pytest.raises(ValueError):
            NumpyInterop.from_numpy_array(a, kind)
    view = NumpyInterop.from_numpy_array(a, ImageTypeId.IMAGE)
    for axes in [[ROW], [ROW, ROW], [ROW, SLICE], [ROW, COLUMN, CHANNEL], [ROW, COLUMN, COMPONENT]]:
        with pytest.raises(ValueError):
            NumpyInterop.order_to_numpy_array(view, axes)
    with pytest.raises(TypeError):
        NumpyInterop.order_to_numpy_array(view, [1, 2])
    with pytest.raises(ValueError):
        NumpyInterop.from_numpy_array(a, "NO_SUCH_TYPE")
    with pytest.raises(ValueError):
        ImageViewFactory.reinterpret(NumpyInterop.from_numpy_array(numpy.zeros((1, 1, 1))), ImageTypeId.IMAGE)


def test_wrong_objects():
    for call in [NumpyInterop.from_numpy_array, NumpyInterop.to_numpy_array, iolink.open, ImageViewFactory.copy_in_memory]:
        with pytest.raises(TypeError):
            call(3)
    with pytest.raises(TypeError):
        iolink.ImageView()
    with pytest.raises(TypeError):
        iolink._core.View()
    fake = iolink._core.View.__base__.__new__(object)
    with pytest.raises(TypeError):
        iolink._core.shape(fake)
    with pytest.raises(ValueError):
        iolink._core.shape()
    view = ImageViewFactory.reinterpret(ImageViewFactory.allocate((3, 2), DataTypeId.UINT8), ImageTypeId.IMAGE)
    for call in [
        lambda: NumpyInterop.from_numpy_array([[1, 2]]), lambda: NumpyInterop.from_numpy_array(None),
        lambda: NumpyInterop.order_from_numpy_array([[1, 2]], [ROW, COLUMN]),
        lambda: NumpyInterop.order_from_numpy_array(numpy.zeros((2, 2)), ROW), lambda: NumpyInterop.order_to_numpy_array(view, None),
        lambda: ImageViewFactory.allocate((2, 2), DataTypeId.UINT8, 5), lambda: view.with_properties(None),
        lambda: ImageViewFactory.from_random_access(bytes(12), (3, 2), DataTypeId.UINT16),
        lambda: ImageViewFactory.copy_on_disk(view, 1), lambda: ImageViewFactory.create_on_disk((3, 2), DataTypeId.UINT8, folder=1),
        lambda: LodImageView([]), lambda: LodImageView([1, 2]), lambda: LodImageView([view]).resolution("a"),
        lambda: view.support(None), lambda: view.support(StreamCapability.SEEK), lambda: iolink.write(view, object(), "npy"),
        lambda: StreamAccessFactory.allocate().to_raw_io().readinto(b"abc"), lambda: ImageViewProvider.to_image(3),
        lambda: MultiImageViewProvider.to_multi_image(view), lambda: RegionXu64((3, 4)),
    ]:
        with pytest.raises(TypeError):
            call()


def test_wrong_values():
    array = numpy.zeros((3, 2), numpy.uint16)
    view = NumpyInterop.from_numpy_array(array, ImageTypeId.IMAGE)
    for call, advice in [
        (lambda: NumpyInterop.from_numpy_array(array, [ROW, COLUMN]), "order_from_numpy_array"),
        (lambda: NumpyInterop.order_from_numpy_array(array, ["row", "col\n"]), "axis"),
        (lambda: NumpyInterop.order_from_numpy_array(array, ["", ""]), "twice"),
        (lambda: ImageViewFactory.assemble_channels(view), "COLUMN, ROW"),
        (lambda: StreamAccessFactory.from_bytes(b"abc").read(-1), "0 or more"),
        (lambda: StreamAccessFactory.open_file("x", "rw"), "r\\+"),
        (lambda: view.properties.image_info.set_interpretation("nonsense"), "GRAYSCALE"),
        (lambda: ImageViewFactory.adapt_dynamic_range(view, DataTypeId.FLOAT, (5, 5), (0, 1)), "width"),
        (lambda: Vector3d(1, 2), "3 entries"), (lambda: SpatialDirections((1, 0, 0), (1, 0, 0)), "plane"),
        (lambda: view.properties.calibrate("slice", 1.0), "column, row"),
        (lambda: view.write((0, 0), (1, 2)), "row, column"),
    ]:
        with pytest.raises(ValueError, match=advice):
            call()


def test_buffers_of_another_shape():
    view = ImageViewFactory.allocate((3, 2), DataTypeId.UINT16)
    view = ImageViewFactory.reinterpret(view, ImageTypeId.IMAGE)
    area = RegionXu64((0, 0), (3, 2))
    values = numpy.arange(6, dtype=numpy.uint16)
    for bad in [values.reshape(3, 2), memoryview(values.reshape(3, 2)), memoryview(values.reshape(1, 6)), values.reshape(1, 6)]:
        for call in (view.read_region, view.write_region):
            with pytest.raises(ValueError, match="row, column"):
                call(area, bad)
    for good in [values, memoryview(values), values.tobytes(), values.reshape(2, 3), memoryview(values.reshape(2, 3))]:
        view.write_region(area, numpy.zeros((2, 3), numpy.uint16))
        view.write_region(area, good)
        assert (numpy.asarray(view) == values.reshape(2, 3)).all()
    for good in [numpy.zeros(6, numpy.uint16), numpy.zeros(12, numpy.uint8), numpy.zeros((2, 3), numpy.uint16), bytearray(12)]:
        view.read_region(area, good)
        assert memoryview(good).tobytes() == values.tobytes()
        twice = numpy.zeros((4, 6), numpy.uint16)[::2, ::2]
        view.read_region(area, memoryview(twice))
        assert (twice == values.reshape(2, 3)).all()


def test_one_class_per_code(tmp_path, npy):
    with pytest.raises(FileNotFoundError) as caught:
        iolink.open(tmp_path / "missing.npy")
    assert isinstance(caught.value, KeyError) and "missing.npy" in str(caught.value)
    with pytest.raises(KeyError, match="array"):
        iolink.open(npy)["nothing"]
    with pytest.raises(iolink.InvalidArgumentError, match="NPY"):
        iolink.open(npy, "nonsense")
    with pytest.raises(OSError):
        iolink.open(tmp_path)
    with pytest.raises(ValueError):
        iolink.open(b"these bytes are not an image")
    with pytest.raises(ValueError, match="extension"):
        iolink.write(numpy.zeros(3), tmp_path / "x.unknown")
    (tmp_path / "short.npy").write_bytes(npy.read_bytes()[:-10])
    with pytest.raises(iolink.TruncatedError) as caught:
        numpy.asarray(iolink.open(tmp_path / "short.npy"))
    error = caught.value
    assert error.format == "NPY" and error.offset is not None and error.code == "truncated" and "NPY" in str(error)
    assert isinstance(error, EOFError) and isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error) and str(again) == str(error) and again.offset == error.offset


def test_fixtures_that_must_be_rejected(fixtures):
    paths = [path for folder in ("npy", "npz") for path in sorted((fixtures / folder).glob("reject_*"))]
    assert paths
    for path in paths:
        with pytest.raises(iolink.IOLinkError):
            iolink.read(path)  # mapped arrays are not checked against the checksums of an archive


def test_reading_after_close(npy, volume):
    file = iolink.open(npy)
    view = file[0]
    part = view.array[1:3]
    kept = numpy.asarray(view)
    file.close()
    assert (kept == volume).all()
    for call in [lambda: view.read((0, 0, 0)), lambda: numpy.asarray(view), lambda: numpy.asarray(part), lambda: file[0],
                 lambda: view.read_region(((0, 0, 0), (1, 1, 1))), lambda: ImageViewFactory.copy_in_memory(view)]:
        with pytest.raises(ValueError, match="closed"):
            call()
    file.close()


class Awkward(io.RawIOBase):
    """A file that does something wrong after a while."""

    def __init__(self, content, after, what):
        self.content, self.after, self.what, self.position = content, after, what, 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def seek(self, offset, whence=0):
        self.position = offset + (0, self.position, len(self.content))[whence]
        return self.position

    def tell(self):
        return self.position

    def readinto(self, buffer):
        count = min(len(buffer), len(self.content) - self.position)
        self.after -= 1
        if self.after < 0:
            if callable(self.what):
                return self.what(self, buffer)
            if self.what == "one byte":
                count = min(1, count)
        buffer[:count] = self.content[self.position : self.position + count]
        self.position += count
        return count


def fails(error):
    def fail(file, buffer):
        raise error

    return fail


@pytest.mark.parametrize("what, expected", [
    (fails(ZeroDivisionError("boom")), ZeroDivisionError), (fails(OSError(5, "I/O")), OSError),
    (lambda file, buffer: 0, EOFError), (lambda file, buffer: len(buffer) + 1, OSError), (lambda file, buffer: None, OSError),
    (lambda file, buffer: -1, OSError), (lambda file, buffer: "x", TypeError), (lambda file, buffer: 2**80, (OverflowError, OSError)),
    (lambda file, buffer: (file.close(), file.seek(0))[1], Exception),
], ids=["raises", "raises OSError", "ends", "too much", "none", "negative", "text", "huge", "closes"])
def test_awkward_file_objects(npy, what, expected):
    for after in range(1, 4):
        with pytest.raises(expected):
            numpy.asarray(iolink.open(Awkward(npy.read_bytes(), after, what)).image())


def test_short_reads_are_no_failure(npy, volume):
    assert (numpy.asarray(iolink.open(Awkward(npy.read_bytes(), 0, "one byte")).image()) == volume).all()


def test_a_file_object_that_is_closed_early(npy):
    source = io.BytesIO(npy.read_bytes())
    image = iolink.open(source).image()
    source.close()
    with pytest.raises(ValueError, match="closed"):
        numpy.asarray(image)


def test_a_file_object_that_reads_from_itself(npy):
    holder = {}

    def recurse(file, buffer):
        numpy.asarray(holder["image"])

    file = Awkward(npy.read_bytes(), 10**9, recurse)
    holder["image"] = iolink.open(file).image()
    file.after = 0
    with pytest.raises(ValueError, match="being read"):
        numpy.asarray(holder["image"])


def test_a_file_object_that_keeps_the_buffer(npy, volume):
    kept = []

    def keep(file, buffer):
        kept.append(memoryview(buffer))
        count = min(len(buffer), len(file.content) - file.position)
        buffer[:count] = file.content[file.position : file.position + count]
        file.position += count
        return count

    assert (numpy.asarray(iolink.open(Awkward(npy.read_bytes(), 0, keep)).image()) == volume).all()
    for buffer in kept:
        buffer[:] = bytes(len(buffer))


def test_text_files_are_refused(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    with open(tmp_path / "a.txt") as file, pytest.raises((TypeError, ValueError, OSError)):
        iolink.open(file)


def test_pickles_that_cannot_be(npy):
    image = iolink.open(io.BytesIO(npy.read_bytes())).image()
    with pytest.raises(TypeError, match="file object"):
        pickle.dumps(image)


def test_limits():
    with pytest.raises((ValueError, MemoryError)):
        ImageViewFactory.allocate((2**40, 2**40), DataTypeId.UINT8)
    with pytest.raises(ValueError):
        ImageViewFactory.allocate((-1, 2), DataTypeId.UINT8)
    with pytest.raises(ValueError):
        ImageViewFactory.allocate((1,) * 40, DataTypeId.UINT8)
