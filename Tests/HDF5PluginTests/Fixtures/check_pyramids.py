"""Writes files of BigDataViewer and Imaris through the command line, and compares what other programs find in them with the source.

    python3 check_pyramids.py path/to/iolink [scratch folder]

Needs h5py, NumPy, npy2bdv and imaris-ims-file-reader.
"""
import os, subprocess, sys, tempfile
import xml.etree.ElementTree as ET
import h5py, npy2bdv, numpy as np
from imaris_ims_file_reader.ims import ims

iolink = sys.argv[1]
folder = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()
os.makedirs(folder, exist_ok=True)
count = failures = 0

def run(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode: raise RuntimeError(f"{arguments}: {done.stdout[-500:]} {done.stderr[-500:]}")
    return done

def expect(condition, *words):
    global count, failures
    count += 1
    if not condition:
        failures += 1
        print("FAILED", *words, flush=True)

def halved(array, axes):
    """The means of pairs along axes; what is left over at an end stands for nothing."""
    wide = array.astype("f8")
    for axis in axes:
        length = wide.shape[axis] // 2 * 2
        if length < 2: continue
        first, second = (np.take(wide, range(start, length, 2), axis) for start in (0, 1))
        wide = (first + second) / 2
    return np.floor(wide + 0.5).astype(array.dtype) if array.dtype.kind in "ui" else wide.astype(array.dtype)

random = np.random.default_rng(5)
spacing = (0.9, 0.5, 0.25)  # z, y, x in µm: slices are not halved before the plane is as coarse

def source(name, shape, dtype):
    """An image of axes TCZYX."""
    array = random.integers(0, 4000, shape).astype(dtype) if dtype[0] != "f" else random.normal(0, 100, shape).astype(dtype)
    array[array > np.quantile(array, 0.99)] = 0 if dtype[0] == "f" else np.iinfo(dtype).max
    path = os.path.join(folder, f"{name}.h5")
    with h5py.File(path, "w") as file:
        data = file.create_dataset("image", data=array)
        data.attrs["DIMENSION_LABELS"] = ["t", "c", "z", "y", "x"]
        data.attrs["spacing"], data.attrs["origin"] = [0.5, np.nan, *spacing], [np.nan] * 5
        data.attrs["unit"] = ["s", "", "um", "um", "um"]
        data.attrs["axes_are_inferred"] = 0
        data.attrs["/channels/0/name"] = "DAPI"
        data.attrs["title"] = "two cells"
    return path, array

def levels(array, number):
    found, steps = [array], list(spacing)
    while len(found) < number:
        axes = [3, 4] + ([2] if steps[0] < 2 * min(steps[1:]) else [])
        axes = [a for a in axes if found[-1].shape[a] > 1]
        found.append(halved(found[-1], axes))
        for a in axes: steps[a - 2] *= 2
    return found

def is_close(found, wanted):
    return found.shape == wanted.shape and np.all(np.abs(found.astype("f8") - wanted.astype("f8")) <= (1 if wanted.dtype.kind in "ui" else 1e-3))

cases = [((2, 3, 5, 37, 50), 3, ["chunk=4,16,16"]), ((1, 1, 3, 20, 20), 1, []), ((3, 2, 9, 70, 81), 4, ["compression=none"]),
         ((2, 2, 6, 40, 40), 2, ["format=latest"]), ((1, 2, 4, 150, 300), 3, ["compression=deflate", "chunk=64,64,64", "fletcher32=true"])]

for number, (shape, level_count, options) in enumerate(cases):
    for dtype in ["u2", "u1", "f4"]:
        path, array = source(f"source{number}{dtype}", shape, dtype)
        wanted = levels(array, level_count)
        arguments = [x for o in options + [f"levels={level_count}"] for x in ("-o", o)]
        name = f"case {number} {dtype}"

        target = os.path.join(folder, f"bdv{number}{dtype}.h5")
        run(iolink, "convert", path, target, "-o", "convention=bdv", *arguments)
        document = ET.parse(target[:-2] + "xml").getroot()
        expect(document.find("SequenceDescription/ImageLoader/hdf5").text == os.path.basename(target), name, "loader")
        setups = document.findall("SequenceDescription/ViewSetups/ViewSetup")
        expect(len(setups) == shape[1], name, "setups")
        for setup in setups:
            expect([float(v) for v in setup.find("voxelSize/size").text.split()] == list(spacing[::-1]), name, "voxel size")
            expect(setup.find("voxelSize/unit").text == "µm" and setup.find("name").text == "two cells", name, "unit")
            expect([int(v) for v in setup.find("size").text.split()] == list(shape[:1:-1]), name, "size")
        expect(document.find("SequenceDescription/ViewSetups/Attributes[@name='channel']/Channel/name").text == "DAPI", name, "channel")
        expect(len(document.findall("ViewRegistrations/ViewRegistration")) == shape[0] * shape[1], name, "registrations")
        editor = npy2bdv.BdvEditor(target, mode="r")
        expect((editor.ntimes, editor.nchannels, editor.ntiles, editor.dtype) == (shape[0], shape[1], 1, np.dtype(dtype)), name, "counts")
        for t in range(shape[0]):
            for c in range(shape[1]):
                for level, array_of_level in enumerate(wanted):
                    found = editor.read_view(time=t, channel=c, ilevel=level)
                    same = np.array_equal(found, array[t, c]) if level == 0 else is_close(found, array_of_level[t, c])
                    expect(same, name, "bdv", t, c, level, found.shape)
        affine = editor.read_affine(time=0, channel=0)
        expect(np.allclose(affine, np.hstack([np.diag(spacing[::-1]), np.zeros((3, 1))])), name, "affine", affine)
        with h5py.File(target) as file:
            resolutions, subdivisions = file["s00/resolutions"][()], file["s00/subdivisions"][()]
            expect(resolutions.dtype == "f8" and subdivisions.dtype == "i4" and resolutions.shape == (level_count, 3), name, "tables")
            for level in range(level_count):
                cells = file[f"t00000/s00/{level}/cells"]
                expect(list(cells.chunks[::-1]) == list(subdivisions[level]), name, "chunks", cells.chunks)
                expect(cells.dtype == ("i2" if dtype == "u2" else dtype), name, cells.dtype)
        editor.finalize()

        target = os.path.join(folder, f"imaris{number}{dtype}.ims")
        run(iolink, "convert", path, target, "-o", "convention=ims", *arguments)
        reader = ims(target, squeeze_output=False, resolution_decimal_places=None)
        expect(reader.shape == shape and reader.dtype == dtype and reader.ResolutionLevels == level_count, name, reader.shape, reader.ResolutionLevels)
        expect(np.allclose(reader.resolution, spacing, rtol=1e-12), name, reader.resolution)
        expect(np.array_equal(reader[:, :, :, :, :], array), name, "ims values")
        for level, array_of_level in enumerate(wanted):
            expect(reader.metaData[level, 0, 0, "shape"][2:] == array_of_level.shape[2:], name, "ims level", level)
            for t in range(shape[0]):
                for c in range(shape[1]):
                    found = np.asarray(reader[level, t:t + 1, c:c + 1, :, :, :]).reshape(array_of_level.shape[2:])
                    expect(is_close(found, array_of_level[t, c]), name, "ims level", level, t, c)
        with h5py.File(target) as file:
            for t in range(shape[0]):
                for c in range(shape[1]):
                    group = file[f"DataSet/ResolutionLevel 0/TimePoint {t}/Channel {c}"]
                    low, high = (float(b"".join(group.attrs[a])) for a in ("HistogramMin", "HistogramMax"))
                    bins = np.histogram(array[t, c], 256, (low, high if dtype == "f4" else high + 1))[0]
                    expect(group["Histogram"].dtype == "u8" and np.array_equal(group["Histogram"][()], bins), name, "histogram", t, c, low, high)
                    expect(all(s % k == 0 for s, k in zip(group["Data"].shape, group["Data"].chunks)), name, "padding")
            info = file["DataSetInfo"]
            expect(b"".join(info["Channel 0"].attrs["Name"]) == b"DAPI" and b"".join(info["Image"].attrs["Unit"]) == b"um", name, "texts")
            expect(info["Image"].attrs["Unit"].dtype == "S1", name, "characters")
            stamps = [b"".join(info["TimeInfo"].attrs[f"TimePoint{t + 1}"]).decode() for t in range(shape[0])]
            expect(stamps == [f"2000-01-01 00:00:0{t // 2}.{t % 2 * 500:03}" for t in range(shape[0])], name, stamps)
        reader.hf.close()

        # And back again.
        for written in (f"bdv{number}{dtype}.h5", f"imaris{number}{dtype}.ims"):
            back = os.path.join(folder, "back.h5")
            run(iolink, "convert", "--allow-siblings", os.path.join(folder, written), back)
            with h5py.File(back) as file:
                found = file["image"]
                expect(np.array_equal(found[()].reshape(shape), array), name, written, "back")
                expect(np.allclose(found.attrs["element_size_um"], spacing), name, written, "calibration")

print(count, "checks,", failures, "failures")
sys.exit(failures > 0)
