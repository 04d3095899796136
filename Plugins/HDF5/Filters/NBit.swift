import IOLinkCompression
import IOLinkCore

/// Decodes HDF5's N-bit filter (5), which stores only the bits that a type uses, most significant first, without gaps.
///
/// Decoded elements have the size and byte order of the type in the file. Bits outside its precision are 0.
///
/// Source: HDF5 File Format Specification, IV.A.2.l, filter 5; the parameters as libhdf5 writes them (HDF5 User Guide, "N-bit filter").
struct NBit: Hashable, Sendable {
  private let layout: NBitLayout
  private let elementCount: Int
  /// Whether the type uses all of its bits, so that chunks are stored unchanged.
  private let isStoredWhole: Bool
  /// The size of every decoded chunk.
  let decodedByteCount: Int

  /// - Parameter clientData: The filter's parameters in the dataset's pipeline message.
  /// - Throws: `malformed` when they contradict each other; `unsupported` for numbers of more than 16 bytes or nesting beyond 32 levels.
  init(clientData: [UInt32]) throws(IOLinkError) {
    guard clientData.count >= 5, Int(clientData[0]) == clientData.count else {
      throw IOLinkError(
        .malformed, "the N-bit filter has \(clientData.count) parameters, expected at least 5 and the number that the first one states")
    }
    isStoredWhole = clientData[1] != 0
    elementCount = Int(clientData[2])
    var parameters = NBitParameters(clientData, from: 3)
    layout = isStoredWhole ? .opaque(byteCount: Int(clientData[4])) : try parameters.layout()
    let (byteCount, overflow) = elementCount.multipliedReportingOverflow(by: layout.byteCount)
    guard layout.byteCount > 0, !overflow else {
      throw IOLinkError(.malformed, "the N-bit filter is used with \(elementCount) elements of \(layout.byteCount) bytes")
    }
    decodedByteCount = byteCount
  }

  /// Decodes a chunk into the first `decodedByteCount` bytes of `output`.
  ///
  /// - Throws: `truncated` when the chunk ends early; `limitExceeded` when it holds more than `output`.
  func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) {
    guard decodedByteCount <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "the N-bit chunk holds \(decodedByteCount) bytes, expected at most \(output.byteCount)")
    }
    var target = output._mutatingExtracting(0..<decodedByteCount)
    if isStoredWhole {
      guard bytes.byteCount >= decodedByteCount else {
        throw IOLinkError(.truncated, "the N-bit chunk has \(bytes.byteCount) bytes, expected \(decodedByteCount)", offset: bytes.byteCount)
      }
      target.copy(from: bytes.extracting(0..<decodedByteCount))
    } else if case .number(let number) = layout, [1, 2, 4, 8].contains(number.byteCount), elementCount > 0 {
      try BitUnpacker.unpack(
        bytes, into: &target, bitsPerSample: number.precision, samplesPerRow: elementCount, sampleByteCount: number.byteCount)
      number.place(&target)
    } else {
      try decodeElements(bytes, &target)
    }
  }

  private func decodeElements(_ bytes: RawSpan, _ output: inout MutableRawSpan) throws(IOLinkError) {
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      // Bits that are not stored are 0.
      unsafe target.initializeMemory(as: UInt8.self, repeating: 0)
      var reader = unsafe BitReader(source)
      for index in 0..<elementCount {
        let start = index * layout.byteCount
        // `index` is below elementCount, and elementCount elements fill the target.
        unsafe try layout.decode(
          &reader, UnsafeMutableRawBufferPointer(rebasing: target[start..<(start + layout.byteCount)]))
      }
    }
  }
}
