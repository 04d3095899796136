"""Codecs written in Python."""

import pickle

import numpy
import pytest

import iolink


class Text:
    """Numbers as text: a line of type, rows and columns, then the numbers."""

    name = "TXT"
    summary = "numbers as text"
    extensions = ("txt", ".TEXT")
    options = {"skip": "lines to pass over"}

    def detect(self, prefix, name):
        return True if prefix.startswith(b"numbers ") else None if name and name.endswith(".txt") else False

    def open(self, access, skip="0"):
        lines = access.read(0, access.size()).split(b"\n")[int(skip) :]
        if not lines[0].startswith(b"numbers "):
            raise iolink.UnrecognizedError("no numbers")
        dtype, rows, columns = lines[0].decode().split()[1:]
        numbers = numpy.array(lines[1].split(), dtype).reshape(int(rows), int(columns))
        return {"numbers": numbers, "twice": iolink.NumpyInterop.from_numpy_array(numbers * 2, "IMAGE")}


CONTENT = b"numbers u2 2 3\n1 2 3 4 5 6"
NUMBERS = numpy.arange(1, 7).reshape(2, 3)


@pytest.fixture
def registry():
    registry = iolink.CodecRegistry()
    registry.register(Text())
    return registry


def test_it_reads(registry, tmp_path):
    (tmp_path / "a.txt").write_bytes(CONTENT)
    for source in (CONTENT, tmp_path / "a.txt"):
        with iolink.open(source, registry=registry) as file:
            assert file.format == "TXT" and file.names == ["numbers", "twice"]
            assert (numpy.asarray(file[0]) == NUMBERS).all() and (numpy.asarray(file["twice"]) == NUMBERS * 2).all()
    assert (numpy.asarray(iolink.read(CONTENT, "twice", registry=registry)) == NUMBERS * 2).all()
    assert (numpy.asarray(iolink.open(b"x\n" + CONTENT, "txt", registry=registry, skip=1)[0]) == NUMBERS).all()
    iolink.convert(CONTENT, tmp_path / "b.npy", "numbers", registry=registry)
    assert (numpy.load(tmp_path / "b.npy") == NUMBERS).all()


def test_the_others_still_read(registry, npy, volume):
    assert (numpy.asarray(iolink.open(npy, registry=registry)) == volume).all()
    formats = {entry.name: entry for entry in registry.formats()}
    assert formats["TXT"].extensions == ["txt", "text"] and formats["TXT"].read_options[0].name == "skip" and "NPY" in formats
    assert "TXT" not in {entry.name for entry in iolink.formats()}
    with pytest.raises(ValueError):
        iolink.open(CONTENT)


def test_errors(registry, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"nothing")
    with pytest.raises(iolink.UnrecognizedError, match="no numbers"):
        iolink.open(tmp_path / "a.txt", registry=registry)
    with pytest.raises(IndexError):
        iolink.open(b"numbers u2 1 1", registry=registry)
    with pytest.raises(ValueError, match="skip"):
        iolink.open(CONTENT, registry=registry, jump=1)
    with pytest.raises(iolink.InvalidArgumentError, match="NOTHING"):
        registry.prioritize("NOTHING", 1)

    class Broken(Text):
        name = "broken"

        def detect(self, prefix, name):
            raise ZeroDivisionError

    registry.register(Broken(), priority=5)
    assert iolink.open(CONTENT, registry=registry).format == "TXT"
    with pytest.raises(TypeError, match="name, detect and open"):
        registry.register(object())


def test_views_pickle_with_their_codec(registry, tmp_path):
    (tmp_path / "a.txt").write_bytes(CONTENT)
    part = iolink.open(tmp_path / "a.txt", registry=registry)["twice"].array[1]
    assert (numpy.asarray(pickle.loads(pickle.dumps(part))) == NUMBERS[1] * 2).all()
    again = pickle.loads(pickle.dumps(registry))
    assert iolink.open(CONTENT, registry=again).format == "TXT"
