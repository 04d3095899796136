"""What h5py writes to HDF5 beside ordinary datasets: data in other files, large indexes, attributes and references."""

import os

import numpy
import pytest

import iolink

h5py = pytest.importorskip("h5py")
from h5py import h5d, h5p, h5s, h5t

BOUNDS = ["earliest", "v108", "v110", "v112", "v114", "v200", "latest"]
UNLIMITED = h5s.UNLIMITED


@pytest.fixture(params=BOUNDS)
def bound(request):
    if request.param == "v200" and h5py.version.hdf5_version_tuple < (2,):
        pytest.skip("this version of h5py does not know the bound v200")
    return request.param


def compare(path, names=None):
    """Compares datasets of numbers with what h5py reads; returns how many there are."""
    images = iolink.open(path, siblings=True)
    found = []
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) and item.dtype.kind in "iufcb" else None)
        for name in names or found:
            expected = file[name][()]
            read = numpy.asarray(images["/" + name])
            assert read.shape == numpy.shape(expected) and numpy.array_equal(read, expected), name
            if numpy.size(expected) and read.ndim:  # one element, found through the index alone
                place = tuple(length // 2 for length in read.shape)
                assert int(images["/" + name].array[place]) == int(expected[place]), name
    assert names is None or set(names) <= set(found)
    return len(names or found)


def make(file, name, shape, space, properties, stored=h5t.STD_I32LE):
    h5d.create(file.id, name.encode(), stored, space, properties)
    return file[name]


def test_external_files(bound, tmp_path):
    values = numpy.arange(60, dtype="<i4").reshape(5, 12)
    (tmp_path / "one.bin").write_bytes(b"head" + values.tobytes()[:100])
    (tmp_path / "two.bin").write_bytes(values.tobytes()[100:])
    with h5py.File(tmp_path / "external.h5", "w", libver=bound) as file:
        file.create_dataset("parts", values.shape, "<i4", external=[("one.bin", 4, 100), ("two.bin", 0, h5py.h5f.UNLIMITED)])
        file.create_dataset("short", (70,), "<i4", external=[("two.bin", 0, 280)])
    with h5py.File(tmp_path / "external.h5") as file:
        before = os.getcwd()
        os.chdir(tmp_path)  # h5py looks for the files in the working directory
        try:
            expected = {name: file[name][()] for name in file}
        finally:
            os.chdir(before)
    images = iolink.open(tmp_path / "external.h5", siblings=True)
    for name, array in expected.items():
        assert numpy.array_equal(numpy.asarray(images["/" + name]), array), name
    assert numpy.array_equal(expected["parts"], values)


def test_virtual_datasets(bound, tmp_path):
    for number in range(4):
        with h5py.File(tmp_path / f"source{number}.h5", "w", libver=bound) as file:
            file.create_dataset("data", data=numpy.arange(24, dtype="<i4").reshape(6, 4) + 100 * number, maxshape=(None, 4), chunks=(2, 4))
            for other in range(3):
                file.create_dataset(f"block{other}", data=numpy.full((2, 4), other + 10 * number, "<i4"))
    path = tmp_path / "virtual.h5"
    with h5py.File(path, "w", libver=bound) as file:
        layout = h5py.VirtualLayout((4, 6, 4), "<i4")
        for number in range(4):
            layout[number] = h5py.VirtualSource(f"source{number}.h5", "data", (6, 4))
        file.create_virtual_dataset("stack", layout, fillvalue=-1)
        layout = h5py.VirtualLayout((9, 4), "<i4")
        layout[1:8:3, 1:3] = h5py.VirtualSource("source1.h5", "data", (6, 4))[::2, 2:]
        layout[0] = h5py.VirtualSource("absent.h5", "data", (6, 4))[0]
        file.create_virtual_dataset("strided", layout, fillvalue=-7)
        for name, pattern, dataset, count in [
            ("growing", "source2.h5", "data", None), ("files", "source%b.h5", "data", 6), ("datasets", "source1.h5", "block%b", 2),
        ]:
            properties = h5p.create(h5p.DATASET_CREATE)
            properties.set_fill_value(numpy.array([-1], "<i4"))
            space, source = h5s.create_simple((1, 4), (UNLIMITED, 4)), h5s.create_simple((count or 6, 4), (count or UNLIMITED, 4))
            if count is None:
                space.select_hyperslab((0, 0), (1, 1), None, (UNLIMITED, 4))
                source.select_hyperslab((0, 0), (1, 1), None, (UNLIMITED, 4))
            else:
                space.select_hyperslab((0, 0), (UNLIMITED, 1), (count, 1), (count, 4))
            properties.set_virtual(space, pattern.encode(), dataset.encode(), source)
            make(file, name, None, h5s.create_simple((1, 4), (UNLIMITED, 4)), properties)
    assert compare(path) == 5
    assert numpy.asarray(iolink.open(path, siblings=True)["/files"]).shape == (24, 4)


def test_two_unlimited_axes(bound, tmp_path):
    path = tmp_path / "free.h5"
    random = numpy.random.default_rng(1)
    with h5py.File(path, "w", libver=bound) as file:
        for number, options in enumerate([{}, {"compression": "gzip"}, {"shuffle": True, "fletcher32": True}]):
            data = file.create_dataset(f"data{number}", (3, 3), "<u2", maxshape=(None, None), chunks=(2, 3), **options)
            for rows, columns in [(5, 40), (70, 7), (90, 90), (61, 83)]:  # grows along both, and shrinks
                data.resize((rows, columns))
                data[rows // 2:, columns // 3:] = random.integers(0, 60_000, (rows - rows // 2, columns - columns // 3))
        file.create_dataset("three", data=random.integers(0, 99, (5, 6, 7)), maxshape=(None, 9, None), chunks=(2, 2, 2))
    assert compare(path) == 4


def test_large_arrays_of_chunks(bound, tmp_path):
    """Fixed arrays in pages, and extensible arrays with super blocks whose data blocks are in pages."""
    path = tmp_path / "large.h5"
    random = numpy.random.default_rng(2)
    starts = [0, 8_000, 65_530, 131_070, 200_001, 299_950]
    with h5py.File(path, "w", libver=bound) as file:
        for name, options in {"fixed": {}, "growing": {"maxshape": (None,)}, "bounded": {"maxshape": (10**7,)}}.items():
            for packed in [{}, {"compression": "gzip", "compression_opts": 1}]:
                data = file.create_dataset(f"{name}{len(packed)}", (300_000,), "<i4", chunks=(2,), fillvalue=-3, **options, **packed)
                for start in starts:
                    data[start:start + 50] = random.integers(0, 10**9, 50)
        data = file.create_dataset("second", (40, 400), "<i4", chunks=(20, 1), maxshape=(50, None))
        data[:, 300:] = random.integers(0, 10**9, (40, 100))
    assert compare(path, ["second"]) == 1
    images = iolink.open(path)
    assert len(images) == 7
    with h5py.File(path) as file:
        for name in file:
            for start in starts if name != "second" else []:
                part = slice(max(0, start - 7), start + 60)
                assert numpy.array_equal(numpy.asarray(images["/" + name].array[part]), file[name][part]), (name, start)


def test_filter_masks(bound, tmp_path):
    """Chunks for which filters were left out."""
    path = tmp_path / "masks.h5"
    values = numpy.arange(64, dtype="<i4").reshape(8, 8)
    with h5py.File(path, "w", libver=bound) as file:
        for name, maximum in {"fixed": (8, 8), "growing": (None, 8), "free": (None, None)}.items():
            data = file.create_dataset(name, (8, 8), "<i4", chunks=(4, 4), maxshape=maximum, shuffle=True, compression="gzip")
            data[...] = values
            data.id.write_direct_chunk((0, 4), values[:4, 4:].tobytes(), filter_mask=3)
            shuffled = numpy.frombuffer(values[4:, :4].tobytes(), "u1").reshape(-1, 4).T.tobytes()
            data.id.write_direct_chunk((4, 0), shuffled, filter_mask=2)
    assert compare(path) == 3


@pytest.mark.parametrize("count", [3, 200])
def test_order_of_creation(bound, count, tmp_path):
    path = tmp_path / "order.h5"
    names = [f"data{(number * 7919) % 1000}" for number in range(count)]
    with h5py.File(path, "w", libver=bound, track_order=True) as file:
        group = file.create_group("group", track_order=True)
        for number, name in enumerate(names):
            group[name] = numpy.arange(number % 9 + 1)
    assert compare(path) == count
    assert [name.rpartition("/")[2] for name in iolink.open(path).names] == names


@pytest.mark.parametrize("tracked", [False, True])
def test_many_attributes(bound, tracked, tmp_path):
    path = tmp_path / "attributes.h5"
    attributes = {f"number {number}": number * 1.5 for number in range(150)} | {f"text {number}": "x" * number for number in range(150)}
    attributes["matrix"] = numpy.arange(12, dtype="<i2").reshape(3, 4)
    if bound != "earliest":
        attributes["large"] = numpy.arange(20_000)
    with h5py.File(path, "w", libver=bound) as file:
        data = file.create_dataset("data", data=numpy.arange(6).reshape(2, 3), track_order=tracked)
        for name, value in attributes.items():
            data.attrs[name] = value
        other = file.create_dataset("other", data=numpy.arange(5))
        data.attrs["region"] = other.regionref[1:3]
        data.attrs["object"] = other.ref
    image = iolink.open(path)["/data"]
    for name, value in attributes.items():
        assert numpy.array_equal(image.metadata[f"hdf5/attributes/{name}"], value), name
    assert compare(path) == 2


def test_references_are_not_images(bound, tmp_path):
    path = tmp_path / "references.h5"
    with h5py.File(path, "w", libver=bound) as file:
        data = file.create_dataset("data", data=numpy.arange(30).reshape(5, 6))
        regions = file.create_dataset("regions", (2,), h5py.regionref_dtype)
        regions[0] = data.regionref[1:3, ::2]
        objects = file.create_dataset("objects", (2,), h5py.ref_dtype)
        objects[0] = data.ref
    assert set(iolink.open(path).problems) == {"/regions", "/objects"}
    assert compare(path) == 1
    with pytest.raises(iolink.UnsupportedError, match="reference"):
        iolink.open(path)["/regions"]
