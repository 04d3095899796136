internal import IOLinkCore
internal import IOLinkCompression

/// Encodes the elements of a chunk: packing, predictor and compression. Files are written in native byte order.
struct TIFFChunkEncoder: Sendable {
  let layout: TIFFLayout
  let level: Int?

  /// Whether elements are stored unchanged.
  var isVerbatim: Bool { layout.format.compression == .none && layout.format.bitsPerSample > 1 }

  /// - Parameter elements: Whole rows of the chunk, contiguous.
  func encode(_ elements: RawSpan, _ workspace: ChunkWorkspace) throws(IOLinkError) -> EncodedChunk {
    if isVerbatim { return .verbatim }
    let format = layout.format
    if format.bitsPerSample == 1 {
      let packed = try BitUnpacker.packBits(elements, samplesPerRow: format.chunkWidth * format.samplesPerPixel)
      return .bytes(format.compression == .none ? packed : try compress(unsafe packed.span.bytes))  // bytes have no padding
    }
    guard format.predictor != 1 else { return .bytes(try compress(elements)) }
    return try workspace.scratch.withBytes(elements.byteCount) { differences throws(IOLinkError) in
      differences.copy(from: elements)
      if format.predictor == 2 {
        try Predictor.apply(
          &differences, rowByteCount: layout.rowByteCount, bitsPerSample: format.bitsPerSample, samplesPerPixel: format.samplesPerPixel)
      } else {
        try FloatingPointPredictor.apply(
          &differences, rowByteCount: layout.rowByteCount, bitsPerSample: format.bitsPerSample, samplesPerPixel: format.samplesPerPixel)
      }
      return .bytes(try compress(differences.bytes))
    }
  }

  private func compress(_ bytes: RawSpan) throws(IOLinkError) -> [UInt8] {
    switch layout.format.compression {
    case .lzw: return LZW.compress(bytes)
    case .deflate: return try Deflate.compress(bytes, level: level ?? 4, format: .zlib)
    case .zstd: return try Zstd.compress(bytes, level: level ?? 3)
    case .packBits:
      // Each row is encoded separately, as the specification demands.
      var packed: [UInt8] = []
      for start in stride(from: 0, to: bytes.byteCount, by: layout.rowByteCount) {
        packed += PackBits.compress(bytes.extracting(start..<min(bytes.byteCount, start + layout.rowByteCount)))
      }
      return packed
    default: return bytes.byteArray()
    }
  }
}
