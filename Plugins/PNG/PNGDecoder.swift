internal import IOLinkCore
internal import IOLinkCompression
internal import PNGFilters

/// Decodes the data of one image, or of one frame, into elements.
struct PNGDecoder: Sendable {
  let source: any RandomAccess
  let data: PNGData
  let layout: PNGLayout
  let samples: PNGSamples

  /// The number of bytes in a row of elements.
  var rowByteCount: Int { layout.header.width * samples.dataType.byteCount }

  /// Makes a reader that starts at the first row.
  func makeRows(_ speed: InflateStream.Speed) throws(IOLinkError) -> PNGRows {
    PNGRows(try PNGDataStream(data, in: source, speed))
  }

  /// Decodes all elements, contiguous, row by row.
  ///
  /// - Parameter elements: height × `rowByteCount` bytes.
  /// - Throws: `malformed` when the data are damaged; `truncated` when they end too early; `io` when reading fails.
  func decodeAll(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
    let rows = try makeRows(.fast)
    for pass in layout.passes {
      let batch = max(1, min(pass.height, PNGLayout.bandByteCount / pass.rowByteCount))
      try decode(pass, batch, rows, &elements, workspace) { _ in }
    }
    try rows.finish()
  }

  /// Decodes as many rows as are there, into memory that is zero.
  ///
  /// - Returns: The number of rows of each pass, and the error that ended decoding.
  /// - Throws: Any error other than `malformed` and `truncated`.
  func decodePresent(
    into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> (rowCounts: [Int], error: IOLinkError?) {
    var rowCounts = [Int](repeating: 0, count: layout.passes.count)
    do throws(IOLinkError) {
      let rows = try makeRows(.exact)
      for (index, pass) in layout.passes.enumerated() {
        try decode(pass, 1, rows, &elements, workspace) { rowCounts[index] = $0 }
      }
      try rows.finish()
      return (rowCounts, nil)
    } catch {
      guard error.isDamage else { throw error }
      return (rowCounts, error)
    }
  }

  /// Decodes the rows of one pass in batches into their places in the image.
  ///
  /// - Parameter done: Called after each batch with the number of rows so far.
  private func decode(
    _ pass: PNGLayout.Pass, _ batch: Int, _ rows: PNGRows, _ elements: inout MutableRawSpan, _ workspace: ChunkWorkspace,
    _ done: (Int) -> Void
  ) throws(IOLinkError) {
    var previous = [UInt8](repeating: 0, count: pass.rowByteCount)
    var row = 0
    while row < pass.height {
      let count = min(batch, pass.height - row)
      try decode(pass, from: row, count, rows, &previous, &elements, workspace)
      row += count
      done(row)
    }
  }

  /// Decodes some rows of one pass into their place in the image.
  private func decode(
    _ pass: PNGLayout.Pass, from row: Int, _ count: Int, _ rows: PNGRows, _ previous: inout [UInt8],
    _ elements: inout MutableRawSpan, _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let isImage = layout.header.interlacing == .none
    if isImage {
      let range = (row * rowByteCount)..<((row + count) * rowByteCount)
      var part = elements._mutatingExtracting(range)
      _ = try decode(pass, from: row, count, rows, &previous, into: &part, workspace)
      return
    }
    let size = samples.dataType.byteCount
    let shape: Shape = [pass.width, count]
    try workspace.extra.withBytes(pass.width * count * size) { dense throws(IOLinkError) in
      _ = try decode(pass, from: row, count, rows, &previous, into: &dense, workspace)
      let target = StridedLayout(
        byteOffset: (pass.y + row * pass.rowStep) * rowByteCount + pass.x * size,
        strides: [pass.columnStep * size, pass.rowStep * rowByteCount], componentStride: samples.dataType.componentType.byteCount)
      try PixelCopy.copy(
        shape, samples.dataType, from: dense.bytes, try StridedLayout(dense: shape, samples.dataType), to: &elements, target)
    }
  }

  /// Decodes some rows of one pass, contiguous.
  ///
  /// - Parameters:
  ///   - previous: The unfiltered row before the first one; it is replaced by the last row decoded.
  ///   - elements: `count` rows of the pass's width.
  ///   - following: The number of rows that will be decoded next.
  ///   - keepsPlace: Whether the place after the rows is returned.
  /// - Returns: A stream from which reading can resume after the rows.
  /// - Throws: `malformed` for an unknown filter type; any error that reading the rows throws.
  func decode(
    _ pass: PNGLayout.Pass, from row: Int, _ count: Int, _ rows: PNGRows, _ previous: inout [UInt8],
    into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace, following: Int = 0, keepsPlace: Bool = false
  ) throws(IOLinkError) -> PNGDataStreamBox? {
    let distance = layout.header.filterDistance
    let rowByteCount = pass.rowByteCount + 1
    return try rows.withNext(count * rowByteCount, following: following * rowByteCount, keepsPlace: keepsPlace, workspace) {
      filtered throws(IOLinkError) in
      if samples.areStoredRows {
        let wrong = PNGUnfilter.undo(
          filtered, rowByteCount: pass.rowByteCount, distance: distance, previous: &previous, into: &elements)
        if let wrong { throw unknownFilter(row + wrong) }
        samples.finish(&elements)
        return
      }
      try workspace.scratch.withBytes(count * pass.rowByteCount) { plain throws(IOLinkError) in
        let wrong = PNGUnfilter.undo(
          filtered, rowByteCount: pass.rowByteCount, distance: distance, previous: &previous, into: &plain)
        if let wrong { throw unknownFilter(row + wrong) }
        try samples.expand(plain.bytes, width: pass.width, rowByteCount: pass.rowByteCount, into: &elements)
      }
    }
  }

  private func unknownFilter(_ row: Int) -> IOLinkError {
    .png(.malformed, "the filter type of row \(row) is unknown, expected 0 to 4", at: data.pieces.first?.offset)
  }
}
