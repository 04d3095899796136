"""Streams as Python's raw files."""

import io
import zipfile

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iolink import *


def test_it_is_a_raw_file():
    stream = StreamAccessFactory.allocate()
    raw = stream.to_raw_io()
    assert isinstance(raw, io.RawIOBase) and raw.readable() and raw.writable() and raw.seekable() and not raw.closed
    assert raw.write(b"hello world") == 11 and raw.tell() == 11 == stream.tell()
    stream.seek(6)
    assert raw.read(5) == b"world" and raw.read(5) == b"" and stream.tell() == 11
    assert raw.seek(-5, io.SEEK_END) == 6 and raw.seek(2, io.SEEK_CUR) == 8
    buffer = bytearray(10)
    assert raw.readinto(buffer) == 3 and buffer[:3] == b"rld"
    assert raw.truncate(5) == 5 and stream.size() == 5
    raw.seek(0)
    assert raw.readall() == b"hello"
    with raw:
        pass
    assert raw.closed
    with pytest.raises(ValueError):
        raw.read(1)
    with pytest.raises(ValueError):
        raw.tell()
    stream.seek(0)
    assert stream.read(5) == b"hello"


operations = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.binary(max_size=20)), st.tuples(st.just("read"), st.integers(0, 30)),
        st.tuples(st.just("seek"), st.integers(0, 40)), st.tuples(st.just("truncate"), st.integers(0, 40)),
        st.tuples(st.just("tell"), st.just(None)),
    ),
    max_size=30,
)


@pytest.mark.parametrize("kind", ["memory", "file"])
@settings(deadline=None, max_examples=60)
@given(operations=operations)
def test_it_does_what_a_file_does(kind, operations, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "stream"
    stream = StreamAccessFactory.allocate() if kind == "memory" else StreamAccessFactory.open_file(path, "w")
    ours, theirs = stream.to_raw_io(), open(tmp_path_factory.getbasetemp() / "other", "w+b", buffering=0)
    for name, argument in operations:
        arguments = () if argument is None else (argument,)
        assert getattr(ours, name)(*arguments) == getattr(theirs, name)(*arguments), name
    ours.seek(0)
    theirs.seek(0)
    assert ours.read() == theirs.read()
    theirs.close()
    stream.close()


def test_under_buffers_and_other_libraries(tmp_path):
    raw = StreamAccessFactory.allocate().to_raw_io()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"x" * 100_000)
    raw.seek(0)
    with zipfile.ZipFile(io.BufferedReader(raw)) as archive:
        assert archive.read("a") == b"x" * 100_000
    image = pytest.importorskip("PIL.Image")
    raw = StreamAccessFactory.allocate().to_raw_io()
    pixels = numpy.arange(200, dtype=numpy.uint8).reshape(10, 20)
    image.fromarray(pixels).save(raw, "PNG")
    raw.seek(0)
    assert (numpy.asarray(image.open(raw)) == pixels).all()
    raw.seek(0)
    assert (numpy.asarray(image.open(io.BufferedReader(raw))) == pixels).all()


def test_files_and_bytes(tmp_path):
    path = tmp_path / "f"
    stream = StreamAccessFactory.open_file(path, "w")
    stream.write(b"abc")
    stream.close()
    assert path.read_bytes() == b"abc"
    with pytest.raises(ValueError, match="closed"):
        stream.read(1)
    reader = StreamAccessFactory.open_file(path)
    assert not reader.support(StreamCapability.WRITE) and reader.read(9) == b"abc"
    raw = reader.to_raw_io()
    assert not raw.writable()
    with pytest.raises(io.UnsupportedOperation):
        raw.write(b"x")
    with pytest.raises(NotImplementedError):
        reader.write(b"x")
    with pytest.raises(FileNotFoundError):
        StreamAccessFactory.open_file(tmp_path / "missing")
    assert StreamAccessFactory.from_bytes(b"xyz").read(2) == b"xy"


@pytest.mark.filterwarnings("error")
def test_a_raw_file_may_outlive_its_stream(tmp_path):
    stream = StreamAccessFactory.open_file(tmp_path / "f", "w")
    raw = stream.to_raw_io()
    stream.close()
    assert stream.closed and not raw.closed
    with pytest.raises(ValueError, match="closed"):
        raw.write(b"x")
    raw.close()
    del raw


def test_a_stream_is_a_source(npy, volume):
    import iolink

    stream = StreamAccessFactory.from_bytes(npy.read_bytes())
    assert (numpy.asarray(iolink.open(stream.to_raw_io()).image()) == volume).all()
