"""Threads, forked children, other processes, Ctrl-C, Dask."""

import io
import os
import pathlib
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy
import pytest

import iolink
from iolink import *


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A deflated archive whose numbers are noise: decoding it takes a while."""
    folder = tmp_path_factory.mktemp("large")
    array = numpy.random.default_rng(0).integers(0, 4096, (64, 512, 512)).astype("u2")
    numpy.savez_compressed(folder / "large.npz", array)
    numpy.save(folder / "large.npy", array)
    return folder, array


def in_threads(count, work):
    failures = []

    def run(index):
        try:
            work(index)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize("name", ["large.npy", "large.npz"])
def test_threads_read_what_one_reads(large, name):
    folder, array = large
    view = iolink.open(folder / name).image()

    def work(index):
        for start in range(index, 64, 8):
            assert (numpy.asarray(view.array[start : start + 3, index * 10 :, ::3]) == array[start : start + 3, index * 10 :, ::3]).all()

    in_threads(4, work)


def test_the_interpreter_lock_is_free_while_reading(large):
    folder, _ = large
    view = iolink.open(folder / "large.npz").image()
    done = threading.Event()
    ticks = 0
    thread = threading.Thread(target=lambda: (numpy.asarray(view), done.set()))
    thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    thread.join()
    assert ticks > 20


def test_a_forked_child_reads(large):
    folder, array = large
    view = iolink.open(folder / "large.npz").image()
    assert (numpy.asarray(view) == array).all()
    child = os.fork()
    if child == 0:
        try:
            ok = (numpy.asarray(view.array[5:60]) == array[5:60]).all()
            ok = ok and (numpy.asarray(pickle.loads(pickle.dumps(view)).array[3]) == array[3]).all()
        finally:
            os._exit(0 if ok else 1)
    for _ in range(600):
        finished, status = os.waitpid(child, os.WNOHANG)
        if finished:
            assert os.waitstatus_to_exitcode(status) == 0
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the child did not finish")


class Slow(io.BytesIO):
    """A file object that takes its time."""

    def readinto(self, buffer):
        time.sleep(0.002)
        return super().readinto(memoryview(buffer)[:4096])


def test_a_slow_file_object_and_eight_threads(npy, volume):
    view = iolink.open(Slow(npy.read_bytes())).image()

    def work(index):
        for _ in range(5):
            assert (numpy.asarray(view.array[index % 6]) == volume[index % 6]).all()

    in_threads(8, work)


SLOW = """
import io, signal, sys, threading, time
import numpy, iolink

class Slow(io.BytesIO):
    def readinto(self, buffer):
        time.sleep(0.02)
        return super().readinto(memoryview(buffer)[:256])

buffer = io.BytesIO()
numpy.save(buffer, numpy.zeros((512, 64, 64), "u2"))
view = iolink.open(Slow(buffer.getvalue())).image()
for _ in range({threads}):
    threading.Thread(target=lambda: [numpy.asarray(view.array[i, :2]) for i in range(512)], daemon=True).start()
print("ready", flush=True)
try:
    {work}
except KeyboardInterrupt:
    print("interrupted", flush=True)
    import os
    os._exit(7)
"""


@pytest.mark.parametrize("threads, work", [
    (0, "numpy.asarray(view)"), (8, "numpy.asarray(view)"), (8, "time.sleep(60)"),
    (0, "iolink.write(view, '{target}', progress=lambda done, total: None)"),
], ids=["reading", "reading beside eight", "beside eight", "writing"])
def test_ctrl_c(threads, work, tmp_path):
    code = SLOW.format(threads=threads, work=work.format(target=tmp_path / "out.npy"))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    try:
        assert process.wait(30) == 7
    finally:
        process.kill()
    assert time.monotonic() - started < 10
    assert process.stdout.read() == "interrupted\n"
    assert not list(tmp_path.iterdir())


def test_pickling_reopens(tmp_path, npy, volume):
    file = iolink.open(npy)
    view = file.image()
    part = ImageViewFactory.stack([view.array[:, 1:3].image, view.array[:, 3:5].image], CHANNEL)
    for original in [view, view.array, view.array[1:3, ::-1, 2], view.array[2].image, part,
                     ImageViewFactory.adapt_data_type(view, "float32"), ImageViewFactory.flip_dimension(view, ROW)]:
        text = pickle.dumps(original)
        assert len(text) < 2000
        back = pickle.loads(text)
        assert type(back) is type(original)
        assert (numpy.asarray(back) == numpy.asarray(original)).all()
        assert pickle.loads(pickle.dumps(back)).recipe == original.recipe
    text = pickle.dumps(view)
    os.utime(npy, ns=(1, 1))
    with pytest.raises(OSError, match="changed"):
        pickle.loads(text)


def test_pickling_memory(volume):
    for view in [NumpyInterop.from_numpy_array(volume), NumpyInterop.from_numpy_array(volume, ImageTypeId.VOLUME),
                 NumpyInterop.order_from_numpy_array(volume, [COLUMN, SEQUENCE, CHANNEL]),
                 NumpyInterop.order_from_numpy_array(volume[..., :3], [COLUMN, ROW, COMPONENT]),
                 ImageViewFactory.allocate((4, 3), DataTypeId.VEC3_UINT16, None, {"a": 1})]:
        for original in (view, view.array[1:]):
            back = pickle.loads(pickle.dumps(original))
            assert type(back) is type(original) and back.dtype == original.dtype
            assert (numpy.asarray(back) == numpy.asarray(original)).all()
        back = pickle.loads(pickle.dumps(view))
        assert back.properties == view.properties and back.metadata == view.metadata


def test_pickling_in_a_fresh_process(npy, volume, tmp_path):
    part = iolink.open(npy).array[2:5, 1]
    (tmp_path / "view.pickle").write_bytes(pickle.dumps(part))
    code = "import pickle, numpy, sys; print(int(numpy.asarray(pickle.load(open(sys.argv[1], 'rb'))).sum()))"
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "view.pickle"], capture_output=True, text=True)
    assert done.stdout.strip() == str(int(volume[2:5, 1].sum())), done.stderr


def test_dask(large):
    dask_array = pytest.importorskip("dask.array")
    folder, array = large
    lazy = iolink.open(folder / "large.npz").to_dask()
    assert isinstance(lazy, dask_array.Array) and lazy.shape == array.shape and lazy.dtype == array.dtype
    assert (lazy[3:9, ::2].compute() == array[3:9, ::2]).all()
    assert (iolink.open(folder / "large.npy").to_dask(chunks=(16, 256, 512)).max(axis=0).compute() == array.max(axis=0)).all()


@pytest.mark.parametrize("target", ["target.npy", "target.h5", "target.tif"])
def test_a_cluster_converts(tmp_path, large, target):
    pytest.importorskip("distributed")
    _, array = large
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "stack.tif", array, compression="zlib", photometric="minisblack", metadata={"axes": "ZYX"})
    source = tmp_path / "stack.tif"
    iolink.create(tmp_path / target, array.shape, array.dtype, axes="ZYX")
    code = f"""
import dask.array, iolink
from distributed import Client, LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=2, processes=True, dashboard_address=None) as cluster, Client(cluster):
        lazy = iolink.open({str(source)!r}).to_dask(chunks=(16, 256, 512))
        target = iolink.open({str(tmp_path / target)!r}, mode="update")
        dask.array.store(lazy, target.array, lock=False)
"""
    (tmp_path / "convert.py").write_text(code)
    done = subprocess.run([sys.executable, tmp_path / "convert.py"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    single = tmp_path / f"single{pathlib.Path(target).suffix}"
    iolink.convert(source, single)
    assert (numpy.asarray(iolink.open(single)) == array).all() and (numpy.asarray(iolink.open(tmp_path / target)) == array).all()
    if target.endswith("npy"):
        assert (tmp_path / target).read_bytes() == single.read_bytes()
    elif target.endswith("h5"):
        h5py = pytest.importorskip("h5py")
        with h5py.File(tmp_path / target) as file, h5py.File(single) as other:
            assert (file["image"][:] == array).all() and (other["image"][:] == array).all()
    else:
        assert (tifffile.imread(tmp_path / target) == array).all()


def test_dask_takes_lazy_arrays(large):
    """As it takes those of h5py and zarr, without to_dask."""
    dask_array = pytest.importorskip("dask.array")
    folder, array = large
    lazy = dask_array.from_array(iolink.open(folder / "large.npy")[0].array, chunks=(16, 256, 512))
    for compute in [
        lambda a: a.mean(axis=0), lambda a: a.std(), lambda a: a.var(axis=(1, 2)), lambda a: a.cumsum(axis=0)[:, 5, 5], lambda a: a[[5, 1]],
        lambda a: a[None, 3, ::7], lambda a: a[:, ::64, ::64] + 1, lambda a: a.max(axis=2),
    ]:
        assert numpy.allclose(compute(lazy).compute(), compute(array))


def test_the_chunks_of_dask_are_the_files(tmp_path):
    h5py, _ = pytest.importorskip("h5py"), pytest.importorskip("dask.array")
    pixels = numpy.arange(50 * 60 * 70, dtype="u2").reshape(50, 60, 70)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("a", data=pixels, chunks=(16, 32, 70), compression="gzip")
        file.create_dataset("tiny", shape=(400, 400, 4), chunks=(2, 2, 4), dtype="u1")
    with iolink.open(tmp_path / "a.h5") as file:
        lazy = file["a"].to_dask()
        assert lazy.chunks == ((16, 16, 16, 2), (32, 28), (70,)) and (lazy.compute() == pixels).all()
        assert file["a"].to_dask((50, 60, 70)).numblocks == (1, 1, 1) and file["a"].to_dask("auto").numblocks == (1, 1, 1)
        merged = file["tiny"].to_dask()
        assert merged.npartitions <= 10_000 and all(chunk % 2 == 0 for axis in merged.chunks for chunk in axis)


@pytest.mark.parametrize("imports", ["h5py, tifffile, PIL.Image, tensorstore, iolink", "iolink, h5py, tifffile, PIL.Image, tensorstore"])
def test_beside_the_peers(imports, npy, fixtures):
    for name in ("h5py", "tifffile", "PIL", "tensorstore"):
        pytest.importorskip(name)
    code = f"""
import {imports}
import numpy, io
with iolink.open({str(npy)!r}) as file:
    assert numpy.asarray(file.image()).sum() == {sum(range(6 * 7 * 8))}
memory = io.BytesIO()
with h5py.File(memory, "w") as file:
    file["a"] = numpy.arange(10)
    assert file["a"][3] == 3
memory = io.BytesIO()
tifffile.imwrite(memory, numpy.zeros((5, 6), "u1"), compression="zlib")
assert tifffile.imread(io.BytesIO(memory.getvalue())).shape == (5, 6)
for name in ("hdf5/gzip_new.h5", "tiff/zlib_strips.tif", "png/missing.png"):
    try:
        numpy.asarray(iolink.open({str(fixtures)!r} + "/" + name))
    except (iolink.UnsupportedError, iolink.UnrecognizedError, iolink.NotFoundError, iolink.InvalidArgumentError):
        pass
with h5py.File(io.BytesIO(), "w") as file:
    file.create_dataset("a", data=numpy.arange(1000), chunks=(10,), compression="gzip")
    assert file["a"][999] == 999
print("fine")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "fine\n", done.stderr
