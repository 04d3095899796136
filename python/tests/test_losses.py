"""What writing a file or a pyramid says about the images and levels that are not written."""

import warnings

import h5py
import numpy
import pytest

import iolink

A = numpy.arange(12, dtype=numpy.uint8).reshape(3, 4)


@pytest.fixture
def two(tmp_path):
    """A file with a main image and a scale that describes it."""
    path = tmp_path / "two.h5"
    with h5py.File(path, "w") as out:
        out["data"] = A
        out["x"] = numpy.array([1.0, 2.0, 4.0, 8.0])
        out["x"].make_scale("x")
        out["data"].dims[1].attach_scale(out["x"])
    return path


def left_out(report):
    return [tuple(item[:2]) for item in report.lost if item.path in ("/images", "/levels")]


def test_images_that_nobody_chose_to_leave_out_are_lost(two, tmp_path):
    with iolink.open(two) as file:
        assert file.main_index == 0 and file.names == ["/data", "/x"]
        report = iolink.write(file, tmp_path / "a.npy")
        assert left_out(report) == [("/images", "/x")] and all(isinstance(item, iolink.Lost) for item in report.lost)
        assert left_out(iolink.write_view(file, tmp_path / "b.npy")) == [("/images", "/x")]
        with open(tmp_path / "c.npy", "wb") as target:
            assert left_out(iolink.write(file, target, "npy")) == [("/images", "/x")]
        assert left_out(iolink.write(file["/data"], tmp_path / "d.npy")) == []
    # Coordinates describe the image: they are lost, but nobody is warned of another image.
    with warnings.catch_warnings(action="error"):
        assert left_out(iolink.convert(two, tmp_path / "e.npy")) == [("/images", "/x")]
    assert left_out(iolink.convert(two, tmp_path / "f.npy", "/data")) == [] == left_out(iolink.convert(two, tmp_path / "g.npy", 0))


def test_coarser_levels_are_lost(tmp_path):
    levels = [iolink.NumpyInterop.from_numpy_array(array) for array in (A, A[::2, ::2])]
    pyramid = iolink.LodImageView(levels)
    assert [value for path, value in left_out(iolink.write(pyramid, tmp_path / "a.npy"))] == [" × ".join(map(str, levels[1].shape()))]
    assert left_out(iolink.write(iolink.LodImageView(levels[:1]), tmp_path / "b.npy")) == []


def test_uneven_coordinates_are_kept_or_lost(two, tmp_path):
    image = iolink.open(two)["/data"]
    assert image.properties.axes[0].spacing is None and list(image.metadata["/coordinates/column"]) == [1, 2, 4, 8]
    assert not [item for item in iolink.write(image, tmp_path / "a.h5").lost if "coordinates" in item.path]
    assert [item.path for item in iolink.write(image, tmp_path / "a.npy").lost if "coordinates" in item.path] == ["/coordinates/column"]
    with h5py.File(tmp_path / "a.h5") as file:
        assert list(file["image"].attrs["/coordinates/column"]) == [1, 2, 4, 8]
