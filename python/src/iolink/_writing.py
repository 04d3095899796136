"""Writing images to files."""

import collections
import io
import os

from . import _core
from ._arguments import flag, function, instance, optional_text, wrong_type
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
    image, target, format=None, *, axes=None, spacing=None, origin=None, unit=None, metadata=None, sync=False, progress=None, **options
):
    """Writes an image to a file, which is replaced as a whole at the end, or to a binary file object.

    ``image`` is a view, or an array, whose axes are named by ``axes`` (slowest first; S for components) or by rank.
    ``spacing``, ``origin`` and ``unit`` say where samples lie: dictionaries by axis (``{"Z": 0.5}``), or one value per axis,
    slowest first; a single text is the unit of all spatial axes. ``progress`` is called with bytes done and bytes in all; what
    it raises stops the writing, and the target is as it was. Gives a ``Report``; what the format cannot keep is in ``lost``.
    ``metadata`` is a ``MetadataNode`` or a dictionary of paths; a text is the format's option of that name.
    """
    format, sync, progress = optional_text(format, "format"), flag(sync, "sync"), function(progress, "progress")
    if isinstance(target, StreamAccess):
        target = target.to_raw_io()
    path = target_path(target)
    view, texts = prepared(image, axes, spacing, origin, unit, metadata, options)
    if path is not None:
        lost, count = _core.write_path(view, path, format, texts, sync, progress)
    else:
        if format is None:
            name = getattr(target, "name", None)
            if not isinstance(name, str):
                raise InvalidArgumentError("the format must be named: a file object has no extension (format=\"npy\")")
            format = _core.write_format(name)
        lost, count = _core.write_object(view, target, format, texts, progress)
    return report(lost, count)


def target_path(target):
    """The path of a target, or None where it is a file object."""
    if isinstance(target, (str, os.PathLike)):
        return checked_path(target, "target")
    if isinstance(target, (io.TextIOBase, type)) or not hasattr(target, "write"):
        raise wrong_type("target", target, "a path, a binary file object that can write, or a StreamAccess")
    return None


def prepared(image, axes, spacing, origin, unit, metadata, options):
    """What is written, and the options as texts."""
    view = calibrated(as_image(image, axis_names(axes)), spacing, origin, unit)
    if isinstance(metadata, str):
        options, metadata = {**options, "metadata": metadata}, None
    if metadata is not None:
        view = view.with_metadata(metadata)
    return view, option_texts(options, "write")


def report(lost, count):
    """The ``Report`` of what a native function gives."""
    return Report([Lost(*item) for item in lost], count)


def write_view(view, target, format=None, **options):
    """IOLink's name for writing: writes a view to a file, and gives a ``Report``.

    Takes what ``write`` takes, with a view instead of an array: an ``ImageView``, the main image of a ``MultiImageView``, or the
    finest level of a ``LodImageView``.
    """
    instance(view, "view", (ImageView, MultiImageView, LodImageView), "a view; iolink.write takes arrays too")
    return write(view, target, format, **options)
