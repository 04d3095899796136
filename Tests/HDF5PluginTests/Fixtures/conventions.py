"""Makes conventions.h5 beside it by h5py 3: one dataset for each way of other programs to describe axes and numbers."""
import json

import h5py
import numpy as np


def text(value):
    return np.bytes_(value)


with h5py.File("conventions.h5", "w", libver="earliest") as file:
    def add(name, shape=(2, 3), dtype="u1", **attributes):
        count = int(np.prod(shape))
        data = file.create_dataset(name, data=np.arange(count).reshape(shape).astype(dtype), track_times=False)
        for key, value in attributes.items():
            data.attrs[key] = value
        return data

    def labels(*names):
        return np.array([text(name) for name in names])

    add("lat_lon", (2, 3), DIMENSION_LABELS=labels("Latitude", "LON"))
    add("columns_rows", (2, 3), DIMENSION_LABELS=labels("columns", "rows"))
    add("words", (2, 3, 4, 5), DIMENSION_LABELS=labels("frames", "channels", "slices", "width"))
    add("twice", (2, 3), DIMENSION_LABELS=labels("x", "X"))
    add("partly", (2, 3, 4), DIMENSION_LABELS=labels("", "t", "x"))
    add("component_first", (3, 4), DIMENSION_LABELS=labels("component", "x"))
    add("component_one", (4, 1), DIMENSION_LABELS=labels("x", "component"))
    add("component_two", (4, 2), DIMENSION_LABELS=labels("x", "component"))
    add("calibrated", (2, 3), DIMENSION_LABELS=labels("y", "x"), spacing=[0.5, 0.0], origin=[np.nan, 7.0], unit=labels("micron", "pixel"))
    add("spacing_short", (2, 3), DIMENSION_LABELS=labels("y", "x"), spacing=[0.5])
    add("unlabelled_spacing", (2, 3), spacing=[0.5, 0.25], interpretation=text("label"), significant_bits=5)
    add("meaning", (2, 3), DIMENSION_LABELS=labels("y", "x"), interpretation=text("label"), significant_bits=5, alpha=text("straight"))
    add("sizes_two", (2, 3, 4), element_size_um=[0.5, 0.25])
    add("sizes_wrong", (2, 3), element_size_um=[0.5, -0.25])
    add("sizes_four", (2, 3), element_size_um=[1.0, 2.0, 3.0, 4.0])
    add("sizes_second", (2, 3), DIMENSION_LABELS=labels("y", "x"), spacing=[np.nan, 3.0], unit=labels("", "nm"), element_size_um=[0.5, 0.25])
    tags = {"axes": [{"key": "y", "resolution": 0.5}, {"key": "c", "resolution": 0}]}
    add("tags", (2, 3), axistags=text(json.dumps(tags)))
    add("tags_other_rank", (2, 3, 4), axistags=text(json.dumps(tags)))
    add("gray", CLASS=text("IMAGE"), IMAGE_SUBCLASS=text("IMAGE_GRAYSCALE"))
    add("white", CLASS=text("IMAGE"), IMAGE_SUBCLASS=text("IMAGE_GRAYSCALE"), IMAGE_WHITE_IS_ZERO=1)
    add("black", CLASS=text("IMAGE"), IMAGE_SUBCLASS=text("IMAGE_GRAYSCALE"), IMAGE_WHITE_IS_ZERO=0)
    add("bitmap", CLASS=text("IMAGE"), IMAGE_SUBCLASS=text("IMAGE_BITMAP"))
    add("table", CLASS=text("TABLE"), IMAGE_SUBCLASS=text("IMAGE_TRUECOLOR"))
    palette = add("palette", (2, 3), CLASS=text("PALETTE"))
    indexed = add("indexed", CLASS=text("IMAGE"), IMAGE_SUBCLASS=text("IMAGE_INDEXED"))
    indexed.attrs.create("PALETTE", palette.ref, dtype=h5py.ref_dtype)
    add("line", (2, 3, 4), CLASS=text("IMAGE"), IMAGE_SUBCLASS=text("IMAGE_TRUECOLOR"), INTERLACE_MODE=text("INTERLACE_LINE"))
    add("plane_of_four", (4, 3, 2), CLASS=text("IMAGE"), IMAGE_SUBCLASS=text("IMAGE_TRUECOLOR"), INTERLACE_MODE=text("INTERLACE_PLANE"))
    add("pixel", (2, 4, 3), CLASS=text("IMAGE"), IMAGE_SUBCLASS=text("IMAGE_TRUECOLOR"))

    # Coordinates: even, uneven, of another length, of length one, beginning at 0, and a sentence from netCDF-4.
    def scale(name, values, attributes={}):
        data = file.create_dataset(name, data=np.array(values), track_times=False)
        for key, value in attributes.items():
            data.attrs[key] = value
        return data

    even = scale("even", [10.0, 12.5, 15.0], {"units": text("mm"), "NAME": text("x")})
    uneven = scale("uneven", [1.0, 2.0, 4.0], {"unit": text("um"), "NAME": text("y")})
    zero = scale("zero", np.array([0, 3, 6], "i2"), {"NAME": text("x")})
    other = scale("other", [1.0, 2.0, 3.0, 4.0], {"NAME": text("y")})
    sentence = scale("time", [5.0, 6.0, 7.0], {"NAME": text("This is a netCDF dimension but not a netCDF variable.         2")})
    variable = scale("lat", [5.0, 7.0, 9.0], {"NAME": text("lat"), "units": text("degrees_north")})
    for name, scales in [
        ("scaled", [uneven, even]), ("scaled_zero", [other, zero]), ("scaled_netcdf", [sentence, even]), ("scaled_lat", [variable, None]),
    ]:
        data = add(name, (3, 3))
        lists = np.empty(2, object)
        for index, one in enumerate(scales):
            lists[index] = np.array([one.ref] if one is not None else [], dtype=h5py.ref_dtype)
        data.attrs.create("DIMENSION_LIST", lists, dtype=h5py.vlen_dtype(h5py.ref_dtype))

    # NeXus: the old way, which belongs to the dataset, and the new one, which belongs to its group.
    old = file.create_group("old")
    old.create_dataset("y", data=[1.0, 3.0], track_times=False).attrs["units"] = text("nm")
    data = old.create_dataset("data", data=np.zeros((2, 3), "u1"), track_times=False)
    data.attrs["signal"], data.attrs["axes"] = 1, text("y:angle")
    new = file.create_group("new")
    new.attrs["signal"], new.attrs["axes"] = text("data"), labels(".", "x")
    new.create_dataset("x", data=[1.0, 3.0, 5.0], track_times=False)
    new.create_dataset("data", data=np.zeros((2, 3), "u1"), track_times=False)
    new.create_dataset("more", data=np.zeros((2, 3), "u1"), track_times=False)

    # Values.
    booleans = h5py.enum_dtype({"FALSE": 0, "TRUE": 1}, basetype="i1")
    file.create_dataset("boolean", data=np.array([1, 0, 1], "i1"), dtype=booleans, track_times=False)
    file.create_dataset("colours", data=np.array([5, 2], "i1"), dtype=h5py.enum_dtype({"RED": 2, "BLUE": 5}, basetype="i1"), track_times=False)
    file.create_dataset("swapped", data=np.array([1, 0], "i1"), dtype=h5py.enum_dtype({"TRUE": 0, "FALSE": 1}, basetype="i1"), track_times=False)
    file.create_dataset("wide_boolean", data=np.array([1, 0], "i2"), dtype=h5py.enum_dtype({"FALSE": 0, "TRUE": 1}, basetype="i2"), track_times=False)
    for name, dtype in [("complex", [("r", "<f4"), ("i", "<f4")]), ("other_names", [("re", "<f4"), ("im", "<f4")]), ("mixed", [("r", "<f4"), ("i", "<f8")]),
                        ("halves", [("r", "<f2"), ("i", "<f2")]), ("integers", [("r", "<i4"), ("i", "<i4")])]:
        kind = h5py.h5t.create(h5py.h5t.COMPOUND, np.dtype(dtype).itemsize)
        for member in np.dtype(dtype).names:
            kind.insert(member.encode(), np.dtype(dtype).fields[member][1], h5py.h5t.py_create(np.dtype(dtype).fields[member][0]))
        h5py.h5d.create(file.id, name.encode(), kind, h5py.h5s.create_simple((2,)))
    for name, place, size in [(b"padded", 8, 16), (b"padded_end", 4, 12)]:
        padded = h5py.h5t.create(h5py.h5t.COMPOUND, size)
        padded.insert(b"r", 0, h5py.h5t.IEEE_F32LE)
        padded.insert(b"i", place, h5py.h5t.IEEE_F32LE)
        h5py.h5d.create(file.id, name, padded, h5py.h5s.create_simple((2,)))
    file.create_dataset("filled", (5, 3), ">i2", chunks=(2, 2), fillvalue=-300, track_times=False)[0, 0] = 7
    file.create_dataset("filled_never", (3,), ">i2", fillvalue=-300, track_times=False)
