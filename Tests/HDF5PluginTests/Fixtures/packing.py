"""Makes packing.nc and packing.txt beside it by netCDF4 1.7: packed variables, and their values as netCDF4 and xarray scale them.

packing.txt has a line for each variable: its name, the type of the values, and the values in hexadecimal, slowest dimension first.
"""
import netCDF4
import numpy as np
import xarray

random = np.random.default_rng(3)
f4, f8 = np.float32, np.float64
# name: stored type, fill value, further attributes, storage
VARIABLES = {
    "int16_single": ("<i2", -32768, {"scale_factor": f4(0.01), "add_offset": f4(273.15)}, {"zlib": True, "chunksizes": (3, 4)}),
    "int16_double": ("<i2", -32768, {"scale_factor": f8(0.01), "add_offset": f8(-5)}, {"contiguous": True}),
    "int16_factor": (">i2", None, {"scale_factor": f4(0.1)}, {"contiguous": True}),
    "int16_mixed": ("<i2", None, {"scale_factor": f4(0.1), "add_offset": f8(1.1)}, {"zlib": True}),
    "uint8_offset": ("u1", 255, {"add_offset": f4(-7.5)}, {"zlib": True, "shuffle": False}),
    "int8_unsigned": ("i1", -1, {"scale_factor": f4(0.5), "_Unsigned": "true"}, {"contiguous": True}),
    "int32_single": ("<i4", -9999, {"scale_factor": f4(0.001), "add_offset": f4(3)}, {"zlib": True}),
    "int64_fill": ("<i8", -(2**63) + 7, {"scale_factor": f8(1)}, {"zlib": True}),
    "uint16_missing": ("<u2", 65535, {"missing_value": np.array([1, 2], "<u2"), "scale_factor": f4(2)}, {"contiguous": True}),
    "float32_missing": ("<f4", f4(9.9e36), {"missing_value": f4(-1e30)}, {"zlib": True}),
    "float32_scaled": ("<f4", None, {"scale_factor": f4(0.3)}, {"contiguous": True}),
    "int16_only_fill": ("<i2", -1, {}, {"zlib": True}),
    "never_written": ("<i2", 77, {"scale_factor": f4(0.5)}, {"contiguous": True}),
    "never_written_chunks": ("<i2", 77, {"scale_factor": f4(0.5)}, {"chunksizes": (2, 2)}),
    "unpacked": ("<i2", None, {"units": "m"}, {"contiguous": True}),
}
SHAPE = (7, 5)
with netCDF4.Dataset("packing.nc", "w") as file:
    file.createDimension("y", SHAPE[0])
    file.createDimension("x", SHAPE[1])
    for name, (kind, fill, attributes, storage) in VARIABLES.items():
        kind = np.dtype(kind)
        endian = "big" if kind.byteorder == ">" else "native"
        variable = file.createVariable(name, kind, ("y", "x"), fill_value=fill, endian=endian, **storage)
        variable.setncatts(attributes)
        variable.set_auto_maskandscale(False)
        if name.startswith("never"):
            continue
        data = random.integers(0, 256, SHAPE[0] * SHAPE[1] * kind.itemsize, "u1").view(kind.newbyteorder("=")).reshape(SHAPE)
        if kind.kind == "f":
            data = random.normal(size=SHAPE).astype("f4")
        data[0, 0] = data[6, 4] = fill if fill is not None else 1
        if "missing_value" in attributes:
            data[0, 1:3] = attributes["missing_value"]
        if kind.itemsize == 8:
            data[0, 1] = fill + 1
        variable[...] = data

lines = []
opened = xarray.open_dataset("packing.nc", mask_and_scale=True, decode_times=False)
with netCDF4.Dataset("packing.nc") as file:
    for name in VARIABLES:
        modern = opened[name].values
        classic = file[name][...]
        classic = np.ma.filled(classic.astype("f8") if np.ma.getdata(classic).dtype.kind != "f" else classic, np.nan)
        # Where they differ: netCDF4 leaves numbers without a factor as integers and rounds to float32 in between; xarray takes float64 for
        # an offset alone, and compares fill values of 64 bits as float64.
        if name in ("int16_mixed", "int16_only_fill", "unpacked"):
            classic = modern
        elif name not in ("uint8_offset", "int64_fill"):
            assert np.array_equal(modern, classic, equal_nan=True) and modern.dtype == classic.dtype, name
        lines.append(" ".join([name, classic.dtype.name] + [float(value).hex() for value in classic.ravel()]))
with open("packing.txt", "w") as output:
    output.write("\n".join(lines) + "\n")
