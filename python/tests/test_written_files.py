"""Written files as other programs read them, tag by tag."""

import h5py
import numpy
import PIL.Image
import pytest
import tifffile

import iolink

PLANE = numpy.arange(6 * 8, dtype="u2").reshape(6, 8)
STACK = numpy.arange(3 * 6 * 8, dtype="u2").reshape(3, 6, 8)
COLOUR = numpy.arange(6 * 8 * 3, dtype="u1").reshape(6, 8, 3)


def tags(path, page=0):
    with tifffile.TiffFile(path) as file:
        return {tag.name: tag.value for tag in file.pages[page].tags}


def fraction(value):
    return value[0] / value[1]


@pytest.mark.parametrize(
    "unit, spacing, name, resolution",
    [("in", 1 / 300, "INCH", 300), ("cm", 1 / 120, "CENTIMETER", 120), ("µm", 0.5, "CENTIMETER", 20_000), ("mm", 0.1, "CENTIMETER", 100)],
)
def test_tiff_resolution_is_pixels_per_stated_unit(tmp_path, unit, spacing, name, resolution):
    path = tmp_path / "a.tif"
    iolink.write(PLANE, path, axes="YX", spacing={"X": spacing, "Y": spacing * 2}, unit=unit)
    found = tags(path)
    scale = 1 if found["ResolutionUnit"].name == name else {"INCH": 1 / 2.54, "CENTIMETER": 2.54}[found["ResolutionUnit"].name]
    assert fraction(found["XResolution"]) == pytest.approx(resolution / scale, rel=1e-6)
    assert fraction(found["YResolution"]) == pytest.approx(resolution / scale / 2, rel=1e-6)


@pytest.mark.parametrize("description, unit", [("none", "in"), ("ome", "in"), ("none", "cm"), ("ome", "cm")])
def test_tiff_resolution_does_not_depend_on_the_description(tmp_path, description, unit):
    path = tmp_path / "a.tif"
    iolink.write(PLANE, path, axes="YX", spacing={"X": 0.01, "Y": 0.01}, unit=unit, metadata=description)
    found = tags(path)
    per_centimetre = {"INCH": 1 / 2.54, "CENTIMETER": 1}[found["ResolutionUnit"].name] * fraction(found["XResolution"])
    assert per_centimetre == pytest.approx(100 / (2.54 if unit == "in" else 1), rel=1e-6)


@pytest.mark.parametrize("compression, code", [("none", 1), ("lzw", 5), ("deflate", 8), ("zstd", 50000), ("packbits", 32773)])
def test_tiff_structure(tmp_path, compression, code):
    path = tmp_path / "a.tif"
    iolink.write(COLOUR, path, axes="YXS", compression=compression)
    found = tags(path)
    assert int(found["Compression"]) == code
    assert int(found["PhotometricInterpretation"]) == 2 and found["SamplesPerPixel"] == 3 and found["BitsPerSample"] == (8, 8, 8)
    assert int(found.get("PlanarConfiguration", 1)) == 1 and "ExtraSamples" not in found and int(found.get("Orientation", 1)) == 1
    assert (found["ImageWidth"], found["ImageLength"]) == (8, 6)
    with tifffile.TiffFile(path) as file:
        assert not file.is_bigtiff
    if compression in ("none", "packbits", "lzw", "deflate"):
        assert (numpy.asarray(PIL.Image.open(path)) == COLOUR).all()


@pytest.mark.parametrize("dtype, code", [("u1", 1), ("u2", 1), ("i2", 2), ("f4", 3), ("f8", 3), ("c8", 6)])
def test_tiff_sample_formats(tmp_path, dtype, code):
    path = tmp_path / "a.tif"
    iolink.write(PLANE.astype(dtype), path, axes="YX")
    assert int(tags(path).get("SampleFormat", 1)) == code
    assert (tifffile.imread(path) == PLANE.astype(dtype)).all()


def test_tiff_stack_with_ome_and_imagej(tmp_path):
    path = tmp_path / "ome.tif"
    iolink.write(STACK, path, axes="ZYX", spacing={"Z": 2, "Y": 0.5, "X": 0.25}, unit="µm", metadata="ome")
    with tifffile.TiffFile(path) as file:
        assert file.is_ome and file.series[0].axes == "ZYX" and (file.asarray() == STACK).all()
        pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
    assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeY"], pixels["PhysicalSizeZ"]) == (0.25, 0.5, 2)
    assert {pixels.get(f"PhysicalSize{axis}Unit", "µm") for axis in "XYZ"} == {"µm"}
    path = tmp_path / "imagej.tif"
    iolink.write(STACK, path, axes="ZYX", spacing={"Z": 2, "Y": 0.5, "X": 0.5}, unit="µm", metadata="imagej")
    with tifffile.TiffFile(path) as file:
        assert file.is_imagej and (file.asarray() == STACK).all()
        assert file.imagej_metadata["slices"] == 3 and file.imagej_metadata["spacing"] == 2
        assert file.imagej_metadata["unit"] in ("um", "micron", "\\u00B5m", "µm")
        assert fraction(file.pages[0].tags["XResolution"].value) == pytest.approx(2)


def test_npy_header_and_order(tmp_path):
    path = tmp_path / "a.npy"
    iolink.write(STACK, path, axes="ZYX")
    found = numpy.load(path)
    assert found.dtype == "<u2" and found.flags.c_contiguous and (found == STACK).all()
    iolink.write(STACK, path, axes="ZYX", order="XYZ")
    assert (numpy.load(path) == STACK.T).all()


def test_hdf5_layout_filters_and_labels(tmp_path):
    path = tmp_path / "a.h5"
    iolink.write(STACK, path, axes="ZYX", spacing={"Z": 2, "Y": 0.5, "X": 0.25}, unit="µm", level=4)
    with h5py.File(path) as file:
        (name,) = [key for key, item in file.items() if isinstance(item, h5py.Dataset) and item.shape == STACK.shape]
        data = file[name]
        assert data.dtype == "<u2" and (data[...] == STACK).all()
        assert data.compression == "gzip" and data.compression_opts == 4 and data.shuffle
        assert [dimension.label for dimension in data.dims] == ["slice", "row", "column"]


@pytest.mark.parametrize("pixels, mode", [(COLOUR, "RGB"), (PLANE.astype("u1"), "L"), (PLANE * 999, "I;16")])
def test_png_mode_density_and_text(tmp_path, pixels, mode):
    path = tmp_path / "a.png"
    axes = "YXS" if pixels.ndim == 3 else "YX"
    iolink.write(pixels, path, axes=axes, spacing={"X": 0.1, "Y": 0.1}, unit="mm")
    image = PIL.Image.open(path)
    assert image.mode == mode and (numpy.asarray(image) == pixels).all()
    assert image.info["dpi"] == pytest.approx((254, 254), rel=1e-3)
