"""Written files as other programs read them, tag by tag."""

import json

import h5py
import netCDF4
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


@pytest.mark.parametrize("tile", ["none", "64"])
@pytest.mark.parametrize(
    "options, tolerance",
    [
        (dict(compression="jpeg"), 8),
        (dict(compression="jpeg", subsampling="420", quality=80), 16),
        (dict(compression="webp", quality=90), 12),
        (dict(compression="webp"), 0),
        (dict(compression="lerc"), 0),
        (dict(compression="lerc", max_error=2), 2),
        (dict(compression="lzma"), 0),
    ],
)
def test_tiff_compressions_of_libtiff(tmp_path, options, tolerance, tile):
    path = tmp_path / "a.tif"
    rows, columns = numpy.mgrid[0:100, 0:150]
    pixels = numpy.stack([rows, columns, rows + columns // 2], axis=-1).astype("u1")
    report = iolink.write(pixels, path, axes="YXS", tile=tile, **{name.replace("_", "-"): value for name, value in options.items()})
    found = tifffile.imread(path)
    assert found.shape == pixels.shape and found.dtype == pixels.dtype
    assert numpy.abs(found.astype(int) - pixels).max() <= tolerance
    assert ("/pixels" in [item.path for item in report.lost]) == (tolerance > 0)


def test_tiff_group_4(tmp_path):
    path = tmp_path / "a.tif"
    pixels = numpy.random.default_rng(1).random((100, 150)) > 0.5
    iolink.write(pixels, path, axes="YX", compression="ccitt")
    assert int(tags(path)["Compression"]) == 4
    assert (tifffile.imread(path) == pixels).all() and (numpy.asarray(PIL.Image.open(path)) == pixels).all()


@pytest.mark.parametrize("bits, type", [(4, "u1"), (12, "u2"), (20, "u4")])
def test_tiff_significant_bits(tmp_path, bits, type):
    path = tmp_path / "a.tif"
    pixels = numpy.random.default_rng(1).integers(0, 1 << bits, (50, 77)).astype(type)
    tifffile.imwrite(tmp_path / "source.tif", pixels, photometric="minisblack", bitspersample=bits)
    iolink.convert(tmp_path / "source.tif", path, bits="significant")
    assert tags(path)["BitsPerSample"] == bits
    assert (tifffile.imread(path) == pixels).all()


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


LENGTHS = {"µm": "um", "nm": "nanometer", "mm": "millimetre", "Å": "\u212b", "in": "inch"}
METRES = {"µm": 1e-6, "nm": 1e-9, "mm": 1e-3, "Å": 1e-10, "in": 0.0254}


@pytest.mark.parametrize("symbol", LENGTHS)
@pytest.mark.parametrize("spelled", [False, True])
def test_every_spelling_of_a_unit_reaches_other_programs(tmp_path, symbol, spelled):
    unit = LENGTHS[symbol] if spelled else symbol
    options = {"axes": "ZYX", "spacing": {"Z": 2, "Y": 0.5, "X": 0.5}, "unit": unit}
    report = iolink.write(STACK, tmp_path / "ome.tif", metadata="ome", **options)
    with tifffile.TiffFile(tmp_path / "ome.tif") as file:
        pixels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]
    assert (pixels["PhysicalSizeX"], pixels["PhysicalSizeZ"]) == (0.5, 2) and report.lost == []
    assert [ord(letter) for letter in pixels["PhysicalSizeXUnit"]] == [ord(letter) for letter in symbol]
    iolink.write(STACK, tmp_path / "imagej.tif", metadata="imagej", **options)
    with tifffile.TiffFile(tmp_path / "imagej.tif") as file:
        assert file.imagej_metadata["unit"] == {"µm": "micron", "Å": "\\u00C5"}.get(symbol, symbol)
        assert fraction(file.pages[0].tags["XResolution"].value) == 2 and file.imagej_metadata["spacing"] == 2
    iolink.write(STACK[0], tmp_path / "none.tif", axes="YX", spacing={"Y": 0.5, "X": 0.5}, unit=unit, metadata="none")
    found = tags(tmp_path / "none.tif")
    centimetres = {"INCH": 2.54, "CENTIMETER": 1}[found["ResolutionUnit"].name] / fraction(found["XResolution"])
    assert centimetres == pytest.approx(50 * METRES[symbol], rel=1e-6)
    iolink.write(STACK, tmp_path / "a.h5", **options)
    with h5py.File(tmp_path / "a.h5") as file:
        sizes = file["image"].attrs["element_size_um"]
    assert sizes == pytest.approx([2e6 * METRES[symbol], 5e5 * METRES[symbol], 5e5 * METRES[symbol]], rel=1e-12)


@pytest.mark.parametrize("options", [{}, {"format_": "latest"}, {"convention": "netcdf"}])
def test_dimensions_have_scales_with_the_coordinates(tmp_path, options):
    iolink.write(STACK, tmp_path / "a.h5", axes="ZYX", spacing={"Z": 2, "Y": 0.5}, unit="µm", **options)
    with h5py.File(tmp_path / "a.h5") as file:
        image = file["image"]
        assert [len(dimension) for dimension in image.dims] == [1, 1, 1] and list(image.dims[0].keys()) == ["slice"]
        assert list(image.dims[0][0]) == [0, 2, 4] and list(image.dims[1]["row"]) == [0, 0.5, 1, 1.5, 2, 2.5]
        assert image.dims[0][0].attrs["units"] == "µm" and image.dims[0][0].is_scale
        assert [axis["key"] for axis in json.loads(image.attrs["axistags"])["axes"]] == ["z", "y", "x"]
    with netCDF4.Dataset(tmp_path / "a.h5") as file:
        assert file["image"].dimensions == ("slice", "row", "column") and list(file["slice"][:]) == [0, 2, 4]
    assert iolink.open(tmp_path / "a.h5").image().array.shape == STACK.shape


def test_an_unknown_unit_is_listed_by_formats_that_need_a_known_one(tmp_path):
    for name, metadata in [("ome.tif", {"metadata": "ome"}), ("none.tif", {"metadata": "none"}), ("a.png", {})]:
        report = iolink.write(PLANE, tmp_path / name, axes="YX", spacing={"Y": 0.5, "X": 0.5}, unit="furlong", **metadata)
        assert {"/axes/column/unit", "/axes/row/unit"} <= {item.path for item in report.lost}, name
    assert iolink.write(PLANE, tmp_path / "a.h5", axes="YX", spacing={"Y": 0.5, "X": 0.5}, unit="furlong").lost == []
    with h5py.File(tmp_path / "a.h5") as file:
        assert list(file["image"].attrs["unit"]) == ["furlong", "furlong"]


def test_channel_names_follow_a_selection(tmp_path):
    pixels = numpy.arange(4 * 5 * 6, dtype="u2").reshape(4, 5, 6)
    tifffile.imwrite(tmp_path / "a.ome.tif", pixels, metadata={"axes": "CYX", "Channel": {"Name": ["DAPI", "GFP", "RFP", "Cy5"]}})
    image = iolink.open(tmp_path / "a.ome.tif").ordered("CYX")
    for index, (part, names) in enumerate([(image[2:4], ["RFP", "Cy5"]), (image[::-1], ["Cy5", "RFP", "GFP", "DAPI"]), (image[1:2], ["GFP"])]):
        iolink.write(part, tmp_path / f"{index}.ome.tif", metadata="ome")
        with tifffile.TiffFile(tmp_path / f"{index}.ome.tif") as file:
            channels = tifffile.xml2dict(file.ome_metadata)["OME"]["Image"]["Pixels"]["Channel"]
        channels = channels if isinstance(channels, list) else [channels]
        assert [channel["Name"] for channel in channels] == names


def test_a_part_of_a_map_stays_in_place(tmp_path):
    rasterio = pytest.importorskip("rasterio")
    pixels = numpy.arange(40 * 50, dtype="i2").reshape(40, 50)
    profile = {"driver": "GTiff", "height": 40, "width": 50, "count": 1, "dtype": "int16", "crs": "EPSG:32633"}
    with rasterio.open(tmp_path / "a.tif", "w", transform=rasterio.transform.from_origin(500000, 4600000, 30, 20), **profile) as file:
        file.write(pixels, 1)
        whole = file.transform
    image = iolink.open(tmp_path / "a.tif").array
    for row, column in [(slice(5, 25), slice(10, 30)), (slice(None, None, -1), slice(None)), (slice(2, None, 3), slice(None, None, -2))]:
        iolink.write(image[row, column], tmp_path / "part.tif")
        rows, columns = numpy.arange(40)[row], numpy.arange(50)[column]
        with rasterio.open(tmp_path / "part.tif") as file:
            assert (file.read(1) == pixels[row, column]).all()
            for i, j in [(0, 0), (len(rows) - 1, len(columns) - 1)]:
                assert file.transform * (j + 0.5, i + 0.5) == pytest.approx(whole * (columns[j] + 0.5, rows[i] + 0.5))


def test_bytes_in_hdf5_survive_other_programs(tmp_path):
    profile, numbers = bytes(range(256)) * 200, numpy.arange(3, dtype="u1")
    metadata = {"/tiff/ICCProfile": profile, "/tiff/XMP": b"<xmp/>", "/hdf5/attributes/numbers": numbers, "/hdf5/file/key": b"\0\xff"}
    assert iolink.write(PLANE, tmp_path / "a.h5", axes="YX", metadata=metadata).lost == []
    with h5py.File(tmp_path / "a.h5") as file, h5py.File(tmp_path / "copied.h5", "w") as whole, h5py.File(tmp_path / "made.h5", "w") as made:
        attributes = dict(file["image"].attrs)
        assert attributes["/tiff/ICCProfile"].dtype == "u1" and attributes["/tiff/ICCProfile"].tobytes() == profile
        whole.copy(file["image"], "image")
        made["image"] = file["image"][...]
        made["image"].attrs.update(attributes)
        for other in (whole, made):
            other.attrs.update(dict(file.attrs))
    for name in ("a.h5", "copied.h5", "made.h5"):
        found = iolink.open(tmp_path / name).image().metadata
        for path, value in metadata.items():
            assert type(found[path]) is type(value) and (numpy.asarray(found[path]) == numpy.asarray(value)).all(), path
    with h5py.File(tmp_path / "a.h5", "a") as file:
        file["image"].attrs["old"] = numpy.void(b"opaque")
        file["image"].attrs["/tiff/XMP"] = "replaced"
    found = iolink.open(tmp_path / "a.h5").image().metadata
    assert found["/hdf5/attributes/old"] == b"opaque" and found["/tiff/XMP"] == "replaced" and found["/tiff/ICCProfile"] == profile


def test_hdf5_attributes_of_another_structure_are_not_obeyed(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("plot/counts", data=STACK)
        file["plot"].attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": ["z", "y", "x"]})
        file.attrs["default"] = "plot"
        for axis, count in zip("zyx", STACK.shape):
            file["plot"][axis] = numpy.arange(count) * 0.5
        data.attrs.update({"axistags": '{"axes": [{"key": "y"}, {"key": "t"}]}', "x_indices": 0, "coordinates": "lon lat", "units": "counts"})
    names = {"x_indices", "coordinates", "default"}
    iolink.write(iolink.open(tmp_path / "a.h5").array[1], tmp_path / "b.h5")
    with h5py.File(tmp_path / "b.h5") as file:
        assert not names & (set(file["image"].attrs) | set(file.attrs))
        assert list(file["image"].attrs["DIMENSION_LABELS"]) == ["row", "column"] and file["image"].attrs["units"] == "counts"
        assert [axis["key"] for axis in json.loads(file["image"].attrs["axistags"])["axes"]] == ["y", "x"]
    found = iolink.open(tmp_path / "b.h5").image().metadata
    assert found["/hdf5/attributes/coordinates"] == "lon lat" and found["/hdf5/file/default"] == "plot"


@pytest.mark.parametrize("shape, axes", [((5, 40, 30), "TYX"), ((5, 40, 30, 3), "TYXS"), ((2, 40, 30, 4), "TYXS")])
def test_animated_png(tmp_path, shape, axes):
    path = tmp_path / "a.png"
    frames = numpy.random.default_rng(1).integers(0, 256, shape).astype("u1")
    iolink.write(frames, path, axes=axes, spacing={"T": 0.25}, unit={"T": "s"})
    with PIL.Image.open(path) as image:
        assert image.n_frames == len(frames) and image.info["loop"] == 0
        for index, frame in enumerate(frames):
            image.seek(index)
            assert image.info["duration"] == 250
            assert (numpy.asarray(image) == frame).all()
