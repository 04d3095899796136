public import IOLinkCore

/// Packs and unpacks samples of 1 to 64 bits that are stored without gaps, most significant bit first. Each row begins on a byte.
///
/// Source: TIFF 6.0, section 2 (BitsPerSample, FillOrder 1); PNG, section 7.2.
public enum BitUnpacker {
  /// Returns the number of bytes in a packed row.
  ///
  /// - Throws: `invalidArgument` for a negative count or for other than 1 to 64 bits; `limitExceeded` when the number of bits in a
  ///   row does not fit in an `Int`.
  public static func rowByteCount(samplesPerRow: Int, bitsPerSample: Int) throws(IOLinkError) -> Int {
    guard samplesPerRow >= 0, (1...64).contains(bitsPerSample) else {
      throw IOLinkError(
        .invalidArgument, "a row has \(samplesPerRow) samples of \(bitsPerSample) bits, expected at least 0 samples of 1 to 64 bits")
    }
    let (bits, overflow) = samplesPerRow.multipliedReportingOverflow(by: bitsPerSample)
    guard !overflow else { throw IOLinkError(.limitExceeded, "a row of \(samplesPerRow) samples of \(bitsPerSample) bits is too large") }
    return bits / 8 + (bits % 8 == 0 ? 0 : 1)
  }

  /// Unpacks as many rows as `output` holds into unsigned integers in native byte order.
  ///
  /// - Parameters:
  ///   - bytes: Packed rows. Bytes after the last row needed are ignored.
  ///   - output: The buffer for whole rows of `samplesPerRow * sampleByteCount` bytes.
  ///   - sampleByteCount: 1, 2, 4 or 8, which must be wide enough for `bitsPerSample`.
  /// - Throws: `invalidArgument` when the sizes do not match each other; `truncated` when `bytes` holds fewer rows than `output`;
  ///   `limitExceeded` when the number of bits in a row does not fit in an `Int`.
  public static func unpack(
    _ bytes: RawSpan, into output: inout MutableRawSpan, bitsPerSample: Int, samplesPerRow: Int, sampleByteCount: Int
  ) throws(IOLinkError) {
    let rowByteCount = try rowByteCount(samplesPerRow: samplesPerRow, bitsPerSample: bitsPerSample)
    guard [1, 2, 4, 8].contains(sampleByteCount), bitsPerSample <= 8 * sampleByteCount else {
      throw IOLinkError(
        .invalidArgument, "\(bitsPerSample) bits are unpacked to integers of \(sampleByteCount) bytes, expected 1, 2, 4 or 8, wide enough")
    }
    guard output.byteCount > 0 else { return }
    let (outputRow, overflow) = samplesPerRow.multipliedReportingOverflow(by: sampleByteCount)
    guard !overflow, outputRow > 0, output.byteCount % outputRow == 0 else {
      throw IOLinkError(
        .invalidArgument,
        "the output has \(output.byteCount) bytes, expected whole rows of \(samplesPerRow) samples of \(sampleByteCount) bytes")
    }
    let rowCount = output.byteCount / outputRow
    guard bytes.byteCount / rowByteCount >= rowCount else {
      throw IOLinkError(
        .truncated, "the packed rows have \(bytes.byteCount) bytes, expected \(rowCount) rows of \(rowByteCount)", offset: bytes.byteCount)
    }
    let rows = PackedRows(rowCount: rowCount, rowByteCount: rowByteCount, sampleCount: samplesPerRow, bits: bitsPerSample)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      // It was checked above that both hold rowCount rows.
      switch sampleByteCount {
      case 1: unsafe rows.unpack(from, source.count, to, UInt8.self)
      case 2: unsafe rows.unpack(from, source.count, to, UInt16.self)
      case 4: unsafe rows.unpack(from, source.count, to, UInt32.self)
      default: unsafe rows.unpack(from, source.count, to, UInt64.self)
      }
    }
  }

  /// Packs samples of one byte, zero or not, into single bits. The unused bits of a row's last byte are 0.
  ///
  /// - Throws: `invalidArgument` unless `bytes` consists of whole rows.
  public static func packBits(_ bytes: RawSpan, samplesPerRow: Int) throws(IOLinkError) -> [UInt8] {
    guard bytes.byteCount > 0 else { return [] }
    guard samplesPerRow > 0, bytes.byteCount % samplesPerRow == 0 else {
      throw IOLinkError(.invalidArgument, "there are \(bytes.byteCount) samples, expected whole rows of \(samplesPerRow)")
    }
    let rowByteCount = try rowByteCount(samplesPerRow: samplesPerRow, bitsPerSample: 1)
    let rowCount = bytes.byteCount / samplesPerRow
    return unsafe makeBytes(capacity: rowCount * rowByteCount, from: bytes) { source, target in
      for row in 0..<rowCount {
        for index in 0..<rowByteCount {
          let first = index * 8
          var byte: UInt8 = 0
          // These are up to eight samples of the row. The first of them becomes the most significant bit.
          for column in first..<min(first + 8, samplesPerRow) {
            if unsafe source[row * samplesPerRow + column] != 0 { byte |= 0x80 &>> UInt8(column - first) }
          }
          unsafe target[row * rowByteCount + index] = byte
        }
      }
      return rowCount * rowByteCount
    }
  }

  /// Packs unsigned integers in native byte order. The unused bits of a row's last byte are 0.
  ///
  /// - Parameters:
  ///   - bytes: Whole rows of `samplesPerRow * sampleByteCount` bytes.
  ///   - sampleByteCount: 1, 2 or 4, which must be at least as wide as `bitsPerSample`.
  /// - Throws: `invalidArgument` when the sizes do not match each other; `unsupported` when a sample does not fit in so many bits;
  ///   `limitExceeded` when the number of bits in a row does not fit in an `Int`.
  public static func pack(
    _ bytes: RawSpan, samplesPerRow: Int, sampleByteCount: Int, bitsPerSample: Int
  ) throws(IOLinkError) -> [UInt8] {
    guard bytes.byteCount > 0 else { return [] }
    let rowByteCount = try rowByteCount(samplesPerRow: samplesPerRow, bitsPerSample: bitsPerSample)
    let (elementRow, overflow) = samplesPerRow.multipliedReportingOverflow(by: sampleByteCount)
    guard !overflow, elementRow > 0, bytes.byteCount % elementRow == 0, bitsPerSample <= 8 * sampleByteCount else {
      throw IOLinkError(
        .invalidArgument,
        "there are \(bytes.byteCount) bytes, expected whole rows of \(samplesPerRow) samples of \(sampleByteCount) bytes for \(bitsPerSample) bits")
    }
    var packed: [UInt8] = []
    packed.reserveCapacity(bytes.byteCount / elementRow * rowByteCount)
    for row in stride(from: 0, to: bytes.byteCount, by: elementRow) {
      let samples = bytes.extracting(row..<(row + elementRow))
      switch sampleByteCount {
      case 1: try appendRow(samples, UInt8.self, bitsPerSample, to: &packed)
      case 2: try appendRow(samples, UInt16.self, bitsPerSample, to: &packed)
      default: try appendRow(samples, UInt32.self, bitsPerSample, to: &packed)
      }
    }
    return packed
  }

  private static func appendRow<Word: FixedWidthInteger & BitwiseCopyable>(
    _ samples: RawSpan, _: Word.Type, _ bits: Int, to packed: inout [UInt8]
  ) throws(IOLinkError) {
    var (pending, count): (UInt64, Int) = (0, 0)
    for place in stride(from: 0, to: samples.byteCount, by: MemoryLayout<Word>.size) {
      let sample = UInt64(truncatingIfNeeded: try samples.load(at: place, as: Word.self, order: .native))
      guard sample >> bits == 0 else {
        throw IOLinkError(.unsupported, "the value \(sample) does not fit in \(bits) bits")
      }
      (pending, count) = (pending << bits | sample, count + bits)
      while count >= 8 {
        count -= 8
        packed.append(UInt8(truncatingIfNeeded: pending >> count))
      }
    }
    if count > 0 { packed.append(UInt8(truncatingIfNeeded: pending << (8 - count))) }
  }

  /// Reverses the bits of every byte. TIFF's FillOrder 2 requires this before anything else is decoded.
  public static func reverseBits(_ bytes: inout MutableRawSpan) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      // The indices are those of the buffer itself.
      for index in buffer.indices {
        var value = unsafe buffer[index]
        value = value &>> 4 | value &<< 4
        value = (value & 0xcc) &>> 2 | (value & 0x33) &<< 2
        unsafe buffer[index] = (value & 0xaa) &>> 1 | (value & 0x55) &<< 1
      }
    }
  }
}

/// The loops of `BitUnpacker.unpack`, with the number and the structure of the packed rows.
private struct PackedRows {
  var rowCount: Int
  var rowByteCount: Int
  var sampleCount: Int
  var bits: Int

  /// `from` refers to `byteCount` bytes, and both pointers refer to at least `rowCount` rows.
  func unpack<Word: FixedWidthInteger & BitwiseCopyable>(
    _ from: UnsafeRawPointer, _ byteCount: Int, _ to: UnsafeMutableRawPointer, _: Word.Type
  ) {
    for row in 0..<rowCount {
      let start = row * rowByteCount
      // Both pointers are within the buffers, because row < rowCount.
      let packed = unsafe from + start
      let samples = unsafe to + row * sampleCount * MemoryLayout<Word>.size
      switch bits {
      case 1: unsafe unpackParts(packed, samples, 1, Word.self)
      case 2: unsafe unpackParts(packed, samples, 2, Word.self)
      case 4: unsafe unpackParts(packed, samples, 4, Word.self)
      // These are the usual depths of cameras. Constants let the compiler unroll the loops.
      case 10: unsafe unpackRow(packed, byteCount - start, samples, 10, Word.self)
      case 12: unsafe unpackRow(packed, byteCount - start, samples, 12, Word.self)
      case 14: unsafe unpackRow(packed, byteCount - start, samples, 14, Word.self)
      case 58...64: unsafe unpackLong(packed, samples, from: 0, Word.self)
      default: unsafe unpackRow(packed, byteCount - start, samples, bits, Word.self)
      }
    }
  }

  /// Unpacks samples of which several fit in a byte.
  @inline(__always)
  private func unpackParts<Word: FixedWidthInteger & BitwiseCopyable>(
    _ packed: UnsafeRawPointer, _ samples: UnsafeMutableRawPointer, _ bits: Int, _: Word.Type
  ) {
    let perByte = 8 / bits
    let size = MemoryLayout<Word>.size
    let mask = UInt8(truncatingIfNeeded: 1 << bits - 1)
    for index in 0..<(sampleCount / perByte) {
      // The byte and its samples lie in the row.
      let byte = unsafe packed.load(fromByteOffset: index, as: UInt8.self)
      for part in 0..<perByte {
        let value = Word(truncatingIfNeeded: byte &>> UInt8(truncatingIfNeeded: 8 &- bits &* (part &+ 1)) & mask)
        unsafe samples.storeBytes(of: value, toByteOffset: (index &* perByte &+ part) &* size, as: Word.self)
      }
    }
    unsafe unpackLong(packed, samples, from: sampleCount / perByte * perByte, Word.self)
  }

  /// Unpacks samples of up to 57 bits, each with one load of eight bytes as long as eight bytes are left.
  @inline(__always)
  private func unpackRow<Word: FixedWidthInteger & BitwiseCopyable>(
    _ packed: UnsafeRawPointer, _ bytesLeft: Int, _ samples: UnsafeMutableRawPointer, _ bits: Int, _: Word.Type
  ) {
    let size = MemoryLayout<Word>.size
    // The number of samples that begin at least eight bytes before the end of the input.
    let quick = bytesLeft < 8 ? 0 : min(sampleCount, (bytesLeft - 8) * 8 / bits + 1)
    for index in 0..<quick {
      let position = index &* bits
      // The input has eight bytes from the sample's first byte on, and they contain the whole sample because 7 + 57 is 64.
      let word = unsafe UInt64(bigEndian: packed.loadUnaligned(fromByteOffset: position &>> 3, as: UInt64.self))
      let value = (word &<< UInt64(truncatingIfNeeded: position & 7)) &>> UInt64(truncatingIfNeeded: 64 &- bits)
      unsafe samples.storeBytes(of: Word(truncatingIfNeeded: value), toByteOffset: index &* size, as: Word.self)
    }
    unsafe unpackLong(packed, samples, from: quick, Word.self)
  }

  /// Unpacks the samples from index `first` on, byte by byte.
  private func unpackLong<Word: FixedWidthInteger & BitwiseCopyable>(
    _ packed: UnsafeRawPointer, _ samples: UnsafeMutableRawPointer, from first: Int, _: Word.Type
  ) {
    for index in first..<sampleCount {
      var value: UInt64 = 0
      var position = index &* bits
      let end = position &+ bits
      while position < end {
        // This takes from one byte the bits from `position` to the end of the byte or of the sample.
        let byte = unsafe UInt64(packed.load(fromByteOffset: position &>> 3, as: UInt8.self))
        let count = min(8 &- position & 7, end &- position)
        let part = byte &>> UInt64(truncatingIfNeeded: 8 &- position & 7 &- count) & (1 &<< UInt64(truncatingIfNeeded: count) &- 1)
        value = value &<< UInt64(truncatingIfNeeded: count) | part
        position &+= count
      }
      // The sample lies in the row, because index < sampleCount.
      unsafe samples.storeBytes(of: Word(truncatingIfNeeded: value), toByteOffset: index &* MemoryLayout<Word>.size, as: Word.self)
    }
  }
}
