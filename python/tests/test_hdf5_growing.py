"""HDF5 files that another process is writing (h5py, SWMR), holds, or left open when it was killed."""

import signal
import subprocess
import sys

import numpy
import pytest

import iolink

pytest.importorskip("h5py")

WRITER = """
import sys
import h5py
import numpy as np

path, pause = sys.argv[1], float(sys.argv[2])
with h5py.File(path, "w", libver="latest") as file:
    frames = file.create_dataset("frames", (0, 32, 32), "u2", maxshape=(None, 32, 32), chunks=(1, 32, 32), compression="gzip")
    file.create_dataset("scale", data=[1.0])
    file.swmr_mode = True
    for number in range(100_000):
        frames.resize(number + 1, axis=0)
        frames[number] = number % 65536
        frames.flush()
        if number in (0, 5) or number % 50 == 0:
            print(number + 1, flush=True)
            if pause:
                sys.stdin.readline()
"""


@pytest.fixture
def writer(tmp_path):
    """Starts writers, and ends them with SIGKILL."""
    started = []

    def start(pause):
        path = str(tmp_path / f"growing{len(started)}.h5")
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, path, str(pause)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return path, process, int(process.stdout.readline())

    yield start
    for process in started:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdin.close()
        process.stdout.close()


def check(image):
    """Frame n is filled with n; what was announced and is not written yet is 0, in the last frame only."""
    array = numpy.asarray(image)
    assert array.shape[1:] == (32, 32)
    for number, frame in enumerate(array):
        assert (frame == number % 65536).all() or number == len(array) - 1 and (frame == 0).all(), number
    return len(array)


def test_a_held_file_is_read_and_refreshed(writer):
    path, process, count = writer(pause=1)
    with iolink.open(path) as file:
        image = file.image("frames")
        assert image.shape() == (32, 32, count) and check(image) == count
        for _ in range(3):
            process.stdin.write("\n")
            process.stdin.flush()
            count = int(process.stdout.readline())
            later = image.refreshed()
            assert later.shape() == (32, 32, count) and check(later) == count
        assert image.shape() == (32, 32, 1), "a view keeps its shape"
        assert later.refreshed().shape() == later.shape()
    with pytest.raises(iolink.InvalidArgumentError):
        later.refreshed()


def test_a_killed_writer_leaves_what_it_flushed(writer):
    path, process, count = writer(pause=1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with iolink.open(path) as file:
        assert check(file.image("frames")) == count


def test_nothing_is_malformed_while_frames_are_appended(writer):
    path, process, count = writer(pause=0)
    with iolink.open(path) as file:
        image = file.image("frames")
        seen = [check(image)]
        for _ in range(60):
            image = image.refreshed()
            seen.append(check(image))
        assert seen == sorted(seen) and seen[-1] > seen[0]
    process.send_signal(signal.SIGKILL)
    process.wait()
    with iolink.open(path) as file:
        assert check(file.image("frames")) >= seen[-1]


def test_a_file_object_is_refreshed(writer):
    path, process, count = writer(pause=1)
    with open(path, "rb") as stream:
        image = iolink.open(stream).image("frames")
        process.stdin.write("\n")
        process.stdin.flush()
        count = int(process.stdout.readline())
        assert check(image.refreshed()) == count


def test_what_cannot_grow_cannot_be_refreshed(tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["fixed"] = numpy.zeros((3, 4))
        file.create_dataset("chunks", data=numpy.zeros((3, 4)), chunks=True)
    with iolink.open(str(tmp_path / "a.h5")) as file:
        assert file.image("chunks").refreshed().shape() == (4, 3)
        for view in [file.image("fixed"), file.image("chunks").array[1:].image]:
            with pytest.raises(iolink.UnsupportedError):
                view.refreshed()
