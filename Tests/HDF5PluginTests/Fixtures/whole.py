"""Makes whole.h5 beside it by h5py 3: what a file can hold besides datasets of numbers, and scales attached to datasets."""
import h5py
import numpy as np

with h5py.File("whole.h5", "w", libver="earliest") as file:
    file.attrs["creator"] = "somebody"
    group = file.create_group("entry")
    group.attrs["NX_class"] = "NXentry"
    group.attrs["numbers"] = np.arange(3, dtype="i2")
    file.create_group("entry/empty")
    file.create_group("entry/marked").attrs["note"] = "an empty group with an attribute"
    data = file.create_dataset("entry/data", data=np.arange(24, dtype="u2").reshape(2, 3, 4), track_times=False)
    y = file.create_dataset("entry/lat", data=np.array([10, 10.5, 11.0001], "f4"), track_times=False)
    y.attrs["units"] = "mm"
    y.attrs["long_name"] = "distance from the door"
    x = file.create_dataset("entry/x", data=np.array([1, 2, 4, 8], "f8"), track_times=False)
    names = file.create_dataset("entry/names", data=["GFP", "RFP"], dtype=h5py.string_dtype(), track_times=False)
    names.attrs["origin"] = "a list"
    for number, (scale, title) in enumerate([(names, "c"), (y, "lat"), (x, "x")]):
        scale.make_scale(title)
        data.dims[number].attach_scale(scale)
    second = file.create_dataset("entry/second", data=np.zeros((3, 4), "u1"), track_times=False)
    second.dims[0].attach_scale(y)
    second.dims[1].attach_scale(x)
    file["again"] = data
    file["entry/empty_again"] = file["entry/empty"]
    file["soft"] = h5py.SoftLink("/entry/second")
    file["entry/relative"] = h5py.SoftLink("second")
    file["title"] = "two lines"
    file["table"] = np.zeros(2, [("a", "i4"), ("b", "f4")])
    file["grid"] = np.array([[b"a", b"b"], [b"c", b"d"]])
    file["kind"] = np.dtype("i4")
