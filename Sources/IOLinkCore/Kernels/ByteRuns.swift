/// Copies runs of contiguous bytes, as they are or with the bytes of each component reversed.
enum ByteRuns {
  /// Copies `byteCount` bytes, reversed in groups of `swapWidth` (1, 2, 4 or 8, a divisor of `byteCount`).
  ///
  /// Where bytes are reversed, `source` and `destination` must be the same place or not overlap at all.
  @unsafe
  @inline(__always)
  static func move(
    from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, byteCount: Int, swapWidth: Int
  ) {
    if swapWidth == 1 {
      unsafe destination.copyMemory(from: source, byteCount: byteCount)
    } else {
      unsafe reverse(from: source, to: destination, byteCount: byteCount, width: swapWidth)
    }
  }

  @unsafe
  private static func reverse(
    from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, byteCount: Int, width: Int
  ) {
    switch width {
    case 2: unsafe reverse(UInt16.self, from: source, to: destination, count: byteCount &>> 1)
    case 4: unsafe reverse(UInt32.self, from: source, to: destination, count: byteCount &>> 2)
    default: unsafe reverse(UInt64.self, from: source, to: destination, count: byteCount &>> 3)
    }
  }

  @unsafe
  @inline(__always)
  private static func reverse<Component: FixedWidthInteger>(
    _: Component.Type, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, count: Int
  ) {
    let width = MemoryLayout<Component>.size
    var offset = 0
    let end = count &* width
    // The caller vouches for count × width bytes on both sides; loads and stores are unaligned.
    while offset < end {
      let component = unsafe source.loadUnaligned(fromByteOffset: offset, as: Component.self)
      unsafe destination.storeBytes(of: component.byteSwapped, toByteOffset: offset, as: Component.self)
      offset &+= width
    }
  }
}
