public import IOLinkCore

/// TIFF's floating point predictor (3). The bytes of a row are sorted into planes, most significant first, and differenced.
///
/// The planes do not depend on the byte order of the file; in memory, samples are in native byte order. Rows are independent.
///
/// Source: Adobe Photoshop TIFF Technical Note 3.
public enum FloatingPointPredictor {
  /// Converts stored rows to samples in native byte order, in place.
  ///
  /// - Parameters:
  ///   - bytes: Rows of `rowByteCount` bytes. The last one may be shorter.
  ///   - bitsPerSample: 16, 24, 32 or 64. Samples of 24 bits take three bytes in memory.
  ///   - samplesPerPixel: The stride of the differences in bytes, which is 1 for planar data.
  /// - Throws: `unsupported` for other sample sizes; `invalidArgument` for rows that do not consist of whole samples.
  public static func undo(
    _ bytes: inout MutableRawSpan, rowByteCount: Int, bitsPerSample: Int, samplesPerPixel: Int
  ) throws(IOLinkError) {
    let size = try check(bytes.byteCount, rowByteCount, bitsPerSample, samplesPerPixel)
    unsafe withRows(&bytes, rowByteCount) { row, byteCount, scratch in
      // Running sums over the bytes. Byte i and byte i - samplesPerPixel lie in the row.
      if samplesPerPixel == 1 {
        var sum: UInt8 = 0
        for i in 0..<byteCount {
          unsafe sum &+= row[i]
          unsafe scratch[i] = sum
        }
      } else {
        unsafe PredictorKernel<UInt8>.sum(row, byteCount, samplesPerPixel) { $0 }
        unsafe scratch.update(from: row, count: byteCount)
      }
      let count = byteCount / size
      if ByteOrder.native == .big {
        unsafe ShuffleKernel.join(UnsafeRawPointer(scratch), row, count: count, size: size)
      } else {
        unsafe joinReversed(UnsafeRawPointer(scratch), row, count: count, size: size)
      }
    }
  }

  /// Converts samples in native byte order to rows as they are stored, in place.
  ///
  /// The parameters and errors are those of ``undo(_:rowByteCount:bitsPerSample:samplesPerPixel:)``.
  public static func apply(
    _ bytes: inout MutableRawSpan, rowByteCount: Int, bitsPerSample: Int, samplesPerPixel: Int
  ) throws(IOLinkError) {
    let size = try check(bytes.byteCount, rowByteCount, bitsPerSample, samplesPerPixel)
    unsafe withRows(&bytes, rowByteCount) { row, byteCount, scratch in
      let count = byteCount / size
      // `plane` counts the bytes of a sample from the most significant. count * size is at most the size of the row.
      for plane in 0..<size {
        let byte = ByteOrder.native == .big ? plane : size - 1 - plane
        for i in 0..<count { unsafe scratch[plane &* count &+ i] = row[i &* size &+ byte] }
      }
      let first = min(samplesPerPixel, byteCount)
      // Byte i and byte i - samplesPerPixel lie in the row.
      unsafe row.update(from: scratch, count: first)
      for i in first..<byteCount { unsafe row[i] = scratch[i] &- scratch[i &- samplesPerPixel] }
    }
  }

  private static func check(
    _ byteCount: Int, _ rowByteCount: Int, _ bitsPerSample: Int, _ samplesPerPixel: Int
  ) throws(IOLinkError) -> Int {
    try checkPredictor(rowByteCount, samplesPerPixel)
    guard [16, 24, 32, 64].contains(bitsPerSample) else {
      throw IOLinkError(.unsupported, "predictor 3 is used with \(bitsPerSample) bits per sample, expected 16, 24, 32 or 64")
    }
    let size = bitsPerSample / 8
    guard rowByteCount % size == 0, byteCount % size == 0 else {
      throw IOLinkError(
        .invalidArgument, "predictor 3 is used with \(byteCount) bytes in rows of \(rowByteCount), expected whole samples of \(size) bytes")
    }
    return size
  }

  /// Lends each row, and a scratch buffer of the same size, to `body`.
  @inline(__always)
  private static func withRows(
    _ bytes: inout MutableRawSpan, _ rowByteCount: Int,
    _ body: (_ row: UnsafeMutablePointer<UInt8>, _ byteCount: Int, _ scratch: UnsafeMutablePointer<UInt8>) -> Void
  ) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      let scratchByteCount = min(rowByteCount, buffer.count)
      guard scratchByteCount > 0 else { return }
      unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: scratchByteCount) { scratch in
        guard let base = buffer.baseAddress, let spare = scratch.baseAddress else { return }
        var start = 0
        while start < buffer.count {
          let byteCount = min(rowByteCount, buffer.count - start)
          // From `start` on, the buffer has byteCount bytes, and so does the scratch memory.
          unsafe body((base + start).assumingMemoryBound(to: UInt8.self), byteCount, spare)
          start += byteCount
        }
      }
    }
  }

  /// Converts planes, most significant first, to little-endian samples.
  private static func joinReversed(_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, count: Int, size: Int) {
    let planes = unsafe from.assumingMemoryBound(to: UInt8.self)
    switch size {
    case 2:
      for i in 0..<count {
        // Byte i of both planes becomes sample i.
        let value = unsafe UInt16(planes[i]) &<< 8 | UInt16(planes[count &+ i])
        unsafe to.storeBytes(of: value, toByteOffset: i &* 2, as: UInt16.self)
      }
    case 4:
      for i in 0..<count {
        // Byte i of the four planes becomes sample i.
        let high = unsafe UInt32(planes[i]) &<< 24 | UInt32(planes[count &+ i]) &<< 16
        let low = unsafe UInt32(planes[2 &* count &+ i]) &<< 8 | UInt32(planes[3 &* count &+ i])
        unsafe to.storeBytes(of: high | low, toByteOffset: i &* 4, as: UInt32.self)
      }
    default:
      let numbers = unsafe to.assumingMemoryBound(to: UInt8.self)
      for plane in 0..<size {
        // `plane` counts the bytes of a sample from the most significant.
        for i in 0..<count { unsafe numbers[i &* size &+ size &- 1 &- plane] = planes[plane &* count &+ i] }
      }
    }
  }
}
