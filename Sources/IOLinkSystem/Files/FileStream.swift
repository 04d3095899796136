public import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file, a pipe or a terminal as a stream.
///
/// Reads and writes of less than 64 KiB go through a buffer; larger ones go to the system directly. `flush()`, a seek, and a change
/// between reading and writing empty the buffer.
///
/// A full disk, a size limit or a closed pipe is an `io` error of the call that first writes to the system after it. Call `flush()`
/// or `close()` at the end: a stream that is only released writes what is in its buffer, but cannot report a failure.
public final class FileStream: StreamAccess, @unchecked Sendable {  // one user at a time, as StreamAccess demands
  /// What a file is opened for.
  public enum Opening: Sendable {
    /// Opens an existing file with READ and SEEK.
    case read
    /// Opens an existing file with READ, WRITE and SEEK.
    case update
    /// Opens a new file, or an existing one that is emptied first, with READ, WRITE and SEEK. ``FileReplacement`` is the safe way to
    /// replace a file.
    case create
  }

  private static let bufferCapacity = 64 << 10

  public let capabilities: StreamCapabilities
  /// Files without a name in the folder of this file; `nil` for a pipe or a terminal, and a file that has no folder.
  public let storageBeside: (any TemporaryStorage)?
  public let companions: (any CompanionTarget)?
  public private(set) var position = 0
  private let descriptor: Descriptor
  private let isSeekable: Bool
  private var isClosed = false
  /// The bytes of the file from `bufferStart` on. They wait to be written when `isDirty` is true, and were read ahead otherwise.
  private var buffer: [UInt8] = []
  private var bufferStart = 0
  private var isDirty = false

  /// Opens a file, a pipe or a terminal. Pipes and terminals do not have SEEK.
  ///
  /// - Parameters:
  ///   - path: The file to open.
  ///   - opening: What it is opened for.
  /// - Throws: `notFound` when a file to read or update does not exist; `io` when it cannot be opened or is a folder; `invalidArgument`
  ///   when the path is empty or has a zero byte.
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
    let folder = status.kind == .regular ? Path.resolved(Path.folder(of: path)) : nil
    self.init(descriptor, opening == .read ? .read : [.read, .write], folder: folder)
  }

  /// Makes a stream of an open file.
  ///
  /// - Parameters:
  ///   - descriptor: The file.
  ///   - direction: READ and WRITE, as the descriptor was opened.
  ///   - isSeekable: Whether the stream has SEEK; `nil` asks the system.
  ///   - folder: The absolute path of the folder that the file is in.
  ///   - companions: Takes the files that belong beside this one.
  init(
    _ descriptor: Descriptor, _ direction: StreamCapabilities, isSeekable: Bool? = nil, folder: String? = nil,
    companions: (any CompanionTarget)? = nil
  ) {
    storageBeside = folder.map { TemporaryFiles(in: $0) }
    self.companions = companions
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
      buffer.removeAll(keepingCapacity: true)  // what was read ahead would be older than these bytes
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
    guard position >= 0 else { throw IOLinkError(.invalidArgument, "position is \(position), expected 0 or more") }
    guard position != self.position else { return }
    try drain()
    self.position = position
  }

  public func truncate(to byteCount: Int) throws(IOLinkError) {
    try check([.write, .seek], "resizing")
    guard byteCount >= 0 else { throw IOLinkError(.invalidArgument, "size is \(byteCount), expected 0 or more") }
    try drain()
    buffer.removeAll(keepingCapacity: true)
    try descriptor.resize(to: byteCount)
  }

  public func reserve(_ range: Range<Int>) {
    if isSeekable, !isClosed { descriptor.reserve(range) }
  }

  public func copy(
    _ range: Range<Int>, of source: any RandomAccess, to position: Int, _ context: OperationContext
  ) throws(IOLinkError) -> Bool {
    try check([.write, .seek], "writing")
    guard let file = source as? FileRandomAccess else { return false }
    try seek(to: position)
    try drain()
    buffer.removeAll(keepingCapacity: true)
    guard try file.copy(range, to: descriptor, at: position, context) else { return false }
    self.position = position + range.count
    return true
  }

  public func flush() throws(IOLinkError) { try drain() }

  /// Waits until everything that was written is on the disk.
  ///
  /// - Throws: `io` when something could not be written.
  public func synchronize() throws(IOLinkError) {
    try drain()
    try descriptor.synchronizeData()
  }

  /// Writes what is in the buffer and closes the file. Later reads and writes throw `invalidArgument`; closing again does nothing.
  ///
  /// - Throws: `io` when something could not be written; the file is closed nevertheless.
  public func close() throws(IOLinkError) {
    guard !isClosed else { return }
    defer { isClosed = true }
    do throws(IOLinkError) { try drain() } catch {
      discard()
      throw error
    }
    try descriptor.closeNow()
  }

  /// Closes the file without writing what is in the buffer, for a file that is discarded.
  func discard() {
    isDirty = false
    buffer.removeAll()
    isClosed = true
    try? descriptor.closeNow()
  }
}

extension FileStream {
  /// - Throws: `invalidArgument` when the stream has been closed; `unsupported` when it lacks a needed capability.
  private func check(_ needed: StreamCapabilities, _ verb: String) throws(IOLinkError) {
    guard !isClosed else { throw IOLinkError(.invalidArgument, "\"\(descriptor.path)\" has been closed") }
    guard capabilities.isSuperset(of: needed) else {
      throw IOLinkError(.unsupported, "\"\(descriptor.path)\" does not allow \(verb)")
    }
  }

  /// Writes the bytes that wait in the buffer. After a failure they still wait, so that they do not count as written.
  private func drain() throws(IOLinkError) {
    guard isDirty, !isClosed else { return }
    do {
      let content = buffer  // shares the storage; it is gone before the buffer is emptied, which therefore keeps the storage
      try descriptor.put(unsafe content.span.bytes, at: isSeekable ? bufferStart : nil)  // bytes have no padding
    }
    buffer.removeAll(keepingCapacity: true)
    isDirty = false
  }

  private func append(_ bytes: RawSpan) {
    if buffer.capacity < Self.bufferCapacity { buffer.reserveCapacity(Self.bufferCapacity) }
    // The bytes are copied while the span lives.
    unsafe bytes.withUnsafeBytes { unsafe buffer.append(contentsOf: $0) }
  }

  /// Copies the bytes that the buffer has at the cursor, and moves the cursor.
  ///
  /// - Returns: The number of bytes that were copied.
  private func takeFromBuffer(into bytes: inout MutableRawSpan, at start: Int) -> Int {
    let from = position - bufferStart
    guard from >= 0, from < buffer.count else { return 0 }
    let count = min(buffer.count - from, bytes.byteCount - start)
    let content = buffer  // shares the storage; a stored property cannot be lent across the call
    bytes.copy(from: unsafe content.span.bytes.extracting(from..<(from + count)), at: start)  // bytes have no padding
    position += count
    return count
  }

  /// Fills the buffer, starting at the cursor.
  ///
  /// - Returns: The number of bytes in the buffer; 0 at the end.
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
