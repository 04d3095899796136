internal import IOLinkCore

/// Undoes the filters of rows: the hot loop of reading.
enum PNGUnfilter {
  /// Undoes the filters of rows that lie one behind the other.
  ///
  /// - Parameters:
  ///   - filtered: rowCount × (1 + rowByteCount) bytes, each row behind its filter type.
  ///   - previous: The row before the first one; zeros where there is none. Becomes the last row.
  ///   - distance: Bytes of a pixel, at least 1; rowByteCount is a multiple of it.
  ///   - output: rowCount × rowByteCount bytes.
  /// - Returns: `nil`, or the first row with an unknown filter type, where it stopped.
  static func undo(
    _ filtered: RawSpan, rowByteCount: Int, distance: Int, previous: inout [UInt8], into output: inout MutableRawSpan
  ) -> Int? {
    let rowCount = output.byteCount / rowByteCount
    precondition(filtered.byteCount == rowCount * (rowByteCount + 1) && output.byteCount == rowCount * rowByteCount)
    precondition(previous.count == rowByteCount && distance > 0 && rowByteCount % distance == 0)
    guard rowCount > 0 else { return nil }
    return unsafe filtered.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        unsafe previous.withUnsafeMutableBytes { edge in
          // None is empty, as rowCount and rowByteCount are positive.
          guard let from = source.baseAddress, let to = target.baseAddress, let edge = edge.baseAddress else { return nil }
          var above = UnsafeRawPointer(edge)
          for row in 0..<rowCount {
            // Row `row` of both, which hold rowCount rows by the precondition.
            let line = unsafe from + row * (rowByteCount + 1)
            let result = unsafe to + row * rowByteCount
            guard let filter = unsafe PNGFilter(rawValue: line.load(as: UInt8.self)) else { return row }
            let kernel = unsafe PNGRowKernel(source: line + 1, above: above, target: result, count: rowByteCount)
            kernel.undo(filter, distance)
            unsafe above = UnsafeRawPointer(result)
          }
          // The last row, which is as long as `previous`.
          unsafe edge.copyMemory(from: above, byteCount: rowByteCount)
          return nil
        }
      }
    }
  }
}
