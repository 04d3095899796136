"""Bytes by position: without a cursor, fixed in size, safe from many threads."""

import io

from . import _core
from ._arguments import buffer as checked_buffer
from ._arguments import choice, instance, integer, wrong_type
from ._arguments import path as checked_path
from ._enumerations import StreamCapability, capability
from ._errors import InvalidArgumentError


class RandomAccess:
    """Bytes by position. ``RandomAccessFactory`` makes them, and ``ImageViewFactory.from_random_access`` images over them."""

    def __init__(self, handle):
        self._handle = instance(handle, "handle", _core.Handle, "what RandomAccessFactory makes")

    @property
    def capabilities(self):
        """Which of READ, WRITE and MEMORY_ACCESS it has."""
        return StreamCapability(_core.access_capabilities(self._handle))

    def support(self, capabilities):
        """Whether it has all of these capabilities."""
        wanted = capability(StreamCapability, capabilities)
        return self.capabilities & wanted == wanted

    def size(self):
        """The number of bytes, which never changes."""
        return _core.access_size(self._handle)

    def read(self, offset, count):
        """Reads ``count`` bytes from ``offset`` on. Raises ``InvalidArgumentError`` when they pass the end."""
        count, offset = integer(count, "count", 0, self.size()), integer(offset, "offset", 0)
        buffer = bytearray(count)
        _core.access_readinto(self._handle, offset, buffer)
        return bytes(buffer)

    def readinto(self, offset, buffer):
        """Fills a writable buffer with the bytes from ``offset`` on. Raises an error when they pass the end."""
        _core.access_readinto(self._handle, integer(offset, "offset", 0), checked_buffer(buffer, "buffer", writable=True))

    def write(self, offset, content):
        """Replaces the bytes from ``offset`` on. Raises an error when they pass the end; needs WRITE."""
        _core.access_write(self._handle, integer(offset, "offset", 0), checked_buffer(content, "content"))

    def close(self):
        """Makes all later reads fail, also those of images over it."""
        _core.access_close(self._handle)

    def to_raw_io(self):
        """The bytes as an ``io.RawIOBase`` for reading, with a cursor of its own."""
        return AccessIO(self)


class AccessIO(io.RawIOBase):
    """A ``RandomAccess`` as a raw file of Python's, for reading."""

    def __init__(self, access):
        super().__init__()
        self._access = access
        self._position = 0

    def _check(self):
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def readable(self):
        self._check()
        return True

    def seekable(self):
        self._check()
        return True

    def readinto(self, buffer):
        self._check()
        target = checked_buffer(buffer, "buffer", writable=True).cast("B")
        count = max(0, min(len(target), self._access.size() - self._position))
        if count:
            self._access.readinto(self._position, target[:count])
        self._position += count
        return count

    def seek(self, offset, whence=io.SEEK_SET):
        self._check()
        offset = integer(offset, "offset")
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._access.size()}.get(whence)
        if start is None:
            raise wrong_type("whence", whence, "0, 1 or 2")
        if start + offset < 0:
            raise InvalidArgumentError(f"position is {start + offset}, expected 0 or more")
        self._position = start + offset
        return self._position

    def tell(self):
        self._check()
        return self._position


class RandomAccessFactory:
    """Makes random accesses."""

    @staticmethod
    def allocate(size):
        """Makes ``size`` zero bytes in memory."""
        return RandomAccess(_core.access_memory(integer(size, "size", 0)))

    @staticmethod
    def from_bytes(content):
        """Copies bytes, or any other buffer, into memory."""
        content = bytes(checked_buffer(content, "content"))
        access = RandomAccessFactory.allocate(len(content))
        access.write(0, content)
        return access

    @staticmethod
    def open_file(path, mode="r"):
        """Opens a file: mode ``r`` reads, ``r+`` reads and writes within its size."""
        mode = choice(mode, "mode", ("r", "r+", "rb", "rb+", "r+b")).replace("b", "")
        return RandomAccess(_core.access_file(checked_path(path, "path"), mode == "r+"))
