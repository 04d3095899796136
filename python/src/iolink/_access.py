"""Bytes by position: without a cursor, fixed in size, safe from many threads."""

import io
import os

from . import _core
from ._enumerations import StreamCapability, capability
from ._errors import InvalidArgumentError


class RandomAccess:
    """Bytes by position. Made by ``RandomAccessFactory``; an image over it by ``ImageViewFactory.from_random_access``."""

    def __init__(self, handle):
        self._handle = handle

    @property
    def capabilities(self):
        """READ, WRITE, MEMORY_ACCESS, as far as it has them."""
        return StreamCapability(_core.access_capabilities(self._handle))

    def support(self, capabilities):
        """Whether it has all of these capabilities."""
        wanted = capability(StreamCapability, capabilities)
        return self.capabilities & wanted == wanted

    def size(self):
        """How many bytes there are, which never changes."""
        return _core.access_size(self._handle)

    def read(self, offset, count):
        """``count`` bytes from ``offset`` on, all of them."""
        if not 0 <= count <= self.size():
            raise InvalidArgumentError(f"{count} bytes to read; there are {self.size()}")
        buffer = bytearray(count)
        _core.access_readinto(self._handle, offset, buffer)
        return bytes(buffer)

    def readinto(self, offset, buffer):
        """Fills a writable buffer with the bytes from ``offset`` on."""
        _core.access_readinto(self._handle, offset, buffer)

    def write(self, offset, content):
        """Replaces the bytes from ``offset`` on; they may not pass the end."""
        _core.access_write(self._handle, offset, content)

    def close(self):
        """Makes later reads fail, those of images over it too."""
        _core.access_close(self._handle)

    def to_raw_io(self):
        """The bytes as an ``io.RawIOBase`` for reading, with a cursor of its own."""
        return AccessIO(self)


class AccessIO(io.RawIOBase):
    """A ``RandomAccess`` as one of Python's raw files, for reading."""

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
        target = memoryview(buffer).cast("B")
        count = max(0, min(len(target), self._access.size() - self._position))
        if count:
            self._access.readinto(self._position, target[:count])
        self._position += count
        return count

    def seek(self, offset, whence=io.SEEK_SET):
        self._check()
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._access.size()}.get(whence)
        if start is None:
            raise ValueError(f"whence is {whence}, expected 0, 1 or 2")
        if start + offset < 0:
            raise InvalidArgumentError(f"position is {start + offset}")
        self._position = start + offset
        return self._position

    def tell(self):
        self._check()
        return self._position


class RandomAccessFactory:
    """Makes random accesses."""

    @staticmethod
    def allocate(size):
        """Zeros in memory."""
        return RandomAccess(_core.access_memory(size))

    @staticmethod
    def from_bytes(content):
        """A copy of these bytes in memory."""
        content = bytes(memoryview(content))
        access = RandomAccessFactory.allocate(len(content))
        access.write(0, content)
        return access

    @staticmethod
    def open_file(path, mode="r"):
        """A file: ``r`` reads, ``r+`` reads and writes inside its size."""
        mode = mode.replace("b", "")
        if mode not in ("r", "r+"):
            raise InvalidArgumentError(f"mode is {mode!r}, expected r or r+")
        return RandomAccess(_core.access_file(os.fsdecode(path), mode == "r+"))
