import IOLinkCore

/// An allocator that records how many bytes are requested, and that has only a limited amount.
final class AskedAllocator: MemoryAllocator {
  private let sizes = Guarded<[Int]>([])
  private let limit: Int

  init(limit: Int = .max) { self.limit = limit }

  /// The requests since the last call.
  func takeSizes() -> [Int] {
    sizes.withLock { sizes in
      defer { sizes = [] }
      return sizes
    }
  }

  func allocate(byteCount: Int, _ fill: MemoryBlock.ZeroFill) throws(IOLinkError) -> MemoryBlock {
    sizes.withLock { $0.append(byteCount) }
    guard byteCount <= limit else { throw IOLinkError(.limitExceeded, "no memory for \(byteCount) bytes") }
    return MemoryBlock(allocating: byteCount)
  }
}
