import IOLinkCore

@testable import TIFFPlugin

extension Seeds {
  /// The first chunks of the pages of a TIFF, with the tags that decide how they are decoded.
  static func chunks(ofTIFF bytes: [UInt8]) -> [TIFFChunkCase] {
    guard let file = try? TIFFFile(MemoryRandomAccess(bytes), limits: FuzzTarget.limits) else { return [] }
    var reader = TIFFPageReader(file)
    guard let chain = try? reader.chain() else { return [] }
    return chain.pages.compactMap { page -> TIFFChunkCase? in
      guard let page = try? page.get() else { return nil }
      return try? chunk(of: page, in: file)
    }
  }

  private static func chunk(of page: TIFFPage, in file: TIFFFile) throws(IOLinkError) -> TIFFChunkCase? {
    let format = page.format
    guard format.width <= 256, format.height <= 256, format.chunkWidth <= 256,
      let compression = TIFFChunkCase.compressions.firstIndex(of: format.compression.rawValue)
    else { return nil }
    var chunk = TIFFChunkCase()
    chunk.isBigEndian = file.order == .big
    (chunk.isTiled, chunk.isPlanar, chunk.reversesBits) = (format.isTiled, format.isPlanar, format.reversesBits)
    chunk.compression = compression
    chunk.photometric = TIFFChunkCase.photometrics.firstIndex(of: try file.integer(page.directory, .photometric) ?? 1) ?? 1
    chunk.bits = TIFFChunkCase.bitCounts.firstIndex(of: format.bitsPerSample) ?? 1
    (chunk.sampleFormat, chunk.samples) = (format.sampleFormat.rawValue - 1, format.samplesPerPixel - 1)
    chunk.predictor = format.predictor - 1
    let subsampling = try file.integers(page.directory, .yCbCrSubSampling, maximum: 2) ?? [1, 1]
    chunk.subsampling = TIFFChunkCase.subsamplings.firstIndex(of: subsampling) ?? 0
    (chunk.width, chunk.height) = (format.width - 1, format.height - 1)
    chunk.chunkHeight = format.isTiled ? format.chunkHeight / 16 - 1 : format.chunkHeight - 1
    chunk.chunkWidth = format.isTiled ? format.chunkWidth / 16 - 1 : 0
    chunk.options = try file.integer(page.directory, TIFFTag(rawValue: 292)) ?? 0
    if let field = page.directory[.jpegTables] {
      chunk.tables = try file.bytes.bytes(at: field.valueOffset, count: min(field.count, 4096))
    }
    var table = TIFFChunkTable()
    let layout = try TIFFLayout(format, limits: file.limits)
    var ahead = TIFFReadAhead(file.bytes)
    try table.append(page.directory, layout, file, &ahead)
    guard let offset = table.offsets.first, let count = table.byteCounts.first, offset > 0 else { return nil }
    chunk.stored = try file.bytes.bytes(at: offset, count: min(count, file.bytes.byteCount - offset))
    return chunk
  }
}
