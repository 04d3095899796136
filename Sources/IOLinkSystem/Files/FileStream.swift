public import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file, a pipe or a terminal as a stream.
///
/// Reads and writes below 64 KiB are gathered in a buffer; larger ones go to the system as they are. `flush()`, a seek
/// and a change between reading and writing empty it. A full disk, a size limit and a closed pipe are `io` errors of the
/// call that meets them, so call `flush()` or `close()` at the end: a stream that is merely dropped writes what it has
/// and can tell nobody that it failed.
public final class FileStream: StreamAccess, @unchecked Sendable {  // one user at a time, as StreamAccess demands
  /// How to open a file as a stream.
  public enum Opening: Sendable {
    /// READ, SEEK.
    case read
    /// READ, WRITE, SEEK on an existing file.
    case update
    /// READ, WRITE, SEEK on a new file, or on an old one emptied first. See `FileReplacement` for the safe way.
    case create
  }

  private static let bufferCapacity = 64 << 10

  public let capabilities: StreamCapabilities
  public private(set) var position = 0
  private let descriptor: Descriptor
  private let isSeekable: Bool
  private var isClosed = false
  /// Bytes of the file from `bufferStart`: waiting to be written when `isDirty`, read ahead otherwise.
  private var buffer: [UInt8] = []
  private var bufferStart = 0
  private var isDirty = false

  /// - Throws: `notFound` when there is no such file to read or update; `io` when it cannot be opened.
  public convenience init(path: String, _ opening: Opening) throws(IOLinkError) {
    let flags =
      switch opening {
      case .read: O_RDONLY
      case .update: O_RDWR
      case .create: O_RDWR | O_CREAT | O_TRUNC
      }
    let descriptor = try Descriptor(path: path, flags: flags | O_NOCTTY, action: opening == .create ? "create" : "open")
    let status = try FileStatus(of: descriptor)
    guard status.kind != .folder else { throw .system(EISDIR, "open", path) }
    self.init(descriptor, opening == .read ? .read : [.read, .write])
  }

  /// - Parameter direction: READ and WRITE, as the descriptor was opened; SEEK is found out, unless it is refused.
  init(_ descriptor: Descriptor, _ direction: StreamCapabilities, isSeekable: Bool? = nil) {
    self.descriptor = descriptor
    self.isSeekable = isSeekable ?? descriptor.isSeekable
    capabilities = self.isSeekable ? direction.union(.seek) : direction
  }

  deinit { try? drain() }

  public var byteCount: Int? {
    guard isSeekable, !isClosed, let status = try? FileStatus(of: descriptor), status.kind == .regular else { return nil }
    return isDirty ? max(status.byteCount, bufferStart + buffer.count) : status.byteCount
  }

  public func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int {
    try check(.read, "reading")
    try drain()
    var done = 0
    while done < bytes.byteCount {
      done += takeFromBuffer(into: &bytes, at: done)
      guard done < bytes.byteCount else { break }
      let count: Int
      if bytes.byteCount - done >= Self.bufferCapacity {
        count = try isSeekable ? descriptor.fill(&bytes, from: done, at: position) : descriptor.fillSome(&bytes, from: done)
        position += count
        done += count
      } else {
        count = try readAhead()
      }
      if count == 0 { break }
    }
    return done
  }

  public func write(_ bytes: RawSpan) throws(IOLinkError) {
    try check(.write, "writing")
    let end = try Checked.add(position, bytes.byteCount)
    let isContinued = isDirty && position == bufferStart + buffer.count
    if !isContinued || buffer.count + bytes.byteCount > Self.bufferCapacity { try drain() }
    if bytes.byteCount >= Self.bufferCapacity {
      buffer.removeAll(keepingCapacity: true)  // what was read ahead may be older than these bytes
      try descriptor.put(bytes, at: isSeekable ? position : nil)
    } else {
      if !isDirty {
        buffer.removeAll(keepingCapacity: true)
        bufferStart = position
        isDirty = true
      }
      append(bytes)
    }
    position = end
  }

  public func seek(to position: Int) throws(IOLinkError) {
    try check(.seek, "seeking")
    guard position >= 0 else { throw IOLinkError(.invalidArgument, "position is \(position)") }
    guard position != self.position else { return }
    try drain()
    self.position = position
  }

  public func truncate(to byteCount: Int) throws(IOLinkError) {
    try check([.write, .seek], "resizing")
    guard byteCount >= 0 else { throw IOLinkError(.invalidArgument, "size is \(byteCount)") }
    try drain()
    buffer.removeAll(keepingCapacity: true)
    try descriptor.resize(to: byteCount)
  }

  public func flush() throws(IOLinkError) { try drain() }

  /// Waits until everything written is on the disk.
  public func synchronize() throws(IOLinkError) {
    try drain()
    try descriptor.synchronizeData()
  }

  /// Hands everything to the system and closes; later calls fail.
  public func close() throws(IOLinkError) {
    guard !isClosed else { return }
    defer { isClosed = true }
    do throws(IOLinkError) { try drain() } catch {
      discard()
      throw error
    }
    try descriptor.closeNow()
  }

  /// Closes without writing what is still in the buffer: for a file that is thrown away.
  func discard() {
    isDirty = false
    buffer.removeAll()
    isClosed = true
    try? descriptor.closeNow()
  }
}

extension FileStream {
  private func check(_ needed: StreamCapabilities, _ verb: String) throws(IOLinkError) {
    guard !isClosed else { throw IOLinkError(.invalidArgument, "\"\(descriptor.path)\" has been closed") }
    guard capabilities.isSuperset(of: needed) else {
      throw IOLinkError(.unsupported, "\"\(descriptor.path)\" does not allow \(verb)")
    }
  }

  /// Writes what is waiting. After a failure it still waits, so that nothing is taken for written.
  private func drain() throws(IOLinkError) {
    guard isDirty, !isClosed else { return }
    do {
      let content = buffer  // the same storage; gone before the buffer is emptied, so that its storage is kept
      try descriptor.put(unsafe content.span.bytes, at: isSeekable ? bufferStart : nil)  // bytes have no padding
    }
    buffer.removeAll(keepingCapacity: true)
    isDirty = false
  }

  private func append(_ bytes: RawSpan) {
    if buffer.capacity < Self.bufferCapacity { buffer.reserveCapacity(Self.bufferCapacity) }
    // The bytes of the span, copied while it lives.
    unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
  }

  /// Copies what the buffer has at the cursor and moves the cursor.
  private func takeFromBuffer(into bytes: inout MutableRawSpan, at start: Int) -> Int {
    let from = position - bufferStart
    guard from >= 0, from < buffer.count else { return 0 }
    let count = min(buffer.count - from, bytes.byteCount - start)
    let content = buffer  // the same storage; a stored property cannot be lent across the call
    bytes.copy(from: unsafe content.span.bytes.extracting(from..<(from + count)), at: start)  // bytes have no padding
    position += count
    return count
  }

  /// Fills the buffer from the cursor on.
  ///
  /// - Returns: How many bytes it has now; 0 at the end.
  private func readAhead() throws(IOLinkError) -> Int {
    var fresh = [UInt8](repeating: 0, count: Self.bufferCapacity)
    var elements = fresh.mutableSpan
    var span = unsafe elements.mutableBytes  // bytes have no padding
    let count = try isSeekable ? descriptor.fill(&span, at: position) : descriptor.fillSome(&span)
    fresh.removeLast(fresh.count - count)
    buffer = fresh
    bufferStart = position
    return count
  }
}
