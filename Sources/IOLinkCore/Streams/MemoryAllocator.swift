/// Gives fresh memory for whole images. The core declares it; IOLinkSystem has one that asks for huge pages.
public protocol MemoryAllocator: Sendable {
  /// Memory that is aligned to 64 bytes at least.
  ///
  /// - Throws: `limitExceeded` when the system has no such memory.
  func allocate(byteCount: Int, _ fill: MemoryBlock.ZeroFill) throws(IOLinkError) -> MemoryBlock
}
