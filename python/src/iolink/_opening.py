"""Opening and reading files."""

import builtins
import collections
import io
import mmap
import os

from . import _core
from ._access import RandomAccess
from ._arguments import choice, flag, optional_text, wrong_type
from ._arguments import path as checked_path
from ._enumerations import axis_names
from ._errors import InputOutputError, InvalidArgumentError, UnsupportedError
from ._errors import make as make_error
from ._multi_image import MultiImageView
from ._options import option_texts
from ._registry import codecs_of, limit_texts
from ._streams import StreamAccess


class How(collections.namedtuple("How", "format options registry limits")):
    """How a source is opened: the format or None, options and limits as pairs of texts, and a frozen registry or None."""

    __slots__ = ()

    def arguments(self):
        """What the native functions take for it."""
        return self.format, dict(self.options), codecs_of(self.registry), dict(self.limits)


class FileSource(collections.namedtuple("FileSource", "path how mode siblings byte_count modification")):
    """A file, how it was opened, and what it was then. A recipe begins with it."""

    __slots__ = ()

    def opened(self):
        """Its images, from a file that is opened again."""
        return MultiImageView(_path_handle(self.path, self.how, self.mode, self.siblings)[0], self, None)

    def check(self):
        """Raises when the file has changed."""
        try:
            status = os.stat(self.path)
        except OSError as error:
            raise make_error("io", None, None, f"cannot open \"{self.path}\"", str(error), error.errno, self.path) from None
        same = status.st_size == self.byte_count
        if self.mode == "read":
            same = same and status.st_mtime_ns == self.modification
        if not same:
            raise InputOutputError(
                f"\"{self.path}\" has changed since the view was made: it had {self.byte_count} bytes and was modified at "
                f"{self.modification} ns, now {status.st_size} bytes at {status.st_mtime_ns} ns; open it again"
            )


class BytesSource(collections.namedtuple("BytesSource", "content how")):
    """Bytes that travel along, and how they were opened. A recipe begins with it."""

    __slots__ = ()

    def opened(self):
        """Its images."""
        return MultiImageView(_core.open_buffer(self.content, None, *self.how.arguments()), self, None)

    def check(self):
        """Does nothing: bytes do not change."""


def open(source, format=None, *, mode="read", axes=None, siblings=False, registry=None, limits=None, **options):
    """Opens the images of a file, and gives them as a ``MultiImageView``. Reads the structure of the file, and no pixels.

    - ``source`` is a path, the content itself (bytes, a memory map, an array of bytes), a binary file object with ``seek`` and
      ``readinto`` or ``read``, an object whose ``open("rb")`` gives one (``zipfile.Path``), a ``StreamAccess`` or a
      ``RandomAccess``. The path ``"-"`` is standard input.
    - ``format`` is the name of the only format to try; without it the content decides.
    - ``mode`` is ``"read"``, or ``"update"``, which gives uncompressed images WRITE and needs a path.
    - ``axes`` names the axes, slowest first (``"ZYX"``; ``"YXS"`` where the last dimension holds samples), whatever the file says.
    - ``siblings`` allows the file to refer to other files in its folder.
    - ``registry`` is the ``CodecRegistry`` whose codecs are tried; without it those of the library.
    - ``limits`` bounds what the file can make reading allocate, as a dictionary: ``chunk`` and ``metadata`` in bytes (a number, or
      a text such as ``"4G"``), ``images``, ``nesting`` and ``entries``. The registry's limits apply to what it does not name.
    - ``options`` are reading options of the format (``iolink.formats()`` lists them). None stands for the default.

    Raises ``UnrecognizedError`` when no format recognises the content; ``MalformedError``, ``TruncatedError`` or
    ``UnsupportedError`` when the file cannot be read; ``LimitExceededError`` when it needs more than a limit allows, at opening or
    at reading; ``MissingFileError`` and other ``InputOutputError`` from the system; ``InvalidArgumentError`` for wrong arguments.
    """
    choice(mode, "mode", ("read", "update"))
    axes, siblings = axis_names(axes), flag(siblings, "siblings")
    how = _DEFAULT if format is registry is limits is None and not options else _how(format, options, registry, limits)
    if isinstance(source, (str, os.PathLike)):
        handle, recipe = _opened_path(checked_path(source, "source"), how, mode, siblings)
    elif mode == "update":
        raise UnsupportedError("only files with a path can be opened for update")
    else:
        handle, recipe = _opened_object(source, how)
    return MultiImageView(handle, recipe, axes)


_DEFAULT = How(None, (), None, ())


def _how(format, options, registry, limits):
    options = option_texts(options, "read", codecs_of(registry))
    limits = limit_texts({} if limits is None else limits)
    frozen = None if registry is None else registry.frozen()
    return How(optional_text(format, "format"), tuple(sorted(options.items())), frozen, tuple(limits.items()))


def _opened_path(path, how, mode, siblings):
    """The handle of a file, and its recipe, or why it has none."""
    if not _is_text(path):
        if mode == "update" or siblings:
            raise UnsupportedError("files whose path is not valid UTF-8 can only be read by themselves")
        # The library's paths are UTF-8; Python opens the others.
        try:
            file = builtins.open(path, "rb", buffering=0)
        except OSError as error:
            raise make_error("io", None, None, f"cannot open {path!r}", str(error), error.errno, path) from None
        try:
            return _core.open_object(file, None, *how.arguments()), "its path is not valid UTF-8"
        except BaseException:
            file.close()
            raise
    path = path if path == "-" else os.path.abspath(path)
    handle, byte_count, modification = _path_handle(path, how, mode, siblings)
    if modification is None:
        return handle, "it was read from a pipe"
    return handle, FileSource(path, how, mode, siblings, byte_count, modification)


def _path_handle(path, how, mode, siblings):
    format, options, codecs, limits = how.arguments()
    return _core.open_path(path, format, options, mode == "update", siblings, codecs, limits)


def _opened_object(source, how):
    """The handle of a content, an access, a stream or a file object, and its recipe, or why it has none."""
    if _is_content(source):
        handle = _core.open_buffer(source, None, *how.arguments())
        return handle, BytesSource(source, how) if isinstance(source, bytes) else "it lies in a buffer that may change"
    if isinstance(source, RandomAccess):
        handle = _core.open_access(source._handle, None, *how.arguments())
        return handle, "it was opened from a random access; open it by its path"
    if isinstance(source, StreamAccess):
        source = source.to_raw_io()
    elif not hasattr(source, "seek") and hasattr(source, "open") and hasattr(source, "is_file"):
        source = source.open("rb")
    is_file = hasattr(source, "seek") and (hasattr(source, "read") or hasattr(source, "readinto"))
    if isinstance(source, (io.TextIOBase, type)) or not is_file:
        raise wrong_type("source", source, "a path, bytes, a binary file object that can seek, a RandomAccess or a StreamAccess")
    name = getattr(source, "name", None)
    name = os.path.basename(name) if isinstance(name, str) and _is_text(name) else None
    return _core.open_object(source, name, *how.arguments()), "it was opened from a file object; open it by its path"


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


def read(source, image=None, format=None, *, axes=None, registry=None, limits=None, **options):
    """Reads an image into memory, and gives it as an ``ImageView`` with READ, WRITE and MEMORY_ACCESS.

    ``image`` is the name or the index of the image; without it the file must hold just one beside what describes it (coordinates,
    masks, texts), or ``InvalidArgumentError`` lists their names. Everything else is as for ``open``.
    """
    with open(source, format, axes=axes, registry=registry, limits=limits, **options) as file:
        return _core.copy(file._only() if image is None else file.image(image), True)


def open_view(source, format=None, **options):
    """Opens a file and gives its view, under IOLink's name. Reads no pixels.

    Takes what ``open`` takes. Gives an ``ImageView`` when the file holds one image, a ``LodImageView`` when that image has
    several resolutions, and a ``MultiImageView`` otherwise; ``ImageViewProvider`` and ``MultiImageViewProvider`` tell which. The
    file stays open as long as the view, or a view made from it, is alive. Raises what ``open`` raises.
    """
    file = open(source, format, **options)
    only = file._only_index()
    if only is None:
        return file
    return file.levels(only) or file[only]


def read_image(source, format=None, **options):
    """Reads the only image of a file into memory, under IOLink's name.

    Takes what ``read`` takes, except ``image``, and raises what it raises.
    """
    return read(source, None, format, **options)
