public import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Memory for whole images in pages of 2 MiB where the system has them.
///
/// Filling fresh memory costs more in page faults than in copying; with huge pages there are 512 times fewer. Memory
/// comes zeroed from the system, so that asking for zeros costs nothing. Below 4 MiB it is ordinary memory.
///
/// Source: Linux kernel documentation, admin-guide/mm/transhuge (`madvise`).
public struct HugePageAllocator: MemoryAllocator {
  private static let pageSize = 2 << 20
  private static let smallest = 4 << 20

  public init() {}

  public func allocate(byteCount: Int, _ fill: MemoryBlock.ZeroFill) throws(IOLinkError) -> MemoryBlock {
    guard byteCount >= Self.smallest else { return MemoryBlock(allocating: byteCount, isZeroed: fill) }
    guard let block = Self.mapped(byteCount) else {
      throw IOLinkError(
        .limitExceeded, "the system has no memory of \(byteCount) bytes", cause: SystemErrorNumber(number: ENOMEM, path: nil))
    }
    return block
  }

  /// - Returns: `nil` when the system has no such memory.
  private static func mapped(_ byteCount: Int) -> MemoryBlock? {
    // One page more than is needed, to begin at a multiple of its size; what is never touched is never there.
    let (length, overflow) = byteCount.addingReportingOverflow(2 * pageSize)
    guard !overflow else { return nil }
    let result = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let whole = unsafe result, unsafe whole != MAP_FAILED else { return nil }
    let address = UInt(bitPattern: whole)
    let skipped = (pageSize - Int(address % UInt(pageSize))) % pageSize
    let base = unsafe whole + skipped
    #if os(Linux)
      // Whole pages inside the mapping: skipped < pageSize, and there are two pages more than byteCount.
      _ = unsafe madvise(base, (byteCount + pageSize - 1) / pageSize * pageSize, MADV_HUGEPAGE)
    #endif
    // The mapping lives until release is called.
    return unsafe MemoryBlock(
      base: base, byteCount: byteCount, isWritable: true,
      release: { unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), length) })
  }
}
