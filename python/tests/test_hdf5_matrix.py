"""HDF5 files of h5py in every combination of storage, index, type, filter, version bound and maximum shape read as h5py reads them."""

import itertools
import math

import numpy
import pytest

import iolink

h5py = pytest.importorskip("h5py")

BOUNDS = ["earliest", "v108", "v110", "v112", "v114", "v200", "latest"]
SHAPES = [(), (7,), (13, 9), (6, 5, 4)]
TYPES = ["u1", "<i2", ">u4", "<f4", ">f8", "<f2", "?", "<c8", "<u8"]
FILTERS = [
    {}, {"compression": "gzip"}, {"compression": "gzip", "shuffle": True, "fletcher32": True}, {"compression": "lzf"}, {"fletcher32": True},
    {"scaleoffset": 0}, {"compression": "szip"},
]
MAXIMA = {
    "fixed": lambda shape: shape, "first": lambda shape: (None,) + shape[1:], "last": lambda shape: shape[:-1] + (None,),
    "all": lambda shape: (None,) * len(shape),
}


def values(random, name, shape):
    if name == "?":
        return random.integers(0, 2, shape).astype(bool)
    if name == "<c8":
        return (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(name)
    if "f" in name:
        return (random.normal(size=shape) * 10).astype(name)
    return random.integers(0, 100, shape).astype(name)


def filter_options(name, filters, chunks):
    """The options of h5py; None where the filter does not take the type or so small a chunk."""
    options = dict(filters)
    if ("scaleoffset" in options or options.get("compression") == "szip") and name in ("<c8", "?", "<f2"):
        return None
    if options.get("compression") == "szip" and (math.prod(chunks) < 8 or not h5py.h5z.filter_avail(h5py.h5z.FILTER_SZIP)):
        return None
    if "scaleoffset" in options and "f" in name:
        options["scaleoffset"] = 3
    return options


def low_level(file, name, array, stored, compact=False, options=None):
    """A dataset in a layout or of a type that h5py's own interface does not offer."""
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    if compact:
        properties.set_layout(h5py.h5d.COMPACT)
    if options is not None:
        properties.set_chunk(tuple(max(1, length // 2) for length in array.shape))
        if options.get("shuffle"):
            properties.set_shuffle()
        if options.get("compression") == "gzip":
            properties.set_deflate(4)
        if options.get("fletcher32"):
            properties.set_fletcher32()
    space = h5py.h5s.create_simple(array.shape) if array.shape else h5py.h5s.create(h5py.h5s.SCALAR)
    dataset = h5py.h5d.create(file.id, name.encode(), stored, space, properties)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.ascontiguousarray(array), h5py.h5t.py_create(array.dtype, logical=True))


def write(file, shape, random):
    """Every combination, one dataset each; returns how many there are."""
    count = 0
    for name in TYPES:
        stored = h5py.h5t.py_create(numpy.dtype(name), logical=True)
        file.create_dataset(f"contiguous{count}", data=values(random, name, shape))
        low_level(file, f"compact{count}", values(random, name, shape), stored, compact=True)
        count += 2
        if not shape:
            continue
        chunks = tuple(max(1, length // 2) for length in shape)
        for filters, maximum in itertools.product(FILTERS, MAXIMA.values()):
            options = filter_options(name, filters, chunks)
            if options is not None:
                file.create_dataset(
                    f"chunked{count}", data=values(random, name, shape), chunks=chunks, maxshape=maximum(shape), **options)
                count += 1
    narrow = h5py.h5t.STD_U16LE.copy()
    narrow.set_precision(12)
    half = h5py.h5t.IEEE_F32LE.copy()  # bfloat16
    half.set_fields(15, 7, 8, 0, 7)
    half.set_precision(16)
    half.set_size(2)
    half.set_ebias(127)
    for filters in [None] + ([{}, FILTERS[2]] if shape else []):
        low_level(file, f"narrow{count}", random.integers(0, 4096, shape).astype("<u2"), narrow, options=filters)
        low_level(file, f"half{count}", (random.integers(0, 200, shape) / 4).astype("<f4"), half, options=filters)
        count += 2
    return count


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("bound", BOUNDS)
def test_matrix(bound, shape, tmp_path):
    path = tmp_path / "matrix.h5"
    random = numpy.random.default_rng(20261130)
    try:
        file = h5py.File(path, "w", libver=bound)
    except ValueError:
        assert bound == "v200"  # the only bound that a supported version of h5py may not know
        return
    with file:
        count = write(file, shape, random)
    images = iolink.open(path)
    assert len(images) == count
    with h5py.File(path) as file:
        for name in file:
            if name.startswith("half"):
                expected = numpy.empty(shape, "<f4")
                file[name].id.read(h5py.h5s.ALL, h5py.h5s.ALL, expected, h5py.h5t.NATIVE_FLOAT)
            else:
                expected = file[name][()]
            found = numpy.asarray(images["/" + name])
            assert found.shape == numpy.shape(expected) and found.dtype == numpy.asarray(expected).dtype.newbyteorder("="), name
            assert numpy.array_equal(found, expected, equal_nan=found.dtype.kind in "fc"), name
