public import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Allocates memory for whole images, in pages of 2 MiB where the system has them.
///
/// Filling new memory costs more in page faults than in copying; with huge pages there are 512 times fewer page faults. Memory
/// comes zeroed from the system, so asking for zeros costs nothing. Less than 4 MiB is allocated as ordinary memory.
///
/// Source: Linux kernel documentation, admin-guide/mm/transhuge (`madvise`).
public struct HugePageAllocator: MemoryAllocator {
  private static let pageSize = 2 << 20
  private static let smallest = 4 << 20

  /// Makes an allocator. It has no state.
  public init() {}

  /// Allocates memory for one image.
  ///
  /// - Throws: `limitExceeded` when the system cannot allocate as much memory.
  public func allocate(byteCount: Int, _ fill: MemoryBlock.ZeroFill) throws(IOLinkError) -> MemoryBlock {
    guard byteCount >= Self.smallest else { return MemoryBlock(allocating: byteCount, isZeroed: fill) }
    guard let block = Self.mapped(byteCount) else {
      throw IOLinkError(
        .limitExceeded, "the system cannot allocate \(byteCount) bytes", cause: SystemErrorNumber(number: ENOMEM, path: nil))
    }
    return block
  }

  /// Maps zeroed memory that begins at a multiple of the huge page size.
  ///
  /// - Returns: `nil` when the system cannot allocate as much memory.
  private static func mapped(_ byteCount: Int) -> MemoryBlock? {
    // Two pages more than needed, so that the block can begin at a multiple of the page size and end with a whole page. Memory that
    // is not touched takes no space.
    let (length, overflow) = byteCount.addingReportingOverflow(2 * pageSize)
    guard !overflow else { return nil }
    let result = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let whole = unsafe result, unsafe whole != MAP_FAILED else { return nil }
    let address = UInt(bitPattern: whole)
    let skipped = (pageSize - Int(address % UInt(pageSize))) % pageSize
    let base = unsafe whole + skipped
    #if os(Linux)
      // The pages are inside the mapping: `skipped` is less than a page, and the mapping is two pages longer than `byteCount`.
      _ = unsafe madvise(base, (byteCount + pageSize - 1) / pageSize * pageSize, MADV_HUGEPAGE)
    #endif
    // The mapping lives until `release` is called.
    return unsafe MemoryBlock(
      base: base, byteCount: byteCount, isWritable: true,
      release: { unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), length) })
  }
}
