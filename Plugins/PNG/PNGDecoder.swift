internal import IOLinkCore

/// Turns the data of one image, or of one frame, into elements.
struct PNGDecoder: Sendable {
  let source: any RandomAccess
  let data: PNGData
  let layout: PNGLayout
  let samples: PNGSamples
  /// Up to this many filtered bytes are inflated at once.
  let inflationLimit: Int

  var isInflatedAtOnce: Bool { layout.filteredByteCount <= inflationLimit }

  /// Bytes of a row of elements.
  var rowByteCount: Int { layout.header.width * samples.dataType.byteCount }

  /// The rows from the beginning.
  func makeRows() throws(IOLinkError) -> any PNGRows {
    isInflatedAtOnce
      ? InflatedPNGRows(try data.inflate(layout.filteredByteCount, from: source))
      : StreamedPNGRows(try PNGDataStream(data, in: source))
  }

  /// All elements, dense, rows first.
  ///
  /// - Parameter elements: height × `rowByteCount` bytes.
  /// - Throws: `malformed`, `truncated` or `io`, as the file demands.
  func decodeAll(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
    let rows = try makeRows()
    for pass in layout.passes {
      var previous = [UInt8](repeating: 0, count: pass.rowByteCount)
      let batch = max(1, min(pass.height, PNGLayout.bandByteCount / pass.rowByteCount))
      var row = 0
      while row < pass.height {
        let count = min(batch, pass.height - row)
        try decode(pass, from: row, count, rows, &previous, &elements, workspace)
        row += count
      }
    }
    try rows.finish()
  }

  /// Some rows of one pass.
  private func decode(
    _ pass: PNGLayout.Pass, from row: Int, _ count: Int, _ rows: any PNGRows, _ previous: inout [UInt8],
    _ elements: inout MutableRawSpan, _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let isImage = layout.header.interlacing == .none
    if isImage {
      let range = (row * rowByteCount)..<((row + count) * rowByteCount)
      var part = elements._mutatingExtracting(range)
      try decode(pass, from: row, count, rows, &previous, into: &part, workspace)
      return
    }
    let size = samples.dataType.byteCount
    let shape: Shape = [pass.width, count]
    try workspace.extra.withBytes(pass.width * count * size) { dense throws(IOLinkError) in
      try decode(pass, from: row, count, rows, &previous, into: &dense, workspace)
      let target = StridedLayout(
        byteOffset: (pass.y + row * pass.rowStep) * rowByteCount + pass.x * size,
        strides: [pass.columnStep * size, pass.rowStep * rowByteCount], componentStride: samples.dataType.componentType.byteCount)
      try PixelCopy.copy(
        shape, samples.dataType, from: dense.bytes, try StridedLayout(dense: shape, samples.dataType), to: &elements, target)
    }
  }

  /// Some rows of one pass, dense.
  ///
  /// - Parameters:
  ///   - previous: The unfiltered row before; becomes the last of these.
  ///   - elements: count rows of the pass's width.
  /// - Throws: `malformed` for an unknown filter type; what the rows throw.
  func decode(
    _ pass: PNGLayout.Pass, from row: Int, _ count: Int, _ rows: any PNGRows, _ previous: inout [UInt8],
    into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let distance = layout.header.filterDistance
    try rows.withNext(count * (pass.rowByteCount + 1), scratch: workspace.stored) { filtered throws(IOLinkError) in
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
    .png(.malformed, "the filter type of row \(row) is none of 0 to 4", at: data.pieces.first?.offset)
  }
}
