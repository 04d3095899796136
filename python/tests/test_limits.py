"""What a file can make reading allocate: named limits, for one call and for a registry."""

import io
import pickle

import numpy
import pytest

import iolink

NAMES = "chunk, metadata, images, nesting, entries"


@pytest.fixture
def three(tmp_path):
    """Three images, each compressed whole."""
    path = tmp_path / "three.npz"
    numpy.savez_compressed(path, **{name: numpy.arange(5000.0) for name in "abc"})
    return path


def test_a_limit_that_is_exceeded_and_raised(three):
    for source in (three, three.read_bytes(), bytearray(three.read_bytes()), io.BytesIO(three.read_bytes())):
        with pytest.raises(iolink.LimitExceededError, match="exceed the limit of 2"):
            iolink.open(source, limits={"images": 2})
        assert len(iolink.open(source, limits={"images": 3})) == 3
    access = iolink.RandomAccessFactory.open_file(three)
    with pytest.raises(iolink.LimitExceededError):
        iolink.open(access, limits={"images": 2})
    assert len(iolink.open(access, limits={"images": "3"})) == 3


def test_every_verb_that_reads(three, tmp_path):
    few = {"images": 1}
    for call in [
        lambda limits: iolink.read(three, "b", limits=limits), lambda limits: iolink.open_view(three, limits=limits),
        lambda limits: iolink.convert(three, tmp_path / "b.npy", "b", limits=limits),
    ]:
        with pytest.raises(iolink.LimitExceededError):
            call(few)
        assert call({"images": 3, "chunk": "1M", "metadata": 1 << 20}) is not None
    assert (numpy.load(tmp_path / "b.npy") == numpy.arange(5000)).all()


def test_bytes_of_a_chunk(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("a", data=numpy.arange(4096), chunks=(2048,), compression="gzip")
    for limit in (16383, "15K", "15kib"):
        with pytest.raises(iolink.LimitExceededError, match="16384"):
            iolink.read(tmp_path / "a.h5", limits={"chunk": limit})
    for limit in (16384, "16K", "16KB", "1g", numpy.int64(1 << 20)):
        assert (numpy.asarray(iolink.read(tmp_path / "a.h5", limits={"chunk": limit})) == numpy.arange(4096)).all()


def test_the_limits_of_a_registry(three):
    registry = iolink.CodecRegistry()
    before = registry.limits
    assert ", ".join(before) == NAMES and before["chunk"] == 1 << 30
    registry.set_limits({"images": 2, "chunk": "4G"})
    assert registry.limits == {**before, "images": 2, "chunk": 4 << 30}
    with pytest.raises(iolink.LimitExceededError):
        iolink.open(three, registry=registry)
    assert len(iolink.open(three, registry=registry, limits={"images": 3})) == 3  # the call's own win
    for wrong in ({"images": 5, "colour": 1}, {"images": 5, "chunk": 0}):
        with pytest.raises(iolink.InvalidArgumentError):
            registry.set_limits(wrong)
    assert registry.limits["images"] == 2
    assert pickle.loads(pickle.dumps(registry)).limits == registry.limits and iolink.CodecRegistry().limits == before
    registry.set_limits({"images": 3})
    assert len(iolink.open(three, registry=registry)) == 3


def test_views_pickle_with_their_limits(three):
    view = iolink.open(three, limits={"images": 3})["b"]
    assert (numpy.asarray(pickle.loads(pickle.dumps(view))) == numpy.arange(5000)).all()
    registry = iolink.CodecRegistry()
    registry.set_limits({"images": 7})
    assert view.recipe[1].how.limits == (("images", "3"),)
    assert iolink.open(three.read_bytes(), registry=registry)[0].recipe[1].how.registry.limits["images"] == 7


@pytest.mark.parametrize("limits, says", [
    ({"colour": 1}, NAMES), ({"Chunk": 1}, NAMES), ({"chunk": 0}, "chunk"), ({"chunk": -1}, "chunk"), ({"chunk": "4X"}, "4X"),
    ({"chunk": "4Gx"}, "4Gx"), ({"chunk": ""}, "chunk"), ({"images": 0}, "positive"), ({"images": "4K"}, "positive"),
    ({"images": 2**70}, "images"), ({"chunk": 1.5}, "limit chunk is 1.5"), ({"chunk": None}, "None"), ({"chunk": True}, "True"),
    ({"images": []}, "positive"), ({3: 4}, "3"), ("chunk=4G", "dictionary"), ([("chunk", 4)], "dictionary"), (5, "dictionary"),
])
def test_what_is_no_limit(npy, limits, says):
    registry = iolink.CodecRegistry()
    for call in [
        lambda: iolink.open(npy, limits=limits), lambda: iolink.read(npy, limits=limits), lambda: iolink.open(b"", limits=limits),
        lambda: iolink.convert(npy, io.BytesIO(), to_format="npy", limits=limits), lambda: registry.set_limits(limits),
    ]:
        with pytest.raises(iolink.InvalidArgumentError) as caught:
            call()
        assert says in str(caught.value)
    with pytest.raises(TypeError):
        registry.set_limits(None)


def test_images_that_no_array_can_hold(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("a", (2**62, 0), "u2", chunks=(1, 1), maxshape=(None, None))
    image = iolink.open(tmp_path / "a.h5").image()
    for read in (numpy.asarray, lambda image: image.read_region(((0, 0), image.shape()))):
        with pytest.raises(iolink.LimitExceededError):
            read(image)
