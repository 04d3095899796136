"""Codecs that an application registers, written in Python."""

import collections.abc
import os
import typing
import weakref

from . import _core
from ._access import RandomAccess
from ._arguments import instance, integer, items, text, wrong_type
from ._errors import InvalidArgumentError
from ._images import as_image
from ._options import formats_of


def limit_texts(limits):
    """Limits as texts by name, of a dictionary of numbers or texts."""
    instance(limits, "limits", collections.abc.Mapping, 'a dictionary such as {"chunk": "4G"}')
    texts = {}
    for name, value in limits.items():
        text(name, "a name in limits")
        if isinstance(value, bool) or not isinstance(value, str) and not hasattr(value, "__index__"):
            raise wrong_type(f"limit {name}", value, 'a positive integer, or for bytes a text such as "4G"')
        texts[name] = value if isinstance(value, str) else str(integer(value, f"limit {name}"))
    return texts


class Codec(typing.Protocol):
    """What a codec written in Python has; views of its images pickle where it does.

    Beside these it may have ``summary``, ``extensions`` (without dots) and ``options`` (name to one line of help).
    """

    name: str

    def detect(self, prefix, name):
        """Whether a file that begins with these bytes has this format: True, False, or None where the bytes do not tell.

        ``name`` is the file's name, or None.
        """

    def open(self, access, **options):
        """The image in a ``RandomAccess``, as a view or an array, or a dictionary of several by name.

        An ``iolink.UnrecognizedError`` lets the next codec try.
        """


class CodecRegistry:
    """The formats that ``iolink.open(source, registry=...)`` knows: those of the library, and the codecs that are registered."""

    def __init__(self):
        self._handle = _core.registry_standard()
        self._changes = ()
        # Travels with it, so that other processes know two copies of one registry for the same.
        self._identity = b""

    def register(self, codec, priority=0):
        """Adds a codec. Of codecs that are equally sure, that of higher priority is tried first, then the one registered later.

        One of the same name is replaced.
        """
        for attribute in ("name", "detect", "open"):
            if isinstance(codec, type) or not hasattr(codec, attribute):
                raise wrong_type("codec", codec, "an object with name, detect and open")
        name, priority = text(codec.name, "the codec's name"), integer(priority, "priority")
        extensions = items(getattr(codec, "extensions", ()), "the codec's extensions", "a sequence of texts")
        extensions = tuple(text(each, "the codec's extensions").lower().removeprefix(".") for each in extensions)
        options = getattr(codec, "options", {})
        instance(options, "the codec's options", collections.abc.Mapping, "a dictionary of name to one line of help")
        for option, line in options.items():
            text(option, "the codec's options"), text(line, f"the help of the option {option}")
        summary = text(getattr(codec, "summary", name), "the codec's summary")
        _core.registry_register(self._handle, _Adapter(codec), name, summary, extensions, tuple(options.items()), priority)
        self._changed("register", codec, priority)

    def prioritize(self, name, priority):
        """Gives the codec of that name another priority; those of the library have 0. Raises ``NotFoundError`` for others."""
        _core.registry_prioritize(self._handle, text(name, "name"), integer(priority, "priority"))
        self._changed("prioritize", name, priority)

    def register_hdf5_filter(self, id, decode, name=None):
        """Adds a decoder of an HDF5 filter that the library does not read, by the number under which it is registered.

        ``decode(data, parameters)`` gets the stored bytes of one chunk and the filter's parameters (``cd_values``) as a tuple of
        integers, and gives the bytes that were there before the filter, as an object with a buffer. It is called from several threads.
        What it raises is raised where pixels are read. ``name`` is for messages.

        One of the same number is replaced. Raises ``InvalidArgumentError`` for filters that the library reads itself.
        """
        id = integer(id, "id", 1, 65535)
        if not callable(decode):
            raise wrong_type("decode", decode, "a callable that takes bytes and a tuple of integers, and returns bytes")
        name = text(getattr(decode, "__name__", type(decode).__name__) if name is None else name, "name")
        # The codec keeps the priority that it has.
        priorities = [each[2] for each in self._changes if each[0] == "prioritize" and each[1].lower() == "hdf5"]
        _core.registry_register_hdf5_filter(self._handle, _FilterAdapter(decode), id, name, priorities[-1] if priorities else 0)
        self._changed("register_hdf5_filter", id, decode, name)

    @property
    def limits(self):
        """The most that a file can make reading allocate: all limits by name; ``chunk`` and ``metadata`` are in bytes."""
        return dict(_core.registry_limits(self._handle))

    def set_limits(self, limits):
        """Sets the limits that a dictionary names, for all files that are opened with this registry from now on.

        The names and the spellings are those of ``iolink.open(limits=...)`` and of the command line's ``--limit``:
        ``registry.set_limits({"chunk": "4G", "images": 100})``. Raises ``InvalidArgumentError`` with the names there are for
        one that is unknown, and for numbers that are not positive; all limits then stay as they were.
        """
        texts = limit_texts(limits)
        _core.registry_set_limits(self._handle, texts)
        self._changed("set_limits", texts)

    def _changed(self, *change):
        self._changes += (change,)
        self._identity = os.urandom(16)

    def formats(self):
        """As ``iolink.formats()``."""
        return formats_of(self._handle)

    def frozen(self):
        """A copy that never changes, which views keep of the registry that opened them."""
        return _rebuilt(self._changes, self._identity)

    def __eq__(self, other):
        return self._identity == other._identity if isinstance(other, CodecRegistry) else NotImplemented

    def __hash__(self):
        return hash(self._identity)

    def __reduce__(self):
        return _rebuilt, (self._changes, self._identity)


def _rebuilt(changes, identity):
    registry = CodecRegistry()
    for verb, *arguments in changes:
        getattr(registry, verb)(*arguments)
    registry._identity = identity
    return registry


class _Adapter:
    """What the library calls of a codec, which the registry keeps: the collector cannot look into the library."""

    def __init__(self, codec):
        try:
            self._codec = weakref.ref(codec)
        except TypeError:  # of a class with slots
            self._codec = lambda: codec

    def detect(self, prefix, name):
        answer = self._codec().detect(prefix, name)
        return 1 if answer is None else 2 if answer else 0

    def open(self, access, name, options):
        images = self._codec().open(RandomAccess(access), **{key.replace("-", "_"): value for key, value in options})
        if not hasattr(images, "items"):
            images = {"image": images}
        if not images:
            raise InvalidArgumentError(f"the codec {self._codec().name} gave no image")
        return tuple((str(key), as_image(image)) for key, image in images.items())


class _FilterAdapter:
    """What the library calls of a decoder, which images that are open need as long as they can be read."""

    def __init__(self, decode):
        self._decode = decode

    def decode(self, data, parameters):
        answer = self._decode(data, parameters)
        return answer if isinstance(answer, bytes) else memoryview(answer).tobytes()


def codecs_of(registry):
    """What the library knows a registry by; None stands for its own codecs."""
    return None if registry is None else instance(registry, "registry", CodecRegistry, "a CodecRegistry")._handle


def formats(registry=None):
    """The formats, with what each reads and writes, and their options; of a ``CodecRegistry``, or the library's own."""
    return formats_of(codecs_of(registry))
