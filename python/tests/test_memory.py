"""Zero copy: memory is shared for every layout, and lives as long as anyone uses it."""

import gc
import itertools
import os
import weakref

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iolink
from iolink import *

TYPES = [
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64",
    "complex64", "complex128",
]
NAMES = ["COLUMN", "ROW", "SLICE", "CHANNEL", "SEQUENCE"]


@st.composite
def arrays(draw, rank=st.integers(0, 5)):
    """Arrays of any type, order, sign and size of strides."""
    shape = draw(st.lists(st.integers(0, 5), min_size=(n := draw(rank)), max_size=n))
    base = numpy.arange(int(numpy.prod(shape)) * 2, dtype="u4")[: int(numpy.prod(shape))]
    array = base.astype(draw(st.sampled_from(TYPES))).reshape(shape, order=draw(st.sampled_from("CF")))
    array = array.transpose(draw(st.permutations(range(n))))
    return array[tuple(slice(None, None, draw(st.sampled_from([1, -1, 2, -2]))) for _ in range(n)) + (...,)]


def same_memory(a, b):
    """Whether two arrays are the same numbers at the same places."""
    return (
        a.dtype == b.dtype and a.shape == b.shape
        and (a.size == 0 or a.ctypes.data == b.ctypes.data)
        and all(x == y for x, y, n in zip(a.strides, b.strides, a.shape) if n > 1 and a.size)
    )


@given(arrays())
def test_without_a_type(array):
    view = NumpyInterop.from_numpy_array(array)
    assert view.shape() == array.shape
    assert same_memory(NumpyInterop.to_numpy_array(view), array)
    assert same_memory(numpy.asarray(view), array)
    if array.size:
        assert numpy.shares_memory(numpy.asarray(view), array)


@given(st.data())
def test_every_order_of_axes(data):
    array = data.draw(arrays(st.integers(1, 5)))
    names = data.draw(st.permutations(NAMES))[: array.ndim]
    axes = [ImageDimension[name] for name in names]
    view = NumpyInterop.order_from_numpy_array(array, axes)
    lengths = dict(zip(names, array.shape))
    assert view.shape() == tuple(lengths[name] for name in NAMES if name in lengths)
    assert same_memory(NumpyInterop.order_to_numpy_array(view, axes), array)
    numpy_order = [name for name in ["SEQUENCE", "SLICE", "ROW", "COLUMN", "CHANNEL"] if name in names]
    assert same_memory(NumpyInterop.to_numpy_array(view), array.transpose([names.index(name) for name in numpy_order]))
    other = data.draw(st.permutations(names))
    exported = NumpyInterop.order_to_numpy_array(view, [ImageDimension[name] for name in other])
    assert same_memory(exported, array.transpose([names.index(name) for name in other]))


@given(st.data())
def test_components(data):
    array = data.draw(arrays(st.integers(2, 5)))
    names = data.draw(st.permutations(NAMES))[: array.ndim - 1]
    place = data.draw(st.integers(0, array.ndim - 1))
    axes = [ImageDimension[name] for name in names]
    axes.insert(place, COMPONENT)
    if array.shape[place] == 0:
        with pytest.raises(ValueError):
            NumpyInterop.order_from_numpy_array(array, axes)
        return
    view = NumpyInterop.order_from_numpy_array(array, axes)
    assert view.data_type.element_count == array.shape[place]
    if array.shape[place] > 1:
        assert same_memory(NumpyInterop.order_to_numpy_array(view, axes), array)
        last = NumpyInterop.order_to_numpy_array(view, [*axes[:place], *axes[place + 1 :], COMPONENT])
        assert same_memory(last, numpy.moveaxis(array, place, -1))


@given(st.data())
def test_slices_share_memory(data):
    array = data.draw(arrays(st.integers(1, 4)))
    view = NumpyInterop.from_numpy_array(array)
    key = []
    for length in array.shape:
        if length and data.draw(st.booleans()):
            key.append(data.draw(st.integers(-length, length - 1)))
        else:
            key.append(data.draw(st.slices(length)))
    if data.draw(st.booleans()):
        key = key[: data.draw(st.integers(0, len(key)))] + [...]
    expected = array[tuple(key) if ... in key else (*key, ...)]
    assert same_memory(numpy.asarray(view.array[tuple(key)]), expected)


@given(arrays())
def test_buffer_and_dlpack(array):
    view = NumpyInterop.from_numpy_array(array)
    buffer = memoryview(view)
    assert buffer.shape == array.shape and buffer.readonly == (not array.flags.writeable)
    if array.dtype.name not in ("float16", "complex64", "complex128"):  # memoryview cannot show these
        assert buffer.tolist() == array.tolist()
    assert same_memory(numpy.from_dlpack(view), array)


def test_broadcast_and_read_only():
    array = numpy.broadcast_to(numpy.arange(3, dtype="u2"), (4, 3))
    view = NumpyInterop.from_numpy_array(array)
    assert not view.support(ImageCapability.WRITE) and view.support(ImageCapability.MEMORY_ACCESS)
    exported = numpy.asarray(view)
    assert not exported.flags.writeable and exported.strides == (0, 2)
    with pytest.raises(NotImplementedError, match="read-only"):
        view.write((0, 0), 1)
    with pytest.raises((BufferError, ValueError)):
        view.__dlpack__()
    assert not numpy.from_dlpack(view).flags.writeable


def test_changes_go_both_ways():
    array = numpy.zeros((3, 4, 5), "f4")[::-1, ::2].transpose(2, 0, 1)
    view = NumpyInterop.from_numpy_array(array, ImageTypeId.VOLUME)
    exported = numpy.asarray(view)
    array[1, 2, 0] = 5
    assert exported[1, 2, 0] == 5 and view.read((0, 2, 1)) == 5
    exported[0, 0, 0] = 7
    assert array[0, 0, 0] == 7


def test_typed_import_takes_components():
    rgb = numpy.zeros((5, 7, 3), numpy.uint8)
    view = NumpyInterop.from_numpy_array(rgb, ImageTypeId.IMAGE)
    assert view.data_type == DataTypeId.VEC3_UINT8 and view.shape() == (7, 5)
    for shape in [(5, 7, 5), (5,), (5, 7, 3, 3), (5, 7, 1)]:
        with pytest.raises(ValueError):
            NumpyInterop.from_numpy_array(numpy.zeros(shape), ImageTypeId.IMAGE)


def test_channels_and_components():
    array = numpy.zeros((5, 7, 6, 3), "u2")
    view = NumpyInterop.order_from_numpy_array(array, [ROW, COLUMN, CHANNEL, COMPONENT])
    assert NumpyInterop.to_numpy_array(view).shape == (5, 7, 6, 3)
    assert NumpyInterop.order_to_numpy_array(view, [CHANNEL, COMPONENT, ROW, COLUMN]).shape == (6, 3, 5, 7)
    with pytest.raises(ValueError):
        NumpyInterop.order_to_numpy_array(view, [CHANNEL, ROW, COLUMN])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_memory_outlives_every_order_of_deletion(npy, volume, order):
    file = iolink.open(npy)
    view = file[0]
    array = numpy.asarray(view)
    things = {0: file, 1: view, 2: array[2:5]}
    del file, view, array
    for index in order:
        if index == 0:
            things[0].close()
        thing = things.pop(index)
        if index == 2:
            assert (thing == volume[2:5]).all()
        del thing
        gc.collect()
        if 2 in things:
            assert (things[2] == volume[2:5]).all()


def test_the_array_is_given_back():
    array = numpy.zeros(1000)
    gone = weakref.ref(array)
    view = NumpyInterop.from_numpy_array(array)
    exported = numpy.asarray(view.array[10:20])
    del array, view
    gc.collect()
    assert gone() is not None
    del exported
    gc.collect()
    assert gone() is None


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_a_million_cycles_leak_nothing():
    array = numpy.zeros((3, 4), "u2")

    def cycles(count):
        for _ in range(count):
            numpy.asarray(NumpyInterop.from_numpy_array(array))

    cycles(50_000)
    gc.collect()
    before = resident()
    cycles(1_000_000)
    gc.collect()
    assert resident() - before <= 1 << 20


def test_reshape_needs_memory_of_its_own():
    view = ImageViewFactory.allocate((4, 3), DataTypeId.UINT8)
    array = numpy.asarray(view)
    with pytest.raises(BufferError):
        view.reshape((5, 5), DataTypeId.FLOAT)
    del array
    view.reshape((5, 5), DataTypeId.FLOAT)
    assert view.shape() == (5, 5) and numpy.asarray(view).dtype == numpy.float32
    with pytest.raises(NotImplementedError):
        NumpyInterop.from_numpy_array(numpy.zeros(3)).reshape((4,))


def test_array_protocol():
    a = numpy.arange(6, dtype="u2").reshape(2, 3)
    view = NumpyInterop.from_numpy_array(a)
    assert not numpy.shares_memory(numpy.array(view, copy=True), a)
    assert numpy.asarray(view, dtype="f8").dtype == numpy.float64
    lazy = ImageViewFactory.cast_data_type(view, DataTypeId.FLOAT)
    assert (numpy.asarray(lazy) == a).all() and numpy.asarray(lazy).dtype == numpy.float32
    if numpy.lib.NumpyVersion(numpy.__version__) >= "2.0.0":
        with pytest.raises(ValueError):
            numpy.asarray(lazy, copy=False)
        assert numpy.shares_memory(numpy.asarray(view, copy=False), a)


settings.register_profile("iolink", deadline=None, max_examples=150)
settings.load_profile("iolink")


def test_unknown_axes_keep_their_order():
    array = numpy.arange(24, dtype=numpy.uint8).reshape(2, 3, 4)
    named = NumpyInterop.from_numpy_array(array, ImageTypeId.VOLUME)
    unnamed = ImageViewFactory.reinterpret(named, ImageTypeId.UNKNOWN)
    properties = named.properties
    properties.image_info.set_axes_interpretation(ImageTypeId.UNKNOWN)
    for view in (unnamed, named.with_properties(properties)):
        assert view.shape() == (4, 3, 2) and view.read((3, 0, 1)) == named.read((3, 0, 1)) == array[1, 0, 3]
        assert NumpyInterop.to_numpy_array(view).shape == (4, 3, 2)
        with pytest.raises(ValueError):
            NumpyInterop.order_to_numpy_array(view, [SLICE, ROW, COLUMN])
    again = ImageViewFactory.reinterpret(unnamed, ImageTypeId.VOLUME)
    assert again.axes_interpretation is ImageTypeId.VOLUME and (NumpyInterop.to_numpy_array(again) == array).all()
    assert numpy.shares_memory(NumpyInterop.to_numpy_array(again), array)


def test_new_axes_stand_behind_unknown_ones():
    array = numpy.arange(6, dtype=numpy.uint8).reshape(2, 3)
    view = NumpyInterop.from_numpy_array(array)
    stacked = ImageViewFactory.stack([view, ImageViewFactory.flip_dimension_index(view, 0), view])
    assert stacked.shape() == (2, 3, 3) and [axis.name for axis in stacked.axes] == ["", "", "sequence"]
    assert (numpy.asarray(stacked) == numpy.stack([array, array[::-1], array], -1)).all()
    part = ImageViewFactory.extract_region(stacked, RegionXu64((1, 0, 1), (1, 2, 2)))
    assert part.shape() == (1, 2, 2) and part.axes[2].name == "sequence"
    rgb = NumpyInterop.from_numpy_array(numpy.zeros((6, 5, 3), numpy.uint8), ImageTypeId.IMAGE)
    rgb = ImageViewFactory.reinterpret(rgb, ImageTypeId.UNKNOWN)
    channels = ImageViewFactory.disassemble_channels(rgb)
    assert channels.shape() == (5, 6, 3) and ImageViewFactory.assemble_channels(channels).data_type == DataTypeId.VEC3_UINT8


def test_calibration_of_properties():
    properties = ImageProperties.from_data_type(DataTypeId.UINT8)
    properties.spatial_spacing = (0.1, 0.2, 0.3)
    properties.spatial_origin = (1, 2, 3)
    properties.spatial_unit = "µm"
    properties.image_info.set_axes_interpretation(ImageTypeId.IMAGE)
    view = ImageViewFactory.allocate((4, 3), DataTypeId.UINT8, properties)
    assert [axis[2:] for axis in view.axes] == [(0.1, 1.0, "µm"), (0.2, 2.0, "µm")]
    assert view.spatial_directions == SpatialDirections() and view.bit_depth == 8 and not view.has_alpha
    later = view.properties
    later.spatial_spacing = view.spatial_spacing * 2
    later.spatial_directions = SpatialDirections((0, 1, 0), (-1, 0, 0))
    later = view.with_properties(later)
    assert later.spatial_spacing == (0.2, 0.4, 1.0) and later.spatial_origin == view.spatial_origin
    assert later.spatial_directions.slice_direction == (0, 0, 1)
    assert "0.0, 1.0, 0.0" in later.spatial_directions.to_string()
