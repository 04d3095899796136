public import IOLinkCore
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file by position: `pread` and `pwrite`, from any number of threads at once, mapped when memory is asked for.
///
/// The size is that of the moment of opening. A file that another process shortens later gives `truncated` from reads;
/// memory already mapped behind the new end is the system's to punish, which is why regions are never read through it.
public final class FileRandomAccess: RandomAccess {
  public let byteCount: Int
  public let identity: SourceIdentity
  private let descriptor: Descriptor
  private let access: FileAccess
  private let isRegular: Bool
  private let isClosed = Atomic<Bool>(false)

  /// - Throws: `notFound` when there is no such file; `io` when it is a folder, a pipe or a terminal, or may not be
  ///   opened.
  public convenience init(path: String, access: FileAccess = .read) throws(IOLinkError) {
    // Without O_NONBLOCK a pipe put here since the caller looked would be waited for; on files it has no effect.
    let flags = (access == .update ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_NOCTTY
    try self.init(Descriptor(path: path, flags: flags), access: access)
  }

  init(_ descriptor: Descriptor, access: FileAccess) throws(IOLinkError) {
    let status = try FileStatus(of: descriptor)
    switch status.kind {
    case .regular: byteCount = status.byteCount
    case .blockDevice: byteCount = max(0, Int(lseek(descriptor.number, 0, SEEK_END)))
    case .folder: throw .system(EISDIR, "open", descriptor.path)
    default: throw IOLinkError(.io, "cannot open \"\(descriptor.path)\" by position: it is not a regular file")
    }
    self.descriptor = descriptor
    self.access = access
    isRegular = status.kind == .regular
    identity = SourceIdentity(
      name: "file \(status.device):\(status.inode)", byteCount: byteCount, modification: status.modification)
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
        "\(wanted) bytes expected at \(offset) of \"\(descriptor.path)\", which now ends after \(count) of them",
        offset: offset + count)
    }
  }

  public func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    try checkOpen()
    guard access == .update else {
      throw IOLinkError(.unsupported, "\"\(descriptor.path)\" is open for reading only")
    }
    guard offset >= 0, bytes.byteCount <= byteCount, offset <= byteCount - bytes.byteCount else {
      throw IOLinkError(.invalidArgument, "\(bytes.byteCount) bytes at \(offset) pass the end at \(byteCount)")
    }
    try descriptor.put(bytes, at: offset)
  }

  /// The file's own pages, shared with everyone who has it open; writable when opened for update.
  ///
  /// - Returns: `nil` when the system cannot map this file; read it by regions then.
  /// - Throws: `truncated` when `range` passes the end, the present one included; `invalidArgument` when closed.
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

  /// Makes later reads, writes and mappings fail. The system's file stays open until the last running read is done.
  public func close() { isClosed.store(true, ordering: .relaxed) }

  private func checkOpen() throws(IOLinkError) {
    if isClosed.load(ordering: .relaxed) { throw IOLinkError(.invalidArgument, "\"\(descriptor.path)\" has been closed") }
  }
}
