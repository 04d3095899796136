"""Pyramids of HDF5, opened by the readers of other projects: npy2bdv for BigDataViewer and imaris-ims-file-reader for Imaris."""

import xml.etree.ElementTree as tree

import numpy
import npy2bdv
import pytest
from imaris_ims_file_reader.ims import ims

import iolink

SPACING = {"column": 0.25, "row": 0.5, "slice": 0.4}  # in micrometres; so close that slices are halved, too


@pytest.fixture
def stack(tmp_path):
    """Two moments of two channels, whose sides are not whole chunks, with the size of a voxel; its path, and the numbers."""
    numbers = numpy.random.default_rng(4).integers(0, 60_000, (2, 2, 9, 70, 45), "u2")  # T, C, Z, Y, X
    path = tmp_path / "stack.h5"
    iolink.write(numbers, path, axes="TCZYX", spacing=SPACING, unit=dict.fromkeys(SPACING, "µm"))
    return path, numbers


def halved(volumes):
    """The means of 2 × 2 × 2 elements, halves rounded up; what is left over at an end stands for nothing."""
    sums = volumes.astype("i8")
    for axis in (-3, -2, -1):
        even = [slice(None)] * sums.ndim
        even[axis] = slice(0, sums.shape[axis] // 2 * 2, 2)
        odd = list(even)
        odd[axis] = slice(1, None, 2)
        sums = sums[tuple(even)] + sums[tuple(odd)]
    return ((sums + 4) // 8).astype(volumes.dtype)


def test_bigdataviewer(stack, tmp_path):
    source, numbers = stack
    target = tmp_path / "volume.h5"
    iolink.convert(source, target, convention="bdv", levels=2, chunk=[4, 32, 32])
    editor = npy2bdv.npy2bdv.BdvEditor(str(target))
    for time in range(2):
        for channel in range(2):
            assert (editor.read_view(time=time, channel=channel) == numbers[time, channel]).all()
            level = editor.read_view(time=time, channel=channel, ilevel=1)
            assert (level == halved(numbers[time, channel])).all()
    editor.finalize()
    sizes = [setup.findtext("voxelSize/size") for setup in tree.parse(target.with_suffix(".xml")).iter("ViewSetup")]
    assert [[float(length) for length in size.split()] for size in sizes] == [[0.25, 0.5, 0.4]] * 2


def test_imaris(stack, tmp_path):
    source, numbers = stack
    target = tmp_path / "volume.ims"
    iolink.convert(source, target, convention="ims", levels=2, chunk=[4, 32, 32])
    image = ims(str(target), squeeze_output=False)
    assert image.shape == numbers.shape
    assert image.resolution == (0.4, 0.5, 0.25)
    assert (image[:, :, :, :, :] == numbers).all()
    image.change_resolution_lock(1)
    assert (image[:, :, :, :, :] == halved(numbers)).all()
