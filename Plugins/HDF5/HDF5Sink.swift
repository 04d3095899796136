import IOLinkCore

/// The datasets to which the chunks of an image go: one, or one for each volume.
struct HDF5SinkTarget: Sendable {
  /// The datasets in the order of the image.
  let writers: [HDF5DatasetWriter]
  /// The lengths of the slowest axes of the image, by which the dataset is chosen; none for a single dataset.
  var lengths: [Int] = []
  /// How many dimensions the datasets have before the axes of the image, all of length 1.
  var missingCount = 0

  init(_ writer: HDF5DatasetWriter) { writers = [writer] }

  init(_ writers: [HDF5DatasetWriter], lengths: [Int], missingCount: Int) {
    self.writers = writers
    self.lengths = lengths
    self.missingCount = missingCount
  }

  /// Returns the dataset that has the element at a position in the image, slowest first, and the position of the element in the dataset.
  func place(of position: [Int]) -> (writer: HDF5DatasetWriter, position: [Int]) {
    let number = zip(lengths, position).reduce(0) { $0 * $1.0 + $1.1 }
    return (writers[number], [Int](repeating: 0, count: missingCount) + position.dropFirst(lengths.count))
  }
}

/// Writes chunks, which are filtered in parallel.
final class HDF5Sink: ChunkSink {
  let dataType: DataType
  private let target: HDF5SinkTarget
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
  ///   - growth: How the dataset can grow, if there is only one.
  ///   - completion: Called when all chunks are stored.
  init(
    _ image: Shape, _ dataType: DataType, order: AxisVector, chunk: Shape, filters: HDF5Encoder,
    growth: HDF5WritePlan.Growth, target: HDF5SinkTarget, completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    self.growth = growth
    self.completion = completion
    self.image = image
    self.dataType = dataType
    self.chunk = chunk
    self.filters = filters
    self.target = target
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
    let (writer, position) = place(of: chunk)
    try writer.storeChunk(at: position, bytes)
  }

  func storeChunk(_ chunk: ChunkIndex, copying range: Range<Int>, of file: any RandomAccess) throws(IOLinkError) -> Bool {
    let (writer, position) = place(of: chunk)
    return try writer.storeChunk(at: position, copying: range, of: file)
  }

  private func place(of chunk: ChunkIndex) -> (writer: HDF5DatasetWriter, position: [Int]) {
    let origin = grid.region(of: chunk).origin
    return target.place(of: gridOrder.map { origin[$0] })
  }

  func grow(to image: Shape) throws(IOLinkError) {
    guard isGrowable, let slowest = gridOrder.first, slowest < self.image.count else {
      throw .hdf5(.unsupported, "the image \(isGrowable ? "has no axes, so it" : "was created with growth=none, so it") cannot grow")
    }
    try self.image.validateGrowth(to: image, along: slowest)
    let longer = try ChunkGrid(image: image, dataType: dataType, chunkShape: chunk, order: gridOrder, edges: .padded)
    for writer in target.writers { try writer.extend(to: gridOrder.map { longer.shape[$0] }) }
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
