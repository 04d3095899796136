import IOLinkCore

/// An allocator that records the sizes of requests, and that refuses requests above a limit.
final class AskedAllocator: MemoryAllocator {
  private let sizes = Guarded<[Int]>([])
  private let limit: Int

  init(limit: Int = .max) { self.limit = limit }

  /// The sizes that were requested since the last call.
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
