import Synchronization

/// Random access to bytes in memory: READ, MEMORY_ACCESS, and WRITE where the memory is writable.
public final class MemoryRandomAccess: RandomAccess {
  /// The memory that holds the bytes.
  public let block: MemoryBlock
  public let identity: SourceIdentity
  private let isClosed = Atomic<Bool>(false)

  /// Creates a source over a block of memory, which it keeps alive.
  public init(_ block: MemoryBlock) {
    self.block = block
    identity = .unique(byteCount: block.byteCount)
  }

  /// Creates a source over a copy of these bytes.
  public convenience init(_ bytes: [UInt8]) {
    self.init(MemoryBlock(copying: unsafe bytes.span.bytes))  // bytes have no padding
  }

  public var byteCount: Int { block.byteCount }
  public var capabilities: StreamCapabilities {
    block.isWritable ? [.read, .write, .memoryAccess] : [.read, .memoryAccess]
  }

  public func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    let count = bytes.byteCount
    try validateOpen()
    try validate(offset: offset, byteCount: count)
    block.withBytes { source in bytes.copy(from: source.extracting(offset..<(offset + count))) }
  }

  public func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    try validateOpen()
    guard block.isWritable else { throw IOLinkError(.unsupported, "the memory is read-only") }
    guard offset >= 0, bytes.byteCount <= byteCount, offset <= byteCount - bytes.byteCount else {
      throw IOLinkError(.invalidArgument, "\(bytes.byteCount) bytes at \(offset) do not lie inside the source, which has \(byteCount)")
    }
    block.withMutableBytes { target in target.copy(from: bytes, at: offset) }
  }

  public func mapped(_ range: Range<Int>) throws(IOLinkError) -> MemoryBlock? {
    try validateOpen()
    try validate(offset: range.lowerBound, byteCount: range.count)
    return block.part(range)
  }

  public func close() { isClosed.store(true, ordering: .relaxed) }

  private func validateOpen() throws(IOLinkError) {
    guard !isClosed.load(ordering: .relaxed) else { throw IOLinkError(.invalidArgument, "the source is closed") }
  }
}

extension MemoryBlock {
  /// Returns a block over some of these bytes. It keeps all of them alive.
  ///
  /// - Precondition: `range` lies inside the block.
  public func part(_ range: Range<Int>) -> MemoryBlock {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "range \(range) does not lie inside a block of \(byteCount) bytes")
    if range == 0..<byteCount { return self }
    // In bounds by the precondition; the release closure holds this block.
    return unsafe MemoryBlock(
      base: base + range.lowerBound, byteCount: range.count, isWritable: isWritable, release: { _ = self })
  }
}

/// A part of another source, in which positions count from the beginning of the part: a member of an archive, or what follows
/// a foreign header. Closing the part closes the other source.
public final class SubRange: RandomAccess {
  private let base: any RandomAccess
  private let range: Range<Int>

  /// Creates a source that holds the bytes of `range` in `base`.
  ///
  /// - Throws: `truncated` when `range` does not lie inside `base`.
  public init(of base: any RandomAccess, _ range: Range<Int>) throws(IOLinkError) {
    try base.validate(offset: range.lowerBound, byteCount: range.count)
    self.base = base
    self.range = range
  }

  public var byteCount: Int { range.count }
  public var capabilities: StreamCapabilities { base.capabilities }
  public var identity: SourceIdentity {
    let whole = base.identity
    return SourceIdentity(
      name: "\(whole.name)[\(range.lowerBound)]", byteCount: range.count, modification: whole.modification)
  }

  public func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    try validate(offset: offset, byteCount: bytes.byteCount)
    try base.read(at: range.lowerBound + offset, into: &bytes)
  }

  public func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    guard offset >= 0, bytes.byteCount <= byteCount, offset <= byteCount - bytes.byteCount else {
      throw IOLinkError(.invalidArgument, "\(bytes.byteCount) bytes at \(offset) do not lie inside the source, which has \(byteCount)")
    }
    try base.write(at: range.lowerBound + offset, from: bytes)
  }

  public func mapped(_ part: Range<Int>) throws(IOLinkError) -> MemoryBlock? {
    try validate(offset: part.lowerBound, byteCount: part.count)
    return try base.mapped((range.lowerBound + part.lowerBound)..<(range.lowerBound + part.upperBound))
  }

  public func close() { base.close() }
}
