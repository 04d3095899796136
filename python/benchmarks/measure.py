"""What the Python side costs. Prints numbers; asserts nothing.

    .venv/bin/python python/benchmarks/measure.py [PATH OF ReadTimer]

ReadTimer is built by `swift build --package-path python/native -c release --product ReadTimer`.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import timeit

import h5py
import numpy

import iolink


def microseconds(statement):
    """The shortest time of a call."""
    return min(timeit.repeat(statement, number=20_000, repeat=7)) / 20_000 * 1e6


def milliseconds(statement, repeat=7):
    return min(timeit.repeat(statement, number=1, repeat=repeat)) * 1e3


code = "import time, numpy; t = time.perf_counter(); import iolink; print((time.perf_counter() - t) * 1e3)"
times = [float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout) for _ in range(9)]
print(f"import iolink                     {min(times):8.2f} ms  (median {statistics.median(times):.2f})")

array = numpy.zeros((480, 640), "u2")
view = iolink.NumpyInterop.from_numpy_array(array)
image = iolink.ImageTypeId.IMAGE
print(f"from_numpy_array(a)               {microseconds(lambda: iolink.NumpyInterop.from_numpy_array(array)):8.2f} µs")
print(f"from_numpy_array(a, IMAGE)        {microseconds(lambda: iolink.NumpyInterop.from_numpy_array(array, image)):8.2f} µs")
print(f"numpy.asarray(view)               {microseconds(lambda: numpy.asarray(view)):8.2f} µs")
print(f"to_numpy_array(view)              {microseconds(lambda: iolink.NumpyInterop.to_numpy_array(view)):8.2f} µs")
print(f"memoryview(array), for comparison {microseconds(lambda: memoryview(array)):8.2f} µs")

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "volume.h5"
    noise = numpy.random.default_rng(0).poisson(100, (32, 2048, 2048)).astype("u2")
    with h5py.File(path, "w") as file:
        file.create_dataset("volume", data=noise, chunks=(1, 512, 512), compression="gzip", compression_opts=4, shuffle=True)
    os.sync()
    with iolink.open(path) as file:
        target = numpy.empty(noise.shape, noise.dtype)
        dataset = file.image()
        region = iolink.RegionXu64.create_full_region(dataset.shape())
        reading = milliseconds(lambda: dataset.read_region(region, target))
        fresh = milliseconds(lambda: numpy.asarray(dataset))
        assert (target == noise).all()
    print(f"256 MiB HDF5, gzip 4 and shuffle: into an array {reading:.0f} ms, as a new array {fresh:.0f} ms")
    if len(sys.argv) > 1:
        swift = float(subprocess.run([sys.argv[1], path], capture_output=True, text=True, check=True).stdout)
        print(f"    the same read in Swift {swift:.0f} ms: ratio {reading / swift:.2f}")
    with h5py.File(path) as file:
        print(f"    h5py {milliseconds(lambda: file['volume'].read_direct(target), 3):.0f} ms")
