internal import IOLinkCore
internal import IOLinkCompression

/// What the stored bytes of a chunk are, apart from its shape and the type of its components.
struct TIFFChunkEncoding: Hashable, Sendable {
  private let compression: TIFFCompression
  private let predictor: Int
  private let bitsPerSample: Int
  private let samplesPerChunk: Int
  private let order: ByteOrder

  /// - Parameter order: The byte order of the file.
  init(_ layout: TIFFLayout, order: ByteOrder) {
    let format = layout.format
    compression = format.compression == .oldDeflate ? .deflate : format.compression
    predictor = format.predictor
    bitsPerSample = format.bitsPerSample
    samplesPerChunk = layout.samplesPerChunk
    // The order does not matter for single bytes, and the predictor for floating point has an order of its own.
    self.order = format.bitsPerSample <= 8 || format.predictor == 3 ? .native : order
  }
}

extension TIFFSource: StoredChunkSource {
  var storage: any RandomAccess { file.bytes }

  /// Chunks that need a conversion after decompression are not what a writer makes.
  var encoding: ChunkEncoding? {
    let isPlain = decoder.isDirect || dataType.componentType == .boolean
    guard isPlain, library == nil, !layout.isBanded, !layout.joinsPlanes, !layout.isSubsampled, !layout.format.reversesBits else { return nil }
    return ChunkEncoding(TIFFChunkEncoding(layout, order: decoder.order))
  }

  func storedChunk(_ chunk: ChunkIndex) throws(IOLinkError) -> StoredChunk? {
    switch planes[chunk.ordinal / layout.bandCount] {
    case .blank: return nil  // Few readers know strips without bytes, so zeros are encoded.
    case .missing(let error): throw error
    case .page(let page):
      let place = layout.place(ofBand: chunk.ordinal % layout.bandCount)
      let entry = page * layout.chunkCount + place.chunk
      if isAbsent(entry) { return background.isZero ? .absent : nil }
      let (offset, byteCount) = (table.offsets[entry], table.byteCounts[entry])
      let end = try Checked.add(offset, byteCount)
      if layout.format.compression == .none {
        let needed = layout.decodedByteCount(rowCount: place.rowCount)
        return byteCount < needed ? nil : .bytes(offset..<(offset + needed))
      }
      // The last strip may hold rows beyond the image, which strict readers refuse.
      if !layout.format.isTiled, place.rowCount < layout.format.chunkHeight { return nil }
      // The old kind of LZW is not written any more.
      if layout.format.compression == .lzw, byteCount >= 2, end <= file.bytes.byteCount {
        let start = try file.bytes.bytes(at: offset, count: 2)
        if LZW.detect(unsafe start.span.bytes) == .oldStyle { return nil }  // bytes have no padding
      }
      return .bytes(offset..<end)
    }
  }
}
