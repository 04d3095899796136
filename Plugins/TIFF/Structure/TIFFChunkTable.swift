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
  mutating func append(
    _ directory: TIFFDirectory, _ layout: TIFFLayout, _ file: TIFFFile, _ ahead: inout TIFFReadAhead
  ) throws(IOLinkError) {
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
    let start = offsets.count
    try file.append(field, first: count, to: &offsets, &ahead)
    try appendByteCounts(directory, layout, start, file, &ahead)
    guard offsets[start...].allSatisfy({ $0 >= 0 }), byteCounts[start...].allSatisfy({ $0 >= 0 }) else {
      throw .tiff(.malformed, "a chunk has a negative offset or size", at: field.valueOffset)
    }
  }

  /// Makes the table of uncompressed planes that follow the data of the only page of `self`.
  ///
  /// - Returns: The table, and the number of planes that the file holds completely.
  /// - Throws: `unsupported` when the page is not stored as uncompressed strips; `limitExceeded` when there are too many chunks.
  func followed(
    by followers: TIFFSeries.Followers, planes: Int, _ layout: TIFFLayout, _ file: TIFFFile
  ) throws(IOLinkError) -> (table: TIFFChunkTable, complete: Int) {
    guard layout.format.compression == .none, !layout.format.isTiled, let start = offsets.first, let last = offsets.last,
      let lastByteCount = byteCounts.last
    else { throw .tiff(.unsupported, "planes follow the only page, which is not stored as uncompressed strips") }
    try file.limits.check(try Checked.multiply(planes, offsets.count), atMost: \.entryCount, "chunks")
    var first = self
    var step = try Checked.add(last, lastByteCount) - start
    if followers == .dense {
      // The strips follow each other, whatever the table of the page says.
      step = 0
      for chunk in offsets.indices {
        first.offsets[chunk] = try Checked.add(start, step)
        first.byteCounts[chunk] = layout.decodedByteCount(rowCount: layout.rowCount(ofChunk: chunk))
        step = try Checked.add(step, first.byteCounts[chunk])
      }
    }
    guard start > 0, step > 0 else { throw .tiff(.malformed, "planes follow the only page, which has no pixels") }
    _ = try Checked.add(start, try Checked.multiply(planes, step))
    var table = TIFFChunkTable()
    for plane in 0..<planes {
      table.offsets += first.offsets.map { $0 + plane * step }
      table.byteCounts += first.byteCounts
    }
    return (table, min(planes, max(0, file.bytes.byteCount - start) / step))
  }

  /// Returns how many chunks there are, and how many of them the file holds completely. Absent chunks are not counted.
  func presence(in byteCount: Int) -> (all: Int, present: Int) {
    var (all, present) = (0, 0)
    for (offset, size) in zip(offsets, byteCounts) where offset > 0 && size > 0 {
      all += 1
      if offset <= byteCount, size <= byteCount - offset { present += 1 }
    }
    return (all, present)
  }

  /// Checks that the offsets have not wrapped: some programs write more than 4 GiB to a classic file and keep the lower halves of offsets.
  ///
  /// - Throws: `malformed` when the file is classic and larger than its offsets reach, and chunks overlap each other or the header.
  func validate(_ file: TIFFFile) throws(IOLinkError) {
    guard !file.header.isBig, file.bytes.byteCount > Int(UInt32.max) else { return }
    let chunks = offsets.indices.filter { offsets[$0] > 0 && byteCounts[$0] > 0 }.sorted { offsets[$0] < offsets[$1] }
    var total = 0
    for chunk in chunks { total = try Checked.add(total, byteCounts[chunk]) }
    var (start, end) = (0, file.header.byteCount)
    for chunk in chunks {
      let isShared = offsets[chunk] == start && total <= Int(UInt32.max)
      guard offsets[chunk] >= end || isShared else {
        throw .tiff(
          .malformed, "chunks overlap in a classic TIFF of \(file.bytes.byteCount) bytes, whose offsets only reach \(UInt32.max)",
          at: offsets[chunk])
      }
      start = offsets[chunk]
      end = max(end, try Checked.add(start, byteCounts[chunk]))
    }
  }

  /// Appends the sizes of the chunks from `start` on, whose offsets are there already.
  private mutating func appendByteCounts(
    _ directory: TIFFDirectory, _ layout: TIFFLayout, _ start: Int, _ file: TIFFFile, _ ahead: inout TIFFReadAhead
  ) throws(IOLinkError) {
    let field =
      layout.format.isTiled
      ? directory[.tileByteCounts] ?? directory[.stripByteCounts] : directory[.stripByteCounts] ?? directory[.tileByteCounts]
    let count = offsets.count - start
    if let field, field.count >= count {
      try file.append(field, first: count, to: &byteCounts, &ahead)
      // An only strip of size 0 has a wrong size, and is not absent, as libtiff sees it.
      guard count == 1, byteCounts[start] == 0, offsets[start] > 0, !layout.format.isTiled else { return }
      byteCounts.removeLast()
    }
    if layout.format.compression == .none {
      byteCounts += (0..<count).map { layout.decodedByteCount(rowCount: layout.rowCount(ofChunk: $0)) }
      return
    }
    // A chunk extends to the next one, or to the end of the file.
    let sorted = offsets[start...].sorted()
    byteCounts += offsets[start...].map { offset in
      let next = sorted.firstIndex(after: offset)
      return max(0, (next < sorted.count ? sorted[next] : file.bytes.byteCount) - offset)
    }
  }
}
