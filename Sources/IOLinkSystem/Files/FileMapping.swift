import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Makes memory of files.
enum FileMapping {
  /// The pages of `range`, shared, never a private copy; `nil` when the system refuses.
  ///
  /// - Precondition: `range` lies inside the file.
  static func block(of descriptor: Descriptor, _ range: Range<Int>, access: FileAccess) -> MemoryBlock? {
    guard !range.isEmpty else { return empty(access) }
    let pageSize = max(1, sysconf(Int32(_SC_PAGESIZE)))
    let start = range.lowerBound / pageSize * pageSize
    let length = range.upperBound - start
    let protection = access == .update ? PROT_READ | PROT_WRITE : PROT_READ
    // The system chooses the place; start is a multiple of the page size.
    let result = unsafe mmap(nil, length, protection, MAP_SHARED, descriptor.number, off_t(start))
    guard let base = unsafe result, unsafe base != MAP_FAILED else { return nil }
    let address = UInt(bitPattern: base)
    // The mapping has `length` bytes from `base`, of which the range is the end; it lives until release is called.
    return unsafe MemoryBlock(
      base: base + (range.lowerBound - start), byteCount: range.count, isWritable: access == .update,
      release: { unsafe munmap(UnsafeMutableRawPointer(bitPattern: address), length) })
  }

  private static func empty(_ access: FileAccess) -> MemoryBlock {
    let owner = MemoryBlock(allocating: 0)
    // No byte of it is ever touched; the owner lives as long as the block.
    return unsafe MemoryBlock(
      base: owner.baseAddress, byteCount: 0, isWritable: access == .update, release: { _ = owner })
  }
}
