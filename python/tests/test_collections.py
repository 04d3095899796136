"""Several images in one file: dictionaries that are written, and conversions of more than one image."""

import io

import h5py
import numpy
import pytest

import iolink
from iolink import InvalidArgumentError, UnsupportedError


@pytest.fixture
def arrays():
    """Arrays of several kinds, one of which has more bytes than a chunk of the writer."""
    random = numpy.random.default_rng(1)
    return {
        "raw": random.integers(0, 65536, (5, 300, 400), "uint16"), "group/mask": random.random((30, 40)) > 0.5,
        "empty": numpy.zeros((0, 3), "float32"), "points": random.random(7),
    }


@pytest.mark.parametrize("compression", ["none", "deflate"])
def test_numpy_reads_written_archives(compression, arrays, tmp_path):
    report = iolink.write(arrays, tmp_path / "a.npz", compression=compression)
    assert report.pixel_byte_count == sum(array.nbytes for array in arrays.values())
    with numpy.load(tmp_path / "a.npz") as found:
        assert found.files == list(arrays)
        for name, array in arrays.items():
            assert found[name].dtype == array.dtype and numpy.array_equal(found[name], array)


def test_h5py_reads_written_groups(arrays, tmp_path):
    iolink.write(arrays, tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        for name, array in arrays.items():
            assert numpy.array_equal(file[name][...], array), name


def test_archives_of_numpy_are_read_and_written_again(arrays, tmp_path):
    numpy.savez_compressed(tmp_path / "numpy.npz", **arrays)
    iolink.convert(tmp_path / "numpy.npz", tmp_path / "ours.h5", images="all")
    target = io.BytesIO()
    iolink.convert(tmp_path / "ours.h5", target, images="all", to_format="NPZ")
    with numpy.load(io.BytesIO(target.getvalue())) as found:
        assert set(found.files) == set(arrays)
        assert all(numpy.array_equal(found[name], array) for name, array in arrays.items())


def test_named_images_are_converted_in_their_order(arrays, tmp_path):
    iolink.write(arrays, tmp_path / "a.h5")
    iolink.convert(tmp_path / "a.h5", tmp_path / "two.npz", images=["/points", "raw"], crop={"X": (0, 2)})
    with numpy.load(tmp_path / "two.npz") as found:
        assert found.files == ["points", "raw"] and found["raw"].shape == (5, 300, 2)


def test_what_is_lost_names_its_image(arrays, tmp_path):
    report = iolink.write({"a": arrays["raw"], "b": arrays["points"]}, tmp_path / "a.npz", spacing={"X": 0.5}, unit="µm")
    assert {"a: /axes/column/spacing", "b: /axes/column/spacing"} <= {lost.path for lost in report.lost}
    with h5py.File(tmp_path / "text.h5", "w") as file:
        file["picture"] = arrays["raw"]
        file["text"] = "no image"
        file["dangling"] = h5py.SoftLink("/nowhere")
    report = iolink.convert(tmp_path / "text.h5", tmp_path / "b.npz", images="all")
    assert [lost.value for lost in report.lost if lost.path == "/images"] == ["/dangling", "/text"]


def test_collections_that_cannot_be_are_refused(arrays, tmp_path):
    target = tmp_path / "old.npz"
    target.write_bytes(b"old")
    for images, error, words in [
        ({}, InvalidArgumentError, "at least one"), ({"a": arrays["raw"], "/a": arrays["raw"]}, InvalidArgumentError, 'image "/a"'),
        ({"a": arrays["raw"], "x/../y": arrays["raw"]}, InvalidArgumentError, 'image "x/../y"'),
    ]:
        with pytest.raises(error, match=words):
            iolink.write(images, target)
    with pytest.raises(UnsupportedError, match="HDF5"):
        iolink.write({"a": arrays["raw"]}, tmp_path / "a.png")
    with pytest.raises(TypeError):
        iolink.write({1: arrays["raw"]}, target)
    iolink.write(arrays, tmp_path / "a.h5")
    for choice in [dict(images="some"), dict(images=["none"]), dict(images=["/raw"], image="/raw"), dict(images=3)]:
        with pytest.raises((InvalidArgumentError, iolink.NotFoundError, TypeError)):
            iolink.convert(tmp_path / "a.h5", target, **choice)
    assert target.read_bytes() == b"old" and not (tmp_path / "a.png").exists()
