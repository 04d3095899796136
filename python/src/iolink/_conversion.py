"""Converting files to another format."""

import collections.abc
import warnings

from . import _core
from ._arguments import flag, instance, integer, optional_text, wrong_type, wrong_value
from ._enumerations import axis_list, axis_name
from ._opening import open
from ._types import data_type, native
from ._writing import write


class OtherImagesWarning(UserWarning):
    """A file holds more images than the one that was taken."""


def convert(
    source, target, image=None, *, from_format=None, to_format=None, axes=None, crop=None, step=None, dtype=None, rescale=None,
    read_options=None, registry=None, limits=None, sync=False, progress=None, **options
):
    """Converts a file to another format. Values never change unless asked for. Gives a ``Report``, as ``write`` does.

    ``image`` is the name or the index of one of several images; without it the main one is taken, and a warning names the
    others. The changes are made in this order:

    - ``axes`` names the axes, slowest first, as for ``open``; with lengths it also splits them (``"T=3,Z=5,Y,X"``).
    - ``crop`` maps axes to slices, pairs of start and end (half-open), or single indices, of which the axis stays. Negative
      bounds count from the end.
    - ``step`` maps axes to integers: every so many samples are kept, counted from the first of the crop.
    - ``dtype`` changes the type of the numbers; where it does not hold all values of the present one, ``rescale`` says how: True
      maps the full range of one type onto that of the other, False rounds and saturates.

    ``read_options`` are options of the format that is read, ``options`` of the one that is written. ``limits`` bounds what the
    source can make reading allocate, as for ``open``.
    """
    given = {} if read_options is None else instance(read_options, "read_options", collections.abc.Mapping, "a dictionary of options")
    for name in given:
        if instance(name, "a name in read_options", str, "a text") in ("source", "format", "mode", "axes", "registry", "limits"):
            raise wrong_value("a name in read_options", name, "an option of the format that is read, or siblings")
    with open(source, optional_text(from_format, "from_format"), registry=registry, limits=limits, **given) as file:
        view = _core.file_conversion(file._handle, *_conversion(file, image, axes, crop, step, dtype, rescale))
        if image is None and len(file) > 1:
            others = [name for index, name in enumerate(file.names) if index != file.main_index]
            warnings.warn(
                f"the file holds other images too, which are not converted: {', '.join(others[:20])}", OtherImagesWarning, stacklevel=2
            )
        return write(view, target, optional_text(to_format, "to_format"), sync=sync, progress=progress, **options)


def _conversion(file, image, axes, crop, step, dtype, rescale):
    """The arguments of the core's ``Conversion``."""
    if image is not None and not isinstance(image, str):
        image = file.names[file._index(image)]
    axes = axes if axes is None or isinstance(axes, str) else axis_list(axes)
    crop, step = ({} if given is None else instance(given, name, collections.abc.Mapping, 'a dictionary by axis, such as {"Z": 3}')
                  for given, name in ((crop, "crop"), (step, "step")))
    bounds = tuple((axis_name(axis, "an axis in crop"), *_bounds(axis, part)) for axis, part in crop.items())
    steps = tuple((axis_name(axis, "an axis in step"), integer(every, f"step of {axis}", 1)) for axis, every in step.items())
    kind = None if dtype is None else data_type(native(dtype, "dtype"), "dtype")
    if kind is not None and kind.element_count > 1:
        raise wrong_value("dtype", kind, "the type of one component; the number of components stays")
    values = "exact" if rescale is None else "rescale" if flag(rescale, "rescale") else "cast"
    return image, axes, bounds, steps, None if kind is None else kind.dtype.name, values


def _bounds(axis, part):
    """Start and end of what ``crop`` gives for an axis; None for an end of the axis."""
    name, expected = f"crop of {axis}", "a slice without a step, (start, end), or an index; step= takes every n-th sample"
    if isinstance(part, (tuple, list)) and len(part) == 2:
        part = slice(*part)
    if not isinstance(part, slice):
        if isinstance(part, bool) or not hasattr(part, "__index__"):
            raise wrong_type(name, part, expected)
        start = integer(part, name)
        return start, start + 1 or None
    if part.step not in (None, 1):
        raise wrong_value(name, part, expected)
    return tuple(None if bound is None else integer(bound, name) for bound in (part.start, part.stop))
