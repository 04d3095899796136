import pathlib
import signal

import numpy
import pytest

# Where the tests run in the background the shell has Ctrl-C ignored, and processes inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def fixtures():
    """The repository's small files made by other people's software."""
    return ROOT / "fixtures"


@pytest.fixture
def volume():
    """An array in which every number differs."""
    return numpy.arange(6 * 7 * 8, dtype=numpy.uint16).reshape(6, 7, 8)


@pytest.fixture
def npy(tmp_path, volume):
    """The volume as NumPy writes it."""
    path = tmp_path / "volume.npy"
    numpy.save(path, volume)
    return path
