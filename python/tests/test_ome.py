"""OME-TIFF: axes inside Z, C and T, and sets of files with a companion."""

import struct

import numpy
import pytest

import iolink

tifffile = pytest.importorskip("tifffile")


def tiff(path, planes, description):
    """Writes planes of uint16 as pages; the first has the description."""
    pixels = b"".join(plane.astype("<u2").tobytes() for plane in planes)
    text = description.encode() + b"\0"
    count, size = len(planes), len(pixels) // len(planes)
    start = 8 + len(pixels) + len(text)
    data = struct.pack("<2sHI", b"II", 42, start) + pixels + text
    rows, columns = planes[0].shape
    for index in range(count):
        entries = [(256, 4, 1, columns), (257, 4, 1, rows), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1),
                   *([(270, 2, len(text), 8 + len(pixels))] if index == 0 else []),
                   (273, 4, 1, 8 + index * size), (277, 3, 1, 1), (278, 4, 1, rows), (279, 4, 1, size)]
        end = len(data) + 2 + 12 * len(entries) + 4
        data += struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
        data += struct.pack("<I", end if index + 1 < count else 0)
    path.write_bytes(data)


def document(pixels, uuid="urn:uuid:0", after="", **sizes):
    sizes = " ".join(f'Size{axis}="{size}"' for axis, size in sizes.items())
    return (f'<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="{uuid}"><Image ID="Image:0">'
            f'<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" SizeX="4" SizeY="3" {sizes}>{pixels}</Pixels>'
            f'<AnnotationRef ID="Annotation:0"/></Image>{after}</OME>')


def test_axes_inside_others(tmp_path):
    pixels = numpy.arange(2 * 2 * 3 * 12, dtype="u2").reshape(2, 2, 3, 3, 4)
    modulo = ('<StructuredAnnotations><XMLAnnotation ID="Annotation:0" Namespace="openmicroscopy.org/omero/dimension/modulo"><Value><Modulo>'
              '<ModuloAlongC Type="lifetime" Start="0" Step="2000" End="4000" Unit="ps"><Label>a</Label><Label>b</Label><Label>c</Label></ModuloAlongC>'
              '</Modulo></Value></XMLAnnotation></StructuredAnnotations>')
    path = tmp_path / "a.ome.tif"
    tiff(path, pixels.reshape(-1, 3, 4), document("<TiffData/>", after=modulo, Z=1, C=6, T=2))
    image = iolink.open(path).image()
    assert (numpy.asarray(image.ordered("T,C,lifetime,Y,X")) == pixels).all()
    axis = next(axis for axis in image.axes if axis.name == "lifetime")
    assert (axis.length, axis.spacing, axis.origin, axis.unit) == (3, 2000.0, 0.0, "ps")
    assert image.metadata["/labels/lifetime"] == ["a", "b", "c"]
    # tifffile has letters for these axes, in its own files, too.
    iolink.convert(path, tmp_path / "b.tif")
    with tifffile.TiffFile(path) as file, tifffile.TiffFile(tmp_path / "b.tif") as copy:
        assert file.series[0].axes == copy.series[0].axes == "TCHYX"
        assert (copy.asarray() == file.asarray()).all()


@pytest.fixture
def companion(tmp_path):
    pixels = numpy.arange(2 * 2 * 12, dtype="u2").reshape(2, 2, 3, 4)
    blocks = "".join(f'<TiffData FirstC="{c}" FirstZ="{z}" IFD="{z}" PlaneCount="1"><UUID FileName="{c}.ome.tif">urn:uuid:{c + 1}</UUID></TiffData>'
                     for c in range(2) for z in range(2))
    names = "".join(f'<Channel ID="Channel:0:{c}" Name="{name}"/>' for c, name in enumerate(["DAPI", "GFP"]))
    path = tmp_path / "set.companion.ome"
    path.write_text(document(names + blocks, Z=2, C=2, T=1))
    for c in range(2):
        only = f'<OME UUID="urn:uuid:{c + 1}"><BinaryOnly MetadataFile="{path.name}" UUID="urn:uuid:0"/></OME>'
        tiff(tmp_path / f"{c}.ome.tif", pixels[c], only)
    return path, pixels


@pytest.mark.parametrize("name", ["set.companion.ome", "0.ome.tif", "1.ome.tif"])
def test_a_set_of_files(companion, name):
    path, pixels = companion
    image = iolink.open(path.with_name(name), siblings=True).image()
    assert (numpy.asarray(image.ordered("CZYX")) == pixels).all()
    assert image.metadata["/channels/1/name"] == "GFP"


def test_a_set_of_files_without_permission(companion):
    path, pixels = companion
    image = iolink.open(path.with_name("1.ome.tif")).image()
    assert (numpy.asarray(image) == pixels[1]).all()
    assert path.name in str(image.metadata["/tiff/notes"])
    with pytest.raises(iolink.UnsupportedError, match="siblings=True"):
        iolink.open(path)
