"""Targets of all kinds: they fail, grow, stand somewhere, or are full."""

import io
import os

import numpy
import pytest

import iolink
from iolink import *

F = ImageViewFactory


class Failing(io.BytesIO):
    """A target that fails at one of its calls."""

    def __init__(self, calls, error):
        super().__init__()
        self.calls, self.error = calls, error

    def write(self, content):
        self.calls -= 1
        if self.calls < 0:
            raise self.error
        return super().write(content)


@pytest.mark.parametrize("format", ["NPY", "raw", "PNG", "TIFF", "HDF5"])
@pytest.mark.parametrize("error", [OSError(28, "full"), KeyboardInterrupt(), ZeroDivisionError()], ids=repr)
def test_targets_that_fail(format, error):
    pixels = numpy.random.default_rng(0).integers(0, 255, (200, 300)).astype("u1")
    whole = Failing(1 << 30, error)
    iolink.write(pixels, whole, format)
    calls = (1 << 30) - whole.calls
    assert calls > 0
    for number in {0, 1, 2, calls // 2, calls - 1} & set(range(calls)):
        with pytest.raises(type(error)) as caught:
            iolink.write(pixels, Failing(number, error), format)
        assert caught.value is error


def test_streams_and_formats_that_need_themselves(npy, tmp_path):
    stream = StreamAccessFactory.from_bytes(npy.read_bytes())
    view = iolink.open(stream)[0]
    with pytest.raises(ValueError, match="in use"):
        Serialization.encode(view, stream)
    assert stream.tell() >= 0  # and free again
    iolink.write(numpy.zeros((4, 5), "u1"), tmp_path / "a.h5")

    class Reentrant(io.BytesIO):
        def write(self, content):
            iolink.open(tmp_path / "a.h5")
            return super().write(content)

    # No lock is held while a target is written, so it may use the library itself.
    target = Reentrant()
    iolink.write(numpy.ones((4, 5), "u1"), target, "HDF5")
    assert (numpy.asarray(iolink.open(target.getvalue())) == 1).all()
    assert not numpy.asarray(iolink.open(tmp_path / "a.h5")).any()


@pytest.mark.parametrize("format", ["NPY", "TIFF", "HDF5", "PNG"])
@pytest.mark.parametrize("mode", ["ab", "a+b"])
def test_files_that_only_grow(tmp_path, format, mode):
    (tmp_path / "a").write_bytes(b"head")
    pixels = numpy.arange(12, dtype="u1").reshape(3, 4)
    with open(tmp_path / "a", mode) as file:
        iolink.write(pixels, file, format)
    content = (tmp_path / "a").read_bytes()
    assert content[:4] == b"head" and (numpy.asarray(iolink.read(content[4:])) == pixels).all()


def test_targets_of_other_kinds(tmp_path):
    import gzip
    import zipfile

    pixels = numpy.arange(12, dtype="u1").reshape(3, 4)
    for format in ("TIFF", "HDF5", "NPY", "PNG"):
        with gzip.open(tmp_path / "a.gz", "wb") as file:
            iolink.write(pixels, file, format)
        with gzip.open(tmp_path / "a.gz") as file:
            assert (numpy.asarray(iolink.open(file)) == pixels).all()
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive, archive.open("a", "w") as file:
            iolink.write(pixels, file, format)
        assert (numpy.asarray(iolink.open(zipfile.Path(tmp_path / "a.zip", "a"))) == pixels).all()
        with open(tmp_path / "a", "wb") as file:
            iolink.write(pixels, file, format)
        assert (numpy.asarray(iolink.open(tmp_path / "a")) == pixels).all()
        stream = StreamAccessFactory.allocate()
        iolink.write(pixels, stream, format)
        assert (numpy.asarray(iolink.read(stream)) == pixels).all()

    class NonBlocking(io.RawIOBase):
        def writable(self):
            return True

        def write(self, content):
            return None

    with pytest.raises(OSError, match="block"):
        iolink.write(pixels, NonBlocking(), "NPY")


def test_yes_and_no_are_booleans_too(tmp_path):
    for value, magic in [(True, b"II\x2b"), (False, b"II\x2a"), ("yes", b"II\x2b")]:
        iolink.write(numpy.zeros((3, 4), "u1"), tmp_path / "a.tif", bigtiff=value)
        assert (tmp_path / "a.tif").read_bytes()[:3] == magic


def test_a_full_disk(tmp_path):
    if not os.path.isdir("/dev/shm"):
        pytest.skip("/dev/shm does not exist")
    free = os.statvfs("/dev/shm").f_bavail * os.statvfs("/dev/shm").f_frsize
    with pytest.raises(OSError) as caught:
        F.create_on_disk("/dev/shm", (free + (1 << 30),), "u1")
    assert caught.value.errno == 28 and isinstance(caught.value, iolink.IOLinkError)
    for shape in [(-4,), (2**62, 4)]:
        with pytest.raises(ValueError):
            F.create_on_disk(shape, "u1")


def test_targets_that_are_not_open_for_writing(npy):
    for format in ("NPY", "HDF5", "TIFF"):
        with open(npy, "rb") as file, pytest.raises(OSError):
            iolink.write(numpy.zeros((3, 4), "u1"), file, format)


@pytest.mark.parametrize("format", ["NPY", "raw", "PNG", "TIFF", "HDF5"])
def test_a_target_is_written_from_its_cursor_on(format):
    pixels = numpy.arange(12, dtype="u1").reshape(3, 4)
    alone = io.BytesIO()
    iolink.write(pixels, alone, format)
    target = io.BytesIO(b"x" * 100_000)
    target.seek(50)
    iolink.write(pixels, target, format)
    end = target.tell()
    content = target.getvalue()
    assert content[:50] == b"x" * 50 and end - 50 == len(alone.getvalue())
    options = {"shape": (3, 4), "type": "uint8", "axes": "YX"} if format == "raw" else {}
    assert (numpy.asarray(iolink.read(content[50:end], format=format, **options)) == pixels).all()
    target.write(b"behind")
    assert target.getvalue()[50:end] == content[50:end]


def test_the_last_progress_can_still_stop(tmp_path):
    target = tmp_path / "a.npy"
    target.write_bytes(b"old")

    def fail(done, total):
        if done == total:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        iolink.write(numpy.zeros((3, 4)), target, progress=fail)
    assert target.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.npy"]


@pytest.mark.parametrize("format, options", [
    ("npy", {}), ("tif", {}), ("h5", {}), ("h5", {"layout": "chunked"}), ("raw", {}),
], ids=str)
def test_created_files_are_zeros_that_can_be_filled(tmp_path, format, options):
    shape = (40, 300, 500)
    path = tmp_path / f"a.{format}"
    path.write_bytes(b"\1" * 7_000_000)  # replaced, not written over
    report = iolink.create(path, shape, "u2", axes="ZYX", spacing={"Z": 2}, unit="µm", **options)
    assert report.pixel_byte_count == 12_000_000 and (format in ("npy", "raw") or report.lost == [])
    reading = {"shape": shape, "type": "u2", "axes": "ZYX"} if format == "raw" else {}
    expected = numpy.zeros(shape, "u2")
    assert (numpy.asarray(iolink.open(path, **reading)) == expected).all()
    if options.get("layout") == "chunked":
        return
    with iolink.open(path, mode="update", **reading) as file:
        for key in [(3, slice(10, 20), slice(7, 400)), (39, 299), (slice(20, 30), 5, 5)]:
            file.array[key] = expected[key] = 7
    assert (numpy.asarray(iolink.open(path, **reading)) == expected).all()


def test_what_is_created(tmp_path):
    iolink.create(tmp_path / "a.npy", (4, 5), DataTypeId.VEC3_UINT8, axes="YX")
    assert numpy.load(tmp_path / "a.npy").shape == (4, 5, 3)
    iolink.create(tmp_path / "a.h5", (4, 5), DataTypeId.VEC3_UINT16, sync=True, metadata={"/description": "x"})
    created = iolink.open(tmp_path / "a.h5")[0]
    assert created.data_type == DataTypeId.VEC3_UINT16 and created.metadata["/description"] == "x"
    with pytest.raises(ValueError, match="byte_order"):
        iolink.create(tmp_path / "b.npy", (4, 5), ">u2")
    assert not (tmp_path / "b.npy").exists()


def test_targets_are_spooled_only_where_they_must_be(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    pixels = numpy.arange(12, dtype="u1").reshape(3, 4)
    for format, mode in [("TIFF", "wb"), ("NPY", "wb"), ("HDF5", "w+b")]:
        with open(tmp_path / "a", mode) as file:
            iolink.write(pixels, file, format)
        assert (numpy.asarray(iolink.open(tmp_path / "a")) == pixels).all()
    with open(tmp_path / "b", "wb") as file, pytest.raises(OSError, match="temporary"):
        iolink.write(pixels, file, "HDF5")


def test_files_are_created_beside_what_is_in_a_target():
    content = io.BytesIO(b"\1" * 3000)
    iolink.create(content, (20, 30), "u2", "tif", axes="YX")
    assert not numpy.asarray(iolink.open(io.BytesIO(content.getvalue()))).any()
