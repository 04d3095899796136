/// Gives fresh memory for whole images. The core declares it; IOLinkSystem has one that asks for huge pages.
public protocol MemoryAllocator: Sendable {
  /// Memory that is aligned to 64 bytes at least.
  func allocate(byteCount: Int, _ fill: MemoryBlock.ZeroFill) -> MemoryBlock
}
