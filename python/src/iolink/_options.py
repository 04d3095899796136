"""The options that formats declare, and formats as they describe themselves."""

import collections
import collections.abc
import os
import re

from . import _core
from ._arguments import wrong_type
from ._types import data_type, native

Option = collections.namedtuple("Option", "name allowed default help")
Option.__doc__ = "An option of a format."

Format = collections.namedtuple("Format", "name summary extensions reads read_options writes write_options types")
Format.__doc__ = "A format: what is read (lines), what is written (lines; empty where it is only read), and its options."


def option_texts(options, which, codecs=None):
    """Options as texts, under the names that the formats declare; ``which`` is read or write.

    ``byte_order`` is ``byte-order``, and ``format_`` is an option ``format``, whose name an argument has.
    """
    declared = _declared(which, codecs) if options else {}
    result = {}
    for name, value in options.items():
        if value is None:
            continue
        if name not in declared:
            name = name.removesuffix("_").replace("_", "-")
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
    if isinstance(value, os.PathLike) or getattr(value, "shape", None) == () and not isinstance(value, _core.View):
        return str(value)
    if isinstance(value, collections.abc.Iterable) or callable(value) and not isinstance(value, type):
        raise wrong_type(f"option {name}", value, "a text, a number, True or False, a type, or a list of these")
    return data_type(value, f"option {name}").dtype.name


def _declared(which, codecs):
    """What is allowed for each option that some format declares."""
    found = {}
    for codec in _core.formats(codecs):
        for name, allowed, _, _ in codec[4] if which == "read" else codec[5][-1] if codec[5] else ():
            found[name] = f"{found.get(name, '')} {allowed}"
    return found


def formats_of(codecs):
    """The formats of the native registry ``codecs``; those of the library where it is None."""
    result = []
    for name, summary, extensions, reads, read_options, writing in _core.formats(codecs):
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
