/// Reverses the bytes of components in place.
public enum ByteSwapping {
  /// Reverses every group of `width` bytes.
  ///
  /// - Parameters:
  ///   - bytes: Dense components, at any alignment.
  ///   - width: The bytes of a group: 1, 2, 4 or 8 (``ComponentType/swapWidth``).
  /// - Precondition: `width` is one of these and divides the byte count.
  /// - Complexity: O(bytes).
  public static func swap(_ bytes: inout MutableRawSpan, width: Int) {
    precondition(width == 1 || width == 2 || width == 4 || width == 8, "swap width is \(width), expected 1, 2, 4 or 8")
    precondition(bytes.byteCount % width == 0, "\(bytes.byteCount) bytes are not a whole number of groups of \(width)")
    guard width > 1 else { return }
    unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      // The bytes are reversed in place, over the whole span, which is a whole number of groups.
      unsafe ByteRuns.move(from: UnsafeRawPointer(base), to: base, byteCount: buffer.count, swapWidth: width)
    }
  }
}

extension PixelCopy {
  /// Reverses the bytes of every component in place.
  ///
  /// - Parameters:
  ///   - bytes: Dense components, at any alignment.
  ///   - width: The bytes of a component, or of each part of a complex one: 1, 2, 4 or 8 (``ComponentType/swapWidth``).
  ///   - context: The threads that may share a large array, and how the operation is stopped.
  /// - Throws: `invalidArgument` when `width` is none of these, or the byte count is not a multiple of it; `cancelled` when the
  ///   caller asks to stop.
  /// - Complexity: O(bytes).
  public static func swapBytes(
    _ bytes: inout MutableRawSpan, width: Int, context: OperationContext = .default
  ) throws(IOLinkError) {
    guard width == 1 || width == 2 || width == 4 || width == 8 else {
      throw IOLinkError(.invalidArgument, "swap width is \(width), expected 1, 2, 4 or 8")
    }
    guard bytes.byteCount % width == 0 else {
      throw IOLinkError(.invalidArgument, "\(bytes.byteCount) bytes are not a whole number of \(width)-byte components")
    }
    let count = bytes.byteCount / width
    try SharedDestination.lend(&bytes) { shared throws(IOLinkError) in
      try context.inParts(of: count, elementByteCount: width) { range throws(IOLinkError) in
        shared.withPart((range.lowerBound * width)..<(range.upperBound * width)) { ByteSwapping.swap(&$0, width: width) }
      } combine: { _, _ in }
    }
  }
}
