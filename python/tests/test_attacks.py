"""What careless and malicious callers do: an exception, never a crash, a hang or a wrong value."""

import ctypes
import io

import numpy
import pytest

import iolink
from iolink import *

F, N = ImageViewFactory, NumpyInterop


@pytest.mark.parametrize("call", [
    lambda: F.allocate((1 << 40,), "uint16"), lambda: F.allocate((4,), "u1").reshape((1 << 50,)),
    lambda: F.copy_in_memory(F.uniform((1 << 20, 1 << 20), "uint16", 7)), lambda: StreamAccessFactory.allocate().resize(1 << 50),
    lambda: StreamAccessFactory.allocate().to_raw_io().truncate(1 << 62),
], ids=["allocate", "reshape", "copy", "resize", "truncate"])
def test_memory_that_is_not_there(call):
    with pytest.raises(MemoryError):
        call()


def test_a_gap_that_no_memory_holds():
    raw = StreamAccessFactory.allocate().to_raw_io()
    raw.seek(1 << 46)
    with pytest.raises(MemoryError):
        raw.write(b"x")


def test_a_small_file_of_a_large_image(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "large.h5", "w") as file:
        file.create_dataset("x", shape=(1 << 20, 1 << 20, 16), dtype="u2", chunks=(64, 64, 16), compression="gzip")
    with pytest.raises(MemoryError):
        iolink.read(tmp_path / "large.h5")
    assert not numpy.asarray(iolink.open(tmp_path / "large.h5").array[5, 70:90, 3]).any()


@pytest.mark.parametrize("call", [
    lambda: memoryview(F.uniform((2**62,), "uint32", 1)), lambda: numpy.asarray(F.uniform((2**62,), "uint32", 1)),
    lambda: F.uniform((2**62, 2**62), "uint8", 1).__dlpack__(max_version=(1, 0)), lambda: F.uniform((-(2**63),), "uint8", 1),
    lambda: F.uniform((1, -(2**63)), "uint8", 1), lambda: F.allocate((2**63,), "uint8"), lambda: F.allocate((2**62, 4), "uint16"),
    lambda: N.from_numpy_array((ctypes.c_uint8 * 0 * (2**62) * (2**62))(), None),
    lambda: N.from_numpy_array(numpy.lib.stride_tricks.as_strided(numpy.zeros(4, "u1"), (2, 2), (-(2**63), 1))),
    lambda: F.allocate((4, 4), "u1").read((2**64 - 1, 0)), lambda: F.allocate((4, 4), "u1").read_region(((2**63, 0), (1, 1))),
    lambda: VectorXu64(2**64), lambda: VectorXi64(2**63), lambda: VectorXu64(-1),
])
def test_numbers_beyond_the_integers(call):
    with pytest.raises((ValueError, BufferError, iolink.UnsupportedError)):
        call()


def test_33_dimensions():
    with pytest.raises(ValueError, match="at most 32"):
        N.from_numpy_array(numpy.zeros((1,) * 33))


def test_chains():
    view = F.uniform((4, 4), "uint8", 1)
    with pytest.raises(ValueError, match="copy in memory"):
        for step in range(3000):
            view = F.cast_data_type(view, ("uint16", "uint8")[step % 2])
    assert view.read((0, 0)) == 1
    view = N.from_numpy_array(numpy.arange(8000), ImageTypeId.UNKNOWN)
    array = view.array
    for _ in range(3000):
        array = array[1:]
    assert array[0].item() == 3000


def test_memory_that_overlaps():
    for write in (lambda v, a: v.array.__setitem__(slice(None), v.array[::-1]), lambda v, a: v.array.__setitem__(slice(None), a[::-1]),
                  lambda v, a: v.read_region(((0,), (8,)), numpy.asarray(v)[::-1]),
                  lambda v, a: F.flip_dimension_index(v, 0).write_region(((0,), (8,)), a)):
        a = numpy.arange(8, dtype="u1")
        write(N.from_numpy_array(a), a)
        assert a.tolist() == [7, 6, 5, 4, 3, 2, 1, 0]
    a = numpy.arange(9, dtype="u1").reshape(3, 3)
    N.from_numpy_array(a).write_region(((0, 0), (3, 3)), a.T)
    assert a.tolist() == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]


@pytest.mark.parametrize("dtype", [">u2", "f2", "i2", "u4", "O"])
def test_destinations_of_another_type(dtype):
    view = N.from_numpy_array(numpy.arange(6, dtype="u2").reshape(2, 3), "IMAGE")
    for shape in [(2, 3), (6,), (3,)]:
        target = numpy.zeros(shape, dtype)
        with pytest.raises(ValueError):
            view.read_region(((0, 0), (3, 2)), target)
        assert not target.astype(bool).any()
    with pytest.raises(ValueError):
        view.read((0, 0), numpy.zeros(4, dtype))
    flat = numpy.zeros(6, "u2")
    view.read_region(((0, 0), (3, 2)), flat)
    assert flat.tolist() == [0, 1, 2, 3, 4, 5]


def test_suboffsets():
    testbuffer = pytest.importorskip("_testbuffer")
    indirect = testbuffer.ndarray(list(range(12)), shape=[3, 4], format="B", flags=testbuffer.ND_PIL)
    with pytest.raises(BufferError):
        N.from_numpy_array(indirect)


def test_values_are_not_changed_in_silence():
    for call in (lambda: F.uniform((2, 2), "uint8", 300), lambda: F.uniform((2, 2), "uint8", -1), lambda: F.uniform((2, 2), "uint8", 1.5)):
        with pytest.raises(ValueError):
            call()
    view = F.allocate((3,), "uint8")
    for values in ([256, 0, 0], numpy.array([-1, 0, 0]), [0.5, 1, 2], numpy.array([numpy.nan, 0, 0])):
        with pytest.raises(ValueError):
            view.array[:] = values
        with pytest.raises(ValueError):
            view.write_region(((0,), (3,)), values)
    with pytest.raises(TypeError):
        view.array[:] = [1j, 0, 0]
    view.array[:] = numpy.array([1.0, 2.0, 255.0])
    assert numpy.asarray(view).tolist() == [1, 2, 255]
    masked = numpy.ma.masked_array([1, 2], [True, False])
    for call in (lambda: N.from_numpy_array(masked), lambda: iolink.write(masked, io.BytesIO(), "npy")):
        with pytest.raises(TypeError, match="mask"):
            call()


def test_single_numbers():
    array = N.from_numpy_array(numpy.array([[53, 54]], "u1"), ImageTypeId.IMAGE).array
    assert int(array[0, 0]) == 53 and float(array[0, 1]) == 54.0 and bool(array[0, 0]) and [5] * array[0, 0].item() == [5] * 53
    with pytest.raises(ValueError):
        int(array)


@pytest.mark.parametrize("call", [
    lambda: F.stack([numpy.zeros((2, 2))], SLICE), lambda: F.read_only(None), lambda: F.assemble_channels(3),
    lambda: F.extract_region(numpy.zeros((2, 2)), ((0, 0), (1, 1))), lambda: F.from_image_view(F.allocate((2,), "u1"), "x"),
    lambda: F.make_thread_safe(None), lambda: F.sub_sample(3, (1,)), lambda: iolink.open(b"x", registry=3), lambda: iolink.formats(0),
    lambda: Serialization.encode(VectorXu64(1), io.BytesIO()), lambda: Serialization.decode(b""),
])
def test_things_that_are_no_views(call):
    with pytest.raises(TypeError):
        call()


def test_a_closed_file(npy):
    file = iolink.open(npy)
    with pytest.raises(TypeError):
        file[1.5]
    file.close()
    with pytest.raises(ValueError, match="closed"):
        with file:
            pass


def test_significant_bits():
    view = F.allocate((2,), "uint16")
    properties = view.properties
    for bits in (-1, 0, 65, 2**62):
        properties.significant_bits = bits
        with pytest.raises(ValueError):
            view.with_properties(properties)


def test_large_integers_are_exact():
    view = F.allocate((2,), "uint64")
    for values in ([2**63 + 1, 5], [2**64 - 1, 1], numpy.array([2**53 + 1, 0])):
        view.array[:] = values
        assert [int(each) for each in numpy.asarray(view)] == [int(each) for each in values]
    for values in ([2**64, 1], [-1, 1], numpy.array([-1, 2**62])):
        with pytest.raises(ValueError):
            view.array[:] = values
    floats = F.allocate((2,), "float32")
    floats.array[:] = [2**24 + 1, 0.1]  # rounded, as floats are
    with pytest.raises(ValueError):
        floats.array[0] = 1e300


def test_arrays_as_indices_and_in_tests():
    array = N.from_numpy_array(numpy.arange(4, dtype="u1")).array
    assert bytes(array) == b"\0\1\2\3" and bytes(array[2:3]) == b"\2" and 3 in array and 9 not in array
    assert (numpy.arange(60)[array] == range(4)).all() and list(range(9))[array[2]] == 2
    huge = F.cast_data_type(F.uniform((1 << 40, 1 << 14), "uint8", 1), "uint16").array
    for call in (bool, int, float, lambda a: [0][a]):
        with pytest.raises((ValueError, TypeError)):
            call(huge)


def test_hostile_streams_take_linear_time():
    import struct
    import time

    def text(x):
        return struct.pack(">Q", len(x)) + x.encode()

    def section(content):
        return struct.pack(">Q", len(content)) + content

    def decode(kind, content):
        return Serialization.decode(StreamAccessFactory.from_bytes(b"IOL " + struct.pack(">HHI", 1, 0, kind) + section(content)))

    start, count = time.process_time(), 200_000
    columns = b"".join(section(text(f"{i:06x}") + text("UINT8") + section(b"")) for i in range(count))
    assert decode(0x10009, section(b"\0" + bytes(8)) + bytes(8) + struct.pack(">Q", count) + columns).shape() == (count, 0)
    children = b"".join(text(f"{i:06x}") + section(b"\0" + bytes(8)) for i in range(count))
    decode(0x10007, b"\0" + struct.pack(">Q", count) + children)
    assert time.process_time() - start < 30  # quadratic, it would be minutes


def test_codecs_and_registries_are_collected():
    import gc
    import weakref

    class Nested:
        name = "nested"

        def detect(self, prefix, name):
            return True

        def open(self, access):
            return numpy.zeros((3, 3))

    gone = []
    for _ in range(5):
        registry, codec = iolink.CodecRegistry(), Nested()
        codec.registry = registry
        registry.register(codec)
        assert iolink.open(b"x", registry=registry).format == "nested"
        gone.append(weakref.ref(codec))
        del registry, codec
    gc.collect()
    assert [each() for each in gone] == [None] * 5


def test_detection_that_raises():
    class Broken:
        name = "broken"

        def __init__(self, error):
            self.error = error

        def detect(self, prefix, name):
            raise self.error

        def open(self, access):
            raise self.error

    registry = iolink.CodecRegistry()
    registry.register(Broken(ZeroDivisionError("by nought")))
    with pytest.raises(iolink.UnrecognizedError, match="ZeroDivisionError: by nought"):
        iolink.open(b"zz", registry=registry)
    registry.register(Broken(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        try:
            iolink.open(b"zz", registry=registry)
        except iolink.UnrecognizedError:
            for _ in range(100):
                pass
            raise


def test_exceptions_travel_whole(tmp_path):
    import pickle

    for call in (lambda: iolink.open(tmp_path / "missing"), lambda: iolink.open(tmp_path), lambda: iolink.write(numpy.zeros(3), "/nowhere/a.npy"),
                 lambda: F.allocate((1 << 60,), "u1"), lambda: iolink.open(b"nothing")):
        with pytest.raises(iolink.IOLinkError) as caught:
            call()
        error, copy = caught.value, pickle.loads(pickle.dumps(caught.value))
        assert type(copy) is type(error) and str(copy) == str(error) and vars(copy) == vars(error)
        if isinstance(error, OSError):
            assert (copy.errno, copy.strerror, copy.filename) == (error.errno, error.strerror, error.filename) and error.errno
    with pytest.raises(IsADirectoryError):
        iolink.open(tmp_path)
    with pytest.raises(IsADirectoryError):
        iolink.write(numpy.zeros(3), tmp_path, "npy")
    with pytest.raises(FileNotFoundError):
        iolink.write(numpy.zeros(3), tmp_path / "no" / "a.npy")


def test_buffers_are_free_when_a_call_returns():
    content = bytearray(b"garbage")
    for _ in range(200):
        with pytest.raises(iolink.IOLinkError):
            iolink.open(content)
        content.append(1)
    view = F.uniform((4096, 2048), "uint8", 1)
    target = bytearray(4096 * 2048)
    for _ in range(50):
        view.read_region(((0, 0), (4096, 2048)), target)
        target.append(1)
        target.pop()


def test_dlpack_holds_the_shape():
    view = F.allocate((4, 3), "uint8")
    array = numpy.from_dlpack(view)
    with pytest.raises(BufferError):
        view.reshape((5,))
    del array
    view.reshape((5,))
