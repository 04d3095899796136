"""Checks of arguments. Every message names the argument, what was found and what was expected."""

import os

from ._errors import ArgumentTypeError, InvalidArgumentError


LEAST, GREATEST = -(2**63), 2**63 - 1


def shown(value):
    """A value as a message shows it: short, and in one line."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape:
        return f"an array of shape {shape}"
    try:
        text = " ".join(repr(value).split())
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 80 else f"{text[:77]}…"


def wrong_type(name, value, expected):
    """The error for an argument of a wrong type."""
    return ArgumentTypeError(f"{name} is {shown(value)} ({type(value).__name__}), expected {expected}")


def wrong_value(name, value, expected):
    """The error for an argument of the right type and a wrong value."""
    return InvalidArgumentError(f"{name} is {shown(value)}, expected {expected}")


def instance(value, name, kind, expected):
    """The value, which must be of a class."""
    if not isinstance(value, kind):
        raise wrong_type(name, value, expected)
    return value


def text(value, name, expected="a text"):
    """The value, which must be a text."""
    return instance(value, name, str, expected)


def optional_text(value, name, expected="a text or None"):
    """The value, which must be a text or None."""
    return None if value is None else instance(value, name, str, expected)


def integer(value, name, minimum=None, maximum=None):
    """An integer of 64 bits of anything that is one, but for True and False."""
    expected = "an integer"
    if maximum is not None:
        expected += f" from {minimum} to {maximum}" if minimum <= maximum else ", but there is nothing to choose from"
    elif minimum is not None:
        expected += f" of {minimum} or more"
    if isinstance(value, bool) or not hasattr(type(value), "__index__"):
        raise wrong_type(name, value, expected)
    try:
        number = value.__index__()
    except TypeError:  # an array of several
        raise wrong_type(name, value, expected) from None
    if not LEAST <= number <= GREATEST:
        raise wrong_value(name, number, f"{expected}, of 64 bits")
    if minimum is not None and number < minimum or maximum is not None and number > maximum:
        raise wrong_value(name, number, expected)
    return number


def number(value, name):
    """A float of anything that is a real number: not of a text, and not of True or False."""
    if not isinstance(value, (str, bytes, bytearray, bool)):
        try:
            return float(value)
        except (TypeError, ValueError):
            pass
        except OverflowError:
            raise wrong_value(name, value, "a number that a float can hold") from None
    raise wrong_type(name, value, "a number")


def flag(value, name):
    """A bool of True, False, or NumPy's."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_") and hasattr(value, "dtype"):
        return bool(value)
    raise wrong_type(name, value, "True or False")


def choice(value, name, allowed):
    """The value, which must be one of a few texts."""
    if not isinstance(value, str) or value not in allowed:
        listed = " or ".join(f'"{each}"' for each in allowed)
        raise wrong_value(name, text(value, name, listed), listed)
    return value


def path(value, name):
    """A path as a text, of a text, bytes or an ``os.PathLike``."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise wrong_type(name, value, "a path")
    found = value if type(value) is str else os.fsdecode(value)
    if "\0" in found:
        raise wrong_value(name, found, "a path without null characters")
    return found


def items(value, name, expected):
    """A list of the items of something that can be iterated; a text counts as one thing, not as its letters."""
    if isinstance(value, (str, bytes, bytearray)):
        raise wrong_type(name, value, expected)
    try:
        return list(value)
    except TypeError:
        raise wrong_type(name, value, expected) from None


def function(value, name):
    """The value, which must be a function or None."""
    if value is not None and not callable(value):
        raise wrong_type(name, value, "a function or None")
    return value


def buffer(value, name, writable=False):
    """A view of the memory of anything with the buffer protocol."""
    expected = "a writable buffer" if writable else "a buffer such as bytes or an array"
    try:
        memory = memoryview(value)
    except (TypeError, ValueError, BufferError):
        raise wrong_type(name, value, expected) from None
    if writable and memory.readonly:
        raise ArgumentTypeError(f"{name} is read-only ({type(value).__name__}), expected {expected}")
    return memory
