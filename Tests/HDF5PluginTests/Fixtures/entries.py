"""Makes entries_*.h5 beside it: files of several datasets, of which one or none is the main image, and entries that cannot be opened."""
import struct
from pathlib import Path

import h5py
import numpy as np

FOLDER = Path(__file__).parent
DATA = np.arange(12, dtype="<u2").reshape(3, 4)


def file(name):
    return h5py.File(FOLDER / f"entries_{name}.h5", "w", track_order=True)


def plain(name, values, f):
    """A dataset without the time at which it was made."""
    return f.create_dataset(name, data=values, track_times=False)


with file("links") as f:
    f["data"] = h5py.SoftLink("/nowhere")
    f["elsewhere"] = h5py.ExternalLink("gone.h5", "/d")
    plain("theta", np.arange(10.0), f)
    f["alias"] = h5py.SoftLink("/theta")
    f["circle"] = h5py.SoftLink("/circle")

with file("lists") as f:
    lists = f.create_dataset("data", (3,), h5py.vlen_dtype("<f4"), track_times=False)
    lists[0] = [1, 2]
    plain("theta", np.arange(10.0), f)

with file("table") as f:
    plain("data", DATA, f)
    plain("rows", np.zeros(5, [("time", "<f8"), ("name", "S4")]), f)

with file("damaged") as f:
    plain("data", np.array(DATA), f)
    plain("theta", np.arange(10.0), f)
path = FOLDER / "entries_damaged.h5"
content = bytearray(path.read_bytes())
content[content.index(struct.pack("<BB", 3, 1))] = 9  # the version of the layout of `data`
path.write_bytes(content)

with file("netcdf") as f:
    field = plain("field", DATA, f)
    field.attrs["coordinates"] = "lat lon"
    field.attrs["grid_mapping"] = "crs"
    for dimension, name in enumerate(["y", "x"]):
        scale = plain(name, np.arange(DATA.shape[dimension], dtype="<f8"), f)
        scale.make_scale(name)
        scale.attrs["bounds"] = f"{name}_bounds"
        field.dims[dimension].attach_scale(scale)
        plain(f"{name}_bounds", np.zeros((DATA.shape[dimension], 2)), f)
    plain("lat", np.zeros(DATA.shape), f)
    plain("lon", np.zeros(DATA.shape), f)
    plain("crs", np.int32(0), f)
    plain("title", "a text", f)
    plain("empty", np.zeros((0, 4)), f)

with file("nexus") as f:
    f.attrs["default"] = "second"
    for entry in ["first", "second"]:
        group = f.create_group(entry, track_order=True)
        group.attrs["NX_class"] = "NXentry"
        group.attrs["default"] = "plot"
        data = group.create_group("plot", track_order=True)
        data.attrs["NX_class"] = "NXdata"
        data.attrs["signal"] = "counts"
        data.attrs["axes"] = ["y", "x"]
        plain("counts", DATA, data)
        plain("errors", DATA.astype("<f4"), data)
        plain("y", np.arange(3.0), data)
        plain("x", np.arange(4.0), data)

with file("nexus_old") as f:
    entry = f.create_group("entry")
    entry.attrs["NX_class"] = "NXentry"
    data = entry.create_group("data", track_order=True)
    data.attrs["NX_class"] = "NXdata"
    plain("monitor", DATA, data)
    plain("counts", DATA, data).attrs["signal"] = 1

with file("detector") as f:
    detector = f.create_group("entry/detector", track_order=True)
    detector.attrs["NX_class"] = "NXdetector"
    plain("pixel_mask", np.zeros((3, 4), "<u4"), detector)
    plain("data", DATA, detector)
    plain("pixel_mask", DATA, f["entry"])

with file("matlab") as f:
    plain("volume", DATA, f).attrs["MATLAB_class"] = np.bytes_("uint16")
    plain("label", np.frombuffer("cell".encode("utf-16-le"), "<u2").reshape(4, 1), f).attrs["MATLAB_class"] = np.bytes_("char")
    nothing = plain("nothing", np.array([0, 0], "<u8"), f)
    nothing.attrs["MATLAB_class"] = np.bytes_("double")
    nothing.attrs["MATLAB_empty"] = np.uint8(1)
    plain("a", DATA, f.create_group("#refs#"))

with file("two") as f:
    plain("one", DATA, f)
    plain("two", DATA, f)

with file("texts") as f:
    plain("title", "a text", f)
