import IOLinkCore

/// Writes chunks, which are filtered in parallel.
final class HDF5Sink: ChunkSink {
  let dataType: DataType
  private let writer: HDF5DatasetWriter
  private let filters: HDF5Encoder
  private let chunk: Shape
  private let gridOrder: AxisVector
  private let state: Guarded<ChunkGrid>
  private let image: Shape
  private let completion: @Sendable () throws(IOLinkError) -> Void
  private let growth: HDF5WritePlan.Growth
  var isGrowable: Bool { growth != .none }

  /// - Parameters:
  ///   - order: The axes of the image, slowest first.
  ///   - chunk: The chunk shape, with one length per axis of the image in canonical order.
  ///   - completion: Called when all chunks are stored.
  init(
    _ image: Shape, _ dataType: DataType, order: AxisVector, chunk: Shape, filters: HDF5Encoder,
    growth: HDF5WritePlan.Growth, writer: HDF5DatasetWriter, completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    self.growth = growth
    self.completion = completion
    self.image = image
    self.dataType = dataType
    self.chunk = chunk
    self.filters = filters
    self.writer = writer
    gridOrder = dataType.componentCount > 1 ? AxisVector(Array(order) + [image.count]) : order
    state = Guarded(
      try ChunkGrid(image: image, dataType: dataType, chunkShape: chunk, order: gridOrder, edges: .padded))
  }

  var grid: ChunkGrid { state.withLock { $0 } }
  var order: ChunkOrder { .any }
  var absentChunksAreZero: Bool { true }  // Zero is the fill value.
  /// What chunks hold beyond an edge that other programs can move must be zeros, so such chunks are encoded again.
  var encoding: ChunkEncoding? { growth == .all ? nil : filters.encoding(of: dataType.componentType) }

  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk {
    try filters.encode(elements, workspace)
  }

  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) {
    let origin = grid.region(of: chunk).origin
    try writer.storeChunk(at: gridOrder.map { origin[$0] }, bytes)
  }

  func storeChunk(_ chunk: ChunkIndex, copying range: Range<Int>, of file: any RandomAccess) throws(IOLinkError) -> Bool {
    let origin = grid.region(of: chunk).origin
    return try writer.storeChunk(at: gridOrder.map { origin[$0] }, copying: range, of: file)
  }

  func grow(to image: Shape) throws(IOLinkError) {
    guard isGrowable, let slowest = gridOrder.first, slowest < self.image.count else {
      throw .hdf5(.unsupported, "the image \(isGrowable ? "has no axes, so it" : "was created with growth=none, so it") cannot grow")
    }
    try self.image.validateGrowth(to: image, along: slowest)
    let longer = try ChunkGrid(image: image, dataType: dataType, chunkShape: chunk, order: gridOrder, edges: .padded)
    try writer.extend(to: gridOrder.map { longer.shape[$0] })
    state.withLock { $0 = longer }
  }

  func finish() throws(IOLinkError) { try completion() }
}

/// Writes a contiguous dataset: consecutive elements, at the place that the file has reserved for them.
final class HDF5ContiguousSink: ChunkSink {
  private let base: ContiguousChunkSink

  init(
    _ image: Shape, _ dataType: DataType, order: AxisVector, writer: HDF5DatasetWriter, on stream: any StreamAccess,
    completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    base = try ContiguousChunkSink(
      image, dataType, axisOrder: order, byteOrder: .native, on: stream, offset: writer.dataOffset ?? 0,
      completion: { (_: Shape) throws(IOLinkError) in try completion() })
  }

  var grid: ChunkGrid { base.grid }
  var dataType: DataType { base.dataType }
  var order: ChunkOrder { base.order }
  var absentChunksAreZero: Bool { base.absentChunksAreZero }
  var places: ChunkPlaces? { base.places }

  func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk {
    try base.encodeChunk(chunk, from: elements, workspace: workspace)
  }

  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) { try base.storeChunk(chunk, bytes) }
  func finish() throws(IOLinkError) { try base.finish() }
}
