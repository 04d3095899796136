internal import IOLinkCore

/// Writes the pixels of an image.
///
/// Uncompressed chunks have fixed places that form one contiguous run, so that the file can be mapped. Compressed chunks are written in the
/// order in which they arrive.
final class TIFFSink: ChunkSink {
  private struct State {
    var shape: Shape
    var grid: ChunkGrid
    /// The place of each chunk by its ordinal; the size is 0 if nothing was stored.
    var offsets: [Int] = []
    var byteCounts: [Int] = []

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
  /// JPEGTables.
  private let tables: [UInt8]?
  private let file: TIFFFileWriter
  private let ordinal: TIFFPlace
  /// The offset of the first pixel if they are not compressed.
  private let start: Int
  private let completion: @Sendable () throws(IOLinkError) -> Void
  private let state: Guarded<State>

  /// - Parameters:
  ///   - ordinal: The place of the image among those of the file and their levels.
  ///   - completion: Called when the image is complete.
  /// - Throws: `limitExceeded` when a size does not fit in an `Int`.
  init(
    _ plan: TIFFWritePlan, in file: TIFFFileWriter, _ ordinal: TIFFPlace = TIFFPlace(), limits: ReadLimits,
    completion: @escaping @Sendable () throws(IOLinkError) -> Void = { () throws(IOLinkError) in }
  ) throws(IOLinkError) {
    self.plan = plan
    self.file = file
    self.ordinal = ordinal
    self.completion = completion
    dataType = plan.image.dataType
    encoder = TIFFChunkEncoder(try TIFFLayout(plan.format, limits: limits), plan.options, plan.image.dataType)
    tables = try encoder.tables
    let shape = plan.image.shape
    state = Guarded(State(shape: shape, grid: try plan.grid(shape)))
    let isPlaced = plan.format.compression == .none
    start = isPlaced ? try file.reserve(Checked.multiply(plan.pageCount(shape), Self.pageByteCount(plan, encoder.layout))) : 0
    let count = try Self.chunkCount(plan, encoder.layout, shape)
    state.withLock { $0.extend(to: count) }
  }

  var grid: ChunkGrid { state.withLock { $0.grid } }
  var absentChunksAreZero: Bool { plan.format.compression == .none }
  /// A level or a quality that was asked for is reached only by compressing again.
  var encoding: ChunkEncoding? {
    let (compression, settings) = (plan.format.compression, plan.options.library)
    let isReached = plan.options.level == nil && settings.quality == nil
    guard isReached, compression.decoder == .own || [.webP, .lzma].contains(compression) || settings.kept != nil else { return nil }
    return ChunkEncoding(TIFFChunkEncoding(encoder.layout, order: .native, jpeg: settings.kept))
  }
  var keepsAbsentChunks: Bool {
    TIFFBackground(plan.image.metadata["/tiff/GDALNoData"]?.text, dataType.componentType).isZero
  }
  var places: ChunkPlaces? {
    guard encoder.isVerbatim else { return nil }
    return ChunkPlaces(on: file.stream) { [self] chunk throws(IOLinkError) in try fixedPlace(chunk.ordinal) }
  }

  private static func chunkCount(_ plan: TIFFWritePlan, _ layout: TIFFLayout, _ shape: Shape) throws(IOLinkError) -> Int {
    try Checked.multiply(plan.pageCount(shape), layout.chunkCount)
  }

  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk {
    let inside = state.withLock { $0.grid.region(of: chunk).size }
    let axes = plan.image.properties
    return try encoder.encode(
      elements, columns: axes.index(of: .column).map { inside[$0] } ?? 1, rows: axes.index(of: .row).map { inside[$0] } ?? 1, workspace)
  }

  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) {
    _ = try store(chunk, bytes.byteCount) { [file] offset throws(IOLinkError) in
      try file.stream.write(bytes, at: offset)
      return true
    }
  }

  func storeChunk(_ chunk: ChunkIndex, copying range: Range<Int>, of source: any RandomAccess) throws(IOLinkError) -> Bool {
    try store(chunk, range.count) { [file] offset throws(IOLinkError) in try file.stream.copy(range, of: source, to: offset, .default) }
  }

  private func store(
    _ chunk: ChunkIndex, _ byteCount: Int, _ write: (Int) throws(IOLinkError) -> Bool
  ) throws(IOLinkError) -> Bool {
    let place = plan.format.compression == .none ? try fixedPlace(chunk.ordinal) : nil
    guard let offset = try file.store(at: place, byteCount, write) else { return false }
    state.withLock { state in
      state.offsets[chunk.ordinal] = offset
      state.byteCounts[chunk.ordinal] = byteCount
    }
    return true
  }

  /// Returns the offset of an uncompressed chunk. All pages have the same size, and so have their chunks, except for the last strip.
  private func fixedPlace(_ number: Int) throws(IOLinkError) -> Int {
    let layout = encoder.layout
    let (page, chunk) = (number / layout.chunkCount, number % layout.chunkCount)
    let whole = try Checked.multiply(layout.rowByteCount, plan.format.chunkHeight)
    let inside = try Checked.multiply(chunk, whole)
    return try Checked.add(try Checked.multiply(page, Self.pageByteCount(plan, layout)), try Checked.add(inside, start))
  }

  private static func pageByteCount(_ plan: TIFFWritePlan, _ layout: TIFFLayout) throws(IOLinkError) -> Int {
    let rows = plan.format.isTiled ? layout.chunkCount * plan.format.chunkHeight : plan.format.height
    return try Checked.multiply(layout.rowByteCount, rows)
  }

  func grow(to image: Shape) throws(IOLinkError) {
    guard plan.name == nil else { throw .tiff(.unsupported, "an image can only grow if it is the only one of its file") }
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
    var end = 0
    if plan.format.compression == .none {
      // Chunks that were not written read as zeros. The file is as long as all chunks together.
      for number in offsets.indices {
        offsets[number] = try fixedPlace(number)
        byteCounts[number] = encoder.layout.decodedByteCount(rowCount: encoder.layout.rowCount(ofChunk: number % encoder.layout.chunkCount))
      }
      end = try fixedPlace(offsets.count)
      if let present = file.stream.byteCount, present < end { try file.stream.truncate(to: end) }
    }
    file.complete(
      TIFFWrittenImage(
        plan: plan, shape: final.shape, pages: pages, offsets: offsets, byteCounts: byteCounts, end: end, tables: tables,
        description: plan.role.isReduced ? nil : plan.descriptionText(final.shape)),
      ordinal)
    try completion()
  }
}
