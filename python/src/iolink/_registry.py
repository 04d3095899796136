"""Codecs that an application registers, written in Python."""

import operator
import os
import typing
import weakref

from . import _core
from ._access import RandomAccess
from ._errors import InvalidArgumentError


class Codec(typing.Protocol):
    """What a codec written in Python has; views of its images pickle where it does.

    Beside these it may have ``summary``, ``extensions`` (without dots) and ``options`` (name to one line of help).
    """

    name: str

    def detect(self, prefix, name):
        """Whether a file that begins with these bytes is of its format: True, False, or None where the bytes do not tell.

        ``name`` is the file's name, or None.
        """

    def open(self, access, **options):
        """The image in a ``RandomAccess``, as a view or an array, or a dictionary of several by name.

        An ``iolink.UnrecognizedError`` lets the next codec try.
        """


class CodecRegistry:
    """The formats that ``iolink.open(source, registry=...)`` knows: the library's own, and those that are registered."""

    def __init__(self):
        self._handle = _core.registry_standard()
        self._changes = ()
        # Travels with it, so that other processes know two copies of one registry for the same.
        self._identity = b""

    def register(self, codec, priority=0):
        """Adds a codec. Among those equally sure of a content a higher priority is tried first, then the later registered.

        One of the same name is replaced.
        """
        options = getattr(codec, "options", {})
        if isinstance(getattr(codec, "extensions", ()), str):
            raise TypeError("extensions is one text, expected a sequence of them")
        extensions = tuple(extension.lower().removeprefix(".") for extension in getattr(codec, "extensions", ()))
        _core.registry_register(
            self._handle, _Adapter(codec), codec.name, getattr(codec, "summary", codec.name), extensions, tuple(options.items()),
            operator.index(priority),
        )
        self._changed("register", codec, priority)

    def prioritize(self, name, priority):
        """Gives a codec that is there another priority; the library's own have 0."""
        _core.registry_prioritize(self._handle, name, operator.index(priority))
        self._changed("prioritize", name, priority)

    def _changed(self, *change):
        self._changes += (change,)
        self._identity = os.urandom(16)

    def formats(self):
        """As ``iolink.formats()``."""
        from . import _files

        return _files.formats(self)

    def frozen(self):
        """A copy, which nobody changes: what views keep of the registry that opened them."""
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
        from ._files import as_image

        images = self._codec().open(RandomAccess(access), **{key.replace("-", "_"): value for key, value in options})
        if not hasattr(images, "items"):
            images = {"image": images}
        if not images:
            raise InvalidArgumentError(f"the codec {self._codec().name} gave no image")
        return tuple((str(key), as_image(image)) for key, image in images.items())
