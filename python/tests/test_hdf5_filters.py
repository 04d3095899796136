"""HDF5 filters: those that the library writes, and decoders that a program adds."""

import pickle
import zlib

import h5py
import numpy
import pytest

import iolink

NUMBERS = (numpy.arange(30 * 40) * 7919 % 1009).astype("<u2").reshape(30, 40)
ROWS = 12


def write(path, id, encode, parameters=(), shuffle=False):
    """A file whose chunks are encoded here, under a filter that libhdf5 does not have."""
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((ROWS, 40))
    if shuffle:
        plist.set_shuffle()
    plist.set_filter(id, h5py.h5z.FLAG_OPTIONAL, parameters)
    with h5py.File(path, "w") as file:
        dataset = h5py.h5d.create(file.id, b"image", h5py.h5t.STD_U16LE, h5py.h5s.create_simple(NUMBERS.shape), plist)
        for row in range(0, 30, ROWS):
            chunk = numpy.zeros((ROWS, 40), "<u2")
            chunk[: min(ROWS, 30 - row)] = NUMBERS[row : row + ROWS]
            plain = chunk.view("u1").reshape(-1, 2).T.tobytes() if shuffle else chunk.tobytes()
            dataset.write_direct_chunk((row, 0), encode(plain))
    return path


def inflate(data, parameters):
    assert isinstance(data, bytes) and parameters == (7, 2**32 - 1)
    return zlib.decompress(data)


def as_array(data, parameters):
    return numpy.frombuffer(zlib.decompress(data), "u1")


@pytest.fixture
def path(tmp_path):
    return write(tmp_path / "a.h5", 32013, zlib.compress, (7, 2**32 - 1))


def registry_of(decode, id=32013):
    registry = iolink.CodecRegistry()
    registry.register_hdf5_filter(id, decode)
    return registry


@pytest.mark.parametrize("decode", [inflate, as_array, lambda data, parameters: bytearray(zlib.decompress(data))])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_program_decodes_a_filter(tmp_path, decode, shuffle):
    path = write(tmp_path / "a.h5", 32013, zlib.compress, (7, 2**32 - 1), shuffle)
    with pytest.raises(iolink.UnsupportedError, match=r"ZFP \(32013\)"):
        iolink.read(path)
    registry = registry_of(decode)
    assert (numpy.asarray(iolink.read(path, registry=registry)) == NUMBERS).all()
    assert (numpy.asarray(iolink.open(path, registry=registry)[0])[3:20] == NUMBERS[3:20]).all()
    iolink.convert(path, tmp_path / "b.npy", registry=registry)
    assert (numpy.load(tmp_path / "b.npy") == NUMBERS).all()


def test_it_is_listed_and_travels(path):
    registry = registry_of(inflate)
    lines = {entry.name: entry for entry in registry.formats()}["HDF5"].reads
    assert any("32013" in line and "inflate" in line for line in lines)
    assert not any("32013" in line for line in {entry.name: entry for entry in iolink.formats()}["HDF5"].reads)
    again = pickle.loads(pickle.dumps(registry))
    assert (numpy.asarray(iolink.read(path, registry=again)) == NUMBERS).all()
    view = pickle.loads(pickle.dumps(iolink.open(path, registry=registry)[0]))
    del registry, again
    assert (numpy.asarray(view) == NUMBERS).all()


def test_a_later_decoder_replaces_an_earlier_one(path):
    registry = registry_of(lambda data, parameters: b"")
    registry.register_hdf5_filter(300, inflate)
    registry.prioritize("HDF5", 3)
    registry.register_hdf5_filter(32013, inflate)
    assert (numpy.asarray(iolink.read(path, registry=registry)) == NUMBERS).all()


def test_what_a_decoder_does_wrong_is_an_error(path):
    def fails(data, parameters):
        raise KeyError("no table")

    def refuses(data, parameters):
        raise iolink.UnsupportedError("version 9")

    for decode, kind, words in (
        (fails, KeyError, "no table"), (refuses, iolink.UnsupportedError, "version 9"),
        (lambda data, parameters: b"", iolink.MalformedError, "32013"), (lambda data, parameters: bytes(961), iolink.MalformedError, "961"),
        (lambda data, parameters: 5, TypeError, "bytes-like"), (lambda data: b"", TypeError, "argument"),
    ):
        image = iolink.open(path, registry=registry_of(decode))[0]
        with pytest.raises(kind, match=words):
            numpy.asarray(image)


@pytest.mark.parametrize("id", [0, -1, 65536, 1, 4, 307, 32000, 32001, 32015])
def test_filters_that_cannot_be_added(id):
    with pytest.raises(iolink.InvalidArgumentError, match=str(abs(id))):
        registry_of(inflate, id)


def test_wrong_arguments():
    registry = iolink.CodecRegistry()
    for arguments in ((300, b"no function"), ("300", inflate), (True, inflate), (300, inflate, 5)):
        with pytest.raises(TypeError):
            registry.register_hdf5_filter(*arguments)

    class Mine:
        name, detect, open = "HDF5", None, None

    registry.register(Mine())
    with pytest.raises(iolink.UnsupportedError, match="HDF5"):
        registry.register_hdf5_filter(300, inflate)


def test_a_plugin_of_others_is_decoded(tmp_path):
    """What hdf5plugin compresses with ZFP and Blosc2, decoded by imagecodecs."""
    plugin, codecs = pytest.importorskip("hdf5plugin"), pytest.importorskip("imagecodecs")
    numbers = numpy.linspace(0, 1, 1200, dtype="f4").reshape(30, 40)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("zfp", data=numbers, chunks=(10, 40), **plugin.Zfp(reversible=True))
        file.create_dataset("blosc2", data=numbers, chunks=(10, 40), **plugin.Blosc2())
    registry = iolink.CodecRegistry()
    # The parameters hold the version of the filter, and the header that ZFP puts before its data.
    registry.register_hdf5_filter(
        32013, lambda data, parameters: codecs.zfp_decode(numpy.array(parameters[1:], "<u4").tobytes() + data), "ZFP")
    with iolink.open(tmp_path / "a.h5", registry=registry) as file:
        with pytest.raises(iolink.UnsupportedError, match="blosc2"):
            file["blosc2"]
        assert (numpy.asarray(file["zfp"]) == numbers).all()


WRITTEN = ["zstd", "lz4", "lzf", "bitshuffle", "bitshuffle-lz4", "bitshuffle-zstd", "blosc-lz4", "blosc-zstd", "deflate"]


@pytest.mark.parametrize("compression", WRITTEN)
def test_written_filters_are_read(tmp_path, compression):
    iolink.write(NUMBERS, tmp_path / "a.h5", axes="YX", compression=compression, chunk=(7, 40))
    assert (numpy.asarray(iolink.read(tmp_path / "a.h5")) == NUMBERS).all()
    if compression not in ("lzf", "deflate"):
        pytest.importorskip("hdf5plugin")
    with h5py.File(tmp_path / "a.h5") as file:
        assert (file["image"][...] == NUMBERS).all() and file["image"].chunks == (7, 40)


def test_options_that_do_not_fit(tmp_path):
    for options in ({"compression": "lzf", "level": 3}, {"compression": "zstd", "level": 0}, {"compression": "zstd", "layout": "contiguous"}):
        with pytest.raises(iolink.InvalidArgumentError, match="lzf|level|layout"):
            iolink.write(NUMBERS, tmp_path / "a.h5", axes="YX", **options)
