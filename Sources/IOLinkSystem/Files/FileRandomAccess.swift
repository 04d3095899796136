public import IOLinkCore
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that is read and written by position, from any number of threads at once, and mapped when memory is asked for.
///
/// The size is the one that the file had when it was opened, or when ``refreshed()`` looked at it again. When another process shortens the file later, reads past the new end
/// throw `truncated`. Accessing mapped memory there raises a signal, so regions are not read through mapped memory.
public final class FileRandomAccess: RandomAccess {
  public let byteCount: Int
  public let identity: SourceIdentity
  private let descriptor: Descriptor
  private let access: FileAccess
  private let isRegular: Bool
  /// Shared by all that were made of one another by refreshing.
  private let closing: Closing

  private final class Closing: Sendable {
    let isClosed = Atomic<Bool>(false)
  }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: A regular file or a block device.
  ///   - access: Whether the file is opened for reading only, or also for writing within its size.
  /// - Throws: `notFound` when the file does not exist; `io` when it is a folder, a pipe or a terminal, or cannot be opened;
  ///   `invalidArgument` when the path is empty or has a zero byte.
  public convenience init(path: String, access: FileAccess = .read) throws(IOLinkError) {
    // A pipe may have taken the place of the file since the caller looked; O_NONBLOCK keeps the call from waiting for its other
    // end, and has no effect on files.
    let flags = (access == .update ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY
    try self.init(Descriptor(path: path, flags: flags), access: access)
  }

  convenience init(_ descriptor: Descriptor, access: FileAccess) throws(IOLinkError) {
    try self.init(descriptor, access: access, Closing(), isRefreshed: false)
  }

  private init(
    _ descriptor: Descriptor, access: FileAccess, _ closing: Closing, isRefreshed: Bool
  ) throws(IOLinkError) {
    let status = try FileStatus(of: descriptor)
    switch status.kind {
    case .regular: byteCount = status.byteCount
    case .blockDevice: byteCount = max(0, Int(lseek(descriptor.number, 0, SEEK_END)))
    case .folder: throw .system(EISDIR, "open", descriptor.path)
    default: throw IOLinkError(.io, "cannot read \"\(descriptor.path)\" by position: it is not a regular file")
    }
    self.descriptor = descriptor
    self.access = access
    self.closing = closing
    isRegular = status.kind == .regular
    let identity = SourceIdentity(
      name: "file \(status.device):\(status.inode)", byteCount: byteCount, modification: status.modification)
    self.identity = isRefreshed ? identity.renewed() : identity
  }

  public func refreshed() throws(IOLinkError) -> any RandomAccess {
    try checkOpen()
    return try FileRandomAccess(descriptor, access: access, closing, isRefreshed: true)
  }

  public var capabilities: StreamCapabilities {
    var capabilities: StreamCapabilities = access == .update ? [.read, .write] : .read
    if isRegular { capabilities.insert(.memoryAccess) }
    return capabilities
  }

  public func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    try checkOpen()
    let wanted = bytes.byteCount
    try validate(offset: offset, byteCount: wanted)
    let count = try descriptor.fill(&bytes, at: offset)
    guard count == wanted else {
      throw IOLinkError(
        .truncated,
        "expected \(wanted) bytes at \(offset) of \"\(descriptor.path)\", which now ends after \(count) of them",
        offset: offset + count)
    }
  }

  public func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    try checkOpen()
    guard access == .update else {
      throw IOLinkError(.unsupported, "\"\(descriptor.path)\" is open for reading only")
    }
    guard offset >= 0, bytes.byteCount <= byteCount, offset <= byteCount - bytes.byteCount else {
      throw IOLinkError(.invalidArgument, "\(bytes.byteCount) bytes at \(offset) extend past the end at \(byteCount)")
    }
    try descriptor.put(bytes, at: offset)
  }

  /// Copies a range to another file, as ``Descriptor/copy(_:to:at:_:)`` does.
  func copy(_ range: Range<Int>, to target: Descriptor, at position: Int, _ context: OperationContext) throws(IOLinkError) -> Bool {
    try checkOpen()
    try validate(offset: range.lowerBound, byteCount: range.count)
    guard isRegular else { return false }
    return try descriptor.copy(range, to: target, at: position, context)
  }

  /// Maps a range of the file. The memory is shared with all who have the file open.
  ///
  /// - Returns: Memory that is writable when the file was opened for update; `nil` when the system cannot map this file, which must
  ///   then be read.
  /// - Throws: `truncated` when `range` extends past the end that the file had when it was opened, or past its current end;
  ///   `invalidArgument` when the file has been closed; `io` when its present size cannot be found out.
  public func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? {
    try checkOpen()
    try validate(offset: range.lowerBound, byteCount: range.count)
    guard isRegular else { return nil }
    let present = try FileStatus(of: descriptor).byteCount
    guard range.upperBound <= present else {
      throw IOLinkError(
        .truncated, "\"\(descriptor.path)\" had \(byteCount) bytes when it was opened and has \(present) now",
        offset: present)
    }
    return FileMapping.block(of: descriptor, range, access: access)
  }

  /// Makes later reads, writes and mappings throw `invalidArgument`. The system closes the file when this object is released.
  public func close() { closing.isClosed.store(true, ordering: .relaxed) }

  private func checkOpen() throws(IOLinkError) {
    if closing.isClosed.load(ordering: .relaxed) { throw IOLinkError(.invalidArgument, "\"\(descriptor.path)\" has been closed") }
  }
}
