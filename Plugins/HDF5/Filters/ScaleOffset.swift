import IOLinkCompression
import IOLinkCore

/// Decodes HDF5's scale-offset filter (6). It stores integers as their distance from the smallest one in as few bits as needed, and
/// decimal fractions as such integers.
///
/// Decoded elements have the byte order of the type in the file. Integers are restored exactly. Floating point numbers are restored to
/// within half of the last decimal place requested, bit for bit as libhdf5 computes them.
///
/// Source: HDF5 File Format Specification, IV.A.2.l, filter 6; the parameters and the chunk's header as libhdf5 writes them.
struct ScaleOffset: Hashable, Sendable {
  private enum Kind: Hashable { case integer, floatingPoint }

  /// The bytes before the packed integers: bits per integer (4), size of the minimum (1), minimum (8), unused (8).
  private static let headerByteCount = 21

  private let kind: Kind
  /// The number of decimal places, or the fixed number of bits of an integer (0 means as many as a chunk needs).
  private let scale: Int
  private let elementCount: Int
  private let elementByteCount: Int
  private let isBigEndian: Bool
  /// The bits of the fill value, if there is one. It is stored as the largest packed integer.
  private let fillBits: UInt64?
  /// The size of every decoded chunk.
  let decodedByteCount: Int

  /// - Parameter clientData: The filter's parameters in the dataset's pipeline message.
  /// - Throws: `malformed` when they contradict each other; `unsupported` for the E-scale method, which no version of HDF5 can read.
  init(clientData: [UInt32]) throws(IOLinkError) {
    guard clientData.count >= 10 else {
      throw IOLinkError(.malformed, "the scale-offset filter has \(clientData.count) parameters, expected at least 10")
    }
    let (method, scale) = (clientData[0], Int(Int32(bitPattern: clientData[1])))
    elementCount = Int(clientData[2])
    elementByteCount = Int(clientData[4])
    isBigEndian = clientData[6] != 0
    let fill = UInt64(clientData[8]) | UInt64(clientData[9]) << 32
    fillBits = clientData[7] == 0 ? nil : fill
    switch (clientData[3], method, elementByteCount) {
    case (0, 2, 1), (0, 2, 2), (0, 2, 4), (0, 2, 8):
      kind = .integer
      self.scale = max(0, scale)
    case (1, 0, 4), (1, 0, 8):
      kind = .floatingPoint
      self.scale = scale
    case (1, 1, _): throw IOLinkError(.unsupported, "the scale-offset filter uses the E-scale method")
    default:
      throw IOLinkError(
        .malformed, "the scale-offset filter has class \(clientData[3]), method \(method) and \(elementByteCount) bytes per element")
    }
    decodedByteCount = elementCount * elementByteCount
  }

  /// Decodes a chunk into the first `decodedByteCount` bytes of `output`.
  ///
  /// - Throws: `truncated` when the chunk ends early; `malformed` for an impossible number of bits; `unsupported` for a minimum of other
  ///   than 8 bytes; `limitExceeded` when the chunk holds more than `output`.
  func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) {
    guard decodedByteCount <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "the scale-offset chunk holds \(decodedByteCount) bytes, expected at most \(output.byteCount)")
    }
    var target = output._mutatingExtracting(0..<decodedByteCount)
    // If all bits of an integer are requested, libhdf5 stores the chunk unchanged.
    if kind == .integer, scale == 8 * elementByteCount { return try copyWhole(bytes, at: 0, &target) }
    let bits = Int(try bytes.load(at: 0, as: UInt32.self, order: .little))
    let minimumByteCount = Int(try bytes.load(at: 4, as: UInt8.self, order: .little))
    let minimum = try bytes.load(at: 5, as: UInt64.self, order: .little)
    guard bits <= 8 * elementByteCount else {
      throw IOLinkError(.malformed, "the scale-offset chunk has \(bits) bits for elements of \(elementByteCount) bytes", offset: 0)
    }
    guard minimumByteCount == 8 else {
      throw IOLinkError(.unsupported, "the minimum of the scale-offset chunk has \(minimumByteCount) bytes, expected 8", offset: 4)
    }
    guard bytes.byteCount >= Self.headerByteCount else {
      throw IOLinkError(
        .truncated, "the chunk has \(bytes.byteCount) bytes, expected a header of \(Self.headerByteCount)", offset: bytes.byteCount)
    }
    if bits == 8 * elementByteCount {
      try copyWhole(bytes, at: Self.headerByteCount, &target)
      swapToFile(&target)
      return
    }
    try unpack(bytes, bits, &target)
    restore(&target, ScaleOffsetRestoration(bits: bits, minimum: minimum, fillBits: fillBits, decimalPlaces: scale))
    swapToFile(&target)
  }

  /// Unpacks the differences from the minimum.
  private func unpack(_ bytes: RawSpan, _ bits: Int, _ target: inout MutableRawSpan) throws(IOLinkError) {
    guard bits > 0 else { return target.zero() }
    guard elementCount > 0 else { return }
    do {
      try BitUnpacker.unpack(
        bytes.extracting(Self.headerByteCount..<bytes.byteCount), into: &target, bitsPerSample: bits, samplesPerRow: elementCount,
        sampleByteCount: elementByteCount)
    } catch {
      var placed = error
      placed.offset = bytes.byteCount
      throw placed
    }
  }

  private func restore(_ target: inout MutableRawSpan, _ restoration: ScaleOffsetRestoration) {
    switch (kind, elementByteCount) {
    case (.integer, 1): restoration.integers(&target, UInt8.self)
    case (.integer, 2): restoration.integers(&target, UInt16.self)
    case (.integer, 4): restoration.integers(&target, UInt32.self)
    case (.integer, _): restoration.integers(&target, UInt64.self)
    case (.floatingPoint, 4): restoration.floats(&target)
    case (.floatingPoint, _): restoration.doubles(&target)
    }
  }

  private func copyWhole(_ bytes: RawSpan, at offset: Int, _ target: inout MutableRawSpan) throws(IOLinkError) {
    guard bytes.byteCount - offset >= decodedByteCount else {
      throw IOLinkError(
        .truncated, "the chunk has \(bytes.byteCount) bytes, expected \(decodedByteCount) after the first \(offset)",
        offset: bytes.byteCount)
    }
    target.copy(from: bytes.extracting(offset..<(offset + decodedByteCount)))
  }

  /// Converts integers from native order to the byte order of the file.
  private func swapToFile(_ numbers: inout MutableRawSpan) {
    let number = NBitNumber(byteCount: elementByteCount, isBigEndian: isBigEndian, precision: 8 * elementByteCount, offset: 0)
    number.place(&numbers)
  }
}
