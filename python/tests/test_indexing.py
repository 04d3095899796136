"""Slices, lists, masks and operators of lazy arrays, compared with NumPy."""

import io
import struct
import threading
import zlib

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iolink
from iolink import *


def slices(shape):
    return st.tuples(*(st.one_of(st.slices(n), st.integers(-n, n - 1)) for n in shape))


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_lazy_slices_are_numpys(tmp_path_factory, data):
    array = numpy.arange(5 * 6 * 7 * 3, dtype=">u2").reshape(5, 6, 7, 3)
    path = tmp_path_factory.getbasetemp() / "lazy.npy"
    if not path.exists():
        numpy.save(path, array)
    lazy = iolink.open(path).image().array
    assert lazy.shape == array.shape and lazy.dtype == "uint16"
    key = data.draw(slices(array.shape))
    once = lazy[key]
    expected = array[(*key, ...)]
    assert once.shape == expected.shape
    assert (numpy.asarray(once) == expected).all()
    if expected.ndim:
        again = data.draw(slices(expected.shape).filter(lambda k: True)) if all(expected.shape) else ()
        assert (numpy.asarray(once[again]) == expected[(*again, ...)]).all()


def test_lazy_views_are_lazy(npy):
    file = iolink.open(io.BytesIO(npy.read_bytes()))
    part = file.image().array[1:3, ..., ::2]
    assert not part[0]._with_recipe(None).image.support(ImageCapability.MEMORY_ACCESS)
    with pytest.raises(BufferError):
        memoryview(part)


def test_components_can_be_sliced(tmp_path):
    rgb = numpy.random.default_rng(1).integers(0, 255, (9, 8, 3), numpy.uint8)
    numpy.save(tmp_path / "rgb.npy", rgb)
    image = iolink.open(tmp_path / "rgb.npy").image()
    assert image.data_type == DataTypeId.VEC3_UINT8 and image.shape() == (8, 9)
    for key in [numpy.s_[..., 0], numpy.s_[2:5, :, 1:], numpy.s_[..., ::-1], numpy.s_[3], numpy.s_[:, 2, 2]]:
        assert (numpy.asarray(image.array[key]) == rgb[key]).all()
    assert image.array[..., ::-1].image.data_type == DataTypeId.VEC3_UINT8
    assert image.read((1, 2)) == tuple(rgb[2, 1])


def test_wrong_indices():
    lazy = ImageViewFactory.allocate((4, 3), DataTypeId.UINT8).array
    for key in [
        5, (0, 0, 0), (..., ...), "a", 1.5, [0, 9], [0, -9], [0.5], True, (None, 0, 0, 0), [[True]], numpy.zeros(3, bool),
        (numpy.zeros((4, 3), bool), 0),
    ]:
        with pytest.raises(IndexError):
            lazy[key]
        with pytest.raises(IndexError):
            lazy[key] = 0


SHAPE = (4, 5, 3)


@st.composite
def mixed_keys(draw, shape=SHAPE):
    """Index expressions with lists, masks and new axes among slices and integers."""
    key, dimension = [], 0
    broadcast = draw(st.integers(1, 3))
    while dimension < len(shape):
        length = shape[dimension]
        kind = draw(st.sampled_from(["slice", "integer", "list", "mask", "new"]))
        if kind == "new":
            if len(key) < 6:
                key.append(None)
            continue
        if kind == "mask":
            mask = numpy.zeros(length, bool)
            mask[draw(st.permutations(range(length)))[:broadcast]] = True
            key.append(mask)
        elif kind == "list":
            key.append(draw(st.lists(st.integers(-length, length - 1), min_size=broadcast, max_size=broadcast)))
        else:
            key.append(draw(st.slices(length)) if kind == "slice" else draw(st.integers(-length, length - 1)))
        dimension += 1
        if draw(st.integers(0, 5)) == 0:
            break
    if draw(st.booleans()):
        key.insert(draw(st.integers(0, len(key))) if dimension == len(shape) else len(key), ...)
    return tuple(key)


@settings(deadline=None, max_examples=300)
@given(mixed_keys())
def test_other_indices_read(key):
    array = numpy.arange(60, dtype=">u2").reshape(SHAPE)
    content = io.BytesIO()
    numpy.save(content, array)
    lazy = iolink.open(content.getvalue())[0].array
    expected = array[key]
    found = lazy[key]
    assert found.shape == expected.shape and (numpy.asarray(found) == expected).all()
    values = numpy.arange(expected.size).reshape(expected.shape) + 100
    for order in "=>":
        target = NumpyInterop.from_numpy_array(array.astype(order + "u2"), ImageTypeId.VOLUME).array
        changed = array.astype(int)
        lists = sum(isinstance(item, list) or hasattr(item, "ndim") for item in key)
        if order == ">" and lists > 1:
            with pytest.raises(NotImplementedError):
                target[key] = values
            continue
        changed[key] = values
        target[key] = values
        assert (numpy.asarray(target) == changed).all()
        target[key] = 7
        changed[key] = 7
        assert (numpy.asarray(target) == changed).all()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_points_of_chunked_files_are_read(tmp_path_factory, data):
    shape = (40, 30, 25, 3)
    array = numpy.arange(40 * 30 * 25 * 3, dtype="u4").reshape(shape)
    folder = tmp_path_factory.getbasetemp()
    if not (folder / "points.h5").exists():
        iolink.write(array, folder / "points.h5", axes="ZYXC", compression="deflate", chunk=(7, 8, 9, 3))
        iolink.write(array.astype("u1"), folder / "points.tif", compression="deflate", tile=16)
    key = data.draw(mixed_keys(shape))
    for name, values in [("points.h5", array), ("points.tif", array.astype("u1"))]:
        with iolink.open(folder / name) as file:
            found = file.array[key]
            assert found.dtype == values.dtype and found.shape == values[key].shape and (numpy.asarray(found) == values[key]).all()


class Counting(io.BytesIO):
    """A file that says how often each position was read."""

    def __init__(self, content):
        super().__init__(content)
        self.reads = []

    def readinto(self, buffer):
        self.reads.append(self.tell())
        return super().readinto(buffer)


def tiled_tiff(length, tile, values):
    """A deflated TIFF of tiles that are all 7, except those of ``values``, which maps their ordinals to numbers; and where each is."""
    across = -(-length // tile)
    parts = {None: zlib.compress(bytes([7]) * tile**2)} | {at: zlib.compress(bytes([value]) * tile**2) for at, value in values.items()}
    places, content = {}, bytearray(b"II*\0" + bytes(4))
    for at, part in parts.items():
        places[at] = len(content)
        content += part + bytes(len(part) % 2)
    offsets, counts = (numpy.empty(across**2, "<u4") for _ in range(2))
    for at, part in parts.items():
        where = slice(None) if at is None else at
        offsets[where], counts[where] = places[at], len(part)
    fields = [(256, length), (257, length), (258, 8), (259, 8), (262, 1), (277, 1), (322, tile), (323, tile)]
    fields += [(324, len(content)), (325, len(content) + offsets.nbytes)]
    content += offsets.tobytes() + counts.tobytes()
    content[4:8] = struct.pack("<I", len(content))
    content += struct.pack("<H", len(fields))
    for tag, value in fields:
        content += struct.pack("<HHII", tag, 4, across**2 if tag in (324, 325) else 1, value)
    return bytes(content + bytes(4)), places


def test_points_touch_only_their_chunks():
    content, places = tiled_tiff(60_000, 256, {0: 1, 234: 2, 235**2 - 1: 3})
    source = Counting(content)
    with iolink.open(source) as file:
        array = file.array
        assert array.shape == (60_000, 60_000)

        def tiles_read(key, expected):
            source.reads.clear()
            assert numpy.asarray(array[key]).tolist() == expected
            return sorted(source.reads)

        assert tiles_read(([0, -1], [0, -1]), [1, 3]) == sorted([places[0], places[235**2 - 1]])
        # Both are kept by now; the tile of the third corner is read once, however many points are in it.
        assert tiles_read(([0, 0, 1, 2, -1], [-1, -2, -3, 0, -1]), [2, 2, 2, 1, 3]) == [places[234]]
        assert array[numpy.ix_([0, -1, 30_000], [0, -1])].tolist() == [[1, 2], [7, 3], [7, 7]]
        with pytest.raises(IndexError):
            array[[0, 1], [0, 1, 2]]


def test_masks_and_lists():
    array = numpy.arange(60, dtype="u2").reshape(SHAPE)
    lazy = NumpyInterop.from_numpy_array(array, ImageTypeId.VOLUME).array
    for key in [array % 7 == 0, array > 99, ([0, 2], [[1], [2]]), (slice(None), array[0] % 2 == 1), [], (..., None), None]:
        assert (lazy[key] == array[key]).all() and lazy[key].shape == array[key].shape
    lazy[array % 2 == 0] = 1
    assert (array[..., 0][array[..., 0] != 1] % 2 == 1).all()
    with pytest.raises(ValueError):
        lazy[[0, 1]] = -1
    with pytest.raises(IndexError):
        lazy[numpy.array(1.0)]


def test_values_with_leading_ones():
    swapped = NumpyInterop.from_numpy_array(numpy.zeros((2, 3), ">u2"), ImageTypeId.IMAGE).array
    native = NumpyInterop.from_numpy_array(numpy.zeros((2, 3), "u2"), ImageTypeId.IMAGE).array
    for array in (swapped, native):
        array[0] = numpy.ones((1, 1, 3))
        array[[1]] = numpy.ones((1, 1, 1, 3))
        assert (array == 1).all()
        with pytest.raises(ValueError):
            array[0] = numpy.ones((2, 3))
    with pytest.raises(ValueError):
        native @= numpy.arange(3)


def test_lists_touch_what_they_name(tmp_path):
    iolink.create(tmp_path / "large.npy", (10**7, 1000), "u1")
    with iolink.open(tmp_path / "large.npy") as file:
        assert file.array[[0, -1, 0], :3].tolist() == [[0] * 3] * 3
    iolink.create(tmp_path / "a.h5", (64, 500), "u2", axes="YX")
    with iolink.open(tmp_path / "a.h5", mode="update") as file:
        array = ImageViewFactory.cast_data_type(file.image(), "uint32").array  # not in memory
        assert array[[0, 63]].shape == (2, 500)
    swapped = numpy.zeros((64, 50), ">u2")
    lazy = NumpyInterop.from_numpy_array(swapped, ImageTypeId.IMAGE).array

    def write(rows):
        for _ in range(30):
            lazy[rows] = rows[0] + 1 if isinstance(rows, list) else rows + 1

    threads = [threading.Thread(target=write, args=(rows,)) for rows in ([0, 63], *range(1, 63, 9))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((swapped[row] == row + 1).all() for row in range(1, 63, 9)) and (swapped[[0, 63]] == 1).all()


def test_changing_in_place_writes(tmp_path):
    numpy.save(tmp_path / "a.npy", numpy.zeros((3, 4), "u2"))
    with iolink.open(tmp_path / "a.npy", mode="update") as file:
        file.array += 1
        file.array[0] = 5
        array = file.array
        array *= 2
        array[1] -= 1
        with pytest.raises(AttributeError):
            file.array = 5
        with pytest.raises(AttributeError):
            file.image().array = numpy.zeros((3, 4))
        with pytest.raises(ValueError):
            file.array += 0.5
    assert numpy.load(tmp_path / "a.npy").tolist() == [[10] * 4, [1] * 4, [2] * 4]
    with pytest.raises(NotImplementedError):
        iolink.open(tmp_path / "a.npy").array.__iadd__(1)
    with pytest.raises(ValueError):
        iolink.open(tmp_path / "a.npy").array.ravel()[0] = 1


def test_operators_and_methods_read():
    array = numpy.arange(1, 61, dtype="u2").reshape(SHAPE)
    lazy = iolink.open(npy_of(array))[0].array
    assert lazy[0, 0, 0] == 1 and not lazy[0, 0, 0] != 1 and lazy[0, 0, 1] > 1 and lazy[0, 0, 0] + 1 == 2
    assert (lazy == array).all() and (lazy + lazy == 2 * array).all() and (3 - lazy == 3 - array).all() and (array * lazy == array**2).all()
    assert (-lazy == -array).all() and (lazy // 2 == array // 2).all() and lazy[3:5].mean() == array[3:5].mean()
    assert lazy.max() == 60 and lazy.astype("f4").dtype == "float32" and (lazy.ravel() == array.ravel()).all()
    assert max(lazy[0, 0]) == 3 and sum(lazy[0, 0]) == 6 and lazy[1, 1].tolist() == array[1, 1].tolist()
    assert len({lazy, lazy[0]}) == 2
    target = NumpyInterop.from_numpy_array(array, ImageTypeId.VOLUME).array
    target[0] += 1
    assert array[0, 0, 0] == 2


def npy_of(array):
    content = io.BytesIO()
    numpy.save(content, array)
    return content.getvalue()
