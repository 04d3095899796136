"""Makes virtual_*.h5 and virtual.txt beside it: virtual datasets, and what h5py reads from them.

virtual.txt has lines `source FILE DATASET FIRST SHAPE`: a source dataset with the elements FIRST, FIRST + 1 and so on in row-major order;
and `virtual FILE DATASET SHAPE`, followed by a line with the elements. The sources themselves are not kept: the reader of the table makes
them. With arguments DIRECTORY SEED COUNT the script makes random datasets there instead.
"""
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from h5py import h5d, h5p, h5s, h5t

UN = h5s.UNLIMITED
sources = []


def source(file, dataset, first, shape):
    with h5py.File(file, "a") as target:
        target.create_dataset(dataset, data=np.arange(first, first + np.prod(shape)).reshape(shape), dtype="<i4", track_times=False)
    sources.append(f"source {file} {dataset} {first} {','.join(map(str, shape))}")


def slab(shape, *parts, maximum=None):
    """A dataspace with a selection: parts are (start, count, stride, block); without any, all elements are selected."""
    space = h5s.create_simple(shape, maximum or shape)
    for number, part in enumerate(parts):
        space.select_hyperslab(*part, **({} if number == 0 else {"op": h5s.SELECT_OR}))
    return space


def virtual(file, name, shape, *mappings, maximum=None):
    """Mappings are (selection, file, dataset, source selection)."""
    plist = h5p.create(h5p.DATASET_CREATE)
    plist.set_fill_value(np.array([-1], "<i4"))
    plist.set_obj_track_times(False)
    for to, source_file, dataset, origin in mappings:
        plist.set_virtual(to, source_file.encode(), dataset.encode(), origin)
    h5d.create(file.id, name.encode(), h5t.py_create(np.dtype("<i4")), h5s.create_simple(shape, maximum or shape), plist)


def fill(file):
    rows = lambda n, *part: slab((n, 4), part, maximum=(UN, 4))
    virtual(file, "stack", (3, 3, 4), *[
        (slab((3, 3, 4), ((i, 0, 0), (1, 1, 1), None, (1, 3, 4))), f"part{i}.h5", "data", slab((3, 4))) for i in range(3)])
    virtual(file, "whole", (3, 4), (slab((3, 4)), "part1.h5", "data", slab((3, 4))))
    virtual(file, "here", (3, 4), (slab((3, 4), ((1, 1), (1, 1), None, (2, 3))), ".", "whole", slab((3, 4), ((0, 0), (1, 1), None, (2, 3)))))
    virtual(file, "gap", (4, 6), (slab((4, 6), ((0, 1), (1, 1), None, (3, 4))), "part0.h5", "data", slab((3, 4))),
            (slab((4, 6), ((3, 0), (1, 1), None, (1, 4))), "absent.h5", "data", slab((3, 4), ((0, 0), (1, 1), None, (1, 4)))))
    virtual(file, "overlap", (3, 4), (slab((3, 4)), "part0.h5", "data", slab((3, 4))),
            (slab((3, 4), ((1, 1), (1, 1), None, (1, 2))), "part1.h5", "data", slab((3, 4), ((0, 0), (1, 1), None, (1, 2)))))
    virtual(file, "interleaved", (6, 4), *[
        (slab((6, 4), ((i, 0), (3, 1), (2, 1), (1, 4))), f"part{i}.h5", "data", slab((3, 4))) for i in range(2)])
    virtual(file, "mosaic", (6, 8), *[
        (slab((6, 8), ((i, j), (3, 4), (2, 2), (1, 1))), f"part{i + j}.h5", "data", slab((3, 4))) for i in range(2) for j in range(2)])
    virtual(file, "reshaped", (6, 2), (slab((6, 2)), "part2.h5", "data", slab((3, 4))))
    virtual(file, "flat", (12,), (slab((12,), ((0,), (3,), (4,), (3,))), "part2.h5", "data", slab((3, 4), ((0, 1), (1, 1), None, (3, 3)))))
    virtual(file, "transposed", (4, 4), (slab((4, 4), ((0, 0), (2, 2), (2, 3), (1, 1))), "line.h5", "data", slab((100,), ((10,), (2,), (5,), (2,)))))
    virtual(file, "irregular", (6, 6), (
        slab((6, 6), ((0, 0), (1, 1), None, (2, 3)), ((1, 2), (1, 1), None, (3, 2))), "part2.h5", "data",
        slab((3, 4), ((0, 0), (1, 1), None, (2, 4)), ((2, 1), (1, 1), None, (1, 3)))))
    virtual(file, "large", (5, 4), (slab((5, 4), ((1, 0), (2, 1), (2, 1), (1, 4))), "line.h5", "data", slab((100,), ((40,), (8,), (3,), (1,)))))
    virtual(file, "percent", (3, 4), (slab((3, 4)), "100%%.h5", "data", slab((3, 4))))
    virtual(file, "grows", (9, 4), (rows(9, (0, 0), (UN, 1), (2, 1), (1, 4)), "part0.h5", "data", rows(9, (0, 0), (UN, 1), (1, 1), (1, 4))),
            maximum=(UN, 4))
    virtual(file, "grows_block", (3, 4), (rows(3, (0, 0), (1, 1), None, (UN, 4)), "tall.h5", "data", rows(3, (1, 0), (1, 1), None, (UN, 4))),
            maximum=(UN, 4))
    virtual(file, "grows_blocks", (9, 4), (rows(9, (1, 0), (UN, 1), (5, 1), (3, 4)), "tall.h5", "data", rows(6, (0, 0), (UN, 1), (3, 1), (3, 4))),
            maximum=(UN, 4))
    virtual(file, "grows_twice", (9, 4), (rows(9, (1, 0), (UN, 1), (5, 1), (3, 4)), "part0.h5", "data", rows(6, (0, 0), (UN, 1), (3, 1), (3, 4))),
            (rows(9, (4, 0), (UN, 1), (5, 1), (1, 4)), "tall.h5", "data", rows(2, (0, 0), (UN, 1), (1, 1), (1, 4))),
            (rows(9, (2, 1), (1, 1), None, (1, 2)), "part1.h5", "data", slab((3, 4), ((0, 0), (1, 1), None, (1, 2)))), maximum=(UN, 4))
    virtual(file, "grows_across", (4, 9), (
        slab((4, 11), ((0, 1), (1, UN), (1, 5), (4, 3)), maximum=(4, UN)), "tall.h5", "data", rows(6, (0, 0), (UN, 1), (3, 1), (3, 4))),
        maximum=(4, UN))
    virtual(file, "grows_not", (5, 4), (rows(5, (0, 0), (UN, 1), (1, 1), (1, 4)), "absent.h5", "data", rows(5, (0, 0), (UN, 1), (1, 1), (1, 4))),
            maximum=(UN, 4))
    virtual(file, "numbered", (1, 3, 4), (
        slab((1, 3, 4), ((0, 0, 0), (UN, 1, 1), None, (1, 3, 4)), maximum=(UN, 3, 4)), "part%b.h5", "data", slab((3, 4))), maximum=(UN, 3, 4))
    virtual(file, "numbered_twice", (3, 20), (
        slab((3, 20), ((0, 1), (1, UN), (1, 5), (3, 4)), maximum=(3, UN)), "part%b.h5", "data", slab((3, 4))),
        (slab((3, 20), ((0, 18), (1, 1), None, (1, 2)), maximum=(3, UN)), "line.h5", "data", slab((100,), ((0,), (2,), None, None))),
        maximum=(3, UN))
    virtual(file, "numbered_names", (1, 4), (
        slab((1, 4), ((0, 0), (UN, 1), None, (1, 4)), maximum=(UN, 4)), "many.h5", "a%b%%b%b", slab((3, 4), ((1, 0), (1, 1), None, (1, 4)))),
        maximum=(UN, 4))


def make_sources():
    for number in range(3):
        source(f"part{number}.h5", "data", 1000 * (number + 1), (3, 4))
        source("many.h5", f"a{number}%b{number}", 5000 + 100 * number, (3, 4))
    # After the first missing one, numbered sources end.
    source("part4.h5", "data", 9000, (3, 4))
    source("100%.h5", "data", 7000, (3, 4))
    source("tall.h5", "data", 2100, (8, 4))
    source("line.h5", "data", 100, (100,))


def random_slab(generator, shape, counts):
    """A selection with so many coordinates along each dimension; None when there is not any."""
    part = []
    for length, count in zip(shape, counts):
        block = generator.choice([b for b in range(1, count + 1) if count % b == 0])
        blocks = count // block
        room = length - count
        if room < 0:
            return None
        gap = generator.randint(0, room // (blocks - 1)) if blocks > 1 else 0
        start = generator.randint(0, length - (count + gap * (blocks - 1)))
        part.append((start, blocks, block + gap, block))
    return slab(shape, tuple(zip(*part)))


def fill_random(file, generator):
    for number in range(12):
        rank = generator.randint(1, 3)
        shape = tuple(generator.randint(2, {1: 60, 2: 12, 3: 7}[rank]) for _ in range(rank))
        mappings = []
        for _ in range(generator.randint(1, 4)):
            counts = tuple(generator.randint(1, n) for n in shape)
            to = random_slab(generator, shape, counts)
            if generator.random() < 0.3:
                for _ in range(3):
                    start = tuple(generator.randrange(n) for n in shape)
                    size = tuple(generator.randint(1, n - s) for n, s in zip(shape, start))
                    to.select_hyperslab(start, (1,) * rank, None, size, op=generator.choice([h5s.SELECT_OR, h5s.SELECT_XOR]))
            total = to.get_select_npoints()
            if total == 0:
                continue
            kind = generator.random()
            if kind < 0.5 and total == np.prod(counts):
                file_name, dataset, source_shape = "cube.h5", "data" + str(rank), tuple(n + 6 for n in {1: (60,), 2: (12, 12), 3: (7, 7, 7)}[rank])
                origin = random_slab(generator, source_shape, counts)
            elif kind < 0.8:
                file_name, dataset, source_shape = "cube.h5", "long", (1200,)
                origin = random_slab(generator, source_shape, (total,))
            else:
                file_name, dataset, source_shape = "cube.h5", "wide", (30, 40)
                whole, rest = divmod(total, 40)
                first = generator.randint(0, 29 - whole)
                parts = [((first, 0), (1, 1), None, (whole, 40))] if whole else []
                parts += [((first + whole, 0), (1, 1), None, (1, rest))] if rest else []
                origin = slab(source_shape, *parts)
            mappings.append((to, file_name, dataset, origin))
        if mappings:
            virtual(file, f"v{number}", shape, *mappings)


def table(name):
    lines = []
    with h5py.File(name, "r") as file:
        for dataset, value in file.items():
            data = value[()]
            if (data == 0).any():
                # Where mappings overlap, libhdf5 forgets to fill what none covers (HDF5 2.0.0). Sources do not have zeros.
                continue
            lines.append(f"virtual {name} {dataset} {','.join(map(str, data.shape))}")
            lines.append(" ".join(map(str, data.ravel())))
    return lines


def main(here, seed=None, count=0):
    lines = []
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        if seed is None:
            make_sources()
            files = [("virtual_old.h5", "earliest"), ("virtual_v112.h5", ("v112", "v112")), ("virtual_new.h5", "latest")]
        else:
            for dataset, first, shape in [("data1", 10, (66,)), ("data2", 1000, (18, 18)), ("data3", 2000, (13, 13, 13)),
                                          ("long", 5000, (1200,)), ("wide", 7000, (30, 40))]:
                source("cube.h5", dataset, first, shape)
            generator = random.Random(seed)
            files = [(f"virtual_random{i}.h5", generator.choice(["earliest", ("v112", "v112"), "latest"])) for i in range(count)]
        for name, bounds in files:
            with h5py.File(name, "w", libver=bounds) as file:
                fill(file) if seed is None else fill_random(file, generator)
            lines += table(name)
            shutil.copy(name, here / name)
    (here / "virtual.txt").write_text("\n".join(sources + lines) + "\n")


if len(sys.argv) > 1:
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3]))
else:
    main(Path(__file__).resolve().parent)
