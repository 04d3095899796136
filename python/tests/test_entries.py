"""What a file lists: images, what describes them, and what cannot be opened."""

import numpy
import pytest

import iolink
from iolink import *


def test_what_cannot_be_opened_is_listed(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "some.h5", "w", track_order=True) as out:
        lists = out.create_dataset("data", (3,), h5py.vlen_dtype("f4"))
        lists[0] = [1, 2]
        out["theta"] = numpy.arange(10.0)
        out["lost"] = h5py.SoftLink("/nowhere")
    file = iolink.open(tmp_path / "some.h5")
    assert file.names == ["/data", "/theta", "/lost"] and file.main_index is None
    assert {name: type(error) for name, error in file.problems.items()} == {"/data": iolink.UnsupportedError, "/lost": iolink.NotFoundError}
    assert (numpy.asarray(file["theta"]) == numpy.arange(10.0)).all()
    for name, error in file.problems.items():
        with pytest.raises(type(error)) as raised:
            file[name]
        assert raised.value.reason == error.reason
    for call in [file.image, lambda: iolink.read(tmp_path / "some.h5"), lambda: iolink.convert(tmp_path / "some.h5", tmp_path / "x.npy")]:
        with pytest.raises(iolink.InvalidArgumentError, match="/theta.*/lost"):
            call()
    assert not (tmp_path / "x.npy").exists()


def test_coordinates_are_not_the_image(tmp_path):
    h5py = pytest.importorskip("h5py")
    values = numpy.arange(12.0).reshape(3, 4)
    with h5py.File(tmp_path / "field.nc", "w") as out:
        out["x"] = numpy.arange(4.0)
        out["x"].make_scale("x")
        out["field"] = values
        out["field"].dims[1].attach_scale(out["x"])
        out["title"] = "a text"
    assert (numpy.asarray(iolink.read(tmp_path / "field.nc")) == values).all()
    assert isinstance(open_view(tmp_path / "field.nc"), ImageView)
    file = iolink.open(tmp_path / "field.nc")
    assert list(file.problems) == ["/title"]
    assert file.roles == {"/field": "image", "/title": "text", "/x": "coordinates"}


def test_masks_have_a_role(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    with tifffile.TiffWriter(tmp_path / "a.tif") as out:
        out.write(numpy.arange(24, dtype="u1").reshape(3, 8))
        out.write(numpy.ones((3, 8), bool), subfiletype=4)
    file = iolink.open(tmp_path / "a.tif")
    assert file.roles == {"0": "image", "mask": "mask"} and file.main_index == 0
    assert isinstance(open_view(tmp_path / "a.tif"), ImageView)
    iolink.write(numpy.zeros((2, 3), "u1"), tmp_path / "one.npy", axes="YX")
    assert list(iolink.open(tmp_path / "one.npy").roles.values()) == ["image"]
