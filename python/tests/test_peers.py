"""Every convention of every format that is written, as each program that reads the format shows it: values, axes, spacing, names."""

import h5py
import numpy
import PIL.Image
import pytest
import tifffile

import iolink

STACK = numpy.arange(2 * 3 * 2 * 5 * 6, dtype="u2").reshape(2, 3, 2, 5, 6) * 99
SPACING = {"T": 10.0, "Z": 2.0, "Y": 0.5, "X": 0.25}
UNIT = {"T": "s", "Z": "µm", "Y": "µm", "X": "µm"}
NAMES = ["DAPI", "GFP"]
TITLE = "cells"
LETTERS = {"sequence": "T", "slice": "Z", "channel": "C", "row": "Y", "column": "X", "component": "S"}
SECONDS_AND_METRES = {"s": 1, "m": 1, "cm": 1e-2, "mm": 1e-3, "µm": 1e-6, "micron": 1e-6, "in": 0.0254}
LOST = {
    "axes": "/axes", "T": "/axes/sequence/spacing", "Z": "/axes/slice/spacing", "Y": "/axes/row/spacing", "X": "/axes/column/spacing",
    "names": "/channels/0/name", "title": "/title",
}


def density(x, y, unit):
    """The spacing that pixels per unit state; nothing where the unit is not a length."""
    length = {2: "in", 3: "cm"}.get(unit)
    return {"X": 1 / x * SECONDS_AND_METRES[length], "Y": 1 / y * SECONDS_AND_METRES[length]} if length else {}


def ome(text):
    image = tifffile.xml2dict(text)["OME"]["Image"]
    pixels = image["Pixels"]
    sizes = {"X": "PhysicalSizeX", "Y": "PhysicalSizeY", "Z": "PhysicalSizeZ", "T": "TimeIncrement"}
    shown = {axis: pixels[name] * SECONDS_AND_METRES[pixels[name + "Unit"]] for axis, name in sizes.items() if name in pixels}
    channels = pixels["Channel"] if isinstance(pixels["Channel"], list) else [pixels["Channel"]]
    names = [channel["Name"] for channel in channels if "Name" in channel]
    return shown | ({"names": names} if names else {}) | {"title": image.get("Name")}


def imagej(metadata, x, y):
    unit = SECONDS_AND_METRES[metadata["unit"]]
    shown = {"X": unit / x, "Y": unit / y}
    if "spacing" in metadata:
        shown["Z"] = metadata["spacing"] * unit
    if "finterval" in metadata:
        shown["T"] = metadata["finterval"]
    return shown


def in_tifffile(path):
    with tifffile.TiffFile(path) as file:
        (series,) = file.series
        shown = {"pixels": series.asarray(), "axes": series.axes}
        found = {tag.name: tag.value for tag in file.pages[0].tags}
        (x, y), unit = (found[name][0] / found[name][1] for name in ("XResolution", "YResolution")), found["ResolutionUnit"]
        if file.is_imagej:
            return shown | imagej(file.imagej_metadata, x, y)
        shown |= density(x, y, unit)
        if file.is_ome:
            document = ome(file.ome_metadata)
            assert all(shown[axis] == pytest.approx(document[axis]) for axis in "XY")
            return shown | document
        if file.is_shaped:
            return shown | {"title": file.shaped_metadata[0]["name"]}
        return {key: value for key, value in shown.items() if key != "axes" or "I" not in value}


def in_gdal(path):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(path) as file:
        pages = [f"GTIFF_DIR:{number + 1}:{path}" for number in range(len(file.subdatasets))] or [path]
        tags, colours = file.tags(), [colour.name for colour in file.colorinterp]
    planes = []
    for page in pages:
        with rasterio.open(page) as file:
            planes.append(numpy.moveaxis(file.read(), 0, -1))
    assert colours[:3] in (["gray"], ["red", "green", "blue"], ["gray", "alpha"])
    shown = {"pixels": numpy.array(planes).squeeze()}
    if "TIFFTAG_XRESOLUTION" in tags:
        x, y = (float(tags[f"TIFFTAG_{axis}RESOLUTION"]) for axis in "XY")
        shown |= density(x, y, int(tags["TIFFTAG_RESOLUTIONUNIT"][0]))
    return shown | ({"title": tags["Title"]} if "Title" in tags else {})


def in_pillow(path):
    with PIL.Image.open(path) as image:
        planes = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            planes.append(numpy.asarray(image))
        shown = {"pixels": numpy.array(planes).squeeze()}
        if "dpi" in image.info:
            shown |= density(*image.info["dpi"], 2)
        return shown | ({"title": image.info["Title"]} if "Title" in image.info else {})


def in_simpleitk(path):
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.ReadImage(str(path))
    shown = {"pixels": sitk.GetArrayFromImage(image)}
    x, y = image.GetSpacing()[:2]
    return shown if (x, y) == (1, 1) else shown | {"X": x * 1e-3, "Y": y * 1e-3}


def attributes(pixels, found):
    """What the attributes of a dataset show, as any reader of HDF5 gives them."""
    labels = [LETTERS[str(label)] for label in found["DIMENSION_LABELS"]]
    shown = {"pixels": pixels, "axes": "".join(labels)}
    if "spacing" in found:
        units = [str(unit) for unit in found["unit"]]
        shown |= {
            axis: value * SECONDS_AND_METRES[unit] for axis, value, unit in zip(labels, found["spacing"], units) if not numpy.isnan(value)
        }
        assert [1e-6 * size for size in found["element_size_um"]] == pytest.approx([shown[axis] for axis in "ZYX"])
    names = [str(found[key]) for key in sorted(found) if key.startswith("/channels/")]
    assert bytes(found["/tiff/ICCProfile"]) == b"a profile" and found["/tiff/ICCProfile"].dtype == "u1"
    return shown | ({"names": names} if names else {}) | ({"title": str(found["title"])} if "title" in found else {})


def in_h5py(path):
    with h5py.File(path) as file:
        assert [LETTERS[dimension.label] for dimension in file["image"].dims] == [
            LETTERS[label] for label in file["image"].attrs["DIMENSION_LABELS"]
        ]
        return attributes(file["image"][...], dict(file["image"].attrs))


def in_netcdf(path):
    netcdf = pytest.importorskip("netCDF4")
    with netcdf.Dataset(path) as file:
        image = file["image"]
        image.set_auto_maskandscale(False)
        return attributes(image[...], {name: image.getncattr(name) for name in image.ncattrs()})


def in_pytables(path):
    tables = pytest.importorskip("tables")
    with tables.open_file(path) as file:
        image = file.get_node("/image")
        return attributes(image[...], {name: image.attrs[name] for name in image.attrs._f_list("all")})


def in_numpy(path):
    return {"pixels": numpy.load(path)}


PEERS = {name[3:]: peer for name, peer in list(globals().items()) if name.startswith("in_")}
TIFF = {"gdal": "X Y", "pillow": "X Y", "simpleitk": "X Y"}
HDF5 = dict.fromkeys(["h5py", "netcdf", "pytables"], "axes T Z Y X names title")
# The name of the file, the options, and what each program shows besides the values.
CONVENTIONS = [
    ("a.ome.tif", {"metadata": "ome"}, TIFF | {"tifffile": "axes T Z Y X names title"}),
    ("a.tif", {"metadata": "auto"}, TIFF | {"tifffile": "axes T Z Y X names title"}),
    ("a.tif", {"metadata": "ome", "compression": "deflate", "bigtiff": "yes"}, TIFF | {"tifffile": "axes T Z Y X names title"}),
    # SimpleITK shows tiles as 8-bit colours, whoever wrote them.
    ("a.tif", {"metadata": "shaped", "tile": "16", "compression": "zstd"}, {"gdal": "X Y", "tifffile": "axes X Y title"}),
    ("a.tif", {"metadata": "imagej"}, {"tifffile": "axes T Z Y X", "gdal": "", "pillow": "", "simpleitk": ""}),
    ("a.tif", {"metadata": "shaped", "compression": "lzw"}, TIFF | {"tifffile": "axes X Y title"}),
    ("a.tif", {"metadata": "none", "rows": "2", "compression": "packbits"}, TIFF | {"tifffile": "X Y"}),
    ("a.h5", {}, HDF5),
    ("a.h5", {"format_": "latest", "growth": "all"}, HDF5),
    ("a.h5", {"layout": "contiguous"}, HDF5),
    ("a.npy", {}, {"numpy": ""}),
]


def written(folder, pixels, axes, target, options, **metadata):
    """Writes an image with everything that the programs can show, and gives its path and the paths of what was lost."""
    letters = [axis for axis in axes if axis in SPACING]
    source = folder / "source.h5"
    values = {"/tiff/ICCProfile": b"a profile", "/title": TITLE} | metadata
    iolink.write(
        pixels, source, axes=axes, spacing={axis: SPACING[axis] for axis in letters}, unit={axis: UNIT[axis] for axis in letters}, metadata=values
    )
    report = iolink.convert(source, folder / target, **options)
    return folder / target, {item.path for item in report.lost}


def check(shown, pixels, axes):
    found = shown.pop("pixels")
    order = shown.get("axes", axes)
    assert sorted(order) == sorted(axes)
    expected = pixels.transpose([axes.index(axis) for axis in order])
    assert found.size == expected.size and (found.reshape(expected.shape) == expected).all()
    for axis in set(shown) & set(SPACING):
        assert shown[axis] == pytest.approx(SPACING[axis] * SECONDS_AND_METRES[UNIT[axis]], rel=1e-6), axis
    assert shown.get("names", NAMES) == NAMES and shown.get("title", TITLE) == TITLE


@pytest.mark.parametrize("target, options, peers", CONVENTIONS)
def test_every_program_shows_the_same(tmp_path, target, options, peers):
    names = {f"/channels/{index}/name": name for index, name in enumerate(NAMES)}
    path, lost = written(tmp_path, STACK, "TZCYX", target, options, **names)
    facts = set()
    for peer, wanted in peers.items():
        shown = PEERS[peer](path)
        check(shown, STACK, "TZCYX")
        assert set(shown) == set(wanted.split()), peer
        facts |= set(shown)
    # What no program shows is listed as lost; tifffile's JSON holds it for this library.
    if options.get("metadata") != "shaped":
        assert {fact for fact in LOST if fact not in facts} == {fact for fact, place in LOST.items() if place in lost}


def test_axes_in_another_order(tmp_path):
    pixels = STACK.transpose(2, 0, 1, 3, 4)
    for options in ({"metadata": "ome"}, {"metadata": "imagej"}, {"metadata": "shaped"}):
        path, _ = written(tmp_path, pixels, "CTZYX", "a.tif", options)
        shown = in_tifffile(path)
        assert sorted(shown["axes"]) == sorted("CTZYX")
        check({key: shown[key] for key in ("pixels", "axes")}, pixels, "CTZYX")
    path, _ = written(tmp_path, pixels, "CTZYX", "a.h5", {})
    assert in_h5py(path)["axes"] == "CTZYX"


COLOURS = [("a.tif", {"metadata": name}, count) for name in ("ome", "shaped", "none") for count in (3, 4)]
COLOURS += [("a.tif", {"metadata": "imagej"}, 3), ("a.png", {}, 3), ("a.png", {}, 4)]


@pytest.mark.parametrize("target, options, components", COLOURS)
def test_colours(tmp_path, target, options, components):
    pixels = numpy.arange(5 * 6 * components, dtype="u1").reshape(5, 6, components)
    path, _ = written(tmp_path, pixels, "YXS", target, options)
    for peer in ["gdal", "pillow", "simpleitk"] + (["tifffile"] if target == "a.tif" else []):
        # Nothing says that the fourth component is an opacity. PNG has no other, and Pillow leaves out a sample of TIFF without a meaning.
        left_out = peer == "pillow" and target == "a.tif"
        check(PEERS[peer](path), pixels[..., :3] if left_out else pixels, "YXS")


@pytest.mark.parametrize("pixels", [STACK[0, 0, 0], (STACK[0, 0, 0] // 99).astype("u1"), STACK[0, 0, 0] % 2 == 0])
def test_png(tmp_path, pixels):
    path, lost = written(tmp_path, pixels, "YX", "a.png", {})
    wanted = {"gdal": {"title"}, "pillow": {"X", "Y", "title"}, "simpleitk": set()}
    for peer, facts in wanted.items():
        shown = PEERS[peer](path)
        if pixels.dtype == bool:
            shown["pixels"] = shown["pixels"].astype(bool)
        check(shown, pixels, "YX")
        assert set(shown) == facts, peer
    assert not lost & set(LOST.values())


def test_values_of_planes_do_not_keep_a_file_from_netcdf(fixtures, tmp_path):
    netcdf = pytest.importorskip("netCDF4")
    report = iolink.convert(fixtures / "tiff" / "ome_document.ome.tif", tmp_path / "a.h5", 0)
    assert report.lost == []
    with netcdf.Dataset(tmp_path / "a.h5") as file:
        assert file["image"].shape == (2, 2, 2, 5, 7) and file["image"].getncattr("/planes/time").shape == (8,)
