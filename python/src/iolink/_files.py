"""Opening, reading, writing and converting files."""

import builtins
import collections
import collections.abc
import io
import math
import mmap
import os
import re
import stat
import warnings

from . import _core, _recipes
from ._arguments import choice, flag, function, instance, integer, items, optional_text, wrong_type, wrong_value
from ._arguments import path as checked_path
from ._access import RandomAccess
from ._enumerations import axis_list, axis_name
from ._errors import ArgumentIndexError, InvalidArgumentError, NotFoundError, UnsupportedError
from ._interop import NumpyInterop, wrap
from ._metadata import MetadataNode
from ._properties import SPATIAL
from ._registry import CodecRegistry, limit_texts
from ._streams import StreamAccess
from ._types import DataType, data_type, is_number, native
from ._vectors import Vector2i64, integers
from ._view import ArrayView, ImageView

Lost = collections.namedtuple("Lost", "path value reason")
Lost.__doc__ = "Something that a format could not keep."

Report = collections.namedtuple("Report", "lost pixel_byte_count")
Report.__doc__ = "What writing an image did: what was lost, and how many bytes of pixels there were."

Option = collections.namedtuple("Option", "name allowed default help")
Option.__doc__ = "An option of a format."

Format = collections.namedtuple("Format", "name summary extensions reads read_options writes write_options types")
Format.__doc__ = "A format: what is read (lines), what is written (lines; empty where it is only read), and its options."


class OtherImagesWarning(UserWarning):
    """A file holds more images than the one that was taken."""


class LodImageView:
    """An image in several resolutions; level 0 is the original, a higher level is coarser."""

    def __init__(self, levels):
        expected = "one ImageView or more, finest first"
        self._levels = tuple(instance(level, "levels", ImageView, expected) for level in items(levels, "levels", expected))
        if not self._levels:
            raise wrong_type("levels", levels, expected)

    @property
    def level_range(self):
        """The finest and the coarsest level."""
        return Vector2i64(0, len(self._levels) - 1)

    def resolution(self, level):
        """The image at a level."""
        return self._levels[integer(level, "level", 0, len(self._levels) - 1)]

    def to_string(self):
        """As ``repr``."""
        return repr(self)

    def __repr__(self):
        return f"<LodImageView of {len(self._levels)} levels>"


class MultiImageView:
    """The images of a file: ordered and named; ``file[0]``, ``file["name"]``. A context manager.

    What a file does not have itself (``array``, ``shape``, ``read_region``, ``to_dask`` …) is asked of its main image.
    """

    def __init__(self, handle, recipe, axes):
        self._handle = handle
        self._recipe = recipe
        self._axes = axes
        self._closed = False
        self.format, names, self.main_index = _core.file_info(handle)
        self.names = list(names)

    def __len__(self):
        return len(self.names)

    def __iter__(self):
        return (self[index] for index in range(len(self)))

    def __getitem__(self, key):
        index = self._index(key)
        return self._named(_core.file_image(self._handle, index), index)

    def _index(self, key):
        """The index of the image that a name or an index chooses; None chooses the main image."""
        if key is None or isinstance(key, str):
            return _core.file_index(self._handle, key)
        if isinstance(key, bool) or not hasattr(key, "__index__"):
            raise wrong_type("image", key, "the name or the index of an image")
        index = integer(key, "image")
        if not -len(self) <= index < len(self):
            raise ArgumentIndexError(f"image is {index}, expected the index of one of {len(self)} images")
        return index % len(self)

    def __contains__(self, name):
        if not isinstance(name, str):
            return False
        try:
            _core.file_index(self._handle, name)
            return True
        except NotFoundError:
            return False

    def _named(self, view, index, level=None):
        view._with_recipe(("file", self._recipe, index, level) if isinstance(self._recipe, tuple) else ("never", self._recipe))
        if self._axes is None:
            return view
        return _recipes.apply("name_axes", [view], self._axes, False)

    def image(self, name=None):
        """The image of that name or index; without one the main image."""
        return self[self._index(name)]

    def levels(self, name=None):
        """The pyramid of an image; None where it has no levels."""
        index = self._index(name)
        views = _core.file_levels(self._handle, index)
        if views is None:
            return None
        return LodImageView([self._named(view, index, level) for level, view in enumerate(views)])

    @property
    def array(self):
        """The main image as a lazy array in NumPy order."""
        return self.image().array

    @array.setter
    def array(self, value):
        ImageView.array.fset(self, value)

    @property
    def metadata(self):
        """What the file says of all its images."""
        return MetadataNode._of(_core.file_metadata(self._handle))

    @property
    def closed(self):
        """Whether ``close()`` was called."""
        return self._closed

    def close(self):
        """Makes later reads of its images fail. Arrays that share memory stay valid."""
        self._closed = True
        _core.file_close(self._handle)

    def __enter__(self):
        if self._closed:
            raise InvalidArgumentError("the file has been closed; open it again")
        return self

    def __exit__(self, *_):
        self.close()

    def __reduce__(self):
        if isinstance(self._recipe, str):
            raise TypeError(f"the file cannot be pickled: {self._recipe}")
        return _pickled, (self._recipe, self._axes)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(f"MultiImageView has no attribute {name!r}")
        if not hasattr(ImageView, name):
            raise AttributeError(f"neither MultiImageView nor ImageView has an attribute {name!r}")
        return getattr(self.image(), name)

    def __array__(self, dtype=None, copy=None):
        return self.image().__array__(dtype, copy)

    def to_string(self):
        """As ``repr``."""
        return repr(self)

    def __repr__(self):
        return f"<MultiImageView {self.format} {self.names}>"


def _codecs(registry):
    """What the library knows a registry by; None stands for its own codecs."""
    if registry is None:
        return None
    return instance(registry, "registry", CodecRegistry, "a CodecRegistry")._handle


def _axes(axes):
    """Names of axes, slowest first, of ``"ZYX"``, ``"angle,Z,Y,X"`` or a sequence; None for None."""
    if axes is None:
        return None
    return _core.axis_names(axes) if isinstance(axes, str) else axis_list(axes)


def _options(options, declared):
    """Options as texts, under the names that the format declares (``byte_order`` is ``byte-order``)."""
    result = {}
    for name, value in options.items():
        if value is None:
            continue
        if name not in declared:
            name = name.replace("_", "-")
        if isinstance(value, bool) and "yes" in declared.get(name, ""):
            value = "yes" if value else "no"
        result[name] = _type_text(value) if name == "type" else _text(value, name)
    return result


def _type_text(value):
    """A type as the library spells it, of what NumPy or the library call it; other texts are the format's."""
    if isinstance(value, str) and not re.fullmatch(r"[<>=|]?[biufc]\d+", value):
        return value
    kind = data_type(native(value))
    return kind.dtype.name + (f"x{kind.element_count}" if kind.element_count > 1 else "")


def _text(value, name):
    """The value of an option as a text. ``name`` is the option's."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) or type(value) in (int, float):
        return str(value)
    if isinstance(value, (tuple, list)):
        return ",".join(_text(each, name) for each in value)
    if isinstance(value, os.PathLike) or getattr(value, "shape", None) == () and not isinstance(value, ImageView):
        return str(value)
    if isinstance(value, collections.abc.Iterable) or callable(value) and not isinstance(value, type):
        raise wrong_type(f"option {name}", value, "a text, a number, True or False, a type, or a list of these")
    return data_type(value, f"option {name}").dtype.name


def _declared(which, registry=None):
    """What is allowed for each option that some format declares."""
    found = {}
    for codec in _core.formats(_codecs(registry)):
        for name, allowed, _, _ in codec[4] if which == "read" else codec[5][-1] if codec[5] else ():
            found[name] = f"{found.get(name, '')} {allowed}"
    return found


def open(source, format=None, *, mode="read", axes=None, siblings=False, registry=None, limits=None, **options):
    """Opens the images of a file. Reads structure, never pixels.

    ``source`` is a path, the content itself (bytes, a memory map, an array of bytes), a binary file object with ``seek``
    and ``readinto``, something that ``open("rb")`` makes one of (``zipfile.Path``), or a ``RandomAccess``. ``format`` names
    the format; without it the content tells. ``mode="update"`` gives uncompressed images WRITE. ``axes`` names the axes,
    slowest first (``"ZYX"``; ``"YXS"`` where the last are samples), whatever the file says of them. ``siblings`` lets the file
    refer to others in its folder. ``registry`` has the codecs that are tried, a ``CodecRegistry``. ``limits`` bounds what the file
    can make reading allocate, as a dictionary: ``chunk`` and ``metadata`` in bytes (a number, or a text such as ``"4G"``),
    ``images``, ``nesting`` and ``entries``; those that it does not name are the registry's. Options are the format's
    (``iolink.formats()``); one that is None has its default.

    Raises ``LimitExceededError`` when the file needs more than a limit allows, at opening or at reading.
    """
    choice(mode, "mode", ("read", "update"))
    format, axes, siblings = optional_text(format, "format"), _axes(axes), flag(siblings, "siblings")
    texts = _options(options, _declared("read", registry) if options else {})
    options = tuple(sorted(texts.items()))
    codecs, limits = _codecs(registry), limit_texts({} if limits is None else limits)
    registry = registry and registry.frozen()
    how = (format, texts, codecs, limits)
    if isinstance(source, (str, os.PathLike)):
        path = checked_path(source, "source")
        is_pipe = path == "-" or _is_pipe(path)
        if (is_pipe or not _is_text(path)) and (mode == "update" or siblings):
            raise UnsupportedError("pipes, and files whose path is not valid UTF-8, can only be read by themselves")
        if is_pipe:
            return _open_spooled(path, how, axes)
        if not _is_text(path):
            # The library's paths are UTF-8; Python opens the others.
            source = builtins.open(path, "rb", buffering=0)
            try:
                return MultiImageView(_core.open_object(source, None, *how), "its path is not valid UTF-8", axes)
            except BaseException:
                source.close()
                raise
        path = os.path.abspath(path)
        handle = _core.open_path(path, format, texts, mode == "update", siblings, codecs, limits)
        status = os.stat(path)
        recipe = _recipes.FileSource(
            path, format, options, registry, mode, siblings, tuple(limits.items()), status.st_size, status.st_mtime_ns
        )
        return MultiImageView(handle, recipe, axes)
    if mode == "update":
        raise UnsupportedError("only files with a path can be opened for update")
    if _is_content(source):
        content = source if isinstance(source, bytes) else None
        handle = _core.open_buffer(source, None, *how)
        recipe = "it lies in a buffer that may change"
        if content is not None:
            recipe = _recipes.BytesSource(source, format, options, registry, tuple(limits.items()))
        return MultiImageView(handle, recipe, axes)
    if isinstance(source, RandomAccess):
        handle = _core.open_access(source._handle, None, *how)
        return MultiImageView(handle, "it was opened from a random access; open it by its path", axes)
    if isinstance(source, StreamAccess):
        source = source.to_raw_io()
    elif not hasattr(source, "seek") and hasattr(source, "open") and hasattr(source, "is_file"):
        source = source.open("rb")
    if isinstance(source, (io.TextIOBase, type)) or not (hasattr(source, "seek") and (hasattr(source, "read") or hasattr(source, "readinto"))):
        raise wrong_type("source", source, "a path, bytes, a binary file object that can seek, a RandomAccess or a StreamAccess")
    name = getattr(source, "name", None)
    name = os.path.basename(name) if isinstance(name, str) and _is_text(name) else None
    handle = _core.open_object(source, name, *how)
    return MultiImageView(handle, "it was opened from a file object; open it by its path", axes)


def _is_content(source):
    """Whether a source is the bytes of a file themselves."""
    if isinstance(source, (bytes, bytearray, memoryview, mmap.mmap)):
        return True
    return getattr(getattr(source, "dtype", None), "name", None) == "uint8" and getattr(source, "ndim", 0) == 1


def _is_text(path):
    try:
        path.encode()
        return True
    except UnicodeEncodeError:
        return False


def _is_pipe(path):
    """Whether a path is of something that cannot be read by position: a pipe, a terminal."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False  # the library says what is wrong
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def _open_spooled(path, how, axes):
    """Opens what comes through a pipe: all of it, in a file that is gone with the last view. Ctrl-C stops it."""
    import shutil
    import tempfile

    with tempfile.NamedTemporaryFile(prefix=".iolink-") as spool:
        with builtins.open(0 if path == "-" else path, "rb", closefd=path != "-") as source:
            shutil.copyfileobj(source, spool, 1 << 20)
        spool.flush()
        format, texts, codecs, limits = how
        handle = _core.open_path(spool.name, format, texts, False, False, codecs, limits)
    return MultiImageView(handle, "it was read from a pipe", axes)


def _pickled(source, axes):
    """The images of a source as another process opened them."""
    found = _recipes.reopened(source)
    return MultiImageView(found._handle, source, axes)


def reopen(source):
    """The file of a recipe."""
    codecs, options, limits = _codecs(source.registry), dict(source.options), dict(source.limits)
    if isinstance(source, _recipes.BytesSource):
        return MultiImageView(_core.open_buffer(source.content, None, source.format, options, codecs, limits), source, None)
    handle = _core.open_path(source.path, source.format, options, source.mode == "update", source.siblings, codecs, limits)
    return MultiImageView(handle, source, None)


def read(source, image=None, format=None, *, axes=None, registry=None, limits=None, **options):
    """Reads an image into memory: the only one of the file, or the one of that name or index. All else is as for ``open``."""
    with open(source, format, axes=axes, registry=registry, limits=limits, **options) as file:
        if image is None and len(file) > 1:
            shown = ", ".join(file.names[:20]) + (" …" if len(file) > 20 else "")
            raise InvalidArgumentError(f"the file holds {len(file)} images; name one of {shown}, or open it")
        return _core.copy(file.image(image), True)


def open_view(source, format=None, **options):
    """IOLink's name for opening: the view of a file, of which no pixel is read.

    Takes what ``open`` takes. Gives an ``ImageView`` when the file holds one image, a ``LodImageView`` when that image has
    several resolutions, and a ``MultiImageView`` otherwise; ``ImageViewProvider`` and ``MultiImageViewProvider`` tell which. The
    file stays open as long as the view or one made of it is alive. Raises what ``open`` raises.
    """
    file = open(source, format, **options)
    if len(file) != 1:
        return file
    return file.levels(0) or file[0]


def read_image(source, format=None, **options):
    """IOLink's name for reading: the only image of a file, in memory.

    Takes what ``read`` takes, but for the choice of an image: raises ``InvalidArgumentError`` when the file holds several.
    """
    return read(source, None, format, **options)


def write_view(view, target, format=None, **options):
    """IOLink's name for writing: writes a view to a file, and gives a ``Report``.

    Takes what ``write`` takes, with a view instead of an array: an ``ImageView``, the main image of a ``MultiImageView``, or the
    finest level of a ``LodImageView``.
    """
    instance(view, "view", (ImageView, MultiImageView, LodImageView), "a view; iolink.write takes arrays too")
    return write(view, target, format, **options)


def as_image(value, axes=None):
    """A view of what can be written: a view, a file with a main image, or an array by the rule of plain arrays."""
    if isinstance(value, MultiImageView):
        value = value.image()
    if isinstance(value, LodImageView):
        value = value.resolution(0)
    if isinstance(value, ArrayView):
        value = _in_its_order(value)
    if isinstance(value, ImageView):
        return value if axes is None else _named(value, axes)
    import numpy

    if value is None or isinstance(value, (str, bytes, os.PathLike, dict, set)):
        raise wrong_type("image", value, "a view or an array")
    try:
        array = numpy.asarray(value)
    except ValueError:  # lists of different lengths
        raise wrong_value("image", value, "a view or an array") from None
    if not is_number(array.dtype) or isinstance(value, numpy.ma.MaskedArray):
        wrap(value if isinstance(value, numpy.ma.MaskedArray) else array)  # says why it is refused
    if axes is not None:
        names = axes
        if "component" in names:
            return NumpyInterop.order_from_numpy_array(array, names)
        if array.ndim == len(names) + 1 and not 1 < array.shape[-1] <= 4:
            raise InvalidArgumentError(
                f"axes names {len(names)} axes, expected one for each dimension of the array's shape {array.shape}; a further last "
                "dimension of 2 to 4 holds components"
            )
        return wrap(array, names, len(names) if array.ndim == len(names) + 1 else -1)
    names, has_components = _core.infer_axes(array.shape, array.dtype.name, 1)
    return wrap(array, names, array.ndim - 1 if has_components else -1)


def _in_its_order(array):
    """The image of an array, stored in the order of its dimensions."""
    view = array.image
    rank = view.dimension_count
    dimensions = _core.dimensions(array)
    if rank in dimensions[:-1]:
        raise UnsupportedError("components are stored last; transpose the array, or make them an axis (disassemble_channels)")
    order = tuple(axis for axis in dimensions if axis < rank)
    properties = view.properties
    if len(order) != rank or properties.source_order == order:
        return view
    properties.source_order = order
    return view.with_properties(properties)


def _named(view, names):
    """A view under other names of axes, slowest first as in its source; not one that has names of its own."""
    properties = _core.properties(view)
    own = tuple(properties[0][axis][0] for axis in properties[1])
    if own == names or (*own, "component") == names and _core.type(view)[1] > 1:
        return view
    if "" not in own and not properties[-1]:
        raise InvalidArgumentError(
            f"axes is {', '.join(names)}, but the view's axes have names already: {', '.join(own)}, slowest first; the format's option "
            "order= chooses another order, ImageViewFactory.reinterpret_axes other names"
        )
    return _recipes.apply("name_axes", [view], names, False)


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
    path = _target_path(target)
    view, texts = _prepared(image, axes, spacing, origin, unit, metadata, options)
    if path is not None:
        lost, count = _core.write_path(view, path, format, texts, sync, progress)
    else:
        if format is None:
            name = getattr(target, "name", None)
            if not isinstance(name, str):
                raise InvalidArgumentError("the format must be named: a file object has no extension (format=\"npy\")")
            format = _core.write_format(name)
        lost, count = _core.write_object(view, target, format, texts, progress)
    return Report([Lost(*item) for item in lost], count)


def _target_path(target):
    """The path of a target, or None where it is a file object."""
    if isinstance(target, (str, os.PathLike)):
        return checked_path(target, "target")
    if isinstance(target, (io.TextIOBase, type)) or not hasattr(target, "write"):
        raise wrong_type("target", target, "a path, a binary file object that can write, or a StreamAccess")
    return None


def _prepared(image, axes, spacing, origin, unit, metadata, options):
    """What is written, and the options as texts."""
    view = _calibrated(as_image(image, _axes(axes)), spacing, origin, unit)
    if isinstance(metadata, str):
        options, metadata = {**options, "metadata": metadata}, None
    if metadata is not None:
        view = view.with_metadata(metadata)
    return view, _options(options, _declared("write") if options else {})


def _calibrated(view, spacing, origin, unit):
    """A view with what is given of its calibration."""
    given = {"spacing": spacing, "origin": origin, "unit": unit}
    given = {key: value for key, value in given.items() if value is not None}
    if not given:
        return view
    properties = view.properties
    for key, value in given.items():
        if key == "unit" and isinstance(value, str):
            value = {axis.name: value for axis in properties.axes if axis.name in SPATIAL}
        if isinstance(value, collections.abc.Mapping):
            for name, each in value.items():
                properties.calibrate(name, **{key: each})
            continue
        values, order = items(value, key, "a value for each axis, slowest first, or a dictionary by axis"), properties.source_order
        if len(values) != len(order):
            names = ", ".join(properties.axes[index].name or "unknown" for index in order)
            raise wrong_value(key, value, f"{len(order)} values, for the axes {names}")
        for index, each in zip(order, values):
            properties.calibrate_index(index, **{key: each})
    return view.with_properties(properties)


def create(
    target, shape, dtype, format=None, *, axes=None, spacing=None, origin=None, unit=None, metadata=None, sync=False, **options
):
    """Makes a file of zeros, to be filled by regions: ``open(target, mode="update")``.

    ``shape`` is in the file's order, slowest first; components come last, be they part of a vector type, of the shape (where
    ``axes`` names one dimension less), or S in ``axes``. Unless options say otherwise it is stored as files must be that can be
    updated: uncompressed, and as sparse as the file system allows. What else there is as for ``write``.
    """
    import numpy

    dtype = data_type(native(dtype, "dtype"), "dtype")
    shape, axes = integers(shape, "shape", 0), _axes(axes)
    format, sync, path = optional_text(format, "format"), flag(sync, "sync"), _target_path(target)
    if math.prod(shape) * dtype.byte_count() >= 2**63:
        raise wrong_value("shape", shape, f"one of fewer than 2^63 bytes of {dtype}")
    if dtype.element_count > 1:
        axes = (*(axes if axes is not None else _core.infer_axes(shape, dtype.dtype.name, 1)[0]), "component")
        shape = (*shape, dtype.element_count)
    zeros = numpy.broadcast_to(numpy.zeros((), dtype.dtype), shape)
    if format is None and path is None:
        raise InvalidArgumentError("the format must be named: a file object has no extension (format=\"npy\")")
    format = _core.write_format(path) if format is None else format
    options = {**dict(_core.update_options(format)), **options}
    if path is None:
        return write(zeros, target, format, axes=axes, spacing=spacing, origin=origin, unit=unit, metadata=metadata, **options)
    view, texts = _prepared(zeros, axes, spacing, origin, unit, metadata, options)
    lost, count = _core.create_path(view, path, format, texts, sync)
    return Report([Lost(*item) for item in lost], count)


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


def formats(registry=None):
    """The formats, with what each reads and writes, and their options."""
    result = []
    for name, summary, extensions, reads, read_options, writing in _core.formats(_codecs(registry)):
        writes, write_options, types = (), (), ()
        if writing is not None:
            types, _, _, _, writes, write_options = writing
        result.append(
            Format(
                name, summary, list(extensions), list(reads), [Option(*option) for option in read_options], list(writes),
                [Option(*option) for option in write_options], list(types),
            )
        )
    return result
