"""Random access, images over it, and images in temporary files."""

import io
import os
import threading

import numpy
import pytest

import iolink
from iolink import *


def test_bytes_by_position(tmp_path):
    (tmp_path / "f").write_bytes(bytes(range(100)))
    for access in (RandomAccessFactory.open_file(tmp_path / "f", "r+"), RandomAccessFactory.from_bytes(bytes(range(100)))):
        assert access.size() == 100 and access.read(10, 3) == b"\n\x0b\x0c" and access.read(100, 0) == b""
        access.write(98, b"xy")
        target = bytearray(3)
        access.readinto(97, target)
        assert target == b"axy"
        for call in (lambda: access.read(99, 2), lambda: access.read(-1, 1), lambda: access.read(0, 101), lambda: access.read(2**63, 1),
                     lambda: access.write(99, b"zz"), lambda: access.read(0, -1)):
            with pytest.raises(ValueError):
                call()
        access.close()
        with pytest.raises(ValueError, match="closed"):
            access.read(0, 1)
    assert (tmp_path / "f").read_bytes()[-2:] == b"xy"
    reader = RandomAccessFactory.open_file(tmp_path / "f")
    assert not reader.support(StreamCapability.WRITE)
    with pytest.raises(NotImplementedError):
        reader.write(0, b"a")
    with pytest.raises(FileNotFoundError):
        RandomAccessFactory.open_file(tmp_path / "missing")
    with pytest.raises(ValueError):
        RandomAccessFactory.open_file(tmp_path / "f", "x")
    with pytest.raises(MemoryError):
        RandomAccessFactory.allocate(1 << 60)


def test_as_a_raw_file(npy, volume):
    access = RandomAccessFactory.open_file(npy)
    raw = access.to_raw_io()
    assert isinstance(raw, io.RawIOBase) and raw.readable() and raw.seekable() and not raw.writable()
    assert (numpy.load(io.BufferedReader(access.to_raw_io())) == volume).all()
    assert raw.seek(-2, io.SEEK_END) == access.size() - 2 and len(raw.read(10)) == 2 and raw.read(1) == b""
    assert raw.seek(10**6) == 10**6 and raw.read(1) == b""
    with pytest.raises(ValueError):
        raw.seek(-1)
    assert (numpy.asarray(iolink.open(access)) == volume).all()


def test_images_over_it(tmp_path):
    a = numpy.arange(24, dtype=numpy.uint16).reshape(4, 6)
    (tmp_path / "f").write_bytes(b"head" + a.tobytes())
    access = RandomAccessFactory.open_file(tmp_path / "f", "r+")
    view = ImageViewFactory.from_random_access(access, (6, 4), DataTypeId.UINT16, 4)
    view = ImageViewFactory.reinterpret(view, ImageTypeId.IMAGE)
    assert (numpy.asarray(view) == a).all() and view.support(ImageCapability.WRITE | ImageCapability.MEMORY_ACCESS)
    view.write((5, 3), 999)
    assert access.read(4 + 46, 2) == (999).to_bytes(2, "little")
    threads = [threading.Thread(target=lambda r=r: view.write_region(((0, r), (6, 1)), a[r] + 1)) for r in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (numpy.asarray(view) == a + 1).all()
    with pytest.raises(EOFError):
        ImageViewFactory.from_random_access(access, (6, 5), DataTypeId.UINT16, 4)
    with pytest.raises(ValueError):
        ImageViewFactory.from_random_access(access, (6, 4), DataTypeId.UINT16, -1)


def test_images_on_disk(tmp_path, volume):
    view = ImageViewFactory.create_on_disk(tmp_path, (5, 4), DataTypeId.VEC3_UINT8)
    assert not numpy.asarray(view).any() and numpy.asarray(view).shape == (5, 4, 3) and os.listdir(tmp_path) == []
    view.write((1, 2), (7, 8, 9))
    assert view.read((1, 2)) == (7, 8, 9)
    source = NumpyInterop.from_numpy_array(volume, ImageTypeId.VOLUME)
    copy = ImageViewFactory.copy_on_disk(source)
    assert (numpy.asarray(copy) == volume).all() and copy.axes_interpretation is ImageTypeId.VOLUME
    assert not numpy.shares_memory(numpy.asarray(copy), volume) and copy.support(ImageCapability.WRITE)
    assert ImageViewFactory.create_on_disk((0, 3), "float32").shape() == (0, 3)
