#!/usr/bin/env python3
"""Opens, describes and reads damaged copies of real files through the Python package, in worker processes.

    python3 Tests/fuzz/mutate.py --count 100000 --seed 1 --out /tmp/findings FOLDER …

Every file of the folders up to 1 MiB is damaged in turn: flipped bits, bytes and numbers replaced by others that are likely to be
mishandled, blocks moved, repeated or removed, the end cut off. A worker is forked for some hundred files. These are findings: a signal,
a file that takes too much time, an exception that is not the package's own, and memory beyond the limits. Each is written to the
output folder, and the number of its try makes the same file again: `--first N --count 1`.
"""

import argparse
import collections
import json
import mmap
import os
import pathlib
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import zlib

BATCH = 400
LARGEST = 1 << 20
SUFFIXES = {"npy", "npz", "tif", "tiff", "stk", "lsm", "btf", "tf8", "ndpi", "png", "apng", "h5", "hdf5", "hdf", "nc", "mat", "nxs", "h5ad"}
INTERESTING = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
LIMITS = {"chunk": "64M", "metadata": "16M", "images": 10000, "entries": 1 << 20}


def mutate(data, generator):
    """Returns a damaged copy. Most damage is near the beginning, where most formats have their structure."""
    data = bytearray(data)
    for _ in range(generator.choice((1, 1, 1, 2, 3, 6, 12))):
        if not data:
            break
        end = len(data) if generator.random() < 0.5 else min(len(data), generator.choice((64, 512, 4096)))
        place = generator.randrange(end)
        kind = generator.randrange(10)
        if kind < 3:
            data[place] ^= 1 << generator.randrange(8)
        elif kind < 5:
            data[place] = generator.choice((0, 1, 0x7F, 0x80, 0xFF, generator.randrange(256)))
        elif kind < 7:
            size = generator.choice((2, 4, 8))
            number = generator.choice(INTERESTING + [len(data), place, generator.randrange(1 << 16)]) % (1 << (8 * size))
            part = struct.pack("<Q", number)[:size]
            part = part if generator.random() < 0.7 else part[::-1]
            data[place : place + size] = part[: max(0, min(size, len(data) - place))]
        elif kind == 7:
            count = generator.choice((1, 4, 16, 256))
            block = data[place : place + count]
            other = generator.randrange(len(data))
            data[other : other + len(block)] = block
        elif kind == 8:
            del data[place : place + generator.choice((1, 2, 8, 64, 512))]
        else:
            del data[place:]
    if data[:4] == b"\x89PNG" and generator.random() < 0.7:
        seal_png(data)
    return bytes(data)


def seal_png(data):
    """Makes the CRC of every chunk fit again, so that the damage is not all that is noticed."""
    place = 8
    while place + 12 <= len(data):
        (count,) = struct.unpack(">I", data[place : place + 4])
        if place + 12 + count > len(data):
            return
        data[place + 8 + count : place + 12 + count] = struct.pack(">I", zlib.crc32(data[place + 4 : place + 8 + count]))
        place += 12 + count


def examine(iolink, path):
    """Opens a file, describes its images and reads the small ones. Returns how many images could be read."""
    good = 0
    with iolink.open(path, limits=LIMITS) as file:
        repr(file)
        names = list(file.names)
        for index in range(min(5, len(names))):
            try:
                image = file[index]
                repr(image), image.metadata, image.properties.axes, image.chunk_shape if hasattr(image, "chunk_shape") else None
                array = image.array
                if array.nbytes <= 1 << 22:
                    import numpy

                    numpy.asarray(array)
                else:
                    small = tuple(slice(0, 2) for _ in array.shape)
                    import numpy

                    numpy.asarray(array[small])
                good += 1
            except iolink.IOLinkError:
                pass
    return good


def limit_memory(byte_count):
    """Limits the address space to what the process has now and `byte_count` more."""
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + byte_count, size + byte_count))


class Work:
    """The tries of one run: which file is damaged, and how."""

    def __init__(self, folders, seed):
        files = sorted(path for folder in folders for path in pathlib.Path(folder).rglob("*") if path.is_file())
        self.files = [f for f in files if f.suffix.lower()[1:] in SUFFIXES and 0 < f.stat().st_size <= LARGEST]
        self.seed = seed
        self.contents = {}

    def make(self, number):
        path = self.files[number % len(self.files)]
        if path not in self.contents:
            self.contents[path] = path.read_bytes()
        return path, mutate(self.contents[path], random.Random(f"{self.seed}-{number}"))


class Worker:
    """A forked process that tries some numbers in turn, and says in shared memory which one it is at."""

    def __init__(self, work, first, end, options):
        self.end = end
        self.shared = mmap.mmap(-1, 64)
        self.shared[:32] = struct.pack("<qqqq", first, 0, 0, 0)
        self.since = (first, time.monotonic(), 0.0)
        self.report, writer = os.pipe()
        self.text = b""
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.report)
            try:
                self.run(work, first, end, options, writer)
            finally:
                os._exit(0)
        os.close(writer)
        os.set_blocking(self.report, False)

    @property
    def state(self):
        return struct.unpack("<qqqq", self.shared[:32])

    def run(self, work, first, end, options, writer):
        import iolink

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        limit_memory(options.memory << 20)
        opened = readable = 0
        for number in range(first, end):
            self.shared[:32] = struct.pack("<qqqq", number, opened, readable, 0)
            path, data = work.make(number)
            target = os.path.join(options.scratch, f"{os.getpid()}.{path.suffix[1:].lower()}")
            with open(target, "wb") as file:
                file.write(data)
            try:
                readable += examine(iolink, target) > 0
                opened += 1
            except iolink.IOLinkError:
                pass
            except BaseException as error:
                os.write(writer, json.dumps([number, f"{type(error).__name__}: {error}"[:300]]).encode() + b"\n")
            finally:
                os.unlink(target)
        self.shared[:32] = struct.pack("<qqqq", end, opened, readable, 0)

    def read_report(self):
        try:
            while part := os.read(self.report, 65536):
                self.text += part
        except BlockingIOError:
            pass

    def cpu_seconds(self):
        try:
            with open(f"/proc/{self.pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return 0.0

    def is_hanging(self, seconds):
        """Whether the same file takes more than this much time of the processor, or ten times as much of the clock."""
        number, cpu = self.state[0], self.cpu_seconds()
        if number != self.since[0]:
            self.since = (number, time.monotonic(), cpu)
        return cpu - self.since[2] > seconds or time.monotonic() - self.since[1] > 10 * seconds


class Run:
    def __init__(self, options):
        self.options = options
        self.work = Work(options.folders, options.seed)
        self.next = options.first
        self.end = options.first + options.count
        self.counts = collections.Counter()
        self.findings = []
        self.ends = time.monotonic() + options.seconds if options.seconds else float("inf")
        self.queue = []

    def note(self, number, what):
        path, data = self.work.make(number)
        name = f"{number}-{path.name}"
        out = pathlib.Path(self.options.out)
        out.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(data)
        self.findings.append((what, name))
        print(f"FINDING {what}: {out / name}", flush=True)

    def start(self):
        if self.queue:
            return Worker(self.work, *self.queue.pop(), self.options)
        if self.next >= self.end or time.monotonic() > self.ends:
            return None
        first, self.next = self.next, min(self.next + BATCH, self.end)
        return Worker(self.work, first, self.next, self.options)

    def finish(self, worker, status, hanging):
        worker.read_report()
        os.close(worker.report)
        number, opened, readable, _ = worker.state
        first = worker.first
        for line in worker.text.splitlines():
            self.note(*json.loads(line))
        self.counts.update(opened=opened, readable=readable, tried=min(number + 1, worker.end) - first)
        if number < worker.end:
            what = "hang" if hanging else f"signal {signal.Signals(os.WTERMSIG(status)).name}" if os.WIFSIGNALED(status) else "exit"
            self.note(number, what)
            if number + 1 < worker.end:
                self.queue.append((number + 1, worker.end))

    def run(self):
        workers = []
        shown = time.monotonic()
        while True:
            while len(workers) < self.options.workers and (worker := self.start()):
                worker.first = worker.state[0]
                workers.append(worker)
            if not workers:
                return
            time.sleep(0.02)
            for worker in list(workers):
                worker.read_report()
                hanging = worker.is_hanging(self.options.hang)
                if hanging:
                    os.kill(worker.pid, signal.SIGKILL)
                pid, status = os.waitpid(worker.pid, 0 if hanging else os.WNOHANG)
                if pid:
                    workers.remove(worker)
                    self.finish(worker, status, hanging)
            if time.monotonic() - shown > 60:
                shown = time.monotonic()
                print(f"… {dict(self.counts)}, {len(self.findings)} findings", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", help="folders with files to damage")
    parser.add_argument("--count", type=int, default=10000, help="the number of damaged files")
    parser.add_argument("--first", type=int, default=0, help="the number of the first one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0, help="stop after this time")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", type=int, default=1024, help="MiB of address space that a worker may add")
    parser.add_argument("--hang", type=float, default=10, help="seconds of processor time after which a file counts as a hang")
    parser.add_argument("--out", default="findings", help="where files with findings go")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as scratch:
        options.scratch = scratch
        run = Run(options)
        if not run.work.files:
            sys.exit("no file in these folders can be used")
        run.run()
    print(f"{run.counts['tried']} damaged copies of {len(run.work.files)} files with seed {options.seed}: {run.counts['opened']} opened, "
          f"{run.counts['readable']} with an image that could be read, {len(run.findings)} findings")
    sys.exit(1 if run.findings else 0)


if __name__ == "__main__":
    main()
