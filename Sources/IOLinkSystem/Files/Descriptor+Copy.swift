internal import CFileRange
import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension Descriptor {
  /// Asks the system to find room for a range of the file. The size stays. Where that is not possible, later writes find room themselves.
  func reserve(_ range: Range<Int>) {
    _ = iolink_file_reserve(number, Int64(range.lowerBound), Int64(range.count))
  }

  /// Copies a range to another file. Holes are left out.
  ///
  /// The system copies where source and target lie alike in the blocks of a file system, which can then share blocks. Elsewhere it would
  /// move every page in two parts, which takes longer than reading into memory and writing from there.
  ///
  /// - Returns: `false` where the system or the file systems cannot do that.
  /// - Throws: `truncated` when the file ends before the range does; `io` when the system cannot read or write.
  func copy(_ range: Range<Int>, to target: Descriptor, at position: Int, _ context: OperationContext) throws(IOLinkError) -> Bool {
    var start = range.lowerBound
    while start < range.upperBound {
      let data = iolink_file_data(number, Int64(start))
      if data < 0, errno == ENXIO {
        try check(range, endingAt: FileStatus(of: self).byteCount)
        return true
      }
      // A file system that cannot tell holes says that there are data everywhere.
      start = min(max(start, Int(data)), range.upperBound)
      guard start < range.upperBound else { break }
      let hole = Int(iolink_file_hole(number, Int64(start)))
      let end = hole > start ? min(hole, range.upperBound) : range.upperBound
      let place = position + start - range.lowerBound
      guard (start - place).isMultiple(of: Self.blockByteCount) else {
        try copyThroughMemory(start..<end, to: target, at: place, context)
        start = end
        continue
      }
      let count = Int(iolink_file_copy(number, Int64(start), target.number, Int64(place), Int64(end - start)))
      if count >= 0 {
        start += count
        if count == 0 { try check(range, endingAt: start) }
      } else if [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM].contains(errno) {
        return false
      } else if errno != EINTR {
        throw .system(errno, "write", target.path, at: place)
      }
    }
    return true
  }

  private static let blockByteCount = 4096
  private static let partByteCount = 1 << 20

  private func copyThroughMemory(
    _ range: Range<Int>, to target: Descriptor, at position: Int, _ context: OperationContext
  ) throws(IOLinkError) {
    let count = (range.count + Self.partByteCount - 1) / Self.partByteCount
    try (context.executor ?? SerialExecutor()).forEach(
      count: count, workers: min(count, context.threadCap ?? count),
      makeState: { [UInt8](repeating: 0, count: min(range.count, Self.partByteCount)) }
    ) { index, memory throws(IOLinkError) in
      try context.checkCancellation()
      let start = range.lowerBound + index * Self.partByteCount
      let count = min(Self.partByteCount, range.upperBound - start)
      var mutable = memory.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      var part = span._mutatingExtracting(0..<count)
      let present = try fill(&part, at: start)
      if present < count { try check(range, endingAt: start + present) }
      try target.put(part.bytes, at: position + start - range.lowerBound)
    }
  }

  /// - Throws: `truncated` when a file of this size does not have the whole range.
  private func check(_ range: Range<Int>, endingAt byteCount: Int) throws(IOLinkError) {
    guard byteCount < range.upperBound else { return }
    throw IOLinkError(.truncated, "\"\(path)\" now ends at byte \(byteCount), expected \(range.upperBound)", offset: byteCount)
  }
}
