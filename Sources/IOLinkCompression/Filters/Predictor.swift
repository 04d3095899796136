public import IOLinkCore

/// TIFF's horizontal differencing (predictor 2): each sample is stored as its difference from the one `samplesPerPixel` before it.
///
/// Differences wrap around, and rows are independent. Both functions work in place and convert between the byte order of the file,
/// `order`, and native byte order in the same pass. Buffers hold whole rows, except that the last one may be shorter.
///
/// Source: TIFF 6.0, section 14; for 32 and 64 bits, libtiff and tifffile, which extend the rule to those widths.
public enum Predictor {
  /// Converts differences in byte order `order` to samples in native byte order.
  ///
  /// - Parameters:
  ///   - bytes: Rows of `rowByteCount` bytes.
  ///   - bitsPerSample: 8, 16, 32 or 64. Floating point samples are treated as integers.
  ///   - samplesPerPixel: The stride of the differences in samples, which is 1 for planar data.
  ///   - order: The byte order of the file.
  /// - Throws: `unsupported` for other sample sizes; `invalidArgument` for a row or a pixel without samples.
  public static func undo(
    _ bytes: inout MutableRawSpan, rowByteCount: Int, bitsPerSample: Int, samplesPerPixel: Int, order: ByteOrder = .native
  ) throws(IOLinkError) {
    try checkPredictor(rowByteCount, samplesPerPixel)
    let isSwapped = order != .native
    switch bitsPerSample {
    case 8: undoRows(&bytes, rowByteCount, samplesPerPixel, false, UInt8.self)
    case 16: undoRows(&bytes, rowByteCount, samplesPerPixel, isSwapped, UInt16.self)
    case 32: undoRows(&bytes, rowByteCount, samplesPerPixel, isSwapped, UInt32.self)
    case 64: undoRows(&bytes, rowByteCount, samplesPerPixel, isSwapped, UInt64.self)
    default: throw IOLinkError(.unsupported, "predictor 2 is used with \(bitsPerSample) bits per sample, expected 8, 16, 32 or 64")
    }
  }

  /// Converts samples in native byte order to differences in byte order `order`.
  ///
  /// The parameters and errors are those of ``undo(_:rowByteCount:bitsPerSample:samplesPerPixel:order:)``.
  public static func apply(
    _ bytes: inout MutableRawSpan, rowByteCount: Int, bitsPerSample: Int, samplesPerPixel: Int, order: ByteOrder = .native
  ) throws(IOLinkError) {
    try checkPredictor(rowByteCount, samplesPerPixel)
    let isSwapped = order != .native
    switch bitsPerSample {
    case 8: applyRows(&bytes, rowByteCount, samplesPerPixel, false, UInt8.self)
    case 16: applyRows(&bytes, rowByteCount, samplesPerPixel, isSwapped, UInt16.self)
    case 32: applyRows(&bytes, rowByteCount, samplesPerPixel, isSwapped, UInt32.self)
    case 64: applyRows(&bytes, rowByteCount, samplesPerPixel, isSwapped, UInt64.self)
    default: throw IOLinkError(.unsupported, "predictor 2 is used with \(bitsPerSample) bits per sample, expected 8, 16, 32 or 64")
    }
  }

  private static func undoRows<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: inout MutableRawSpan, _ rowByteCount: Int, _ stride: Int, _ isSwapped: Bool, _: Word.Type
  ) {
    unsafe forEachRow(&bytes, rowByteCount, Word.self) { row, count in
      if isSwapped {
        unsafe PredictorKernel<Word>.sum(row, count, stride) { $0.byteSwapped }
      } else {
        unsafe PredictorKernel<Word>.sum(row, count, stride) { $0 }
      }
    }
  }

  private static func applyRows<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: inout MutableRawSpan, _ rowByteCount: Int, _ stride: Int, _ isSwapped: Bool, _: Word.Type
  ) {
    unsafe forEachRow(&bytes, rowByteCount, Word.self) { row, count in
      if isSwapped {
        unsafe PredictorKernel<Word>.difference(row, count, stride) { $0.byteSwapped }
      } else {
        unsafe PredictorKernel<Word>.difference(row, count, stride) { $0 }
      }
    }
  }

  /// Lends each row, with the number of samples that lie completely in it.
  @inline(__always)
  private static func forEachRow<Word>(
    _ bytes: inout MutableRawSpan, _ rowByteCount: Int, _: Word.Type, _ body: (UnsafeMutableRawPointer, Int) -> Void
  ) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      var start = 0
      while start < buffer.count {
        // From `start` on, the buffer has byteCount bytes.
        let byteCount = min(rowByteCount, buffer.count - start)
        unsafe body(base + start, byteCount / MemoryLayout<Word>.size)
        start += byteCount
      }
    }
  }
}

/// Checks the arguments that both predictors have in common.
func checkPredictor(_ rowByteCount: Int, _ samplesPerPixel: Int) throws(IOLinkError) {
  guard rowByteCount > 0, samplesPerPixel > 0 else {
    throw IOLinkError(
      .invalidArgument,
      "a predictor is used with rows of \(rowByteCount) bytes and \(samplesPerPixel) samples per pixel, expected at least 1 of each")
  }
}
