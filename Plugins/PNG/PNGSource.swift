internal import IOLinkCore

/// The pixels of a PNG in bands of rows, which are decoded in order from one deflate stream.
///
/// If the filtered rows fit into the working memory, the image is inflated at once, and all readers share the result while any
/// of them needs it. A larger image is inflated piece by piece. Restart points let later readers begin in the middle.
/// Interlaced images are decoded as a whole.
final class PNGSource: SequentialChunkSource {
  /// The state from which a band can be decoded.
  private struct Restart {
    /// The unfiltered row before the band.
    let previous: [UInt8]
    let stream: PNGDataStreamBox?
  }

  private struct State {
    /// The inflated rows, or all elements of an interlaced image.
    weak var shared: MemoryBlock?
    var restarts: [Int: Restart] = [:]
  }

  let grid: ChunkGrid
  let dataType: DataType
  fileprivate let decoder: PNGDecoder
  fileprivate let bandHeight: Int
  /// The number of bands from one restart point to the next.
  private let restartInterval: Int
  private let state = Guarded(State(), renewal: { State() })

  /// - Throws: `truncated` when the data are too short to hold the image; `limitExceeded` when a row, or an interlaced image,
  ///   exceeds the limit of a chunk.
  init(_ decoder: PNGDecoder, limits: ReadLimits) throws(IOLinkError) {
    self.decoder = decoder
    let header = decoder.layout.header
    dataType = decoder.samples.dataType
    guard decoder.data.canHold(decoder.layout.filteredByteCount) else {
      throw .png(
        .truncated,
        "the image data have \(decoder.data.byteCount) bytes, too few for \(header.width) × \(header.height) pixels",
        at: decoder.data.pieces.last?.end)
    }
    bandHeight = decoder.layout.bandHeight(rowByteCount: decoder.rowByteCount)
    if header.interlacing == .none {
      try limits.check(decoder.rowByteCount, atMost: \.chunkByteCount, "bytes of a row")
    } else {
      let whole = try Checked.multiply(decoder.rowByteCount, header.height)
      try limits.check(whole, atMost: \.chunkByteCount, "bytes of an interlaced image")
    }
    grid = try ChunkGrid(
      image: [header.width, header.height], dataType: dataType, chunkShape: [header.width, bandHeight])
    let bandByteCount = decoder.layout.filteredByteCount / grid.chunkCount + 1
    restartInterval =
      decoder.isInflatedAtOnce
      ? Checked.ceilingDivide(16, bandHeight)
      : max(Checked.ceilingDivide(Self.restartByteCount, bandByteCount), Checked.ceilingDivide(grid.chunkCount, Self.restartCount))
  }

  /// The least distance between restart points, each of which takes about 100 KiB and a row.
  private static let restartByteCount = 16 << 20
  private static let restartCount = 64

  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor {
    guard decoder.layout.header.interlacing == .none else {
      return PNGBlockCursor(try shared { () throws(IOLinkError) in try self.decodedWhole() }, self, at: chunk)
    }
    let (number, restart) = state.withLock { state in
      let number = state.restarts.keys.filter { $0 <= chunk }.max() ?? 0
      return (number, state.restarts[number])
    }
    let header = decoder.layout.header
    let previous = restart?.previous ?? [UInt8](repeating: 0, count: header.rowByteCount(width: header.width))
    let rows: any PNGRows
    if decoder.isInflatedAtOnce {
      let position = number * bandHeight * (previous.count + 1)
      let block = try shared { () throws(IOLinkError) in
        try self.decoder.data.inflate(self.decoder.layout.filteredByteCount, from: self.decoder.source)
      }
      rows = InflatedPNGRows(block, from: position)
    } else if let stream = restart?.stream {
      rows = StreamedPNGRows(try stream.copy())
    } else {
      rows = try decoder.makeRows()
    }
    return PNGCursor(rows, self, at: number, previous: previous)
  }

  /// Returns the block that all readers share. The first reader makes it while the others wait.
  private func shared(_ make: @Sendable () throws(IOLinkError) -> MemoryBlock) throws(IOLinkError) -> MemoryBlock {
    let result = state.withLock { state -> Result<MemoryBlock, IOLinkError> in
      if let block = state.shared { return .success(block) }
      do throws(IOLinkError) {
        let block = try make()
        state.shared = block
        return .success(block)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func decodedWhole() throws(IOLinkError) -> MemoryBlock {
    let block = MemoryBlock(
      allocating: try Checked.multiply(decoder.rowByteCount, decoder.layout.header.height), isZeroed: .uninitialized)
    try block.withMutableBytes { elements throws(IOLinkError) in
      try decoder.decodeAll(into: &elements, workspace: ChunkWorkspace())
    }
    return block
  }

  /// Whether a reader that has reached this band should leave a restart point.
  fileprivate func wantsRestart(at chunk: Int) -> Bool {
    chunk % restartInterval == 0 && state.withLock { $0.restarts[chunk] == nil }
  }

  fileprivate func keepRestart(at chunk: Int, previous: [UInt8], stream: PNGDataStreamBox?) {
    let restart = Restart(previous: previous, stream: stream)
    state.withLock { $0.restarts[chunk] = restart }
  }
}

/// Decodes one band after another.
private final class PNGCursor: ChunkCursor {
  private let image: PNGSource
  /// The rows, or `nil` after the last band, so that the shared block can be freed.
  private var rows: (any PNGRows)?
  private var previous: [UInt8]
  private(set) var next: Int

  init(_ rows: any PNGRows, _ image: PNGSource, at chunk: Int, previous: [UInt8]) {
    self.rows = rows
    self.image = image
    self.previous = previous
    next = chunk
  }

  func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
    guard let rows, let pass = image.decoder.layout.passes.first else {
      throw .png(.malformed, "band \(next) is beyond the last one")
    }
    let first = next * image.bandHeight
    let count = min(image.bandHeight, pass.height - first)
    try image.decoder.decode(pass, from: first, count, rows, &previous, into: &elements, workspace)
    next += 1
    if next == image.grid.chunkCount {
      self.rows = nil
      try rows.finish()
    } else if image.wantsRestart(at: next) {
      image.keepRestart(at: next, previous: previous, stream: try rows.restart())
    }
  }
}

/// Copies bands out of an image that is already decoded.
private final class PNGBlockCursor: ChunkCursor {
  private let image: PNGSource
  private var block: MemoryBlock?
  private(set) var next: Int

  init(_ block: MemoryBlock, _ image: PNGSource, at chunk: Int) {
    self.block = block
    self.image = image
    next = chunk
  }

  func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
    guard let block else { throw .png(.malformed, "band \(next) is beyond the last one") }
    let start = next * image.bandHeight * image.decoder.rowByteCount
    block.withBytes { bytes in elements.copy(from: bytes.extracting(start..<(start + elements.byteCount))) }
    next += 1
    if next == image.grid.chunkCount { self.block = nil }
  }
}
