internal import IOLinkCore

/// Where the stored chunks of some pages lie, one page after another.
struct TIFFChunkTable: Sendable {
  /// The offset of each chunk in the file; 0 if the chunk is absent.
  private(set) var offsets: [Int] = []
  /// The number of stored bytes of each chunk; 0 if the chunk is absent.
  private(set) var byteCounts: [Int] = []

  /// Appends the chunks of one page.
  ///
  /// - Throws: `malformed` when there are fewer chunks than the layout needs; `truncated` when the table extends beyond the end of the
  ///   file; `limitExceeded` when there are more chunks than the file can hold or the limits allow.
  mutating func append(_ directory: TIFFDirectory, _ layout: TIFFLayout, _ file: TIFFFile) throws(IOLinkError) {
    let count = layout.chunkCount
    let tiled = layout.format.isTiled
    guard let field = tiled ? directory[.tileOffsets] ?? directory[.stripOffsets] : directory[.stripOffsets] ?? directory[.tileOffsets]
    else { throw .tiff(.malformed, "the directory has no offsets of \(tiled ? "tiles" : "strips")", at: directory.offset) }
    guard field.count >= count else {
      throw .tiff(.malformed, "the directory has \(field.count) \(tiled ? "tiles" : "strips"), expected \(count)", at: field.valueOffset)
    }
    // In a valid file every entry takes some bytes; more entries mean that pages share their tables.
    guard offsets.count + count <= max(file.bytes.byteCount, 1 << 16) else {
      throw .tiff(
        .limitExceeded, "the pages have \(offsets.count + count) chunks, too many for a file of \(file.bytes.byteCount) bytes",
        at: field.valueOffset)
    }
    try file.limits.check(offsets.count + count, atMost: \.entryCount, "chunks")
    let pageOffsets = try file.integers(field, maximum: count)
    let lengths = try lengths(directory, layout, pageOffsets, file)
    guard pageOffsets.allSatisfy({ $0 >= 0 }), lengths.allSatisfy({ $0 >= 0 }) else {
      throw .tiff(.malformed, "a chunk has a negative offset or size", at: field.valueOffset)
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
    // A chunk extends to the next one, or to the end of the file.
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
