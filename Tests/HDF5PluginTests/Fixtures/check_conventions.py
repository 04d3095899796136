"""Writes files through the command line and compares the axes that other programs find in them with those of the source.

    python3 check_conventions.py path/to/iolink [scratch folder]

Needs h5py, netCDF4, h5netcdf, xarray and NumPy; the last part needs the fixtures beside it.
"""
import json, os, subprocess, sys, tempfile
import h5py, netCDF4, numpy as np, xarray as xr

iolink = sys.argv[1]
folder = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()
os.makedirs(folder, exist_ok=True)
here = os.path.dirname(os.path.abspath(__file__))
count = 0

def run(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode: raise RuntimeError(f"{arguments}: {done.stdout[-500:]} {done.stderr[-500:]}")
    return done

def expect(condition, *words):
    global count
    count += 1
    if not condition: print("FAILED", *words, flush=True); expect.failures += 1
expect.failures = 0

def check_axes(path, name, array, axes):
    """axes: (name, spacing, origin, unit), slowest first; spacing None for an axis without coordinates."""
    group, _, last = name.strip("/").rpartition("/")
    with h5py.File(path) as file:
        data = file[name]
        expect((data[()] == array).all(), path, "values")
        for dimension, (axis, spacing, origin, unit) in zip(data.dims, axes):
            scale = dimension[0]
            expect(h5py.h5ds.is_scale(scale.id) and h5py.h5ds.is_attached(data.id, scale.id, axes.index((axis, spacing, origin, unit))), path, axis)
            if spacing is not None:
                expect(np.allclose(scale[()], origin + spacing * np.arange(len(scale)), rtol=1e-15), path, axis, scale[()])
                expect(scale.attrs["units"] == unit, path, axis)
    def check(dataset):
        variable = dataset[last]
        expect(variable.dims == tuple(a[0] for a in axes), path, variable.dims)
        expect((variable.values == array).all(), path, "xarray")
        for axis, spacing, origin, unit in axes:
            if spacing is None: expect(axis not in variable.coords, path, axis)
            else:
                expect(np.allclose(variable.coords[axis].values, origin + spacing * np.arange(variable.sizes[axis])), path, axis)
                expect(variable.coords[axis].attrs["units"] == unit, path, axis)
    for engine in ["h5netcdf", "netcdf4"]:
        with xr.open_dataset(path, engine=engine, group=group or None) as dataset: check(dataset)
    with netCDF4.Dataset(path) as file:
        place = file[group] if group else file
        expect(place[last].dimensions == tuple(a[0] for a in axes), path, place[last].dimensions)

array = np.arange(2 * 3 * 4 * 5, dtype="u2").reshape(2, 3, 4, 5)
source = os.path.join(folder, "source.h5")
with h5py.File(source, "w") as file:
    data = file.create_dataset("image", data=array)
    data.attrs["DIMENSION_LABELS"] = ["t", "z", "y", "x"]
    data.attrs["spacing"], data.attrs["origin"] = [np.nan, 2, 0.5, 0.25], [np.nan, -1, 0, 10]
    data.attrs["unit"] = ["", "um", "um", "um"]
axes = [("sequence", None, None, None), ("slice", 2, -1, "µm"), ("row", 0.5, 0, "µm"), ("column", 0.25, 10, "µm")]

for number, options in enumerate([[], ["format=latest"], ["layout=contiguous"], ["convention=netcdf"], ["convention=netcdf", "format=latest"],
                                  ["convention=netcdf", "dataset=/deep/er/image"], ["growth=all"]]):
    target = os.path.join(folder, f"axes{number}.h5")
    run(iolink, "convert", source, target, *[x for o in options for x in ("-o", o)])
    name = "/deep/er/image" if "dataset=/deep/er/image" in options else "/image"
    check_axes(target, name, array, axes)
    with h5py.File(target) as file:
        data = file[name]
        expect(list(data.attrs["DIMENSION_LABELS"]) == [a[0] for a in axes], target)
        expect(list(data.attrs["element_size_um"]) == [2, 0.5, 0.25], target)
        tags = json.loads(data.attrs["axistags"])["axes"]
        expect([t["key"] for t in tags] == list("tzyx") and [t["resolution"] for t in tags] == [0, 2, 0.5, 0.25], target, tags)
    info = json.loads(run(iolink, "info", "--json", target).stdout)
    expect(len(info["images"]) == 1, target, "has other entries")

target = os.path.join(folder, "nexus.h5")
run(iolink, "convert", source, target, "-o", "convention=nexus")
with h5py.File(target) as file:
    entry = file[file.attrs["default"]]
    plot = entry[entry.attrs["default"]]
    expect(entry.attrs["NX_class"] == "NXentry" and plot.attrs["NX_class"] == "NXdata", target)
    expect((plot[plot.attrs["signal"]][()] == array).all(), target)
    expect(list(plot.attrs["axes"]) == [".", "slice", "row", "column"], target, plot.attrs["axes"])
    for dimension, axis in enumerate(plot.attrs["axes"]):
        if axis != ".": expect(plot.attrs[f"{axis}_indices"] == dimension and len(plot[axis]) == array.shape[dimension], target, axis)

# Whole files: everything that h5py finds is there again.
for name in ["whole.h5"]:
    for form in ["oldest", "latest"]:
        target = os.path.join(folder, f"{form}_{name}")
        done = run(iolink, "convert", "--all", "-o", f"format={form}", os.path.join(here, name), target)
        with h5py.File(os.path.join(here, name)) as old, h5py.File(target) as new:
            def visit(path, item):
                if isinstance(item, h5py.Group): return expect(isinstance(new.get(path), h5py.Group), target, path)
                if path in done.stderr: return
                if not isinstance(item, h5py.Dataset): return
                expect(path in new and np.all(new[path][()] == item[()]) and new[path].dtype == item.dtype, target, path)
                for key, value in item.attrs.items():
                    if key in ("REFERENCE_LIST", "DIMENSION_LIST", "DIMENSION_LABELS"): continue
                    expect(key in new[path].attrs and np.all(new[path].attrs[key] == value), target, path, key)
                expect([[s.name for s in d.values()] for d in item.dims] == [[s.name for s in d.values()] for d in new[path].dims], target, path)
                expect([list(d.keys()) for d in item.dims] == [list(d.keys()) for d in new[path].dims], target, path)
            old.visititems(visit)
            expect(new["again"] == new["entry/data"] and isinstance(new.get("soft", getlink=True), h5py.SoftLink), target)
            expect(h5py.h5o.get_info(new["again"].id).rc == 2, target, "link count")

print(count, "checks,", expect.failures, "failures")
sys.exit(expect.failures > 0)
