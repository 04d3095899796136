import IOLinkCompression
import IOLinkCore

/// Decodes HDF5's SZIP filter (4): extended Rice coding after four bytes with the decoded size, little-endian.
///
/// Scan lines are padded to whole blocks before they are coded. Elements of 32 or 64 bits are byte-shuffled and coded as bytes. Decoded
/// elements have the byte order of the type in the file.
///
/// Source: CCSDS 121.0-B-2; HDF5 File Format Specification, IV.A.2.l, filter 4; padding and shuffle as szlib and libaec do them.
struct Szip: Hashable, Sendable {
  /// The number of pixels in a scan line, without and with padding.
  private let linePixelCount: Int
  private let paddedLinePixelCount: Int
  private let pixelByteCount: Int
  /// The size of elements that are shuffled; 1 when they are not.
  private let shuffledByteCount: Int
  private let coding: RiceCoding

  /// - Parameter clientData: The filter's parameters in the dataset's pipeline message.
  /// - Throws: `malformed` when they are outside the range that the coding allows.
  init(clientData: [UInt32]) throws(IOLinkError) {
    guard clientData.count >= 4 else {
      throw IOLinkError(.malformed, "the SZIP filter has \(clientData.count) parameters, expected at least 4")
    }
    let (options, block, bits, scanline) = (clientData[0], Int(clientData[1]), Int(clientData[2]), Int(clientData[3]))
    let isShuffled = bits == 32 || bits == 64
    guard (2...32).contains(block), block % 2 == 0, (1...24).contains(bits) || isShuffled, (block...(128 * block)).contains(scanline) else {
      throw IOLinkError(
        .malformed, "the SZIP filter has \(block) pixels per block, \(bits) bits per pixel and \(scanline) pixels per scan line")
    }
    // Shorter lines are not written, and padding would make them many times as large.
    let blocksPerLine = (scanline + block - 1) / block
    linePixelCount = scanline
    paddedLinePixelCount = blocksPerLine * block
    shuffledByteCount = isShuffled ? bits / 8 : 1
    pixelByteCount = isShuffled || bits <= 8 ? 1 : bits <= 16 ? 2 : 4
    coding = RiceCoding(
      bitsPerSample: isShuffled ? 8 : bits, blockSize: block, blocksPerInterval: blocksPerLine,
      isBigEndian: options & 16 != 0, isPreprocessed: options & 32 != 0)
  }

  /// Decodes a chunk.
  ///
  /// - Returns: The number of bytes written.
  /// - Throws: `truncated` when the chunk ends early; `limitExceeded` when it holds more than `output`; `malformed` when it is damaged.
  func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    let decodedByteCount = Int(try bytes.load(at: 0, as: UInt32.self, order: .little))
    guard decodedByteCount <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "the SZIP chunk holds \(decodedByteCount) bytes, expected at most \(output.byteCount)", offset: 0)
    }
    guard decodedByteCount % (pixelByteCount * shuffledByteCount) == 0 else {
      throw IOLinkError(
        .malformed, "the SZIP chunk holds \(decodedByteCount) bytes, expected whole pixels of \(pixelByteCount * shuffledByteCount)",
        offset: 0)
    }
    let coded = bytes.extracting(4..<bytes.byteCount)
    var target = output._mutatingExtracting(0..<decodedByteCount)
    if shuffledByteCount == 1 {
      try decodeLines(coded, into: &target)
    } else {
      var planes = [UInt8](repeating: 0, count: decodedByteCount)
      var span = planes.mutableSpan
      // The array exists and is not used elsewhere during the call.
      var part = unsafe span.mutableBytes
      try decodeLines(coded, into: &part)
      try Shuffle.unshuffle(part.bytes, into: &target, elementByteCount: shuffledByteCount)
    }
    return decodedByteCount
  }

  /// Decodes scan lines without their padding. The last one may be shorter than the others.
  private func decodeLines(_ coded: RawSpan, into lines: inout MutableRawSpan) throws(IOLinkError) {
    let lineByteCount = linePixelCount * pixelByteCount
    let paddedByteCount = paddedLinePixelCount * pixelByteCount
    guard paddedByteCount > lineByteCount else { return try check(try coding.decode(coded, into: &lines), lines.byteCount, coded) }
    let lineCount = lines.byteCount / lineByteCount
    let rest = lines.byteCount % lineByteCount
    let neededByteCount = rest > 0 ? lineCount * paddedByteCount + rest : max(0, (lineCount - 1) * paddedByteCount + lineByteCount)
    var padded = [UInt8](repeating: 0, count: (lineCount + (rest > 0 ? 1 : 0)) * paddedByteCount)
    var span = padded.mutableSpan
    // The array exists and is not used elsewhere during the call.
    var room = unsafe span.mutableBytes
    try check(try coding.decode(coded, into: &room), neededByteCount, coded)
    for line in 0..<(lineCount + (rest > 0 ? 1 : 0)) {
      let start = line * lineByteCount
      let byteCount = min(lineByteCount, lines.byteCount - start)
      lines.copy(from: room.bytes.extracting((line * paddedByteCount)..<(line * paddedByteCount + byteCount)), at: start)
    }
  }

  private func check(_ written: Int, _ needed: Int, _ coded: RawSpan) throws(IOLinkError) {
    guard written >= needed else {
      throw IOLinkError(.truncated, "the SZIP chunk decodes to \(written) bytes, expected \(needed)", offset: coded.byteCount + 4)
    }
  }
}
