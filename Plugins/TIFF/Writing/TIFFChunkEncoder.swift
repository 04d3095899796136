internal import IOLinkCore
internal import IOLinkCompression

/// Turns the numbers of a chunk into stored bytes: packing, predictor, compression. Files are written in native byte order.
struct TIFFChunkEncoder: Sendable {
  let layout: TIFFLayout
  let level: Int?

  /// Native numbers are stored as they are.
  var isVerbatim: Bool { layout.format.compression == .none && layout.format.bitsPerSample > 1 }

  /// - Parameter elements: Whole rows of the chunk, dense.
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
      // Each row by itself, as the specification asks.
      var packed: [UInt8] = []
      for start in stride(from: 0, to: bytes.byteCount, by: layout.rowByteCount) {
        packed += PackBits.compress(bytes.extracting(start..<min(bytes.byteCount, start + layout.rowByteCount)))
      }
      return packed
    default: return bytes.byteArray()
    }
  }
}
