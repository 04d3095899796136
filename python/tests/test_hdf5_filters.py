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
    return write(tmp_path / "a.h5", 32019, zlib.compress, (7, 2**32 - 1))


def registry_of(decode, id=32019):
    registry = iolink.CodecRegistry()
    registry.register_hdf5_filter(id, decode)
    return registry


@pytest.mark.parametrize("decode", [inflate, as_array, lambda data, parameters: bytearray(zlib.decompress(data))])
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_program_decodes_a_filter(tmp_path, decode, shuffle):
    path = write(tmp_path / "a.h5", 32019, zlib.compress, (7, 2**32 - 1), shuffle)
    with pytest.raises(iolink.UnsupportedError, match=r"JPEG \(32019\)"):
        iolink.read(path)
    registry = registry_of(decode)
    assert (numpy.asarray(iolink.read(path, registry=registry)) == NUMBERS).all()
    assert (numpy.asarray(iolink.open(path, registry=registry)[0])[3:20] == NUMBERS[3:20]).all()
    iolink.convert(path, tmp_path / "b.npy", registry=registry)
    assert (numpy.load(tmp_path / "b.npy") == NUMBERS).all()


def test_it_is_listed_and_travels(path):
    registry = registry_of(inflate)
    lines = {entry.name: entry for entry in registry.formats()}["HDF5"].reads
    assert any("32019" in line and "inflate" in line for line in lines)
    assert not any("32019" in line for line in {entry.name: entry for entry in iolink.formats()}["HDF5"].reads)
    again = pickle.loads(pickle.dumps(registry))
    assert (numpy.asarray(iolink.read(path, registry=again)) == NUMBERS).all()
    view = pickle.loads(pickle.dumps(iolink.open(path, registry=registry)[0]))
    del registry, again
    assert (numpy.asarray(view) == NUMBERS).all()


def test_a_later_decoder_replaces_an_earlier_one(path):
    registry = registry_of(lambda data, parameters: b"")
    registry.register_hdf5_filter(300, inflate)
    registry.prioritize("HDF5", 3)
    registry.register_hdf5_filter(32019, inflate)
    assert (numpy.asarray(iolink.read(path, registry=registry)) == NUMBERS).all()


def test_what_a_decoder_does_wrong_is_an_error(path):
    def fails(data, parameters):
        raise KeyError("no table")

    def refuses(data, parameters):
        raise iolink.UnsupportedError("version 9")

    for decode, kind, words in (
        (fails, KeyError, "no table"), (refuses, iolink.UnsupportedError, "version 9"),
        (lambda data, parameters: b"", iolink.MalformedError, "32019"), (lambda data, parameters: bytes(961), iolink.MalformedError, "961"),
        (lambda data, parameters: 5, TypeError, "bytes-like"), (lambda data: b"", TypeError, "argument"),
    ):
        image = iolink.open(path, registry=registry_of(decode))[0]
        with pytest.raises(kind, match=words):
            numpy.asarray(image)


@pytest.mark.parametrize("id", [0, -1, 65536, 1, 4, 307, 32000, 32001, 32013, 32015, 32018])
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
    """Chunks as the JPEG filter stores them, and beside them some of a filter without a decoder."""
    plugin, codecs = pytest.importorskip("hdf5plugin"), pytest.importorskip("imagecodecs")
    numbers = numpy.add.outer(numpy.arange(30), numpy.arange(40)).astype("u1")
    jpeg = codecs.jpeg_encode(numbers)
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk(numbers.shape)
    plist.set_filter(32019, h5py.h5z.FLAG_OPTIONAL, (75, 40, 30, 0))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("blosc2", data=numbers, chunks=(10, 40), **plugin.Blosc2())
        dataset = h5py.h5d.create(file.id, b"jpeg", h5py.h5t.STD_U8LE, h5py.h5s.create_simple(numbers.shape), plist)
        dataset.write_direct_chunk((0, 0), jpeg)
    registry = iolink.CodecRegistry()
    registry.register_hdf5_filter(32019, lambda data, parameters: codecs.jpeg_decode(data), "JPEG")
    with iolink.open(tmp_path / "a.h5", registry=registry) as file:
        with pytest.raises(iolink.UnsupportedError, match="blosc2"):
            file["blosc2"]
        assert (numpy.asarray(file["jpeg"]) == codecs.jpeg_decode(jpeg)).all()


def test_lossy_filters_give_the_numbers_of_their_plugins(tmp_path):
    """ZFP in all its modes, types and numbers of axes, and FCIDECOMP, against hdf5plugin."""
    plugin = pytest.importorskip("hdf5plugin")
    random = numpy.random.default_rng(32013)
    expert = {"minbits": 8, "maxbits": 900, "maxprec": 40, "minexp": -20}
    modes = [{"reversible": True}, {"rate": 11.0}, {"precision": 17}, {"accuracy": 0.01}, expert, {}]
    names = []
    with h5py.File(tmp_path / "a.h5", "w") as file:

        def add(name, data, chunks, **options):
            file.create_dataset(name, data=data, chunks=chunks, **options)
            names.append(name)

        shapes = [((50,), (17,)), ((9, 14), (6, 9)), ((5, 9, 10), (5, 4, 6)), ((3, 4, 5, 9), (2, 3, 4, 5)), ((3, 1, 20), (1, 1, 9))]
        for shape, chunks in shapes:
            for dtype in ["f4", "f8", "i4", "i8", "u4", ">f4", ">i8"]:
                for mode, options in enumerate(modes):
                    numbers = numpy.cumsum(random.normal(size=shape) * 50, axis=-1).astype(dtype)
                    add(f"zfp {shape} {dtype} {mode}", numbers, chunks, **plugin.Zfp(**options))
        for dtype in ["u1", "i1", "u2", "i2", ">u2"]:
            for shape, chunks in [((30, 50), (14, 21)), ((4, 30, 50), (3, 15, 25))]:
                numbers = numpy.cumsum(random.integers(-2, 3, shape), axis=-1).astype(dtype)
                add(f"fcidecomp {shape} {dtype}", numbers, chunks, **plugin.FciDecomp())
        add("shuffled", numpy.arange(1200, dtype="f4").reshape(30, 40), (10, 40), shuffle=True, **plugin.Zfp(reversible=True))
        add("checked", numpy.arange(1200, dtype="f4").reshape(30, 40), (10, 40), fletcher32=True, **plugin.Zfp(rate=9))
    with h5py.File(tmp_path / "a.h5") as file, iolink.open(tmp_path / "a.h5") as opened:
        assert len(names) == 222
        for name in names:
            expected = file[name][...]
            assert numpy.asarray(opened[name]).tobytes() == expected.astype(expected.dtype.newbyteorder("=")).tobytes(), name


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
