"""Converting files to another format."""

import collections.abc
import warnings

from . import _core
from ._arguments import flag, instance, integer, items, optional_text, wrong_type, wrong_value
from ._enumerations import axis_list, axis_name
from ._errors import InvalidArgumentError
from ._multi_image import LodImageView
from ._opening import open
from ._types import data_type, native
from ._writing import keeps_levels, lost_items, without_levels, write


class OtherImagesWarning(UserWarning):
    """A file holds other images beside the one that was converted."""


def convert(
    source, target, image=None, *, images=None, level=None, from_format=None, to_format=None, axes=None, crop=None, step=None, dtype=None, rescale=None,
    read_options=None, registry=None, limits=None, sync=False, salvage=False, progress=None, **options
):
    """Converts a file to another format, and gives a ``Report``. Values never change unless this is asked for.

    ``source`` and ``target`` are those of ``open`` and ``write``. ``image`` is the name or the index of one of several images;
    without it the main image is taken, and an ``OtherImagesWarning`` and the report name the others. The report also names
    the coarser levels of a pyramid, which are not converted unless ``levels="keep"`` asks for them; ``level`` takes one of them instead of
    the finest, which is 0. ``images`` converts several to one file, under their names: ``"all"`` for
    all that can be read, or a list of names and indices. The report then also names the entries that cannot be read. The changes are
    made in this order, to each image:

    - ``axes`` names the axes, slowest first, as for ``open``; with lengths it also splits them (``"T=3,Z=5,Y,X"``).
    - ``crop`` maps axes to slices, pairs of start and end (half-open), or single indices, of which the axis stays. Negative
      bounds count from the end.
    - ``step`` maps axes to integers: every n-th sample is kept, counted from the first one of the crop.
    - ``dtype`` is the new type of the numbers. Where it does not hold every value of the present type, ``rescale`` says what
      happens: True maps the full range of one type onto that of the other, False rounds and saturates.

    ``read_options`` are options of the format that is read, ``options`` those of the format that is written. ``registry`` and
    ``limits`` are those of ``open``; ``sync``, ``salvage`` and ``progress`` those of ``write``.

    Raises what ``open`` and ``write`` raise, and ``InvalidArgumentError`` when an axis is missing, a range passes the image, or
    values would change and ``rescale`` does not say how.
    """
    given = {} if read_options is None else read_options
    for name in instance(given, "read_options", collections.abc.Mapping, "a dictionary of options"):
        if instance(name, "a name in read_options", str, "a text") in ("source", "format", "mode", "axes", "registry", "limits"):
            raise wrong_value("a name in read_options", name, "an option of the format that is read, or siblings")
    with open(source, optional_text(from_format, "from_format"), registry=registry, limits=limits, **given) as file:
        how = {"sync": sync, "salvage": salvage, "progress": progress, **options}
        if images is not None:
            if image is not None or level is not None:
                raise InvalidArgumentError("image and level cannot be combined with images")
            if keeps_levels(options):
                raise InvalidArgumentError("levels=\"keep\" keeps the levels of one image, but several images are converted")
            names, left = _chosen(file, images)
            changed = {}
            for name in names:
                changed[name] = _core.file_conversion(file._handle, *_conversion(file, name, axes, crop, step, dtype, rescale), 0)
                left += [(f"{name}: {path}", value, reason) for path, value, reason in without_levels(_core.file_left_out(file._handle, name), options)]
            written = write(changed, target, optional_text(to_format, "to_format"), **how)
            return written._replace(lost=written.lost + lost_items(left))
        change = _conversion(file, image, axes, crop, step, dtype, rescale)
        first = 0 if level is None else integer(level, "level", 0)
        view, left = _core.file_conversion(file._handle, *change, first), _core.file_left_out(file._handle, change[0])
        left = [item for item in left if level is None or item[0] != "/levels"]
        if keeps_levels(options):
            view = _with_levels(file, view, change, first)
        pictures = () if image is not None else file.roles.items()
        others = [name for index, (name, role) in enumerate(pictures) if index != file.main_index and role in ("image", "mask", "thumbnail")]
        if others:
            shown = ", ".join(others[:20])
            warnings.warn(f"the file holds other images too, which are not converted: {shown}", OtherImagesWarning, stacklevel=2)
        written = write(view, target, optional_text(to_format, "to_format"), **how)
        return written._replace(lost=written.lost + lost_items(without_levels(left, options)))


def _with_levels(file, view, change, first):
    """A converted view with the coarser levels of the image, converted in the same way."""
    name, _, crop, step = change[:4]
    pyramid = file.levels(name) if name is not None else file.levels(file.main_index)
    levels = [] if pyramid is None else range(first + 1, pyramid.level_range[1] + 1)
    if levels and (crop or step):
        raise InvalidArgumentError("levels=\"keep\" takes the levels of whole images; levels=\"auto\" makes those of a part")
    return LodImageView([view, *(_core.file_conversion(file._handle, *change, level) for level in levels)]) if levels else view


def _chosen(file, images):
    """The names of the images that ``images`` chooses, and what that leaves out, as native functions give what is lost."""
    if not isinstance(images, str):
        return [file.names[file._index(image)] for image in items(images, "images", 'a list of names and indices, or "all"')], []
    if images != "all":
        raise wrong_value("images", images, 'a list of names and indices, or "all"')
    problems = file.problems
    left = [("/images", name, f"the entry cannot be read: {error}") for name, error in problems.items()]
    return [name for name in file.names if name not in problems], left


def _conversion(file, image, axes, crop, step, dtype, rescale):
    """The arguments of the core's ``Conversion``."""
    if image is not None and not isinstance(image, str):
        image = file.names[file._index(image)]
    axes = axes if axes is None or isinstance(axes, str) else axis_list(axes)
    bounds = tuple((name, *_bounds(axis, part)) for name, axis, part in _by_axis(crop, "crop"))
    steps = tuple((name, integer(every, f"step of {axis}", 1)) for name, axis, every in _by_axis(step, "step"))
    kind = None if dtype is None else data_type(native(dtype, "dtype"), "dtype")
    if kind is not None and kind.element_count > 1:
        raise wrong_value("dtype", kind, "the type of one component; the number of components stays")
    values = "exact" if rescale is None else "rescale" if flag(rescale, "rescale") else "cast"
    return image, axes, bounds, steps, None if kind is None else kind.dtype.name, values


def _by_axis(given, argument):
    """The items of a dictionary by axis: the axis as the library names it, the axis as it is given, and its value."""
    given = instance({} if given is None else given, argument, collections.abc.Mapping, 'a dictionary by axis, such as {"Z": 3}')
    return [(axis_name(axis, f"an axis in {argument}"), axis, value) for axis, value in given.items()]


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
