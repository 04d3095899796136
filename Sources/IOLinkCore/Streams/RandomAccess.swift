/// Bytes without a cursor: positional, of fixed size, safe to use from many threads at once.
public protocol RandomAccess: AnyObject, Sendable {
  /// Size in bytes; never changes while open.
  var byteCount: Int { get }
  /// READ always; WRITE where opened for update; MEMORY_ACCESS where `mapped(_:)` can give memory.
  var capabilities: StreamCapabilities { get }
  /// What these bytes are, so that caches can tell them from others.
  var identity: SourceIdentity { get }

  /// Fills all of `bytes` from `offset`.
  ///
  /// - Throws: `truncated` when the bytes end before; `io` when the system fails; `invalidArgument` when closed.
  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError)

  /// Writes all of `bytes` at `offset`, inside the present size.
  ///
  /// - Throws: `unsupported` without WRITE; `invalidArgument` when it would pass the end; `io` when the system fails.
  func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError)

  /// Memory that holds these bytes, without a copy; `nil` when there is none. Writable if the source has WRITE.
  ///
  /// The memory stays valid as long as anyone holds the block, whatever happens to the source.
  func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock?

  /// Makes later reads fail. Memory that was mapped stays valid.
  func close()
}

/// What a stream of bytes can do. Check for a capability before using it.
public struct StreamCapabilities: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let read = StreamCapabilities(rawValue: 1)
  public static let write = StreamCapabilities(rawValue: 2)
  public static let seek = StreamCapabilities(rawValue: 4)
  public static let memoryAccess = StreamCapabilities(rawValue: 8)
}

/// Which bytes a source holds: two sources of equal identity give equal bytes.
public struct SourceIdentity: Hashable, Sendable {
  /// A path with device and inode, or a process-wide number for what is only in memory.
  public let name: String
  public let byteCount: Int
  /// Modification time in nanoseconds since 1970; 0 where there is none.
  public let modification: Int

  public init(name: String, byteCount: Int, modification: Int) {
    self.name = name
    self.byteCount = byteCount
    self.modification = modification
  }

  /// An identity that no other source has.
  public static func unique(byteCount: Int) -> SourceIdentity {
    SourceIdentity(name: "memory-\(UniqueNumber.next())", byteCount: byteCount, modification: 0)
  }
}

extension RandomAccess {
  public func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    throw IOLinkError(.unsupported, "the source is not open for writing")
  }

  public func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? { nil }

  /// - Throws: `truncated` when `range` passes the end.
  public func validate(offset: Int, byteCount count: Int) throws(IOLinkError) {
    guard offset >= 0, count >= 0, count <= byteCount, offset <= byteCount - count else {
      throw IOLinkError(.truncated, "\(count) bytes expected at \(offset), the source has \(byteCount)", offset: offset)
    }
  }

  /// Reads `count` bytes into an array.
  ///
  /// - Throws: as `read(at:into:)`; `truncated` before anything is allocated when the source is shorter.
  public func bytes(at offset: Int, count: Int) throws(IOLinkError) -> [UInt8] {
    try validate(offset: offset, byteCount: count)
    var bytes = [UInt8](repeating: 0, count: count)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try read(at: offset, into: &span)
    return bytes
  }

  /// Reads at most `count` bytes: fewer where the source is shorter.
  public func prefix(_ count: Int) throws(IOLinkError) -> [UInt8] {
    try bytes(at: 0, count: min(count, byteCount))
  }
}
