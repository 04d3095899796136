"""Writing images to files."""

import collections
import collections.abc
import io
import os

from . import _core
from ._arguments import flag, function, instance, optional_text, text, wrong_type
from ._arguments import path as checked_path
from ._enumerations import axis_names
from ._errors import InvalidArgumentError
from ._images import as_image, calibrated
from ._multi_image import LodImageView, MultiImageView
from ._options import option_texts
from ._streams import StreamAccess
from ._view import ImageView

Lost = collections.namedtuple("Lost", "path value reason")
Lost.__doc__ = "Something that a format could not keep."

Report = collections.namedtuple("Report", "lost pixel_byte_count")
Report.__doc__ = "What writing an image did: what was lost, and how many bytes of pixels there were."


def write(
    image, target, format=None, *, axes=None, spacing=None, origin=None, unit=None, metadata=None, sync=False, salvage=False,
    progress=None, **options
):
    """Writes an image, and gives a ``Report``, whose ``lost`` lists what the format cannot keep. Pixel values are always kept.

    Of a file with several images the main one is written, and of a pyramid the finest level; ``lost`` names the others too. Where the
    format holds levels (TIFF), ``levels="keep"`` writes those that the image has, ``levels="auto"`` makes new ones, and ``levels=4`` makes
    four in all; ``downsample`` says how (``"mean"``, ``"mode"``, ``"nearest"``).

    - ``image`` is a view, a file with a main image, or an array; or a dictionary of names to them, which are written as the images of one
      file, where the format holds several (HDF5, NPZ, TIFF). What one of them loses has its name before the path: ``"/entry/data: /axes/z"``.
    - ``target`` is a path, whose file is replaced as a whole at the end, a binary file object, or a ``StreamAccess``.
    - ``format`` is the name of the format; without it the extension of the target decides.
    - ``axes`` names the axes of an array, slowest first (``"ZYX"``; ``S`` at the end names components); without it the rank does.
    - ``spacing``, ``origin`` and ``unit`` say where samples lie: dictionaries by axis (``{"Z": 0.5}``), or one value for each axis,
      slowest first. A single text is the unit of all spatial axes. Spacing and origin are in that unit.
    - ``metadata`` is a ``MetadataNode`` or a dictionary of paths; a text is the format's option of that name.
    - ``sync`` waits until the disk has everything.
    - ``salvage`` fills what is missing or damaged in the file of the image with its background (the fill value, or 0), and lists it
      in ``lost``. Otherwise such parts raise ``TruncatedError`` or ``MalformedError``.
    - ``progress`` is called with bytes done and bytes in all; what it raises stops the writing.
    - ``options`` are writing options of the format (``iolink.formats()`` lists them). None stands for the default. An option that is
      called as an argument is has an underscore at the end: ``format_="latest"``.

    Raises ``UnsupportedError`` when the format cannot hold the image, ``UnrecognizedError`` when the extension names no format,
    ``InputOutputError`` when the target cannot be written, ``InvalidArgumentError`` for wrong arguments. After an error a file is
    as it was before.
    """
    format, progress = optional_text(format, "format"), function(progress, "progress")
    sync, salvage = flag(sync, "sync"), flag(salvage, "salvage")
    if isinstance(target, StreamAccess):
        target = target.to_raw_io()
    path = target_path(target)
    if isinstance(image, collections.abc.Mapping):
        named = [(text(name, "a name of an image"), one) for name, one in image.items()]
        views = [prepared(one, axes, spacing, origin, unit, metadata, options) for _, one in named]
        view, texts = tuple((name, view) for (name, _), (view, _) in zip(named, views)), views[0][1] if views else {}
        others = [(f"{name}: {lost}", value, reason) for name, one in named for lost, value, reason in left_out(one)]
    else:
        others = without_levels(left_out(image), options)
        view, texts = prepared(image, axes, spacing, origin, unit, metadata, options)
        levels = coarser_levels(image) if keeps_levels(options) else ()
        if levels:
            if any(given is not None for given in (spacing, origin, unit)):
                raise InvalidArgumentError("levels=\"keep\" keeps the calibration of each level, so spacing, origin and unit cannot be given")
            view = (view, *(prepared(level, axes, None, None, None, metadata, options)[0] for level in levels))
    if path is not None:
        lost, count = _core.write_path(view, path, format, texts, sync, salvage, progress)
    else:
        if format is None:
            name = getattr(target, "name", None)
            if not isinstance(name, str):
                raise InvalidArgumentError("the format must be named: a file object has no extension (format=\"npy\")")
            format = _core.write_format(name)
        lost, count = _core.write_object(view, target, format, texts, salvage, progress)
    return report((*lost, *others), count)


def left_out(image):
    """What of a file or a pyramid is not in the one image that is written, as native functions give what is lost."""
    if isinstance(image, MultiImageView):
        return _core.file_left_out(image._handle, None)
    if isinstance(image, LodImageView):
        return _core.levels_left_out(image._levels)
    return ()


def keeps_levels(options):
    """Whether the writing options ask for the levels that an image has."""
    return isinstance(options.get("levels"), str) and options["levels"].lower() == "keep"


def without_levels(left, options):
    """What is left out besides levels, where levels are kept or made; otherwise all of it."""
    if options.get("levels") is None or str(options["levels"]).lower() == "none":
        return left
    return [item for item in left if item[0] != "/levels"]


def coarser_levels(image):
    """The levels of a pyramid, or of the main image of a file, without the finest."""
    pyramid = image.levels() if isinstance(image, MultiImageView) else image
    return pyramid._levels[1:] if isinstance(pyramid, LodImageView) else ()


def target_path(target):
    """The path of a target, or None where it is a file object."""
    if isinstance(target, (str, os.PathLike)):
        return checked_path(target, "target")
    if isinstance(target, (io.TextIOBase, type)) or not hasattr(target, "write"):
        raise wrong_type("target", target, "a path, a binary file object that can write, or a StreamAccess")
    return None


def prepared(image, axes, spacing, origin, unit, metadata, options):
    """The view that is to be written, and the options as texts."""
    view = calibrated(as_image(image, axis_names(axes)), spacing, origin, unit)
    if isinstance(metadata, str):
        options, metadata = {**options, "metadata": metadata}, None
    if metadata is not None:
        view = view.with_metadata(metadata)
    return view, option_texts(options, "write")


def report(lost, count):
    """The ``Report`` of what a native function gives."""
    return Report(lost_items(lost), count)


def lost_items(lost):
    """The list of ``Lost`` for what a native function gives."""
    return [Lost(*item) for item in lost]


def write_view(view, target, format=None, **options):
    """Writes a view to a file and gives a ``Report``, under IOLink's name.

    Takes what ``write`` takes, except arrays: the view is an ``ImageView``, a ``MultiImageView``, of which the main image is
    written, or a ``LodImageView``, of which the finest level is written. Raises what ``write`` raises.
    """
    instance(view, "view", (ImageView, MultiImageView, LodImageView), "a view; iolink.write takes arrays too")
    return write(view, target, format, **options)
