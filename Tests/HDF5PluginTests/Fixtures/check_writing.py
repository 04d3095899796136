"""Writes many files through the command line and compares them, value by value, with what other programs read.

    python3 check_writing.py path/to/iolink [scratch folder]

Needs h5py, hdf5plugin and NumPy; uses netCDF4, PyTables, pyfive and the tools of HDF5 (h5dump, h5ls, h5stat, h5repack, h5diff) where
they are installed.
"""
import itertools, os, shutil, subprocess, sys, tempfile
import h5py, numpy as np
import hdf5plugin
try: import netCDF4
except ImportError: netCDF4 = None
try: import tables
except ImportError: tables = None
try: import pyfive
except ImportError: pyfive = None

iolink = sys.argv[1]
folder = sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp()
os.makedirs(folder, exist_ok=True)
tools = {name: shutil.which(name) for name in ["h5dump", "h5ls", "h5stat", "h5repack", "h5diff"]}
rng = np.random.default_rng(7)
count = {"files": 0, "values": 0, "attributes": 0, "netCDF4": 0, "PyTables": 0, "pyfive": 0, "tools": 0, "compressions": 0}
failures = []

def fail(*words):
    failures.append(words)
    print("FAILED", *words, flush=True)

def run(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode: raise RuntimeError(f"{arguments}: {done.stdout[-500:]} {done.stderr[-500:]}")
    return done.stdout

def same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()

def convert(source, target, **options):
    arguments = [x for key, value in options.items() for x in ["-o", f"{key}={value}"]]
    return run(iolink, "convert", source, target, *arguments)

def data(shape, dtype, sparse=False):
    dtype = np.dtype(dtype)
    if dtype == bool: array = rng.integers(0, 2, shape).astype(bool)
    elif dtype.kind in "iu":
        array = rng.integers(0, 256, shape + (dtype.itemsize,), dtype=np.uint8).view(dtype).reshape(shape)
    elif dtype.kind == "c": array = (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(dtype)
    else: array = rng.normal(size=shape).astype(dtype)
    if sparse: array[..., : shape[-1] // 2] = 0; array[: (shape[0] + 1) // 2] = 0
    return array

def is_oldest(path):
    """pyfive reads no layout message of version 4."""
    with open(path, "rb") as file: return file.read(9)[8] == 0

def check(path, dataset, array, deep=True, is_large=False, netCDF=True):
    """Compares one file with an array, through every program."""
    count["files"] += 1
    with h5py.File(path) as file:
        found = file[dataset]
        if not same(found[()], array): return fail(path, "h5py", found.dtype, found.shape, array.dtype, array.shape)
        count["values"] += array.size
        labels = [x for x in found.attrs["DIMENSION_LABELS"]]
        if [x.label for x in found.dims] != labels: fail(path, "labels", labels)
        if found.chunks: chunk_map(path, dataset, array)
    if not deep: return
    if netCDF4 and netCDF and array.dtype.kind in "iuf" and array.dtype != np.float16:
        try:
            with netCDF4.Dataset(path) as file:
                file.set_auto_maskandscale(False)
                place = file
                for name in dataset.strip("/").split("/")[:-1]: place = place.groups[name]
                if not same(place.variables[dataset.split("/")[-1]][...], array): fail(path, "netCDF4")
            count["netCDF4"] += 1
        except Exception as error: fail(path, "netCDF4", error)
    if tables:
        try:
            with tables.open_file(path) as file:
                node = file.get_node("/" + dataset.strip("/"))
                if not isinstance(node, tables.UnImplemented):
                    found = node.read()
                    if not np.array_equal(np.asarray(found).reshape(array.shape), array, equal_nan=True): fail(path, "PyTables")
                    count["PyTables"] += 1
        except Exception as error: fail(path, "PyTables", error)
    if pyfive and array.size and is_oldest(path):
        try:
            with pyfive.File(path) as file:
                found = file[dataset]
                if not same(np.asarray(found[()]).astype(array.dtype if array.dtype == bool else np.asarray(found[()]).dtype), array):
                    fail(path, "pyfive", np.asarray(found[()]).dtype, array.dtype)
                if [as_text(x) for x in found.attrs["DIMENSION_LABELS"]] != labels: fail(path, "pyfive labels", labels)
            count["pyfive"] += 1
        except Exception as error: fail(path, "pyfive", repr(error))
    if tools["h5dump"] and array.size < 4000:
        run("h5dump", path)
    if tools["h5ls"]: run("h5ls", "-rv", path)
    if tools["h5stat"]: run("h5stat", path)
    if tools["h5repack"]:
        packed = path + ".repacked"
        run("h5repack", *["--low=1", "--high=2"] * is_large, path, packed)  # else it cannot create large attributes itself
        if tools["h5diff"]: run("h5diff", path, packed)
        with h5py.File(packed) as file:
            if not same(file[dataset][()], array): fail(path, "h5repack")
        os.remove(packed)
        count["tools"] += 1

def as_text(value): return value.decode() if isinstance(value, bytes) else str(value)

# What a peer cannot know of what we write, by the name of the attribute in `attributes`.
#   netCDF4: booleans, complex numbers, halves and bytes, which are not types of netCDF; empty texts; an image with a matrix among its
#     attributes is not opened at all
#   PyTables: booleans and bytes ("Unsupported type for attribute")
#   pyfive: bytes, which it gives as an array of another type
UNKNOWN = {
    "netCDF4": {"flag", "flags", "complex", "complexes", "bytes", "hugebytes", "half", "matrix", "inner zero", "nothing"},
    "PyTables": {"flag", "flags", "bytes", "hugebytes", "inner zero"},
    "pyfive": {"bytes", "hugebytes", "inner zero"},
}

def read_attributes(peer, path):
    """The attributes of the image as a peer reads them."""
    if peer == "netCDF4":
        with netCDF4.Dataset(path) as file:
            image = file.variables["image"]
            return {name: image.getncattr(name) for name in image.ncattrs()}
    if peer == "PyTables":
        with tables.open_file(path) as file:
            attributes = file.get_node("/image")._v_attrs
            return {name: attributes[name] for name in attributes._v_attrnames}
    with pyfive.File(path) as file: return dict(file["image"].attrs)

def plain(value):
    """A value in a form that does not depend on how a peer presents it."""
    if isinstance(value, (str, bytes)): return as_text(value)
    value = np.asarray(value)
    if value.dtype.kind in "OSU": return [as_text(x) for x in value.ravel()] if value.ndim else as_text(value[()])
    return value.ravel().tolist()

def compare_attributes(path, expected):
    for peer, module in [("netCDF4", netCDF4), ("PyTables", tables), ("pyfive", pyfive)]:
        if module is None or peer == "netCDF4" and "matrix" in expected or peer == "pyfive" and not is_oldest(path): continue
        try: found = read_attributes(peer, path)
        except Exception as error:
            fail(path, peer, "attributes", repr(error))
            continue
        for name, value in expected.items():
            if name in UNKNOWN[peer] or name == "DIMENSION_LABELS": continue
            if name not in found: fail(path, peer, "lost", name)
            elif plain(found[name]) != plain(value) and [plain(found[name])] != plain(value):
                fail(path, peer, "attribute", name, repr(found[name])[:60], repr(value)[:60])
            count[peer + " attributes"] = count.get(peer + " attributes", 0) + 1

FORMS = [(format, growth) for format in ["oldest", "latest"] for growth in ["slowest", "none", "all"]]

def chunk_map(path, dataset, array):
    """Chunks lie inside the file and do not overlap, and each is found at the place where h5py lists it."""
    with h5py.File(path) as file:
        found = file[dataset]
        places = {}
        found.id.get_num_chunks() and found.id.chunk_iter(lambda c: places.__setitem__(c.chunk_offset, (c.byte_offset, c.size)))
        ends = sorted((at, at + size) for at, size in places.values())
        if any(a[1] > b[0] for a, b in zip(ends, ends[1:])): fail(path, "chunks overlap")
        if ends and ends[-1][1] > os.path.getsize(path): fail(path, "chunks behind the end")
        for offset in list(places)[:: max(1, len(places) // 50)]:
            info = found.id.get_chunk_info_by_coord(offset)
            if (info.byte_offset, info.size) != places[offset]: fail(path, "chunk", offset)

def shapes_and_types():
    shapes = [(), (1,), (0,), (1000,), (3, 4), (5, 0, 3), (0, 4, 5), (37, 41), (7, 11, 13), (2, 3, 5, 7), (2, 2, 3, 4, 5), (1, 1, 2, 1, 3, 1, 2)]
    types = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16"]
    options = [
        {}, {"layout": "contiguous"}, {"compression": "none"}, {"level": 6, "fletcher32": "true"}, {"shuffle": "false"},
        {"compression": "none", "fletcher32": "true"}, {"chunk": 2},
    ]
    options += [option | {"format": "latest"} for option in options]
    options += [{"chunk": 2, "growth": growth, "compression": compression, "format": format}
                for growth in ["none", "all"] for compression in ["none", "deflate"] for format in ["oldest", "latest"]]
    for number, (shape, dtype) in enumerate(itertools.product(shapes, types)):
        array = data(shape, dtype)
        np.save(f"{folder}/in.npy", array)
        for option in options:
            option = dict(option)
            if "chunk" in option:
                if not shape or 0 in shape[1:]: continue
                option["chunk"] = ",".join(str(max(1, n // 2)) for n in shape)
            elif option.get("layout") != "contiguous" and (not shape or 0 in shape[1:]) and option.keys() - {"format"}: continue
            target = f"{folder}/out.h5"
            convert(f"{folder}/in.npy", target, dataset="/a/b/image" if number % 3 == 0 else "/image", **option)
            check(target, "/a/b/image" if number % 3 == 0 else "/image", array, deep=(number % 5 == 0 and 0 not in shape))

def compressions():
    """Every compression, level and shuffle: the filters have the parameters with which hdf5plugin itself writes, and the same values are read."""
    orders = {None: 1, "true": 1, "false": 0, "bit": 2}
    cases = [({"compression": "lzf", "shuffle": shuffle}, {"compression": "lzf", "shuffle": shuffle != "false"}) for shuffle in (None, "true", "false")]
    cases += [({"compression": "lz4"}, {**hdf5plugin.LZ4(), "shuffle": True}), ({"compression": "lz4", "shuffle": "false"}, hdf5plugin.LZ4())]
    for level in (None, 1, 9, 22):
        cases.append(({"compression": "zstd", "level": level, "shuffle": "false"}, hdf5plugin.Zstd(clevel=level or 3)))
        cases.append(({"compression": "bitshuffle-zstd", "level": level}, hdf5plugin.Bitshuffle(cname="zstd", clevel=level or 3)))
    cases += [({"compression": "bitshuffle"}, hdf5plugin.Bitshuffle(cname="none")), ({"compression": "bitshuffle-lz4"}, hdf5plugin.Bitshuffle(cname="lz4"))]
    for codec, level, order in itertools.product(("blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"), (None, 0, 1, 9), orders):
        cases.append((
            {"compression": f"blosc-{codec}", "level": level, "shuffle": order},
            hdf5plugin.Blosc(cname=codec, clevel=5 if level is None else level, shuffle=orders[order])))
    for number, (dtype, shape, chunk) in enumerate([("u2", (40, 70), "16,33"), ("f8", (7, 11, 13), "7,11,13"), ("u1", (9, 301), "4,300"), ("c16", (30, 20), "8,9")]):
        array = data(shape, dtype, sparse=number % 2 == 0)
        np.save(f"{folder}/in.npy", array)
        for options, theirs in cases:
            target = f"{folder}/compressed.h5"
            for checksum in (False, True):
                given = {key: value for key, value in options.items() if value is not None}
                convert(f"{folder}/in.npy", target, chunk=chunk, **given, **({"fletcher32": "true"} if checksum else {}))
                check(target, "image", array, deep=False)
                with h5py.File(target) as ours, h5py.File("memory", "w", driver="core", backing_store=False) as other:
                    theirs = {**theirs, "shuffle": theirs.get("shuffle", False) and array.dtype.itemsize > 1}
                    like = other.create_dataset("image", data=array, chunks=ours["image"].chunks, fletcher32=checksum, **theirs)
                    found, wanted = ([(f[0], f[2]) for f in (lambda p: [p.get_filter(i) for i in range(p.get_nfilters())])(d.id.get_create_plist())] for d in (ours["image"], like))
                    if [n for n, _ in found] != [n for n, _ in wanted]: fail(target, given, found, wanted)
                    for (n, a), (_, b) in zip(found, wanted):
                        if a != b: fail(target, given, n, a, b)
                    count["compressions"] += 1

def many_chunks():
    for shape, chunk, sparse in [
        ((65,), "1", False), ((64,), "1", False), ((4097,), "1", False), ((64, 65), "1,1", False), ((300, 300), "1,1", False),
        ((40, 50, 60), "3,4,5", True), ((140_000,), "1", False), ((2000, 70), "1,70", True), ((5, 6, 7, 8), "5,1,7,1", False), ((1000, 3), "7,2", True),
    ]:
        array = data(shape, "u2", sparse)
        np.save(f"{folder}/in.npy", array)
        target = f"{folder}/chunks.h5"
        for option, (format, growth) in itertools.product([{}, {"compression": "none"}], FORMS):
            convert(f"{folder}/in.npy", target, chunk=chunk, format=format, growth=growth, **option)
            check(target, "/image", array, is_large=format == "latest")
            with h5py.File(target) as file:  # single chunks are found, too
                for _ in range(200):
                    place = tuple(int(rng.integers(0, n)) for n in shape)
                    if file["image"][place] != array[place]: fail(target, place)

def attributes():
    """Attributes go through a file of h5py: every type, and sizes on both sides of what a header holds."""
    text = "µ two\nlines " * 9000
    numbers = {
        "scalar": np.int16(-5), "real": 2.5, "half": np.float16(1.5),
        "flag": True, "flags": np.array([True, False]), "complex": np.complex64(1 + 2j), "complexes": np.arange(3) * (1 + 1j),
        "unsigned": np.array([2**64 - 1], "u8"), "bytes": np.void(b"\x00\x01\xff"), "µ name": 3, "a name with spaces": 4,
        "text": "hello", "nothing": "", "long": text, "texts": np.array(["a", "", "ccc", "µ"], dtype=h5py.string_dtype()),
        "one": np.array(["a"], dtype=h5py.string_dtype()), "inner zero": np.bytes_(b"a\0b"),
    }
    big = {
        "under": np.arange(8170, dtype="f8"), "over": np.arange(8200, dtype="f8"), "large": np.arange(300_000, dtype="i8"),
        "manytexts": np.array([f"text {i}" for i in range(6000)], dtype=h5py.string_dtype()),
        "hugebytes": np.void(bytes(rng.integers(0, 256, 200_001, dtype=np.uint8))),
    }
    many = {f"number {i}": i for i in range(600)} | {f"text {i}": f"value {i}" * (i % 50) for i in range(600)}
    cases = {
        "numbers": numbers, "big": numbers | big, "under": {"under": big["under"]}, "over": {"over": big["over"]},
        "many": many, "manybig": many | big, "none": {}, "matrix": {"matrix": np.arange(6, dtype="i4").reshape(2, 3)},
    }
    for (name, values), where, format in itertools.product(cases.items(), ["dataset", "file", "both"], ["oldest", "latest"]):
        source, target = f"{folder}/attributes_in.h5", f"{folder}/attributes_{name}_{where}_{format}.h5"
        array = data((4, 5, 6), "u2")
        with h5py.File(source, "w", libver=("v108", "v108")) as file:
            dataset = file.create_dataset("image", data=array)
            dataset.attrs["DIMENSION_LABELS"] = ["z", "y", "x"]
            for object in [dataset] * (where != "file") + [file] * (where != "dataset"):
                for key, value in values.items(): object.attrs[key] = value
        convert(source, target, format=format)
        check(target, "image", array, is_large=format == "latest" or name != "numbers", netCDF=name != "matrix")  # netCDF has only lists
        with h5py.File(target) as new: expected = dict(new["image"].attrs)
        compare_attributes(target, expected)
        with h5py.File(source) as old, h5py.File(target) as new:
            for a, b in [(old["image"].attrs, new["image"].attrs), (old.attrs, new.attrs)]:
                for key in a:
                    if key == "DIMENSION_LABELS": continue
                    if key not in b: fail(target, "lost", key); continue
                    x, y = a[key], b[key]
                    if key == "one": x = x[0] if isinstance(y, str) else x
                    if isinstance(x, bytes): x = x.decode()
                    if isinstance(y, bytes): y = y.decode()
                    equal = (x.tobytes() == y.tobytes()) if isinstance(x, np.void) else np.array_equal(x, y) and np.asarray(x).dtype.kind == np.asarray(y).dtype.kind
                    if not equal: fail(target, "attribute", key, repr(x)[:60], repr(y)[:60])
                    count["attributes"] += 1

def modification():
    """Other programs go on writing in our files: trees split, headers and heaps grow, groups get members."""
    for (number, option), (format, growth) in itertools.product(enumerate([{}, {"compression": "none"}, {"layout": "contiguous"}]), FORMS):
        if growth == "none" and number < 2: continue
        array = data((20, 6, 7), "u2")
        np.save(f"{folder}/in.npy", array)
        target = f"{folder}/changed.h5"
        convert(f"{folder}/in.npy", target, dataset="/g/image", format=format, growth=growth, **({"chunk": "1,3,3"} if number < 2 else {}), **option)
        with h5py.File(target, "r+") as file:
            image = file["g/image"]
            for i in range(200): image.attrs[f"new {i}"] = "x" * i
            image.attrs["DIMENSION_LABELS"] = ["a", "b", "c"]
            for i in range(300): file[f"g/data {i}"] = np.arange(i)
            file["top"] = 5
            if number < 2:
                image.resize((500, 6, 7))
                more = data((480, 6, 7), "u2")
                image[20:] = more
                array = np.concatenate([array, more])
                image[3] = 9
                array[3] = 9
            else: image[...] = array = array + 1
        check(target, "/g/image", array)
        with h5py.File(target) as file:
            if not all(file["g/image"].attrs[f"new {i}"] == "x" * i for i in range(200)): fail(target, "new attributes")
            if not all(np.array_equal(file[f"g/data {i}"], np.arange(i)) for i in range(300)): fail(target, "new datasets")

def determinism():
    array = data((60, 64, 64), "u2")
    np.save(f"{folder}/in.npy", array)
    found = set()
    for i in range(5):
        convert(f"{folder}/in.npy", f"{folder}/same.h5", chunk="4,16,16")
        found.add(open(f"{folder}/same.h5", "rb").read())
    if len(found) > 1: fail("determinism", len(found))

for part in [shapes_and_types, compressions, many_chunks, attributes, modification, determinism]:
    if len(sys.argv) > 3 and part.__name__ not in sys.argv[3:]: continue
    print(part.__name__, flush=True)
    part()
print(count, f"{len(failures)} failures")
sys.exit(1 if failures else 0)
