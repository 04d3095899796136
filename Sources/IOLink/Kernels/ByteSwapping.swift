extension PixelCopy {
  /// Reverses the bytes of every number in place.
  ///
  /// - Parameters:
  ///   - bytes: Numbers one behind the other, at any alignment.
  ///   - width: Bytes of a number: 1, 2, 4 or 8 (``ScalarType/swapWidth``).
  /// - Throws: `invalidArgument` for another width, or when the byte count is not a multiple of it.
  /// - Complexity: O(bytes).
  public static func swapBytes(_ bytes: inout MutableRawSpan, width: Int) throws(IOLinkError) {
    guard [1, 2, 4, 8].contains(width) else {
      throw IOLinkError(.invalidArgument, "swap width is \(width), expected 1, 2, 4 or 8")
    }
    guard bytes.byteCount % width == 0 else {
      throw IOLinkError(.invalidArgument, "\(bytes.byteCount) bytes are not a whole number of \(width)-byte numbers")
    }
    guard width > 1 else { return }
    unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      // In place, all of the span, a whole number of numbers.
      unsafe ByteRuns.move(from: UnsafeRawPointer(base), to: base, byteCount: buffer.count, swapWidth: width)
    }
  }
}
