internal import IOLinkCore
internal import IOLinkCompression

/// The pixels of a PNG in bands of rows, which are decoded in order from one deflate stream.
///
/// The next band is inflated while the filters of a band are undone, if a thread is free. Restart points let later readers begin in
/// the middle. Interlaced images are decoded as a whole.
///
/// Of an image that is cut short or damaged, the rows before the damage can be read, and of an interlaced one those that are complete.
/// A band of a file that is cut short is one row.
final class PNGSource: SequentialChunkSource {
  /// The state from which a band can be decoded.
  private struct Restart {
    /// The unfiltered row before the band.
    let previous: [UInt8]
    let stream: PNGDataStreamBox
  }

  private struct State {
    /// All elements of an interlaced image.
    weak var shared: MemoryBlock?
    /// What there is of an interlaced image.
    var partial: PNGPartialImage?
    /// Whether the data are inflated so that all rows before damage can be had.
    var isDamaged: Bool
    var restarts: [Int: Restart] = [:]
  }

  let grid: ChunkGrid
  let dataType: DataType
  let decoder: PNGDecoder
  fileprivate let bandHeight: Int
  /// The number of bands from one restart point to the next.
  private let restartInterval: Int
  private let state: Guarded<State>

  /// - Throws: `truncated` when the data are too short to hold the image; `limitExceeded` when a row, or an interlaced image,
  ///   exceeds the limit of a chunk.
  init(_ decoder: PNGDecoder, limits: ReadLimits) throws(IOLinkError) {
    self.decoder = decoder
    let header = decoder.layout.header
    dataType = decoder.samples.dataType
    // Of a file that is cut short, only what is there is decoded, except where the image is decoded as a whole.
    let isPart = decoder.data.isCutShort && header.interlacing == .none
    guard isPart || decoder.data.canHold(decoder.layout.filteredByteCount) else {
      throw .png(
        .truncated,
        "the image data have \(decoder.data.byteCount) bytes, too few for \(header.width) × \(header.height) pixels",
        at: decoder.data.pieces.last?.end)
    }
    bandHeight = decoder.data.isCutShort ? 1 : decoder.layout.bandHeight(rowByteCount: decoder.rowByteCount)
    if header.interlacing == .none {
      try limits.check(decoder.rowByteCount, atMost: \.chunkByteCount, "bytes of a row")
    } else {
      let whole = try Checked.multiply(decoder.rowByteCount, header.height)
      try limits.check(whole, atMost: \.chunkByteCount, "bytes of an interlaced image")
    }
    grid = try ChunkGrid(
      image: [header.width, header.height], dataType: dataType, chunkShape: [header.width, bandHeight])
    let bandByteCount = decoder.layout.filteredByteCount / grid.chunkCount + 1
    restartInterval = max(
      Checked.ceilingDivide(Self.restartByteCount, bandByteCount), Checked.ceilingDivide(grid.chunkCount, Self.restartCount))
    let isDamaged = decoder.data.isCutShort
    state = Guarded(State(isDamaged: isDamaged), renewal: { State(isDamaged: isDamaged) })
  }

  /// The least distance between restart points, each of which takes about 100 KiB and a row.
  private static let restartByteCount = 4 << 20
  private static let restartCount = 64

  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor {
    guard decoder.layout.header.interlacing == .none else { return try wholeCursor(at: chunk) }
    let (number, restart) = restart(before: chunk)
    if let restart { return PNGCursor(PNGRows(try restart.stream.copy()), self, at: number, previous: restart.previous) }
    return PNGCursor(try decoder.makeRows(state.withLock { $0.isDamaged } ? .exact : .fast), self, at: 0, previous: nil)
  }

  /// The last restart point before a band, if there is one.
  private func restart(before chunk: Int) -> (number: Int, restart: Restart?) {
    state.withLock { state in
      let number = state.restarts.keys.filter { $0 <= chunk }.max() ?? 0
      return (number, state.restarts[number])
    }
  }

  /// Returns the rows from a band on, inflated so that all rows before damage can be had, as from now on for every reader.
  fileprivate func exactRows(from chunk: Int) throws(IOLinkError) -> PNGRows {
    state.withLock { state in
      state.isDamaged = true
      state.restarts = [:]
    }
    let header = decoder.layout.header
    let rows = try decoder.makeRows(.exact)
    try rows.skip(chunk * bandHeight * (header.rowByteCount(width: header.width) + 1))
    return rows
  }

  /// A cursor over an image that is decoded as a whole, or over what there is of it.
  private func wholeCursor(at chunk: Int) throws(IOLinkError) -> any ChunkCursor {
    if let partial = state.withLock({ $0.partial }) { return PNGBlockCursor(partial.elements, self, at: chunk, partial) }
    do throws(IOLinkError) {
      return PNGBlockCursor(try shared { () throws(IOLinkError) in try self.decodedWhole() }, self, at: chunk)
    } catch {
      guard error.isDamage else { throw error }
      let partial = try decodedPart()
      state.withLock { $0.partial = partial }
      return PNGBlockCursor(partial.elements, self, at: chunk, partial)
    }
  }

  private func decodedPart() throws(IOLinkError) -> PNGPartialImage {
    let block = MemoryBlock(allocating: try Checked.multiply(decoder.rowByteCount, decoder.layout.header.height))
    let (rowCounts, error) = try block.withMutableBytes { elements throws(IOLinkError) in
      try decoder.decodePresent(into: &elements, workspace: ChunkWorkspace())
    }
    return PNGPartialImage(elements: block, rowCounts: rowCounts, error: error)
  }

  /// Of a row of an interlaced image, the pixels that are there are kept.
  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) {
    guard let partial = state.withLock({ $0.partial }) else { return elements.zero() }
    let start = chunk.ordinal * bandHeight * decoder.rowByteCount
    partial.elements.withBytes { bytes in elements.copy(from: bytes.extracting(start..<(start + elements.byteCount))) }
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
    chunk % restartInterval == 0 && chunk < grid.chunkCount && state.withLock { $0.restarts[chunk] == nil }
  }

  fileprivate func keepRestart(at chunk: Int, previous: [UInt8], stream: PNGDataStreamBox) {
    let restart = Restart(previous: previous, stream: stream)
    state.withLock { $0.restarts[chunk] = restart }
  }
}

/// Decodes one band after another.
private final class PNGCursor: ChunkCursor {
  private let image: PNGSource
  private var rows: PNGRows
  private var previous: [UInt8]
  private(set) var next: Int

  init(_ rows: PNGRows, _ image: PNGSource, at chunk: Int, previous: [UInt8]?) {
    self.rows = rows
    self.image = image
    let header = image.decoder.layout.header
    self.previous = previous ?? [UInt8](repeating: 0, count: header.rowByteCount(width: header.width))
    next = chunk
  }

  func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
    guard next < image.grid.chunkCount, let pass = image.decoder.layout.passes.first else {
      throw .png(.malformed, "band \(next) is beyond the last one")
    }
    let before = previous
    do throws(IOLinkError) { try decode(pass, into: &elements, workspace) } catch {
      guard error.isDamage, rows.isFast else { throw error }
      rows = try image.exactRows(from: next)
      previous = before
      try decode(pass, into: &elements, workspace)
    }
    next += 1
  }

  private func decode(
    _ pass: PNGLayout.Pass, into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let first = next * image.bandHeight
    let count = min(image.bandHeight, pass.height - first)
    let following = min(image.bandHeight, pass.height - first - count)
    let place = try image.decoder.decode(
      pass, from: first, count, rows, &previous, into: &elements, workspace, following: following,
      keepsPlace: image.wantsRestart(at: next + 1))
    if following == 0 { try rows.finish() }
    if let place { image.keepRestart(at: next + 1, previous: previous, stream: place) }
  }
}

/// What could be decoded of an interlaced image that is damaged or cut short. It is kept as long as the image is open.
private struct PNGPartialImage: Sendable {
  /// All elements; those that are not there are 0.
  let elements: MemoryBlock
  /// The number of rows of each pass.
  let rowCounts: [Int]
  /// Why the others are missing; `nil` when all rows are there after all.
  let error: IOLinkError?
}

/// Copies bands out of an image that is already decoded.
private final class PNGBlockCursor: ChunkCursor {
  private let image: PNGSource
  private var block: MemoryBlock?
  private let partial: PNGPartialImage?
  private(set) var next: Int

  init(_ block: MemoryBlock, _ image: PNGSource, at chunk: Int, _ partial: PNGPartialImage? = nil) {
    self.block = block
    self.image = image
    self.partial = partial
    next = chunk
  }

  func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
    guard let block else { throw .png(.malformed, "band \(next) is beyond the last one") }
    if let partial, let error = partial.error {
      let rows = (next * image.bandHeight)..<min((next + 1) * image.bandHeight, image.decoder.layout.header.height)
      guard rows.allSatisfy({ image.decoder.layout.holds(row: $0, partial.rowCounts) }) else { throw error }
    }
    let start = next * image.bandHeight * image.decoder.rowByteCount
    block.withBytes { bytes in elements.copy(from: bytes.extracting(start..<(start + elements.byteCount))) }
    next += 1
    if next == image.grid.chunkCount { self.block = nil }
  }
}
