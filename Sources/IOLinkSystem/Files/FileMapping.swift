import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Maps files into memory.
enum FileMapping {
  /// Maps a range of a file. The memory is shared with the file; it is not a copy.
  ///
  /// - Returns: Memory that is writable when `access` is `update`; `nil` when the system cannot map the file.
  /// - Precondition: `range` is inside the file.
  static func block(of descriptor: Descriptor, _ range: Range<Int>, access: FileAccess) -> MemoryBlock? {
    guard !range.isEmpty else { return empty(access) }
    let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))
    let start = range.lowerBound / pageSize * pageSize
    let length = range.upperBound - start
    let protection = access == .update ? PROT_READ | PROT_WRITE : PROT_READ
    // The system chooses the address; `start` is a multiple of the page size.
    let result = unsafe mmap(nil, length, protection, MAP_SHARED, descriptor.number, off_t(start))
    guard let base = unsafe result, unsafe base != MAP_FAILED else { return nil }
    let address = UInt(bitPattern: base)
    // The mapping has `length` bytes from `base` on, and the range is the last part of them; it lives until `release` is called.
    return unsafe MemoryBlock(
      base: base + (range.lowerBound - start), byteCount: range.count, isWritable: access == .update,
      release: { unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), length) })
  }

  private static func empty(_ access: FileAccess) -> MemoryBlock {
    let owner = MemoryBlock(allocating: 0)
    // The block has no bytes that could be accessed; the owner lives as long as the block.
    return unsafe MemoryBlock(
      base: owner.baseAddress, byteCount: 0, isWritable: access == .update, release: { _ = owner })
  }
}
