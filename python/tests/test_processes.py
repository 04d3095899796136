"""The ends of interpreters, other interpreters, pipes and forked children."""

import os
import subprocess
import sys
import threading

import numpy
import pytest

import iolink


def run(code, timeout=60):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_end_of_the_interpreter():
    assert run("""
import io, os, iolink, numpy
content = io.BytesIO()
numpy.save(content, numpy.arange(6))
class File:  # one of Python's own would have been closed by then
    def __init__(self, content):
        self.content, self.place = content, 0
    def seek(self, place, whence=0):
        self.place = place + (len(self.content) if whence == 2 else 0)
        return self.place
    def read(self, count):
        self.place += count
        return self.content[self.place - count : self.place]
class Late:
    def __del__(self, open=iolink.open, content=File(content.getvalue()), write=os.write):
        write(1, b"%d\\n" % open(content)[0].read((5,)))
late = Late()
""") == "5\n"


def test_subinterpreters_are_refused():
    interpreters = pytest.importorskip("_xxsubinterpreters" if sys.version_info < (3, 13) else "_interpreters")
    code = """
import iolink
import INTERPRETERS as interpreters
import os
read, write = os.pipe()
made = interpreters.create()
interpreters.run_string(made, f'''
import os
try:
    import iolink
    os.write({write}, b"taken")
except ImportError as error:
    os.write({write}, str(error).encode())
''')
print(os.read(read, 1000).decode())
"""
    assert "main interpreter" in run(code.replace("INTERPRETERS", interpreters.__name__)) or sys.version_info >= (3, 12)


def test_a_pipe_can_be_interrupted(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    process = subprocess.Popen([sys.executable, "-c", f"import iolink; print('ready', flush=True); iolink.open({str(tmp_path / 'pipe')!r})"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    threading.Event().wait(0.5)
    process.send_signal(2)
    assert "KeyboardInterrupt" in process.communicate(timeout=20)[1]


def test_pipes_and_names_that_are_no_text(tmp_path, npy, volume):
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(npy.read_bytes()))
    writer.start()
    assert (numpy.asarray(iolink.open(tmp_path / "pipe")) == volume).all()
    writer.join()
    name = os.fsencode(tmp_path) + b"/\xff.npy"
    with open(name, "wb") as file:
        file.write(npy.read_bytes())
    with open(name, "rb") as file:
        assert (numpy.asarray(iolink.open(file)) == volume).all()
    assert (numpy.asarray(iolink.open(os.fsdecode(name))) == volume).all()


WAIT = """
import os, time
def wait(child):
    for _ in range(3000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, status
            return
        time.sleep(0.01)
    os.kill(child, 9)
    raise SystemExit("a child hangs")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("format", ["TIFF", "HDF5", "PNG", "NPY", "raw"])
def test_children_forked_while_others_read(format, tmp_path):
    """From memory, from a file object and from a file."""
    assert run(WAIT + f"""
import functools, io, os, threading, iolink, numpy
pixels = numpy.random.default_rng(0).integers(0, 9, (1000, 1000)).astype("u1")
content = io.BytesIO()
iolink.write(pixels, content, "{format}", **({{"compression": "deflate", "tile": 64}} if "{format}" == "TIFF" else {{}}))
content = content.getvalue()
path = {str(tmp_path / "image")!r}
with open(path, "wb") as target: target.write(content)
again = functools.partial(iolink.open, **({{"format": "raw", "shape": pixels.shape, "type": "uint8"}} if "{format}" == "raw" else {{}}))
file = again(content)
slow = again(io.BytesIO(content))
named = again(path)
def read():
    while True:
        numpy.array(file[0])
        numpy.array(slow[0])
        numpy.array(named[0])
numpy.array(file[0])
for _ in range(3): threading.Thread(target=read, daemon=True).start()
for _ in range(15):
    child = os.fork()
    if child == 0:
        try:
            ok = all((numpy.array(one[0]) == pixels).all() for one in [file, named, again(content), again(path)])
            ok = ok and (numpy.array(slow[0]) == pixels).all()
        except OSError as error:
            ok = "file object" in str(error)
        os._exit(0 if ok else 1)
    wait(child)
print("fine", flush=True)
os._exit(0)
""", 300) == "fine\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("traced", [False, True])
def test_forks_while_threads_enter_the_interpreter(traced):
    """Threads of the library that call a file object become known to the interpreter; forks wait for that."""
    assert run(WAIT + f"""
import io, os, threading, tracemalloc, iolink, numpy
if {traced}: tracemalloc.start()
content = io.BytesIO()
pixels = numpy.random.default_rng(0).integers(0, 9, (512, 512)).astype("u1")
iolink.write(pixels, content, "TIFF", tile=16, compression="deflate")
view = iolink.open(io.BytesIO(content.getvalue()))[0]
def read():
    while True:
        numpy.array(view)
for _ in range(3): threading.Thread(target=read, daemon=True).start()
for _ in range(300):
    child = os.fork()
    if child == 0:
        os._exit(0)
    wait(child)
print("fine", flush=True)
os._exit(0)
""", 300) == "fine\n"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_forks_beside_other_hooks():
    """A lock that is taken around reads, and before forks by a hook that was there first."""
    assert run(WAIT + """
import io, os, threading
lock = threading.Lock()
os.register_at_fork(before=lock.acquire, after_in_parent=lock.release, after_in_child=lock.release)
import iolink, numpy
content = io.BytesIO()
pixels = numpy.random.default_rng(0).integers(0, 9, (512, 512)).astype("u1")
iolink.write(pixels, content, "TIFF", tile=16, compression="deflate")
view = iolink.open(io.BytesIO(content.getvalue()))[0]
def read():
    while True:
        with lock: numpy.array(view)
threading.Thread(target=read, daemon=True).start()
for _ in range(50):
    child = os.fork()
    if child == 0: os._exit(0)
    wait(child)
print("fine", flush=True)
os._exit(0)
""", 120) == "fine\n"
