internal import IOLinkCore
internal import IOLinkCompression

/// Turns the stored bytes of a chunk into elements: decompression, predictor, byte order, widening, colour.
struct TIFFChunkDecoder: Sendable {
  let layout: TIFFLayout
  let samples: TIFFSamples
  let order: ByteOrder
  private let conversion: Conversion
  private let color: TIFFYCbCr?

  /// Whether YCbCr becomes RGB.
  enum Colors: Sendable { case converted, kept }

  private var format: TIFFPageFormat { layout.format }

  /// - Throws: `unsupported` for a predictor on samples of a width it is not defined for.
  init(
    _ layout: TIFFLayout, _ samples: TIFFSamples, order: ByteOrder, colors: Colors = .converted
  ) throws(IOLinkError) {
    self.layout = layout
    self.samples = samples
    self.order = order
    conversion = Conversion(layout.format, samples.dataType.componentType, order: order)
    color = layout.format.isConvertedYCbCr && colors == .converted ? TIFFYCbCr(layout.format) : nil
    let bits = layout.format.bitsPerSample
    let isComplex = layout.format.sampleFormat == .complexFloat || layout.format.sampleFormat == .complexInteger
    let fits =
      switch layout.format.predictor {
      case 2: [8, 16, 32, 64].contains(bits) && !isComplex && !layout.isSubsampled
      case 3: [16, 24, 32, 64].contains(bits) && layout.format.sampleFormat == .float
      default: true
      }
    guard fits || layout.format.compression.decoder != .own else {
      throw .tiff(.unsupported, "predictor \(layout.format.predictor) on samples of \(bits) bits is not read")
    }
  }

  /// Whether decompressed bytes are elements, but for predictor and byte order.
  var isDirect: Bool { conversion == .none && color == nil }

  /// - Parameters:
  ///   - stored: The chunk's bytes in the file; altered.
  ///   - rowCount: Rows that the chunk holds.
  ///   - elements: Receives all numbers of the chunk, dense.
  ///   - scratch: Used where the result is made in two steps.
  func decode(
    _ stored: inout MutableRawSpan, rowCount: Int, into elements: inout MutableRawSpan, scratch: ScratchBuffer
  ) throws(IOLinkError) {
    if format.reversesBits { BitUnpacker.reverseBits(&stored) }
    let stored = stored.bytes
    let byteCount = layout.decodedByteCount(rowCount: rowCount)
    if isDirect {
      guard elements.byteCount == byteCount else { throw .tiff(.malformed, "\(elements.byteCount) bytes for a chunk of \(byteCount)") }
      try decompress(stored, into: &elements)
      try undoPredictor(&elements)
      return
    }
    try scratch.withBytes(byteCount) { packed throws(IOLinkError) in
      try decompress(stored, into: &packed)
      try finish(&packed, rowCount: rowCount, into: &elements)
    }
  }

  /// Decompressed bytes to elements.
  ///
  /// - Parameter packed: decodedByteCount(rowCount:) bytes; altered.
  func finish(
    _ packed: inout MutableRawSpan, rowCount: Int, into elements: inout MutableRawSpan
  ) throws(IOLinkError) {
    if format.predictor != 1 { try undoPredictor(&packed) }
    try convert(packed.bytes, rowCount: rowCount, order: format.predictor == 1 ? order : .native, into: &elements)
  }

  /// The last step, from samples without predictor in byte order `order`.
  func convert(
    _ packed: RawSpan, rowCount: Int, order: ByteOrder, into elements: inout MutableRawSpan
  ) throws(IOLinkError) {
    if let color {
      try color.convert(packed, layout: layout, rowCount: rowCount, into: &elements)
      return
    }
    try conversion.apply(
      packed, samplesPerRow: format.chunkWidth * layout.samplesPerChunk, bits: format.bitsPerSample, order: order, into: &elements)
  }

  /// Predictor and byte order of samples that are elements already.
  func undoPredictor(_ bytes: inout MutableRawSpan) throws(IOLinkError) {
    switch format.predictor {
    case 2:
      try Predictor.undo(
        &bytes, rowByteCount: layout.rowByteCount, bitsPerSample: format.bitsPerSample, samplesPerPixel: layout.samplesPerChunk,
        order: order)
    case 3:
      try FloatingPointPredictor.undo(
        &bytes, rowByteCount: layout.rowByteCount, bitsPerSample: format.bitsPerSample, samplesPerPixel: layout.samplesPerChunk)
    default:
      if order != .native, isDirect { ByteSwapping.swap(&bytes, width: samples.dataType.componentType.swapWidth) }
    }
  }

  /// Fills all of `output`.
  ///
  /// - Throws: `truncated` when the stored bytes give less; `malformed` when they are damaged.
  private func decompress(_ stored: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) {
    let decoded: Decoded
    switch format.compression {
    case .none:
      guard stored.byteCount >= output.byteCount else { throw short(stored.byteCount, output.byteCount) }
      output.copy(from: stored.extracting(0..<output.byteCount))
      return
    case .lzw: decoded = try LZW.decompress(stored, into: &output, variant: LZW.detect(stored))
    case .packBits: decoded = try PackBits.decompress(stored, into: &output)
    case .deflate, .oldDeflate: decoded = try inflate(stored, into: &output)
    case .zstd: decoded = try Zstd.decompress(stored, into: &output)
    default: throw .tiff(.unsupported, "\(format.compression.name) is not read here")
    }
    guard decoded.written == output.byteCount else { throw short(decoded.written, output.byteCount) }
  }

  /// Writers that fill up the last strip store more than there are rows.
  private func inflate(_ stored: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    do throws(IOLinkError) {
      return try Deflate.decompress(stored, into: &output, format: .zlib)
    } catch {
      guard error.code == .limitExceeded else { throw error }
      return try Deflate.decompressPrefix(stored, into: &output, format: .zlib)
    }
  }

  private func short(_ given: Int, _ expected: Int) -> IOLinkError {
    .tiff(.truncated, "a chunk gives \(given) bytes, expected \(expected)")
  }
}
