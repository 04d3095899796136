"""Makes chunks_*.h5 and chunks.txt beside it: datasets of every kind of chunk index, and where h5py says that their chunks are.

A line of chunks.txt is `file dataset kind count hash`; then up to 24 chunks of it, as `index address size mask`. The hash is that of
all chunks, sorted by index. With arguments DIRECTORY SEED COUNT the script makes random datasets there instead.
"""
import random
import sys
from pathlib import Path

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

UNLIMITED = h5s.UNLIMITED
EARLY = h5d.ALLOC_TIME_EARLY


def create(file, name, shape, chunk, maximum=None, *, filters=(), early=False, dtype="<u1", raw_edges=False):
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_chunk(chunk)
    plist.set_fill_time(h5d.FILL_TIME_NEVER)
    plist.set_obj_track_times(False)
    if early:
        plist.set_alloc_time(EARLY)
    for kind in filters:
        {"gzip": lambda: plist.set_deflate(4), "fletcher32": plist.set_fletcher32, "shuffle": plist.set_shuffle}[kind]()
    maximum = tuple(UNLIMITED if length is None else length for length in (maximum or shape))
    space = h5s.create_simple(shape, maximum)
    return h5py.Dataset(h5d.create(file.id, name.encode(), h5t.py_create(np.dtype(dtype)), space, plist))


def write(dataset, chunks):
    """Writes into each of the chunks, which are given by their index along each dimension."""
    for number, index in enumerate(chunks):
        place = tuple(slice(i * c, min((i + 1) * c, n)) for i, c, n in zip(index, dataset.chunks, dataset.shape))
        # Different contents as far as there is room for a number.
        lengths = [part.stop - part.start for part in place]
        digits = [number // 251**digit % 251 + 1 if digit < 4 else 7 for digit in range(np.prod(lengths))]
        dataset[place] = np.array(digits).reshape(lengths)


def every(dataset):
    grid = [-(-length // chunk) for length, chunk in zip(dataset.shape, dataset.chunks)]
    return list(np.ndindex(*grid))


def fnv(values):
    result = 0xCBF29CE484222325
    for value in values:
        result = ((result ^ value) * 0x100000001B3) & (2**64 - 1)
    return result


def places(dataset, path):
    """Returns index, address, size and mask of every written chunk; None when that cannot be told."""
    found = []
    dataset.id.chunk_iter(found.append)
    chunks = {tuple(o // c for o, c in zip(info.chunk_offset, dataset.chunks)): (info.byte_offset, info.size, info.filter_mask) for info in found}
    unlimited = [i for i, length in enumerate(dataset.maxshape) if length is None]
    if len(unlimited) == 1 and any(n > c for n, c in zip(dataset.maxshape[:unlimited[0]], dataset.chunks)):
        # Here chunk_iter and get_chunk_info confuse the dimensions (HDF5 2.0.0), but read_direct_chunk does not: compare the bytes.
        data = path.read_bytes()
        contents = {}
        for place in chunks.values():
            contents.setdefault(data[place[0]:place[0] + place[1]], []).append(place)
        chunks = {}
        for index in every(dataset):
            try:
                _, content = dataset.id.read_direct_chunk(tuple(i * c for i, c in zip(index, dataset.chunks)))
            except (OSError, RuntimeError, MemoryError):
                continue
            if len(contents[content]) > 1:
                return None
            chunks[index] = contents[content][0]
        assert len(chunks) == len(found) or dataset.shape != dataset.maxshape, dataset.name
    return sorted((index, *place) for index, place in chunks.items())


def table(path, kinds):
    lines = []
    with h5py.File(path, "r") as file:
        for name, dataset in file.items():
            chunks = places(dataset, path)
            if chunks is None:
                continue
            numbers = [value for index, *rest in chunks for value in (*index, *rest)]
            lines.append(f"{path.name} {name} {kinds.get(name, '-')} {len(chunks)} {fnv(numbers)}")
            shown = chunks if len(chunks) <= 24 else chunks[:12] + chunks[-12:]
            lines += [f"{','.join(map(str, index))} {address} {size} {mask}" for index, address, size, mask in shown]
    return lines


def old(file):
    create(file, "empty", (10,), (3,))
    write(d := create(file, "line", (10,), (3,)), every(d))
    write(create(file, "sparse", (7, 9, 5), (2, 3, 5)), [(0, 0, 0), (1, 2, 0), (3, 1, 0)])
    write(d := create(file, "deep", (40, 60), (2, 3), dtype="<u2"), every(d))
    write(d := create(file, "filtered", (9, 8), (4, 3), (None, None), filters=("gzip", "fletcher32")), every(d)[::2])
    d.id.write_direct_chunk((0, 3), b"abcdefghijkl", filter_mask=3)
    write(d := create(file, "shrunk", (12, 12), (2, 2), (None, None)), every(d))
    d.resize((5, 12))
    create(file, "allocated", (5, 7), (2, 3), early=True)


def new(file):
    kinds = {}

    def add(kind, name, *arguments, chunks=None, **options):
        kinds[name] = kind
        dataset = create(file, name, *arguments, **options)
        write(dataset, every(dataset) if chunks is None else chunks)
        return dataset

    add("single", "single", (5, 6), (5, 6))
    add("single", "single_empty", (5, 6), (5, 6), chunks=[])
    add("single", "single_filtered", (50, 6), (50, 6), filters=("gzip",))
    d = add("single", "single_masked", (4,), (4,), filters=("gzip", "shuffle"), chunks=[])
    d.id.write_direct_chunk((0,), b"1234", filter_mask=3)
    add("implicit", "implicit", (5, 7), (2, 3), early=True)
    add("implicit", "implicit_growing", (5, 7), (2, 3), (9, 16), early=True, chunks=[(2, 2)])
    add("fixedArray", "fixed", (7, 9, 5), (2, 3, 5))
    add("fixedArray", "fixed_sparse", (7, 9, 5), (2, 3, 5), (9, 30, 10), chunks=[(0, 0, 0), (1, 2, 0), (3, 1, 0)])
    add("fixedArray", "fixed_empty", (7, 9), (2, 3), chunks=[])
    add("fixedArray", "fixed_filtered", (9, 300), (4, 200), dtype="<u4", filters=("gzip",))
    d = add("fixedArray", "fixed_masked", (9,), (4,), filters=("gzip", "fletcher32"), chunks=[(2,)])
    d.id.write_direct_chunk((0,), b"12345678", filter_mask=1)
    add("fixedArray", "fixed_paged", (60, 200), (1, 4), chunks=[(0, 0), (20, 23), (20, 24), (59, 49)])
    add("fixedArray", "fixed_pages", (20000,), (1,), chunks=[(0,), (1023,), (8 * 1024,), (19 * 1024 + 543,), (19 * 1024 - 1,)])
    add("fixedArray", "fixed_paged_filtered", (5000,), (2,), filters=("gzip",), chunks=[(0,), (1023,), (1024,), (2499,)])
    add("extensibleArray", "growing", (30, 6), (2, 3), (None, 6))
    add("extensibleArray", "growing_second", (6, 30), (2, 3), (8, None))
    add("extensibleArray", "growing_middle", (5, 9, 7), (2, 2, 3), (9, None, 20))
    add("extensibleArray", "growing_empty", (5, 9), (2, 2), (9, None), chunks=[])
    add("extensibleArray", "growing_filtered", (9, 300), (4, 200), (None, 500), dtype="<u4", filters=("gzip",))
    # One chunk in each part: index block, data blocks of the index block, super blocks.
    firsts = [0, 3, 4, 19, 20, 36, 51, 52, 114, 115, 116, 147, 148, 243, 244, 499, 500, 1011, 1012, 2035, 2036, 4083, 4084]
    add("extensibleArray", "growing_sparse", (5000,), (1,), (None,), chunks=[(i,) for i in firsts])
    # Data blocks of 2048 entries and more are in pages.
    pages = [4 + 8191 * 16 + 5 * 2048 + 1500, 4 + 16383 * 16 + 3 * 2048 + 100]
    add("extensibleArray", "growing_paged", (4, 3000000), (4, 1), (4, None), chunks=[(0, i) for i in pages])
    add("extensibleArray", "growing_paged_filtered", (300000,), (1,), (None,), filters=("fletcher32",), chunks=[(i,) for i in pages[:1]])
    d = add("extensibleArray", "growing_shrunk", (6, 30), (2, 3), (6, None))
    d.resize((6, 10))
    add("treeV2", "free", (7, 9), (2, 3), (None, None))
    add("treeV2", "free_deep", (60, 60), (2, 2), (None, None))
    add("treeV2", "free_filtered", (9, 300), (4, 200), (None, None), dtype="<u4", filters=("gzip",))
    add("treeV2", "free_empty", (7, 9), (2, 3), (None, None), chunks=[])
    d = add("treeV2", "free_masked", (4, 4), (2, 2), (None, None), filters=("fletcher32",))
    d.id.write_direct_chunk((2, 0), b"1234", filter_mask=1)
    return kinds


def random_files(directory, seed, count):
    generator = random.Random(seed)
    lines = []
    for number in range(count):
        path = directory / f"chunks_random{number}.h5"
        bounds = generator.choice(["earliest", ("v110", "v110"), ("v114", "v114"), "latest"])
        with h5py.File(path, "w", libver=bounds, userblock_size=generator.choice([0, 0, 512, 2048])) as file:
            for index in range(6):
                rank = generator.randint(1, 4)
                most = {1: 3000, 2: 80, 3: 20, 4: 8}[rank]
                shape = tuple(generator.randint(1, most) for _ in range(rank))
                chunk = tuple(generator.randint(1, max(1, min(n, most // 4))) for n in shape)
                maximum = tuple(generator.choice([n, n + generator.randint(0, 30), None]) for n in shape)
                filters = generator.choice([(), (), ("gzip",), ("fletcher32",), ("shuffle", "gzip")])
                d = create(file, f"d{index}", shape, chunk, maximum, filters=filters, early=generator.random() < 0.3,
                           dtype=generator.choice(["<u1", "<u2", "<f8"]))
                chunks = every(d)
                generator.shuffle(chunks)
                write(d, chunks[:generator.choice([0, 1, len(chunks) // 2, len(chunks)])][:1500])
                if generator.random() < 0.3:
                    d.resize(tuple(generator.randint(1, n if m is None else m) for n, m in zip(shape, maximum)))
        lines += table(path, {})
    (directory / "chunks.txt").write_text("\n".join(lines) + "\n")


def main():
    here = Path(__file__).parent
    lines = []
    for name, bounds, block, fill in [
        ("chunks_old.h5", "earliest", 0, old), ("chunks_behind.h5", ("v110", "v110"), 512, old),
        ("chunks_new.h5", ("v110", "v110"), 0, new), ("chunks_v5.h5", "latest", 0, None),
    ]:
        with h5py.File(here / name, "w", libver=bounds, userblock_size=block) as file:
            if fill is not None:
                kinds = fill(file) or {}
            else:
                kinds = {"fixed": "fixedArray", "growing": "extensibleArray", "free": "treeV2", "single": "single"}
                for dataset, maximum in [("fixed", (8, 9)), ("growing", (8, None)), ("free", (None, None)), ("single", None)]:
                    chunk = (8, 9) if maximum is None else (3, 4)
                    write(d := create(file, dataset, (8, 9), chunk, maximum, filters=("gzip",)), every(d))
        lines += table(here / name, kinds)
    (here / "chunks.txt").write_text("\n".join(lines) + "\n")


if len(sys.argv) > 1:
    random_files(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
else:
    main()
