/// A sink that writes all components uncompressed, one after another, in any order of axes and in either byte order.
public final class ContiguousChunkSink: ChunkSink {
  private struct State {
    var grid: ChunkGrid
    var image: Shape
  }

  public let dataType: DataType
  private let stream: any StreamAccess
  private let offset: Int
  private let axisOrder: AxisVector
  private let swaps: Bool
  private let state: Guarded<State>
  private let completion: (@Sendable (Shape) throws(IOLinkError) -> Void)?

  /// Makes a sink that writes to a stream.
  ///
  /// - Parameters:
  ///   - image: The shape of the image, in canonical order.
  ///   - dataType: The type of an element.
  ///   - axisOrder: Each axis of the image once, slowest first. Components are faster than all of them.
  ///   - byteOrder: The byte order of the components in the file.
  ///   - stream: Where the components go; it must have WRITE.
  ///   - offset: The position of the first component. The cursor of a stream without SEEK must stand there.
  ///   - completion: Called by `finish()` with the final shape, to complete a header. Only a sink that has one can grow.
  /// - Throws: `invalidArgument` when a length of `image` is negative; `limitExceeded` when the number of chunks does not fit in an
  ///   `Int`.
  public init(
    _ image: Shape, _ dataType: DataType, axisOrder: AxisVector, byteOrder: ByteOrder, on stream: any StreamAccess,
    offset: Int, completion: (@Sendable (Shape) throws(IOLinkError) -> Void)? = nil
  ) throws(IOLinkError) {
    guard axisOrder.isPermutation(of: image.count) else {
      throw IOLinkError(.invalidArgument, "the axis order \(axisOrder) is not a permutation of \(image.count) axes")
    }
    self.dataType = dataType
    self.stream = stream
    self.offset = offset
    self.axisOrder = axisOrder
    self.completion = completion
    swaps = byteOrder != .native && dataType.componentType.swapWidth > 1
    state = Guarded(State(grid: try .dense(image, dataType, axisOrder: axisOrder), image: image))
  }

  public var grid: ChunkGrid { state.withLock { $0.grid } }
  public var order: ChunkOrder { stream.capabilities.contains(.seek) ? .any : .sequential }
  public var absentChunksAreZero: Bool { order == .any }
  public var isGrowable: Bool { completion != nil && !axisOrder.isEmpty }

  public func encodeChunk(
    _ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) -> EncodedChunk {
    guard swaps else { return .verbatim }
    var bytes = elements.byteArray()
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    ByteSwapping.swap(&span, width: dataType.componentType.swapWidth)
    return .bytes(bytes)
  }

  public func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) {
    let position = Self.place(of: chunk, in: grid, dataType, from: offset)
    guard stream.capabilities.contains(.seek) else {
      try stream.write(bytes)
      return
    }
    try stream.writeSparsely(bytes, at: position)
  }

  public var places: ChunkPlaces? {
    guard !swaps, stream.capabilities.contains(.seek) else { return nil }
    let (grid, dataType, offset) = (grid, dataType, offset)
    return ChunkPlaces(on: stream) { chunk in Self.place(of: chunk, in: grid, dataType, from: offset) }
  }

  private static func place(of chunk: ChunkIndex, in grid: ChunkGrid, _ dataType: DataType, from offset: Int) -> Int {
    let origin = grid.region(of: chunk).origin
    let strides = grid.strides(of: grid.shape, dataType.componentType)
    var position = offset
    for axis in 0..<origin.count { position += origin[axis] * strides[axis] }
    return position
  }

  public func grow(to image: Shape) throws(IOLinkError) {
    guard let slowest = axisOrder.first, isGrowable else {
      throw IOLinkError(.unsupported, "the format cannot grow while it is written")
    }
    try state.withLock({ $0.image }).validateGrowth(to: image, along: slowest)
    // Chunks keep their shape, so that the chunks stored before keep their ordinals.
    let old = self.grid
    let grid = try ChunkGrid(image: image, dataType: dataType, chunkShape: old.chunkShape, order: old.order)
    state.withLock { $0 = State(grid: grid, image: image) }
  }

  public func finish() throws(IOLinkError) {
    let image = state.withLock { $0.image }
    if stream.capabilities.contains(.seek) {
      // Where the last chunks are zeros and were not written, the file is still extended to the size that its shape says.
      let end = offset + (try image.byteCount(of: dataType))
      if let present = stream.byteCount, present < end { try stream.truncate(to: end) }
    }
    try completion?(image)
    try stream.flush()
  }
}
