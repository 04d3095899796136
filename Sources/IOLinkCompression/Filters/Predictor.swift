public import IOLink

/// TIFF's horizontal differencing (predictor 2): each sample is stored as its difference from the one `samplesPerPixel` before it.
///
/// Differences wrap around. Rows are independent. Works in place; elements are in native byte order in memory and in `order` in the file,
/// so that predictor and byte swap are one pass. Buffers hold whole rows, except that the last one may be short.
///
/// Source: TIFF 6.0, section 14; for 32 and 64 bits, libtiff and tifffile, which extend the rule to those widths.
public enum Predictor {
  /// Differences in byte order `order` become samples in native byte order.
  ///
  /// - Parameters:
  ///   - bytes: Rows of `rowByteCount` bytes.
  ///   - bitsPerSample: 8, 16, 32 or 64, integers or floating point numbers taken as integers.
  ///   - samplesPerPixel: The stride: 1 for planar data.
  /// - Throws: `unsupported` for other sample sizes, `invalidArgument` for a row or a pixel without samples.
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
    default: throw IOLinkError(.unsupported, "predictor 2 with \(bitsPerSample) bits per sample, expected 8, 16, 32 or 64")
    }
  }

  /// Samples in native byte order become differences in byte order `order`.
  ///
  /// Parameters and errors as of `undo`.
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
    default: throw IOLinkError(.unsupported, "predictor 2 with \(bitsPerSample) bits per sample, expected 8, 16, 32 or 64")
    }
  }

  private static func undoRows<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: inout MutableRawSpan, _ rowByteCount: Int, _ stride: Int, _ isSwapped: Bool, _: Word.Type
  ) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      var start = 0
      while start < buffer.count {
        // The samples that lie wholly in this row, which ends inside the buffer.
        let count = min(rowByteCount, buffer.count - start) / MemoryLayout<Word>.size
        if isSwapped {
          unsafe undoRow(base + start, count, stride, { Word(bigEndian: Word(littleEndian: $0)) }, Word.self)
        } else {
          unsafe undoRow(base + start, count, stride, { $0 }, Word.self)
        }
        start += min(rowByteCount, buffer.count - start)
      }
    }
  }

  /// Running sums over `count` samples at `row`; `number` turns a stored word into a native one.
  @inline(__always)
  private static func undoRow<Word: FixedWidthInteger & BitwiseCopyable>(
    _ row: UnsafeMutableRawPointer, _ count: Int, _ stride: Int, _ number: (Word) -> Word, _: Word.Type
  ) {
    // Sample i < count of the row; unaligned.
    @inline(__always) func load(_ i: Int) -> Word {
      unsafe number(row.loadUnaligned(fromByteOffset: i &* MemoryLayout<Word>.size, as: Word.self))
    }
    @inline(__always) func store(_ value: Word, _ i: Int) {
      unsafe row.storeBytes(of: value, toByteOffset: i &* MemoryLayout<Word>.size, as: Word.self)
    }
    switch stride {
    case 1:
      var sum: Word = 0
      for i in 0..<count {
        sum &+= load(i)
        store(sum, i)
      }
    case 3:
      var (a, b, c): (Word, Word, Word) = (0, 0, 0)
      var i = 0
      while i &+ 3 <= count {
        a &+= load(i)
        b &+= load(i &+ 1)
        c &+= load(i &+ 2)
        store(a, i)
        store(b, i &+ 1)
        store(c, i &+ 2)
        i &+= 3
      }
    case 4:
      var (a, b, c, d): (Word, Word, Word, Word) = (0, 0, 0, 0)
      var i = 0
      while i &+ 4 <= count {
        a &+= load(i)
        b &+= load(i &+ 1)
        c &+= load(i &+ 2)
        d &+= load(i &+ 3)
        store(a, i)
        store(b, i &+ 1)
        store(c, i &+ 2)
        store(d, i &+ 3)
        i &+= 4
      }
    default:
      // The first pixel is stored as it is; each later sample refers to one that is native already.
      for i in 0..<min(stride, count) { store(load(i), i) }
      guard stride < count else { return }
      for i in stride..<count {
        let before = unsafe row.loadUnaligned(fromByteOffset: (i &- stride) &* MemoryLayout<Word>.size, as: Word.self)
        store(load(i) &+ before, i)
      }
      return
    }
    // Samples of an incomplete last pixel, which the unrolled loops leave.
    for i in (count - count % stride)..<count {
      let before: Word =
        i < stride ? 0 : unsafe row.loadUnaligned(fromByteOffset: (i &- stride) &* MemoryLayout<Word>.size, as: Word.self)
      store(load(i) &+ before, i)
    }
  }

  private static func applyRows<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: inout MutableRawSpan, _ rowByteCount: Int, _ stride: Int, _ isSwapped: Bool, _: Word.Type
  ) {
    let size = MemoryLayout<Word>.size
    unsafe bytes.withUnsafeMutableBytes { buffer in
      guard let base = buffer.baseAddress else { return }
      var start = 0
      while start < buffer.count {
        // The samples that lie wholly in this row, which ends inside the buffer.
        let row = unsafe base + start
        let count = min(rowByteCount, buffer.count - start) / size
        var i = count - 1
        // From the end, so that the sample before is still whole; i and i - stride are samples of this row.
        while i >= 0 {
          var value = unsafe row.loadUnaligned(fromByteOffset: i &* size, as: Word.self)
          if i >= stride { unsafe value &-= row.loadUnaligned(fromByteOffset: (i &- stride) &* size, as: Word.self) }
          unsafe row.storeBytes(of: isSwapped ? value.byteSwapped : value, toByteOffset: i &* size, as: Word.self)
          i &-= 1
        }
        start += min(rowByteCount, buffer.count - start)
      }
    }
  }
}

/// What both predictors ask of their arguments.
func checkPredictor(_ rowByteCount: Int, _ samplesPerPixel: Int) throws(IOLinkError) {
  guard rowByteCount > 0, samplesPerPixel > 0 else {
    throw IOLinkError(
      .invalidArgument, "predictor over rows of \(rowByteCount) bytes with \(samplesPerPixel) samples per pixel, expected at least 1")
  }
}
