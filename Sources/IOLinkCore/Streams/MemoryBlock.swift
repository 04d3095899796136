/// A block of memory and whoever keeps it alive: the owner behind MEMORY_ACCESS.
///
/// Valid as long as anyone holds it. Concurrent reads are safe. As with any shared memory, callers must synchronise writes
/// with concurrent reads.
@safe
public final class MemoryBlock: @unchecked Sendable {  // the pointer never changes; access is the holders' agreement
  let base: UnsafeMutableRawPointer
  public let byteCount: Int
  public let isWritable: Bool
  private let release: (@Sendable () -> Void)?

  /// Fresh memory, 64-byte aligned (2 MiB from 4 MiB on, so that huge pages can back it).
  ///
  /// - Parameter isZeroed: Whether the bytes are set to zero; otherwise their content is arbitrary.
  public init(allocating byteCount: Int, isZeroed: ZeroFill = .zeroed) {
    let alignment = byteCount >= 4 << 20 ? 2 << 20 : 64
    let pointer = UnsafeMutableRawPointer.allocate(byteCount: max(1, byteCount), alignment: alignment)
    // The pointer has just been allocated with at least this many bytes.
    if isZeroed == .zeroed { unsafe pointer.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount) }
    unsafe base = pointer
    self.byteCount = byteCount
    isWritable = true
    // Freed once, by the only owner.
    release = { [address = UInt(bitPattern: pointer)] in
      unsafe UnsafeMutableRawPointer(bitPattern: address)?.deallocate()
    }
  }

  public enum ZeroFill: Sendable { case zeroed, uninitialized }

  /// Memory that somebody else owns.
  ///
  /// - Parameters:
  ///   - base: The first byte; must stay valid until `release` is called.
  ///   - release: Called once, when the last holder lets go, on whichever thread that is.
  @unsafe
  public init(
    base: UnsafeMutableRawPointer, byteCount: Int, isWritable: Bool, release: (@Sendable () -> Void)? = nil
  ) {
    unsafe self.base = unsafe base
    self.byteCount = byteCount
    self.isWritable = isWritable
    self.release = release
  }

  /// A block that holds a copy of these bytes.
  public convenience init(copying bytes: RawSpan) {
    self.init(allocating: bytes.byteCount, isZeroed: .uninitialized)
    withMutableBytes { target in target.copy(from: bytes) }
  }

  deinit { release?() }

  /// Lends all bytes.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The block is alive for the call and has byteCount bytes.
    try body(unsafe RawSpan(_unsafeStart: base, byteCount: byteCount))
  }

  /// Lends all bytes for writing.
  ///
  /// - Precondition: ``isWritable``.
  public func withMutableBytes<Result: ~Copyable, Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(isWritable, "the memory is read-only")
    // The block is alive for the call and has byteCount bytes; see the class comment on concurrent use.
    var span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: byteCount)
    return try body(&span)
  }

  /// The address of the first byte, for handing the memory to C or Python. Keep the block while it is used.
  @unsafe
  public var baseAddress: UnsafeMutableRawPointer { unsafe base }
}
