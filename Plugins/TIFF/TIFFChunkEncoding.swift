internal import IOLinkCore
internal import IOLinkCompression

/// What the stored bytes of a chunk are, apart from its shape and the type of its components.
struct TIFFChunkEncoding: Hashable, Sendable {
  let compression: TIFFCompression
  let predictor: Int
  let isTiled: Bool
  /// The tables and colours of JPEG; `nil` for other compressions.
  let jpeg: TIFFJPEGForm?
  private let bitsPerSample: Int
  private let samplesPerChunk: Int
  private let order: ByteOrder

  /// - Parameter order: The byte order of the file.
  init(_ layout: TIFFLayout, order: ByteOrder, jpeg: TIFFJPEGForm? = nil) {
    let format = layout.format
    compression = format.compression == .oldDeflate ? .deflate : format.compression
    predictor = format.predictor
    isTiled = format.isTiled
    self.jpeg = jpeg
    bitsPerSample = format.bitsPerSample
    samplesPerChunk = layout.samplesPerChunk
    // The order does not matter for single bytes, and the predictor for floating point has an order of its own.
    self.order = format.bitsPerSample <= 8 || format.predictor == 3 ? .native : order
  }
}

/// What the JPEG streams of all chunks have in common.
struct TIFFJPEGForm: Hashable, Sendable {
  /// JPEGTables; empty when each stream has its own tables.
  let tables: [UInt8]
  let photometric: TIFFPhotometric
  /// YCbCrSubSampling.
  let subsampling: [Int]

  private static let largestByteCount = 4096
  /// Where YCbCrCoefficients and ReferenceBlackWhite say nothing else: the colours of ITU-R BT.601, in the range of JFIF.
  private static let usualCoefficients = [0.299, 0.587, 0.114]
  private static let usualRange: [Double] = [0, 255, 128, 255, 128, 255]

  /// Returns the form of pages of one format; `nil` when they have different tables, or colours that are not those of JFIF.
  init?(_ format: TIFFPageFormat, _ pages: [TIFFPage]) {
    let hasUsualColors =
      (format.lumaCoefficients.isEmpty || format.lumaCoefficients == Self.usualCoefficients)
      && (format.referenceBlackWhite.isEmpty || format.referenceBlackWhite == Self.usualRange)
    guard format.bitsPerSample == 8, !format.isPlanar, hasUsualColors, let first = pages.first, let form = TIFFJPEGForm(first, format),
      pages.dropFirst().allSatisfy({ TIFFJPEGForm($0, format) == form })
    else { return nil }
    self = form
  }

  private init?(_ page: TIFFPage, _ format: TIFFPageFormat) {
    let (file, directory) = (page.file, page.directory)
    let field = directory[.jpegTables]
    guard field.map({ $0.count <= Self.largestByteCount }) ?? true,
      let tables = try? field.map({ field throws(IOLinkError) in try file.storedBytes(field) }) ?? [],
      let stated = try? file.single(directory, .photometric)
    else { return nil }
    self.tables = tables
    // The format of the page has the colours after decoding.
    photometric = TIFFPhotometric(rawValue: stated)
    let blocks = photometric == .yCbCr ? (try? file.integers(directory, .yCbCrSubSampling, maximum: 2)) ?? [2, 2] : [1, 1]
    guard blocks.count == 2 else { return nil }
    subsampling = blocks
  }
}

extension TIFFSource: StoredChunkSource {
  var storage: any RandomAccess { file.bytes }

  /// Chunks that need a conversion after decompression are not what a writer makes, except for the colours of JPEG.
  var encoding: ChunkEncoding? {
    let format = layout.format
    guard !layout.isBanded, !layout.joinsPlanes, !format.reversesBits, format.depth == 1 else { return nil }
    if format.compression == .jpeg {
      return TIFFJPEGForm(format, pages).map { ChunkEncoding(TIFFChunkEncoding(layout, order: decoder.order, jpeg: $0)) }
    }
    let isPlain = decoder.isDirect || dataType.componentType == .boolean
    guard isPlain, library == nil || [.webP, .lzma].contains(format.compression), !layout.isSubsampled else { return nil }
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
      // The last strip may hold rows beyond the image, which strict readers refuse. A JPEG stream says how many rows it has.
      if !layout.format.isTiled, place.rowCount < layout.format.chunkHeight, layout.format.compression != .jpeg { return nil }
      // The old kind of LZW is not written any more.
      if layout.format.compression == .lzw, byteCount >= 2, end <= file.bytes.byteCount {
        let start = try file.bytes.bytes(at: offset, count: 2)
        if LZW.detect(unsafe start.span.bytes) == .oldStyle { return nil }  // bytes have no padding
      }
      return .bytes(offset..<end)
    }
  }
}
