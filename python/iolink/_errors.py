"""One exception class per error code; each is also the built-in exception a Python user would catch."""


class IOLinkError(Exception):
    """The base of all errors of the library.

    ``code`` says who must act, ``format`` and ``offset`` (in bytes) say where, ``reason`` says what was found and what was
    expected. ``str()`` has all of it in one line.
    """

    code = ""

    def __init__(self, text, format=None, offset=None, reason=None):
        super().__init__(text)
        self.text = text
        self.format = format
        self.offset = offset
        self.reason = text if reason is None else reason

    def __str__(self):
        return self.text

    def __reduce__(self):
        return type(self), (self.text, self.format, self.offset, self.reason)


class UnrecognizedError(IOLinkError, ValueError):
    """No codec knows the content."""

    code = "unrecognized"


class MalformedError(IOLinkError, ValueError):
    """The bytes break the rules of their format."""

    code = "malformed"


class TruncatedError(IOLinkError, EOFError, ValueError):
    """The bytes end before the format says they do."""

    code = "truncated"


class UnsupportedError(IOLinkError, NotImplementedError):
    """Legal, but not offered here: a feature, a capability, an operation."""

    code = "unsupported"


class UnsupportedTypeError(UnsupportedError, TypeError):
    """Elements that no image can hold: objects, strings, structures, dates."""


class LimitExceededError(IOLinkError, ValueError):
    """A resource limit would be passed."""

    code = "limitExceeded"


class InvalidArgumentError(IOLinkError, ValueError):
    """The caller's argument is wrong."""

    code = "invalidArgument"


class NotFoundError(IOLinkError, KeyError):
    """A named image, member, option or format does not exist."""

    code = "notFound"


class MissingFileError(NotFoundError, FileNotFoundError):
    """There is no such file."""


class InputOutputError(IOLinkError, OSError):
    """The operating system or a stream failed."""

    code = "io"


class CancelledError(IOLinkError, RuntimeError):
    """The caller asked to stop."""

    code = "cancelled"


_CLASSES = {
    cls.code: cls
    for cls in (
        UnrecognizedError, MalformedError, TruncatedError, UnsupportedError, LimitExceededError, InvalidArgumentError,
        NotFoundError, InputOutputError, CancelledError,
    )
}


def make(code, format, offset, reason, text):
    """The exception for an error of the library."""
    cls = _CLASSES.get(code, IOLinkError)
    if cls is NotFoundError and reason.startswith("cannot open"):
        cls = MissingFileError
    if cls is UnsupportedError and reason.startswith("elements of format"):
        cls = UnsupportedTypeError
    error = cls(text, format, offset, reason)
    if not error.code:
        error.code = code
    return error
