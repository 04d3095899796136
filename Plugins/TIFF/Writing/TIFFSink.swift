internal import IOLinkCore

/// Writes the pages of an image: the chunks as they arrive, then the directories, and finally the header that points to them.
///
/// Uncompressed chunks have fixed places that form one contiguous run from byte 64 on, so that the file can be mapped. Compressed chunks
/// are written in the order in which they arrive.
final class TIFFSink: ChunkSink {
  private struct State {
    var shape: Shape
    var grid: ChunkGrid
    /// The place of each chunk by its ordinal; the size is 0 if nothing was stored.
    var offsets: [Int] = []
    var byteCounts: [Int] = []
    /// The offset of the next compressed chunk.
    var end = TIFFSink.firstOffset

    mutating func extend(to count: Int) {
      guard count > offsets.count else { return }
      offsets += Array(repeating: 0, count: count - offsets.count)
      byteCounts += Array(repeating: 0, count: count - byteCounts.count)
    }
  }

  let dataType: DataType
  let order = ChunkOrder.any
  private let plan: TIFFWritePlan
  private let encoder: TIFFChunkEncoder
  private let stream: any StreamAccess
  private let state: Guarded<State>

  /// The offset of the pixels, which is a multiple of the size of a cache line.
  private static let firstOffset = 64

  /// - Throws: `unsupported` when the stream cannot seek; `limitExceeded` when a size does not fit in an `Int`.
  init(_ plan: TIFFWritePlan, on stream: any StreamAccess, limits: ReadLimits) throws(IOLinkError) {
    guard stream.capabilities.contains(.seek) else {
      throw .tiff(.unsupported, "TIFF is written with its directories last, so the target must be able to seek")
    }
    self.plan = plan
    self.stream = stream
    dataType = plan.image.dataType
    encoder = TIFFChunkEncoder(layout: try TIFFLayout(plan.format, limits: limits), level: plan.options.level)
    let shape = plan.image.shape
    state = Guarded(State(shape: shape, grid: try plan.grid(shape)))
    let count = try Self.chunkCount(plan, encoder.layout, shape)
    state.withLock { $0.extend(to: count) }
  }

  var grid: ChunkGrid { state.withLock { $0.grid } }
  var absentChunksAreZero: Bool { plan.format.compression == .none }
  /// A level that was asked for is reached only by compressing again.
  var encoding: ChunkEncoding? {
    plan.options.level == nil ? ChunkEncoding(TIFFChunkEncoding(encoder.layout, order: .native)) : nil
  }
  var keepsAbsentChunks: Bool {
    TIFFBackground(plan.image.metadata["/tiff/GDALNoData"]?.text, dataType.componentType).isZero
  }
  var places: ChunkPlaces? {
    guard encoder.isVerbatim else { return nil }
    return ChunkPlaces(on: stream) { [self] chunk throws(IOLinkError) in try fixedPlace(chunk.ordinal) }
  }

  private static func chunkCount(_ plan: TIFFWritePlan, _ layout: TIFFLayout, _ shape: Shape) throws(IOLinkError) -> Int {
    try Checked.multiply(plan.pageCount(shape), layout.chunkCount)
  }

  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk {
    try encoder.encode(elements, workspace)
  }

  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) {
    let offset = try place(chunk.ordinal)
    try stream.write(bytes, at: offset)
    record(chunk, at: offset, bytes.byteCount)
  }

  func storeChunk(_ chunk: ChunkIndex, copying range: Range<Int>, of file: any RandomAccess) throws(IOLinkError) -> Bool {
    let offset = try place(chunk.ordinal)
    guard try stream.copy(range, of: file, to: offset) else { return false }
    record(chunk, at: offset, range.count)
    return true
  }

  /// Returns the offset at which a chunk is written.
  private func place(_ number: Int) throws(IOLinkError) -> Int {
    plan.format.compression == .none ? try fixedPlace(number) : state.withLock { $0.end }
  }

  private func record(_ chunk: ChunkIndex, at offset: Int, _ byteCount: Int) {
    state.withLock { state in
      state.offsets[chunk.ordinal] = offset
      state.byteCounts[chunk.ordinal] = byteCount
      // Chunks start at even offsets, as the specification demands.
      state.end = max(state.end, offset + byteCount + byteCount % 2)
    }
  }

  /// Returns the offset of an uncompressed chunk. All pages have the same size, and so have their chunks, except for the last strip.
  private func fixedPlace(_ number: Int) throws(IOLinkError) -> Int {
    let layout = encoder.layout
    let (page, chunk) = (number / layout.chunkCount, number % layout.chunkCount)
    let whole = try Checked.multiply(layout.rowByteCount, plan.format.chunkHeight)
    let inside = try Checked.multiply(chunk, whole)
    return try Checked.add(try Checked.multiply(page, pageByteCount(layout)), try Checked.add(inside, Self.firstOffset))
  }

  private func pageByteCount(_ layout: TIFFLayout) throws(IOLinkError) -> Int {
    let rows = plan.format.isTiled ? layout.chunkCount * plan.format.chunkHeight : plan.format.height
    return try Checked.multiply(layout.rowByteCount, rows)
  }

  func grow(to image: Shape) throws(IOLinkError) {
    let present = state.withLock { $0.shape }
    guard let slowest = plan.pageAxes.first, slowest == plan.image.properties.sourceOrder.first else {
      throw .tiff(.unsupported, "a TIFF can only grow page by page, but its slowest axis is rows or columns")
    }
    try present.validateGrowth(to: image, along: slowest)
    let grid = try plan.grid(image)
    let count = try Self.chunkCount(plan, encoder.layout, image)
    state.withLock { state in
      state.shape = image
      state.grid = grid
      state.extend(to: count)
    }
  }

  func finish() throws(IOLinkError) {
    let final = state.withLock { $0 }
    let pages = try plan.pageCount(final.shape)
    guard pages > 0 else { throw .tiff(.unsupported, "the image has the shape \(final.shape), but a TIFF has at least one page") }
    var offsets = final.offsets
    var byteCounts = final.byteCounts
    var end = final.end
    if plan.format.compression == .none {
      // Chunks that were not written read as zeros. The file is as long as all chunks together.
      for number in offsets.indices {
        offsets[number] = try fixedPlace(number)
        byteCounts[number] = encoder.layout.decodedByteCount(rowCount: encoder.layout.rowCount(ofChunk: number % encoder.layout.chunkCount))
      }
      end = try fixedPlace(offsets.count)
      if let present = stream.byteCount, present < end { try stream.truncate(to: end) }
    }
    let directories = TIFFDirectoryWriter(plan, shape: final.shape, chunksPerPage: encoder.layout.chunkCount)
    try directories.write(pages: pages, offsets, byteCounts, end: end, to: stream)
    try stream.flush()
  }
}
