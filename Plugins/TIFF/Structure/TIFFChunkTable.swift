internal import IOLinkCore

/// Where the stored chunks of some pages lie, page after page.
struct TIFFChunkTable: Sendable {
  /// 0 for a chunk that is absent.
  private(set) var offsets: [Int] = []
  /// Stored bytes; 0 for a chunk that is absent.
  private(set) var byteCounts: [Int] = []

  /// Appends the chunks of one page.
  ///
  /// - Throws: `malformed` when there are fewer than the layout needs; `truncated` when the table passes the end of the
  ///   file; `limitExceeded` when pages share tables so often that they no longer fit the file.
  mutating func append(_ directory: TIFFDirectory, _ layout: TIFFLayout, _ file: TIFFFile) throws(IOLinkError) {
    let count = layout.chunkCount
    let tiled = layout.format.isTiled
    guard let field = tiled ? directory[.tileOffsets] ?? directory[.stripOffsets] : directory[.stripOffsets] ?? directory[.tileOffsets]
    else { throw .tiff(.malformed, "the directory names no \(tiled ? "tiles" : "strips")", at: directory.offset) }
    guard field.count >= count else {
      throw .tiff(.malformed, "\(field.count) \(tiled ? "tiles" : "strips"), expected \(count)", at: field.valueOffset)
    }
    // Every entry of an honest file takes bytes of it.
    guard offsets.count + count <= max(file.bytes.byteCount, 1 << 16) else {
      throw .tiff(.limitExceeded, "\(offsets.count + count) chunks in a file of \(file.bytes.byteCount) bytes", at: field.valueOffset)
    }
    try file.limits.check(offsets.count + count, atMost: \.entryCount, "chunks")
    let pageOffsets = try file.integers(field, maximum: count)
    let lengths = try lengths(directory, layout, pageOffsets, file)
    guard pageOffsets.allSatisfy({ $0 >= 0 }), lengths.allSatisfy({ $0 >= 0 }) else {
      throw .tiff(.malformed, "a chunk of negative offset or size", at: field.valueOffset)
    }
    offsets += pageOffsets
    byteCounts += lengths
  }

  /// Appends a page whose chunks are all absent.
  mutating func appendAbsent(_ layout: TIFFLayout) {
    offsets += Array(repeating: 0, count: layout.chunkCount)
    byteCounts += Array(repeating: 0, count: layout.chunkCount)
  }

  private func lengths(
    _ directory: TIFFDirectory, _ layout: TIFFLayout, _ offsets: [Int], _ file: TIFFFile
  ) throws(IOLinkError) -> [Int] {
    let field =
      layout.format.isTiled
      ? directory[.tileByteCounts] ?? directory[.stripByteCounts] : directory[.stripByteCounts] ?? directory[.tileByteCounts]
    if let field, field.count >= offsets.count { return try file.integers(field, maximum: offsets.count) }
    if layout.format.compression == .none {
      return offsets.indices.map { layout.decodedByteCount(rowCount: layout.rowCount(ofChunk: $0)) }
    }
    // Up to the next chunk, or the end of the file.
    let sorted = offsets.sorted()
    return offsets.map { offset in
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if sorted[middle] > offset { high = middle } else { low = middle + 1 }
      }
      return max(0, (low < sorted.count ? sorted[low] : file.bytes.byteCount) - offset)
    }
  }
}
