/// Supplies fresh memory for whole images. The core declares this protocol; IOLinkSystem has an allocator that asks the system
/// for huge pages.
public protocol MemoryAllocator: Sendable {
  /// Returns writable memory that is aligned to at least 64 bytes.
  ///
  /// - Parameters:
  ///   - byteCount: The size in bytes.
  ///   - fill: Whether the bytes are set to zero.
  /// - Throws: `limitExceeded` when the system does not have that much memory.
  func allocate(byteCount: Int, _ fill: MemoryBlock.ZeroFill) throws(IOLinkError) -> MemoryBlock
}
