import CPython
import Glibc
import IOLink
import Synchronization

/// A Python file object as bytes by position, through its own `seek` and `readinto`.
///
/// One read at a time: the object has one cursor. The lock is only taken without the interpreter lock, so that neither
/// waits for the other.
final class PythonRandomAccess: RandomAccess, @unchecked Sendable {  // the object is touched with both locks held
  let byteCount: Int
  let identity: SourceIdentity
  let source: OpenSource
  private let file: Object
  private let readsInto: Bool
  private let cursor: CursorLock

  /// - Throws: what the object raises; a TypeError for one that is not a seekable binary file.
  init(_ file: Object) throws {
    readsInto = PyObject_HasAttrString(file, "readinto") != 0
    guard readsInto || PyObject_HasAttrString(file, "read") != 0, PyObject_HasAttrString(file, "seek") != 0 else {
      throw PythonErrors.wrongType("a path, bytes or a binary file object with seek and readinto", file)
    }
    byteCount = try Self.byteCount(of: file)
    identity = .unique(byteCount: byteCount)
    cursor = CursorLock()
    source = OpenSource(callsPython: true)
    Py_IncRef(file)
    self.file = file
  }

  /// The same object, which has another size now. Called with the interpreter lock.
  private init(_ former: PythonRandomAccess, byteCount: Int) {
    self.byteCount = byteCount
    identity = .unique(byteCount: byteCount)
    (readsInto, cursor, source, file) = (former.readsInto, former.cursor, former.source, former.file)
    Py_IncRef(file)
  }

  private static func byteCount(of file: Object) throws -> Int {
    let end = try Reference(new: PyLong_FromLong(2))
    let start = try Reference(new: PyLong_FromLong(0))
    let size = try file.call("seek", [start.object, end.object])
    let byteCount = try size.object == iolink_none() ? file.call("tell").object.int() : size.object.int()
    guard byteCount >= 0 else {
      throw IOLinkError(.invalidArgument, "the file object says that it ends at \(byteCount), expected 0 or more")
    }
    return byteCount
  }

  func refreshed() throws(IOLinkError) -> any RandomAccess {
    guard !source.isClosed else { throw IOLinkError(.invalidArgument, "the file has been closed") }
    try cursor.lock()
    defer { cursor.unlock() }
    let fresh = Interpreter.locked {
      Result {
        do { return PythonRandomAccess(self, byteCount: try Self.byteCount(of: file)) } catch is Raised {
          throw PythonFailure.taken("the file object raised while its size was asked for", at: 0)
        }
      }
    }
    switch fresh {
    case .success(let fresh): return fresh
    case .failure(let error as IOLinkError): throw error
    case .failure(let error): throw IOLinkError(.io, "the file object failed", cause: error)
    }
  }

  deinit {
    guard Py_IsInitialized() != 0 else { return }
    Interpreter.locked { Py_DecRef(file) }
  }

  var capabilities: StreamCapabilities { .read }

  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    guard !source.isClosed else { throw IOLinkError(.invalidArgument, "the file has been closed") }
    try validate(offset: offset, byteCount: bytes.byteCount)
    try cursor.lock()
    defer { cursor.unlock() }
    var done = 0
    while done < bytes.byteCount {
      try CurrentOperation.check()
      let wanted = min(bytes.byteCount - done, Self.pieceByteCount)
      let place = offset + done
      let piece = Interpreter.locked { Result { try self.piece(at: place, count: wanted) } }
      switch piece {
      case .success(let read):
        bytes.copy(from: read.span.bytes, at: done)
        done += read.count
      case .failure(let error as IOLinkError): throw error
      case .failure(let error): throw IOLinkError(.io, "the file object failed", offset: place, cause: error)
      }
    }
  }

  func close() { source.close() }

  /// The bytes that one call of the object gives, 1 to `count`. They pass through memory of Python's own, so that an
  /// object that keeps the buffer cannot do harm.
  private func piece(at offset: Int, count: Int) throws -> [UInt8] {
    do {
      let position = try Reference(new: PyLong_FromSsize_t(offset))
      _ = try file.call("seek", [position.object])
      let bytes = try readsInto ? filled(count) : given(count)
      guard !bytes.isEmpty else {
        throw IOLinkError(
          .truncated, "the file object gave no bytes, expected \(count); it had \(byteCount) when it was opened", offset: offset)
      }
      return bytes
    } catch is Raised {
      throw PythonFailure.taken("the file object raised while \(count) bytes were read", at: offset)
    }
  }

  private func filled(_ count: Int) throws -> [UInt8] {
    let buffer = try Reference(new: PyByteArray_FromStringAndSize(nil, count))
    let answer = try file.call("readinto", [buffer.object])
    guard answer.object != iolink_none() else { throw IOLinkError(.io, "the file object is non-blocking, expected a blocking one") }
    let read = try answer.object.count(atMost: count, "read")
    guard read <= PyByteArray_Size(buffer.object), let start = PyByteArray_AsString(buffer.object) else {
      throw IOLinkError(.io, "the file object changed the size of the buffer that it was to fill")
    }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: read))
  }

  private func given(_ count: Int) throws -> [UInt8] {
    let wanted = try Reference(new: PyLong_FromSsize_t(count))
    let answer = try file.call("read", [wanted.object])
    guard iolink_is_bytes(answer.object) != 0 else {
      throw IOLinkError(.invalidArgument, "the file object did not return bytes; open it in binary mode")
    }
    let bytes = try answer.object.bytes()
    guard bytes.count <= count else { throw IOLinkError(.io, "the file object gave \(bytes.count) of \(count) bytes") }
    return bytes
  }

  private static let pieceByteCount = 4 << 20
}

/// A lock that notices when its own holder asks again: a file object that reads, while it is read, from itself.
private final class CursorLock: @unchecked Sendable {  // a pthread mutex
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  /// The process that it belongs to; negative while it is being made one of this process.
  private let process = Atomic<pid_t>(getpid())

  init() {
    mutex = .allocate(capacity: 1)
    renew()
  }

  private func renew() {
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ERRORCHECK))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Waits for its turn, and looks now and then whether the operation is still wanted.
  func lock() throws(IOLinkError) {
    adopt()
    while true {
      var until = Deadline.after(nanoseconds: 50_000_000)
      switch pthread_mutex_timedlock(mutex, &until) {
      case 0: return
      case EDEADLK:
        throw IOLinkError(.invalidArgument, "the file object is read while it is being read, by its own readinto")
      default: try CurrentOperation.check()
      }
    }
  }

  func unlock() { pthread_mutex_unlock(mutex) }

  /// In a forked child, makes the lock again if a thread that does not exist in the child held it.
  private func adopt() {
    let own = getpid()
    let found = process.load(ordering: .acquiring)
    if found == own { return }
    guard found > 0, process.compareExchange(expected: found, desired: -own, ordering: .acquiringAndReleasing).exchanged else {
      while process.load(ordering: .acquiring) != own { usleep(100) }
      return
    }
    if pthread_mutex_trylock(mutex) == 0 { pthread_mutex_unlock(mutex) } else { renew() }
    process.store(own, ordering: .releasing)
  }
}

/// A Python object's buffer as bytes by position, without a copy.
final class BufferRandomAccess: RandomAccess {
  let source = OpenSource(callsPython: false)
  private let bytes: MemoryRandomAccess

  /// - Throws: what the object raises: `TypeError` without the buffer protocol, `BufferError` when it is not contiguous.
  init(_ object: Object) throws {
    let buffer = try HeldBuffer(object, flags: Int32(PyBUF_SIMPLE))
    // `len` contiguous bytes, valid until the buffer is released. Never written: files are opened for reading.
    bytes = MemoryRandomAccess(
      MemoryBlock(base: buffer.start, byteCount: buffer.view.pointee.len, isWritable: false, release: { _ = buffer }))
  }

  var byteCount: Int { bytes.byteCount }
  var capabilities: StreamCapabilities { bytes.capabilities }
  var identity: SourceIdentity { bytes.identity }

  func read(at offset: Int, into span: inout MutableRawSpan) throws(IOLinkError) {
    try checkOpen()
    try bytes.read(at: offset, into: &span)
  }

  func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? {
    try checkOpen()
    return try bytes.mapped(range)
  }

  func close() { source.close() }

  private func checkOpen() throws(IOLinkError) {
    if source.isClosed { throw IOLinkError(.invalidArgument, "the file has been closed") }
  }
}
