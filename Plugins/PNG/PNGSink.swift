internal import IOLinkCore
internal import IOLinkCompression
internal import PNGFilters

/// Writes the pixels of a PNG. Bands of rows are filtered and compressed in parallel, each as a part of one deflate stream.
final class PNGSink: ChunkSink {
  let grid: ChunkGrid
  let dataType: DataType
  let order = ChunkOrder.sequential
  private let header: PNGHeader
  private let filtering: PNGFiltering
  private let level: Int
  private let stream: any StreamAccess
  /// How long each frame of an animation is shown; empty for a single image.
  private let frames: [PNGDelay]
  private let state = Guarded(State())

  private struct State {
    /// The Adler-32 of the filtered rows of the frame stored so far.
    var adler: UInt32 = 1
    /// The number of the next chunk of an animation.
    var sequence = 0
  }

  /// - Parameters:
  ///   - shape: The shape of the image in canonical order. All axes except column and row have length 1.
  ///   - frames: How long each frame of an animation is shown; empty for a single image.
  ///   - filter: The filter of all rows, or `nil` to choose one for each row.
  /// - Throws: `limitExceeded` when a size does not fit in an `Int`.
  init(
    _ header: PNGHeader, _ shape: Shape, _ dataType: DataType, filter: PNGFilter?, level: Int, frames: [PNGDelay], on stream: any StreamAccess
  ) throws(IOLinkError) {
    self.header = header
    self.dataType = dataType
    self.level = level
    self.frames = frames
    self.stream = stream
    let rowByteCount = header.rowByteCount(width: header.width)
    // Packed bits and palette indices cannot be predicted from their neighbours.
    let isPredictable = header.depth >= 8 && header.color != .palette
    filtering = PNGFiltering(
      filter: isPredictable ? filter : filter ?? PNGFilter.none, rowByteCount: rowByteCount, distance: header.filterDistance)
    var chunk = Shape(repeating: 1, count: shape.count)
    chunk[0] = header.width
    chunk[1] = max(1, min(header.height, Self.bandByteCount(level) / (header.width * dataType.byteCount)))
    grid = try ChunkGrid(image: shape, dataType: dataType, chunkShape: chunk)
  }

  /// The bytes of a band: many, because a band does not refer to the one before it, and few enough to stop soon on request. The
  /// levels above 9 are so slow that this takes smaller bands.
  private static func bandByteCount(_ level: Int) -> Int { level > 9 ? 256 << 10 : 1 << 20 }

  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk {
    let filtered = try withStoredRows(elements, workspace) { rows in filtering.apply(to: rows) }
    let span = unsafe filtered.span.bytes  // bytes have no padding
    var part: [UInt8] = []
    part.append(Checksum.adler32(span), order: .big)
    part.append(UInt64(filtered.count), order: .big)
    if isFirstOfFrame(chunk) { part += Self.streamHeader }
    part += isLastOfFrame(chunk) ? try Deflate.compress(span, level: level, format: .raw) : try Deflate.compressPart(span, level: level)
    return .bytes(part)
  }

  /// The number of bands of an image, or of a frame.
  private var bandsPerFrame: Int { grid.chunkCount / max(1, frames.count) }
  private func isFirstOfFrame(_ chunk: ChunkIndex) -> Bool { chunk.ordinal % bandsPerFrame == 0 }
  private func isLastOfFrame(_ chunk: ChunkIndex) -> Bool { (chunk.ordinal + 1) % bandsPerFrame == 0 }

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
    let sum = try bytes.load(at: 0, as: UInt32.self, order: .big)
    let count = try Checked.int(bytes.load(at: 4, as: UInt64.self, order: .big))
    if isFirstOfFrame(chunk) {
      state.withLock { $0.adler = 1 }
      if !frames.isEmpty {
        try stream.write(PNGChunk.bytes(.frameControl, PNGFrame.bytes(nextSequence(), header, frames[chunk.ordinal / bandsPerFrame])))
      }
    }
    let whole = state.withLock { state in
      state.adler = Checksum.combineAdler32(state.adler, sum, secondByteCount: count)
      return state.adler
    }
    var end: [UInt8] = []
    if isLastOfFrame(chunk) { end.append(whole, order: .big) }
    try writeData(bytes.extracting(12..<bytes.byteCount), end, isFirstFrame: chunk.ordinal < bandsPerFrame)
  }

  func finish() throws(IOLinkError) {
    try stream.write(PNGChunk.bytes(.end, []))
    try stream.flush()
  }

  /// The zlib header: deflate with a window of 32 KiB. Source: RFC 1950, section 2.2.
  private static let streamHeader: [UInt8] = [0x78, 0x01]

  private func nextSequence() -> Int {
    state.withLock { state in
      defer { state.sequence += 1 }
      return state.sequence
    }
  }

  /// Writes the bytes, and a few more after them, as IDAT chunks, or as fdAT chunks behind the first frame.
  private func writeData(_ bytes: RawSpan, _ end: [UInt8], isFirstFrame: Bool) throws(IOLinkError) {
    let type: PNGChunkType = isFirstFrame ? .data : .frameData
    var start = 0
    while start < bytes.byteCount {
      let part = bytes.extracting(start..<min(bytes.byteCount, start + Self.chunkByteCount))
      start += part.byteCount
      var tail = start == bytes.byteCount ? end : []
      var head: [UInt8] = []
      if !isFirstFrame { head.append(UInt32(nextSequence()), order: .big) }
      try stream.write(PNGChunk.prologue(type, byteCount: head.count + part.byteCount + tail.count) + head)
      try stream.write(part)
      let crc = unsafe Checksum.crc32(part, after: Checksum.crc32(head.span.bytes, after: type.checksum))  // bytes have no padding
      tail.append(unsafe Checksum.crc32(tail.span.bytes, after: crc), order: .big)  // bytes have no padding
      try stream.write(tail)
    }
  }

  /// The largest part of the data that one chunk takes. The format allows up to 2³¹ − 1 bytes.
  private static let chunkByteCount = 1 << 30
}
