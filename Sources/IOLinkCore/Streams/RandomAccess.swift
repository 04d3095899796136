/// Bytes without a cursor: every read and write names its position. The size is fixed, and all members are safe to use from many
/// threads at once.
public protocol RandomAccess: AnyObject, Sendable {
  /// The size in bytes, which never changes while the source is open.
  var byteCount: Int { get }
  /// READ always; WRITE when the source was opened for update; MEMORY_ACCESS when ``mapped(_:)`` can give memory.
  var capabilities: StreamCapabilities { get }
  /// Identifies these bytes, so that caches can tell them from others.
  var identity: SourceIdentity { get }

  /// Fills all of `bytes` with the content that begins at `offset`.
  ///
  /// - Throws: `truncated` when part of that lies outside the source; `io` when the system fails; `invalidArgument` when the
  ///   source is closed.
  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError)

  /// Writes all of `bytes` at `offset`, within the present size.
  ///
  /// - Throws: `unsupported` without WRITE; `invalidArgument` when part of that lies outside the source, or the source is closed;
  ///   `io` when the system fails.
  func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError)

  /// Returns memory that holds the bytes of `range`, without a copy, or `nil` when the source cannot give memory.
  ///
  /// The memory stays valid as long as anyone holds the block, whatever happens to the source. It is writable when the source
  /// has WRITE.
  ///
  /// - Throws: `truncated` when part of `range` lies outside the source; `io` when the system fails; `invalidArgument` when the
  ///   source is closed.
  func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock?

  /// Returns the source as it is now: another program may have written to it, and its size may have changed.
  ///
  /// Closing either of the two closes both. A source that cannot change returns itself.
  ///
  /// - Returns: A source whose ``identity`` differs from that of this one if the bytes may differ.
  /// - Throws: `io` when the system fails; `invalidArgument` when the source is closed.
  func refreshed() throws(IOLinkError) -> any RandomAccess

  /// Closes the source: later reads fail. Memory that was mapped before stays valid.
  func close()
}

/// What a stream or a source of bytes can do. Check for a capability before using it.
public struct StreamCapabilities: OptionSet, Hashable, Sendable {
  /// One bit per capability.
  public let rawValue: UInt8

  /// Creates a set of capabilities from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// READ: bytes can be read.
  public static let read = StreamCapabilities(rawValue: 1)
  /// WRITE: bytes can be written.
  public static let write = StreamCapabilities(rawValue: 2)
  /// SEEK: the cursor can be moved.
  public static let seek = StreamCapabilities(rawValue: 4)
  /// MEMORY_ACCESS: the bytes are in memory, or can be mapped into it.
  public static let memoryAccess = StreamCapabilities(rawValue: 8)
}

/// Identifies the content of a source: two sources with the same identity hold the same bytes.
public struct SourceIdentity: Hashable, Sendable {
  /// A path with device and inode, or, for content that is only in memory, a name that is unique in the process.
  public let name: String
  /// The size in bytes.
  public let byteCount: Int
  /// The modification time in nanoseconds since 1970; 0 for content without one.
  public let modification: Int

  /// Creates an identity. All three values together identify the content.
  public init(name: String, byteCount: Int, modification: Int) {
    self.name = name
    self.byteCount = byteCount
    self.modification = modification
  }

  /// Returns an identity of content that may differ from what had this identity, although its size and time may be the same: a file
  /// can change twice within one tick of its clock.
  public func renewed() -> SourceIdentity {
    let name = name.split(separator: "#", maxSplits: 1)[0]
    return SourceIdentity(name: "\(name)#\(UniqueNumber.next())", byteCount: byteCount, modification: modification)
  }

  /// Returns an identity that differs from all others in this process.
  public static func unique(byteCount: Int) -> SourceIdentity {
    SourceIdentity(name: "memory-\(UniqueNumber.next())", byteCount: byteCount, modification: 0)
  }
}

extension RandomAccess {
  public func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    throw IOLinkError(.unsupported, "the source is not open for writing")
  }

  public func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? { nil }

  public func refreshed() throws(IOLinkError) -> any RandomAccess { self }

  /// Checks that `count` bytes from `offset` on lie inside the source.
  ///
  /// - Throws: `truncated` when they do not.
  public func validate(offset: Int, byteCount count: Int) throws(IOLinkError) {
    guard offset >= 0, count >= 0, count <= byteCount, offset <= byteCount - count else {
      throw IOLinkError(.truncated, "the source has \(byteCount) bytes, expected \(count) at byte \(offset)", offset: offset)
    }
  }

  /// Reads `count` bytes into an array.
  ///
  /// - Throws: `truncated`, before anything is allocated, when part of the bytes lies outside the source; `io` when the system
  ///   fails; `invalidArgument` when the source is closed.
  public func bytes(at offset: Int, count: Int) throws(IOLinkError) -> [UInt8] {
    try validate(offset: offset, byteCount: count)
    var bytes = [UInt8](repeating: 0, count: count)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try read(at: offset, into: &span)
    return bytes
  }

  /// Reads the first `count` bytes, or all bytes when the source is shorter.
  ///
  /// - Throws: `truncated` when `count` is negative, or the source has become shorter since it was opened; `io` when the system
  ///   fails; `invalidArgument` when the source is closed.
  public func prefix(_ count: Int) throws(IOLinkError) -> [UInt8] {
    try bytes(at: 0, count: min(count, byteCount))
  }
}
