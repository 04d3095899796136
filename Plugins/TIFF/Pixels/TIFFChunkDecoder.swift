internal import IOLinkCore
internal import IOLinkCompression

/// Decodes the stored bytes of a chunk into elements: decompression, predictor, byte order, widening, colour.
struct TIFFChunkDecoder: Sendable {
  let layout: TIFFLayout
  let samples: TIFFSamples
  let order: ByteOrder
  private let conversion: Conversion
  private let color: TIFFYCbCr?

  /// Whether YCbCr is converted to RGB.
  enum Colors: Sendable { case converted, kept }

  private var format: TIFFPageFormat { layout.format }

  /// - Throws: `unsupported` for a predictor that is not defined for samples of this width.
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
      throw .tiff(.unsupported, "predictor \(layout.format.predictor) is not supported for samples of \(bits) bits")
    }
  }

  /// Whether decompressed bytes are elements, apart from predictor and byte order.
  var isDirect: Bool { conversion == .none && color == nil }

  /// Decodes a chunk.
  ///
  /// - Parameters:
  ///   - stored: The chunk's bytes in the file, which may be modified.
  ///   - rowCount: The number of rows in the chunk.
  ///   - elements: The buffer for all elements of the chunk, contiguous.
  ///   - scratch: Memory for the intermediate result, if there is one.
  func decode(
    _ stored: inout MutableRawSpan, rowCount: Int, into elements: inout MutableRawSpan, scratch: ScratchBuffer
  ) throws(IOLinkError) {
    if format.reversesBits { BitUnpacker.reverseBits(&stored) }
    let stored = stored.bytes
    let byteCount = layout.decodedByteCount(rowCount: rowCount)
    if isDirect {
      guard elements.byteCount == byteCount else {
        throw .tiff(.malformed, "the buffer of a chunk has \(elements.byteCount) bytes, expected \(byteCount)")
      }
      try decompress(stored, into: &elements)
      try undoPredictor(&elements)
      return
    }
    try scratch.withBytes(byteCount) { packed throws(IOLinkError) in
      try decompress(stored, into: &packed)
      try finish(&packed, rowCount: rowCount, into: &elements)
    }
  }

  /// Converts decompressed bytes to elements.
  ///
  /// - Parameter packed: The decompressed bytes, as many as decodedByteCount(rowCount:), which may be modified.
  func finish(
    _ packed: inout MutableRawSpan, rowCount: Int, into elements: inout MutableRawSpan
  ) throws(IOLinkError) {
    if format.predictor != 1 { try undoPredictor(&packed) }
    try convert(packed.bytes, rowCount: rowCount, order: format.predictor == 1 ? order : .native, into: &elements)
  }

  /// Does the last step: converts samples in byte order `order` from which the predictor has been removed.
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

  /// Undoes the predictor, and converts samples to native byte order if they are elements already.
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

  /// Decompresses a chunk and fills all of `output`.
  ///
  /// - Throws: `truncated` when the stored bytes decode to fewer; `malformed` when they are damaged.
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
    default: throw .tiff(.unsupported, "\(format.compression.name) is not decoded here")
    }
    guard decoded.written == output.byteCount else { throw short(decoded.written, output.byteCount) }
  }

  /// Inflates a chunk. Some writers pad the last strip, so the stream may hold more rows than the chunk.
  private func inflate(_ stored: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    do throws(IOLinkError) {
      return try Deflate.decompress(stored, into: &output, format: .zlib)
    } catch {
      guard error.code == .limitExceeded else { throw error }
      return try Deflate.decompressPrefix(stored, into: &output, format: .zlib)
    }
  }

  private func short(_ given: Int, _ expected: Int) -> IOLinkError {
    .tiff(.truncated, "a chunk decodes to \(given) bytes, expected \(expected)")
  }
}
