"""Streams of bytes, and streams as Python's raw files."""

import io

from . import _core
from ._arguments import buffer, choice, instance, integer, wrong_type
from ._arguments import path as checked_path
from ._enumerations import StreamCapability, capability


class StreamAccess:
    """Bytes with a cursor, which grow when they are written at their end. ``StreamAccessFactory`` makes them."""

    def __init__(self, handle):
        self._handle = instance(handle, "handle", _core.Handle, "what StreamAccessFactory makes")
        self._closed = False

    @property
    def closed(self):
        """Whether ``close()`` was called."""
        return self._closed

    @property
    def capabilities(self):
        """Which of READ, WRITE, SEEK and MEMORY_ACCESS it has."""
        return StreamCapability(_core.stream_capabilities(self._handle))

    def support(self, capabilities):
        """Whether it has all of these capabilities."""
        wanted = capability(StreamCapability, capabilities)
        return self.capabilities & wanted == wanted

    def read(self, count):
        """Reads ``count`` bytes from the cursor on, and fewer only at the end."""
        count = integer(count, "count", 0)
        size = self.size()
        buffer = bytearray(count if size is None else max(0, min(count, size - self.tell())))
        done = _core.stream_readinto(self._handle, buffer)
        return bytes(memoryview(buffer)[:done])

    def write(self, content):
        """Writes bytes, or any other buffer, at the cursor, and gives their number."""
        return _core.stream_write(self._handle, buffer(content, "content"))

    def seek(self, position):
        """Moves the cursor to a position, which may pass the end."""
        return _core.stream_seek(self._handle, integer(position, "position", 0))

    def tell(self):
        """The position of the cursor."""
        return _core.stream_tell(self._handle)

    def size(self):
        """The number of bytes; None where it cannot be known."""
        return _core.stream_size(self._handle)

    def resize(self, size):
        """Cuts the stream, or extends it with zeros. The cursor stays where it is."""
        return _core.stream_truncate(self._handle, integer(size, "size", 0))

    def flush(self):
        """Hands everything that was written to the system."""
        _core.stream_flush(self._handle)

    def close(self):
        """Closes the stream: all later calls fail."""
        self._closed = True
        _core.stream_close(self._handle)

    def to_raw_io(self):
        """The stream as an ``io.RawIOBase`` that shares its cursor. Closing that does not close the stream."""
        return StreamIO(self)


class StreamIO(io.RawIOBase):
    """A ``StreamAccess`` as a raw file of Python's: for ``io.BufferedReader``, ``zipfile``, ``PIL.Image.open`` …"""

    def __init__(self, stream):
        super().__init__()
        self._stream = stream
        self._handle = stream._handle
        self._capabilities = stream.capabilities

    def _check(self, capability, verb):
        if self.closed:
            raise ValueError("I/O operation on closed file")
        if not self._capabilities & capability:
            raise io.UnsupportedOperation(f"the stream does not allow {verb}")

    def readable(self):
        self._check(StreamCapability(15), "use")
        return bool(self._capabilities & StreamCapability.READ)

    def writable(self):
        self._check(StreamCapability(15), "use")
        return bool(self._capabilities & StreamCapability.WRITE)

    def seekable(self):
        self._check(StreamCapability(15), "use")
        return bool(self._capabilities & StreamCapability.SEEK)

    def readinto(self, target):
        self._check(StreamCapability.READ, "reading")
        return _core.stream_readinto(self._handle, buffer(target, "buffer", writable=True))

    def write(self, content):
        self._check(StreamCapability.WRITE, "writing")
        return _core.stream_write(self._handle, buffer(content, "content"))

    def seek(self, offset, whence=io.SEEK_SET):
        self._check(StreamCapability.SEEK, "seeking")
        offset = integer(offset, "offset")
        if whence == io.SEEK_CUR:
            offset += _core.stream_tell(self._handle)
        elif whence == io.SEEK_END:
            offset += _core.stream_size(self._handle)
        elif whence != io.SEEK_SET:
            raise wrong_type("whence", whence, "0, 1 or 2")
        return _core.stream_seek(self._handle, offset)

    def tell(self):
        self._check(StreamCapability(15), "use")
        return _core.stream_tell(self._handle)

    def truncate(self, size=None):
        self._check(StreamCapability.WRITE, "writing")
        if size is None:
            size = self.tell()
        return _core.stream_truncate(self._handle, integer(size, "size", 0))

    def flush(self):
        super().flush()
        if not (self.closed or self._stream.closed) and self._capabilities & StreamCapability.WRITE:
            _core.stream_flush(self._handle)


class StreamAccessFactory:
    """Makes streams."""

    @staticmethod
    def allocate():
        """Makes an empty stream in memory."""
        return StreamAccess(_core.stream_memory(None))

    @staticmethod
    def from_bytes(content):
        """Makes a stream in memory with a copy of these bytes, and the cursor at their start."""
        return StreamAccess(_core.stream_memory(bytes(buffer(content, "content"))))

    @staticmethod
    def open_file(path, mode="r"):
        """Opens a file: mode ``r`` reads, ``r+`` reads and writes, ``w`` makes a new file. A ``b`` in the mode changes nothing."""
        mode = choice(mode, "mode", ("r", "r+", "w", "rb", "rb+", "r+b", "wb")).replace("b", "")
        return StreamAccess(_core.stream_file(checked_path(path, "path"), mode))
