/// Undoes the filters of rows. This is the hot loop of reading.
package enum PNGUnfilter {
  /// Undoes the filters of consecutive rows.
  ///
  /// - Parameters:
  ///   - filtered: rowCount × (1 + rowByteCount) bytes, each row preceded by its filter type.
  ///   - previous: The row before the first one, or zeros if there is none. It is replaced by the last row.
  ///   - distance: The bytes of a pixel, at least 1; rowByteCount is a multiple of it.
  ///   - output: rowCount × rowByteCount bytes.
  /// - Returns: `nil`, or the index of the first row with an unknown filter type. The rows from there on are not decoded.
  package static func undo(
    _ filtered: RawSpan, rowByteCount: Int, distance: Int, previous: inout [UInt8], into output: inout MutableRawSpan
  ) -> Int? {
    let rowCount = output.byteCount / rowByteCount
    precondition(filtered.byteCount == rowCount * (rowByteCount + 1) && output.byteCount == rowCount * rowByteCount)
    precondition(previous.count == rowByteCount && distance > 0 && rowByteCount % distance == 0)
    guard rowCount > 0 else { return nil }
    return unsafe filtered.withUnsafeBytes { source in
      unsafe output.withUnsafeMutableBytes { target in
        unsafe previous.withUnsafeMutableBytes { edge in
          // The buffers are not empty, because rowCount and rowByteCount are positive.
          guard let from = source.baseAddress, let to = target.baseAddress, let edge = edge.baseAddress else { return nil }
          var above = UnsafeRawPointer(edge)
          for row in 0..<rowCount {
            // Both buffers hold rowCount rows by the precondition, and `row` is below rowCount.
            let line = unsafe from + row * (rowByteCount + 1)
            let result = unsafe to + row * rowByteCount
            guard let filter = unsafe PNGFilter(rawValue: line.load(as: UInt8.self)) else { return row }
            let kernel = unsafe PNGRowKernel(source: line + 1, above: above, target: result, count: rowByteCount)
            kernel.undo(filter, distance)
            unsafe above = UnsafeRawPointer(result)
          }
          // `above` is the last row, which is as long as `previous`.
          unsafe edge.copyMemory(from: above, byteCount: rowByteCount)
          return nil
        }
      }
    }
  }
}
