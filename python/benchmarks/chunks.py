"""What it costs to open an HDF5 file and read one of its 65,536 chunks, for each kind of chunk index, beside h5py. Prints numbers; asserts nothing.

    .venv/bin/python python/benchmarks/chunks.py [FOLDER]

Every time is that of opening the file, reading one element of a chunk at a random place, and closing the file. The two libraries take
turns, so that both meet the same load of the machine; the numbers are medians over 40 turns.
"""

import os
import pathlib
import random
import statistics
import sys
import tempfile
import time

import h5py
import numpy

import iolink

COUNT = 256  # chunks along each of two dimensions
INDEXES = {
    "version 1 B-tree": dict(libver="earliest"),
    "version 1 B-tree, gzip": dict(libver="earliest", compression="gzip"),
    "implicit": dict(libver="v110", early=True),
    "fixed array": dict(libver="v110"),
    "fixed array, gzip": dict(libver="v110", compression="gzip"),
    "extensible array": dict(libver="v110", maxshape=(None, COUNT * 4)),
    "extensible array, gzip": dict(libver="v110", maxshape=(None, COUNT * 4), compression="gzip"),
    "version 2 B-tree": dict(libver="v110", maxshape=(None, None)),
    "version 2 B-tree, gzip": dict(libver="v110", maxshape=(None, None), compression="gzip"),
}


def write(path, libver, early=False, **options):
    values = numpy.arange(COUNT * 4 * COUNT * 4, dtype="<u4").reshape(COUNT * 4, COUNT * 4)
    with h5py.File(path, "w", libver=libver) as file:
        if not early:
            file.create_dataset("data", data=values, chunks=(4, 4), **options)
            return
        # Without an index: all chunks are allocated when the dataset is made.
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_chunk((4, 4))
        properties.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        space = h5py.h5s.create_simple(values.shape)
        h5py.h5d.create(file.id, b"data", h5py.h5t.STD_U32LE, space, properties)
        file["data"][...] = values


def with_iolink(path, row, column):
    with iolink.open(path) as images:
        return int(images.array[row, column])


def with_h5py(path, row, column):
    with h5py.File(path) as file:
        return int(file["data"][row, column])


def compare(path, turns=40):
    """Returns the medians of the wall time and of the processor time of both, in microseconds."""
    places = random.Random(1)
    times = {with_iolink: [], with_h5py: []}
    for _ in range(turns):
        row, column = places.randrange(COUNT * 4), places.randrange(COUNT * 4)
        for read, found in times.items():
            wall, processor = time.perf_counter(), time.process_time()
            value = read(path, row, column)
            found.append((time.perf_counter() - wall, time.process_time() - processor))
            assert value == row * COUNT * 4 + column
    return [[statistics.median(column) * 1e6 for column in zip(*found)] for found in times.values()]


def main():
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        print(f"{'one chunk of 65,536, µs':28}{'iolink':>9}{'(CPU)':>9}{'h5py':>9}{'(CPU)':>9}{'ratio':>8}{'(CPU)':>8}")
        for name, options in INDEXES.items():
            path = folder / (name.replace(" ", "_").replace(",", "") + ".h5")
            if not path.exists():
                write(path, **options)
            (ours, our_cpu), (theirs, their_cpu) = compare(path)
            print(f"{name:28}{ours:9.0f}{our_cpu:9.0f}{theirs:9.0f}{their_cpu:9.0f}{ours / theirs:8.2f}{our_cpu / their_cpu:8.2f}")
        print(f"load of the machine: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
