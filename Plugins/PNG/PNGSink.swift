internal import IOLinkCore
internal import IOLinkCompression

/// Writes the pixels of a PNG. Bands of rows are filtered in parallel and then compressed.
///
/// If the filtered rows fit into the working memory, libdeflate compresses them as one stream at the end. The bands of larger
/// images are compressed in parallel by zlib, in bounded memory, and joined to one stream.
final class PNGSink: ChunkSink {
  private struct State {
    /// The number of filtered bytes stored so far, if the image is compressed at once.
    var stored = 0
    /// The Adler-32 of the filtered bytes so far.
    var adler: UInt32 = 1
    var hasBegun = false
  }

  let grid: ChunkGrid
  let dataType: DataType
  let order = ChunkOrder.sequential
  private let header: PNGHeader
  private let filtering: PNGFiltering
  private let level: Int
  private let stream: any StreamAccess
  /// The buffer for all filtered rows, or `nil` if they do not fit.
  private let whole: MemoryBlock?
  private let state = Guarded(State())

  /// - Parameters:
  ///   - shape: The shape of the image in canonical order. All axes except column and row have length 1.
  ///   - filter: The filter of all rows, or `nil` to choose one for each row.
  ///   - workingMemory: The number of bytes that the filtered rows may take.
  /// - Throws: `limitExceeded` when a size does not fit in an `Int`.
  init(
    _ header: PNGHeader, _ shape: Shape, _ dataType: DataType, filter: PNGFilter?, level: Int, on stream: any StreamAccess,
    workingMemory: Int
  ) throws(IOLinkError) {
    self.header = header
    self.dataType = dataType
    self.level = level
    self.stream = stream
    let layout = try PNGLayout(header)
    let rowByteCount = header.rowByteCount(width: header.width)
    // Packed bits and palette indices cannot be predicted from their neighbours.
    let isPredictable = header.depth >= 8 && header.color != .palette
    filtering = PNGFiltering(
      filter: isPredictable ? filter : filter ?? PNGFilter.none, rowByteCount: rowByteCount, distance: header.filterDistance)
    whole = layout.filteredByteCount <= workingMemory ? MemoryBlock(allocating: layout.filteredByteCount, isZeroed: .uninitialized) : nil
    var chunk = Shape(repeating: 1, count: shape.count)
    chunk[0] = header.width
    chunk[1] = max(1, min(header.height, Self.bandByteCount / (header.width * dataType.byteCount)))
    grid = try ChunkGrid(image: shape, dataType: dataType, chunkShape: chunk)
  }

  private static let bandByteCount = 1 << 20

  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk {
    let filtered = try withStoredRows(elements, workspace) { rows in filtering.apply(to: rows) }
    guard whole == nil else { return .bytes(filtered) }
    var part: [UInt8] = []
    let span = unsafe filtered.span.bytes  // bytes have no padding
    part.append(Checksum.adler32(span), order: .big)
    part.append(UInt64(filtered.count), order: .big)
    var deflate = try DeflateStream(level: min(level, DeflateStream.levels.upperBound), format: .raw, strategy: .filtered)
    try deflate.compress(span, flush: .sync, appendingTo: &part)
    return .bytes(part)
  }

  /// Lends the rows in the form in which PNG stores them.
  private func withStoredRows(
    _ elements: RawSpan, _ workspace: ChunkWorkspace, _ body: (RawSpan) -> [UInt8]
  ) throws(IOLinkError) -> [UInt8] {
    switch header.depth {
    case 1:
      let packed = try BitUnpacker.packBits(elements, samplesPerRow: header.width)
      return unsafe body(packed.span.bytes)  // bytes have no padding
    case 16 where ByteOrder.native != .big:
      return workspace.scratch.withBytes(elements.byteCount) { swapped in
        swapped.copy(from: elements)
        ByteSwapping.swap(&swapped, width: 2)
        return body(swapped.bytes)
      }
    default: return body(elements)
    }
  }

  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) {
    if let whole {
      let start = state.withLock { state in
        defer { state.stored += bytes.byteCount }
        return state.stored
      }
      whole.withMutableBytes { rows in rows.copy(from: bytes, at: start) }
      return
    }
    let adler = try bytes.load(at: 0, as: UInt32.self, order: .big)
    let count = try Checked.int(bytes.load(at: 4, as: UInt64.self, order: .big))
    let isFirst = state.withLock { state in
      state.adler = Checksum.combineAdler32(state.adler, adler, secondByteCount: count)
      defer { state.hasBegun = true }
      return !state.hasBegun
    }
    if isFirst { try writeData(unsafe Self.streamHeader.span.bytes) }  // bytes have no padding
    try writeData(bytes.extracting(12..<bytes.byteCount))
  }

  func finish() throws(IOLinkError) {
    if let whole {
      let compressed = try whole.withBytes { rows throws(IOLinkError) in try Deflate.compress(rows, level: level, format: .zlib) }
      try writeData(unsafe compressed.span.bytes)  // bytes have no padding
    } else {
      var end = Self.emptyLastBlock
      end.append(state.withLock { $0.adler }, order: .big)
      try writeData(unsafe end.span.bytes)  // bytes have no padding
    }
    try stream.write(PNGChunk.bytes(.end, []))
    try stream.flush()
  }

  /// The zlib header: deflate with a window of 32 KiB. Source: RFC 1950, section 2.2.
  private static let streamHeader: [UInt8] = [0x78, 0x01]
  /// A final block with fixed codes and without content. Source: RFC 1951, section 3.2.6.
  private static let emptyLastBlock: [UInt8] = [0x03, 0x00]

  /// Writes the bytes as IDAT chunks.
  private func writeData(_ bytes: RawSpan) throws(IOLinkError) {
    var start = 0
    while start < bytes.byteCount {
      let part = bytes.extracting(start..<min(bytes.byteCount, start + Self.chunkByteCount))
      try stream.write(PNGChunk.prologue(.data, byteCount: part.byteCount))
      try stream.write(part)
      var crc: [UInt8] = []
      crc.append(Checksum.crc32(part, after: PNGChunkType.data.checksum), order: .big)
      try stream.write(crc)
      start += part.byteCount
    }
  }

  /// The largest size of an IDAT chunk. The format allows up to 2³¹ − 1 bytes.
  private static let chunkByteCount = 1 << 30
}
