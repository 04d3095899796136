internal import IOLinkCore
internal import IOLinkCompression

/// Encodes the elements of a chunk: packing, predictor and compression. Files are written in native byte order.
struct TIFFChunkEncoder: Sendable {
  let layout: TIFFLayout
  private let level: Int?
  /// libtiff, where it has to compress.
  private let library: LibTIFFEncoder?
  private let kept: TIFFJPEGForm?
  /// The number of bits of a sample in memory.
  private let elementBits: Int

  init(_ layout: TIFFLayout, _ options: TIFFWriteOptions, _ dataType: DataType) {
    self.layout = layout
    level = options.level
    library = layout.format.compression.decoder == .libtiff ? LibTIFFEncoder(layout.format, options.library) : nil
    kept = options.library.kept
    elementBits = 8 * dataType.componentType.byteCount
  }

  /// Whether elements are stored unchanged.
  var isVerbatim: Bool { layout.format.compression == .none && layout.format.bitsPerSample == elementBits }

  /// JPEGTables; `nil` for other compressions.
  ///
  /// - Throws: `unsupported` when libtiff cannot encode the samples.
  var tables: [UInt8]? {
    get throws(IOLinkError) {
      if let kept { return kept.tables.isEmpty ? nil : kept.tables }
      return layout.format.compression == .jpeg ? try library?.tables() : nil
    }
  }

  /// - Parameters:
  ///   - elements: Whole rows of the chunk, contiguous.
  ///   - columns: How many columns of the chunk lie inside the image.
  ///   - rows: How many of its rows do.
  func encode(_ elements: RawSpan, columns: Int, rows: Int, _ workspace: ChunkWorkspace) throws(IOLinkError) -> EncodedChunk {
    if isVerbatim { return .verbatim }
    let format = layout.format
    if let library, format.isTiled, [.jpeg, .webP].contains(format.compression) {
      return try workspace.scratch.withBytes(elements.byteCount) { padded throws(IOLinkError) in
        padded.copy(from: elements)
        padEdges(&padded, columns: columns, rows: rows)
        return .bytes(try library.compress(&padded, rowByteCount: layout.rowByteCount))
      }
    }
    if format.bitsPerSample < elementBits {
      let packed = try packed(elements)
      return .bytes(format.compression == .none ? packed : try compress(unsafe packed.span.bytes, workspace))  // bytes have no padding
    }
    guard format.predictor != 1 else { return .bytes(try compress(elements, workspace)) }
    return try workspace.scratch.withBytes(elements.byteCount) { differences throws(IOLinkError) in
      differences.copy(from: elements)
      if format.predictor == 2 {
        try Predictor.apply(
          &differences, rowByteCount: layout.rowByteCount, bitsPerSample: format.bitsPerSample, samplesPerPixel: format.samplesPerPixel)
      } else {
        try FloatingPointPredictor.apply(
          &differences, rowByteCount: layout.rowByteCount, bitsPerSample: format.bitsPerSample, samplesPerPixel: format.samplesPerPixel)
      }
      return .bytes(try compress(differences.bytes, workspace))
    }
  }

  /// Repeats the last column and the last row inside the image up to the edges of the tile. Where compression is not exact, a step at the edge
  /// of the image would show inside it.
  private func padEdges(_ tile: inout MutableRawSpan, columns: Int, rows: Int) {
    let pixel = layout.format.samplesPerPixel
    let width = layout.rowByteCount
    unsafe tile.withUnsafeMutableBytes { bytes in
      // The tile consists of whole rows, of which at least one row and one column lie inside the image.
      for row in 0..<rows {
        for byte in (row * width + columns * pixel)..<((row + 1) * width) { unsafe bytes[byte] = bytes[byte - pixel] }
      }
      for byte in (rows * width)..<bytes.count { unsafe bytes[byte] = bytes[byte - width] }
    }
  }

  /// Packs samples that take fewer bits in the file than in memory.
  ///
  /// - Throws: `unsupported` when a value needs more bits.
  private func packed(_ elements: RawSpan) throws(IOLinkError) -> [UInt8] {
    let format = layout.format
    let samplesPerRow = format.chunkWidth * format.samplesPerPixel
    if format.bitsPerSample == 1, elementBits == 8 { return try BitUnpacker.packBits(elements, samplesPerRow: samplesPerRow) }
    return try BitUnpacker.pack(
      elements, samplesPerRow: samplesPerRow, sampleByteCount: elementBits / 8, bitsPerSample: format.bitsPerSample)
  }

  private func compress(_ bytes: RawSpan, _ workspace: ChunkWorkspace) throws(IOLinkError) -> [UInt8] {
    if let library {
      return try workspace.stored.withBytes(bytes.byteCount) { rows throws(IOLinkError) in
        rows.copy(from: bytes)
        return try library.compress(&rows, rowByteCount: layout.rowByteCount)
      }
    }
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
