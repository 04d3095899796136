/// A block of memory and the owner that keeps it alive. Views with MEMORY_ACCESS hand out their memory as such a block.
///
/// The memory stays valid as long as anyone holds the block. Concurrent reads are safe. As with any shared memory, callers must
/// synchronise writes with concurrent reads.
@safe
public final class MemoryBlock: @unchecked Sendable {  // the pointer never changes; access is the holders' agreement
  let base: UnsafeMutableRawPointer
  /// The size in bytes.
  public let byteCount: Int
  /// Whether the bytes may be changed.
  public let isWritable: Bool
  private let release: (@Sendable () -> Void)?

  /// Allocates fresh, writable memory, aligned to 64 bytes. Blocks of 4 MiB or more are aligned to 2 MiB, so that huge pages
  /// can back them.
  ///
  /// - Parameters:
  ///   - byteCount: The size in bytes.
  ///   - isZeroed: Whether the bytes are set to zero; otherwise their content is arbitrary.
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

  /// The content of fresh memory: all bytes zero, or arbitrary bytes that the caller is about to replace.
  public enum ZeroFill: Sendable { case zeroed, uninitialized }

  /// Wraps memory that another owner keeps alive.
  ///
  /// - Parameters:
  ///   - base: The address of the first byte, which must stay valid until `release` is called.
  ///   - byteCount: The size in bytes.
  ///   - isWritable: Whether the bytes may be changed.
  ///   - release: Called once, when the last holder lets go of the block, on the thread of that holder.
  @unsafe
  public init(
    base: UnsafeMutableRawPointer, byteCount: Int, isWritable: Bool, release: (@Sendable () -> Void)? = nil
  ) {
    unsafe self.base = unsafe base
    self.byteCount = byteCount
    self.isWritable = isWritable
    self.release = release
  }

  /// Allocates writable memory that holds a copy of these bytes.
  public convenience init(copying bytes: RawSpan) {
    self.init(allocating: bytes.byteCount, isZeroed: .uninitialized)
    withMutableBytes { target in target.copy(from: bytes) }
  }

  deinit { release?() }

  /// Lends all bytes for reading.
  ///
  /// - Returns: The result of `body`.
  /// - Throws: Any error that `body` throws.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // The block is alive for the call and has byteCount bytes.
    try body(unsafe RawSpan(_unsafeStart: base, byteCount: byteCount))
  }

  /// Lends all bytes for writing.
  ///
  /// - Precondition: The block is writable.
  /// - Returns: The result of `body`.
  /// - Throws: Any error that `body` throws.
  public func withMutableBytes<Result: ~Copyable, Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(isWritable, "the memory is read-only")
    // The block is alive for the call and has byteCount bytes; see the class comment on concurrent use.
    var span = unsafe MutableRawSpan(_unsafeStart: base, byteCount: byteCount)
    return try body(&span)
  }

  /// The address of the first byte, for handing the memory to C or Python. Hold the block as long as the address is in use.
  @unsafe
  public var baseAddress: UnsafeMutableRawPointer { unsafe base }
}
