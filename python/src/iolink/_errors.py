"""One exception class per error code; each is also the built-in exception a Python user would catch."""

import errno
import os


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
        state = dict(vars(self))
        if isinstance(self, OSError):
            # The dictionary does not have these.
            state.update(errno=self.errno, strerror=self.strerror, filename=self.filename)
        return type(self), (self.text, self.format, self.offset, self.reason), state


class UnrecognizedError(IOLinkError, ValueError):
    """No codec knows the content."""

    code = "unrecognized"


class MalformedError(IOLinkError, ValueError):
    """The bytes violate the specification of their format."""

    code = "malformed"


class TruncatedError(IOLinkError, EOFError, ValueError):
    """The bytes end before the format says they do."""

    code = "truncated"


class UnsupportedError(IOLinkError, NotImplementedError):
    """A feature, a capability or an operation that the library or the view does not offer."""

    code = "unsupported"


class UnsupportedTypeError(UnsupportedError, TypeError):
    """Elements that no image can hold: objects, strings, structures, dates."""


class LimitExceededError(IOLinkError, ValueError):
    """A file, or an operation, needs more than a limit allows. The caller can raise limits."""

    code = "limitExceeded"


class OutOfMemoryError(LimitExceededError, MemoryError):
    """The system has not enough memory."""


class InvalidArgumentError(IOLinkError, ValueError):
    """An argument is wrong. The message names it, what was found and what was expected."""

    code = "invalidArgument"


class ArgumentTypeError(InvalidArgumentError, TypeError):
    """An argument is of a type that the function does not take."""


class ArgumentIndexError(InvalidArgumentError, IndexError):
    """An index lies outside what it chooses from."""


class ArgumentBufferError(InvalidArgumentError, BufferError):
    """Memory cannot be shared in the way that is asked for."""


class NotFoundError(IOLinkError, KeyError):
    """A named image, member, option or format does not exist."""

    code = "notFound"


class MissingFileError(NotFoundError, FileNotFoundError):
    """A file does not exist."""


class InputOutputError(IOLinkError, OSError):
    """The operating system or a stream failed; ``errno`` and ``filename`` say why and where if it was the system."""

    code = "io"


class FolderError(InputOutputError, IsADirectoryError):
    """A folder was found where a file is expected."""


class AccessDeniedError(InputOutputError, PermissionError):
    """The system denies access."""


class CancelledError(IOLinkError, RuntimeError):
    """The operation was cancelled by the caller."""

    code = "cancelled"


_CLASSES = {
    cls.code: cls
    for cls in (
        UnrecognizedError, MalformedError, TruncatedError, UnsupportedError, LimitExceededError, InvalidArgumentError,
        NotFoundError, InputOutputError, CancelledError,
    )
}


_SYSTEM_CLASSES = {
    errno.ENOENT: MissingFileError, errno.ENOTDIR: MissingFileError, errno.EISDIR: FolderError, errno.EACCES: AccessDeniedError,
    errno.EPERM: AccessDeniedError, errno.EROFS: AccessDeniedError, errno.ENOMEM: OutOfMemoryError,
}


def make(code, format, offset, reason, text, number=None, path=None):
    """The exception for an error of the library; ``number`` is the system's ``errno``, where it has one."""
    cls = _SYSTEM_CLASSES.get(number) or _CLASSES.get(code, IOLinkError)
    if cls.code and cls.code != code:
        text = text.replace(f"{code}: ", f"{cls.code}: ", 1)
    error = cls(text, format, offset, reason)
    if not error.code:
        error.code = code
    if number is not None and isinstance(error, OSError):
        error.errno, error.strerror, error.filename = number, os.strerror(number), path
    return error
