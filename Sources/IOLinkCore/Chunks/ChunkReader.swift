/// Reads components of a ``ChunkSource`` into strided memory.
final class ChunkReader: Sendable {
  let source: any ChunkSource
  private let identity: SourceIdentity
  private let image: String
  private let cut: Int
  let runtime: Runtime
  /// The names of the image's axes, in canonical order.
  let axisNames: [String]
  private let cursors: CursorPool?
  /// Whether chunks can be kept. Those of a file that is updated may be changed at any time, by other processes too.
  private let isCached: Bool

  init(_ source: any ChunkSource, identity: SourceIdentity, image: String, axisNames: [String], runtime: Runtime) {
    self.source = source
    self.axisNames = axisNames
    self.identity = identity
    self.image = image
    var hasher = Hasher()
    hasher.combine(source.grid)
    hasher.combine(source.dataType)
    cut = hasher.finalize()
    self.runtime = runtime
    isCached = !(source is any UpdatableChunkSource)
    cursors = (source as? any SequentialChunkSource).map(CursorPool.init)
  }

  /// The part of one chunk that a read wants, and where it goes.
  struct Piece {
    let chunk: ChunkIndex
    /// The wanted components along each axis of the grid.
    let count: Shape
    /// Where the wanted components lie in the decoded chunk.
    let source: StridedLayout
    /// Where they go in the destination.
    let target: StridedLayout
    /// Whether all components of the stored chunk are wanted.
    let isWhole: Bool
    /// Whether the components lie in the destination as they lie in the chunk, so that it can be decoded there.
    var isInPlace: Bool { source.strides.areEqual(target.strides, over: count) }
  }

  /// Reads the selected elements.
  ///
  /// - Parameters:
  ///   - selection: Along the axes of the image; inside the image and not empty.
  ///   - layout: Along the axes of the image; inside `destination`, and without overlap.
  func read(
    _ selection: Selection, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let (wanted, target, box) = chunks(of: selection, layout: layout)
    let grid = source.grid
    let byteCount = box.size.reduce(source.dataType.componentType.byteCount) { $0.multipliedReportingOverflow(by: $1).partialValue }
    let decodedBytes = grid.chunkShape.reduce(max(0, byteCount)) {
      $0.multipliedReportingOverflow(by: $1).overflow ? Int.max : $0 * $1
    }
    try SharedDestination.lend(&destination) { shared throws(IOLinkError) in
      if let cursors {
        try readInOrder(wanted, box, decodedBytes, cursors, target, shared, context)
      } else {
        try readAnyOrder(wanted, box, decodedBytes, target, shared, context)
      }
    }
  }

  /// Returns a selection and its layout along the axes of the grid, and the box of chunks that the selection touches.
  func chunks(of selection: Selection, layout: StridedLayout) -> (Selection, StridedLayout, Region) {
    let wanted = components(of: selection)
    var strides = layout.strides
    if wanted.count.count > strides.count { strides.append(layout.componentStride) }
    let target = StridedLayout(byteOffset: layout.byteOffset, strides: strides, componentStride: 0)

    let grid = source.grid
    var first = wanted.start
    var extent = wanted.count
    for axis in 0..<extent.count {
      first[axis] = wanted.start[axis] / grid.chunkShape[axis]
      let last = (wanted.start[axis] + (wanted.count[axis] - 1) * wanted.step[axis]) / grid.chunkShape[axis]
      extent[axis] = last - first[axis] + 1
    }
    return (wanted, target, Region(uncheckedOrigin: first, size: extent))
  }

  /// The selection with the component axis, where the grid has one.
  private func components(of selection: Selection) -> Selection {
    guard selection.count.count < source.grid.shape.count else { return selection }
    var components = selection
    components.start.append(0)
    components.count.append(source.dataType.componentCount)
    components.step.append(1)
    return components
  }

  private func readAnyOrder(
    _ wanted: Selection, _ box: Region, _ byteCount: Int, _ target: StridedLayout, _ shared: SharedDestination,
    _ context: OperationContext
  ) throws(IOLinkError) {
    let count = try box.size.elementCount()
    if count == 1 {  // a single chunk wakes no thread and makes no closure
      if let piece = piece(at: box.origin, wanted, target) {
        try context.checkCancellation()
        try deliver(piece, shared, ChunkWorkspace(), context)
      }
      return
    }
    let executor = context.executor ?? runtime.executor
    try executor.forEach(
      count: count, workers: runtime.workers(for: byteCount, context), makeState: { ChunkWorkspace() }
    ) { index, workspace throws(IOLinkError) in
      try context.checkCancellation()
      guard let piece = self.piece(at: self.position(index, in: box), wanted, target) else { return }
      try self.deliver(piece, shared, workspace, context)
    }
  }

  /// The position in the grid of the chunk that has this index in a box of chunks.
  func position(_ index: Int, in box: Region) -> AxisVector {
    var position = GridWalk.position(index, in: box.size, order: source.grid.order)
    for axis in 0..<position.count { position[axis] += box.origin[axis] }
    return position
  }

  /// The part of one chunk that is wanted; `nil` when the steps of the selection pass over the chunk.
  func piece(at position: AxisVector, _ wanted: Selection, _ target: StridedLayout) -> Piece? {
    let grid = source.grid
    let chunk = grid.chunk(at: position)
    let stored = grid.storedShape(of: chunk)
    let inside = grid.strides(of: stored, source.dataType.componentType)
    var from = StridedLayout(strides: inside, componentStride: 0)
    var to = target
    var count = wanted.count
    var isWhole = true
    for axis in 0..<count.count {
      let lower = position[axis] * grid.chunkShape[axis]
      let upper = lower + min(grid.chunkShape[axis], grid.shape[axis] - lower)
      let step = wanted.step[axis]
      let start = wanted.start[axis]
      let firstSample = start >= lower ? 0 : Checked.ceilingDivide(lower - start, step)
      let endSample = upper <= start ? 0 : min(wanted.count[axis], (upper - 1 - start) / step + 1)
      guard endSample > firstSample else { return nil }
      count[axis] = endSample - firstSample
      from.byteOffset += (start + firstSample * step - lower) * inside[axis]
      from.strides[axis] = inside[axis] * step
      to.byteOffset += firstSample * target.strides[axis]
      if count[axis] != stored[axis] { isWhole = false }
    }
    return Piece(chunk: chunk, count: count, source: from, target: to, isWhole: isWhole)
  }

  /// Decodes a chunk and copies the wanted part to the destination. What cannot be decoded is filled if the caller asked for that.
  private func deliver(
    _ piece: Piece, _ shared: SharedDestination, _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    do throws(IOLinkError) { try decode(piece, shared, workspace, context) } catch {
      try fill(piece, after: error, shared, workspace, context)
    }
  }

  private func decode(
    _ piece: Piece, _ shared: SharedDestination, _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    let byteCount = source.grid.storedCount(of: piece.chunk) * source.dataType.componentType.byteCount
    if piece.isWhole, piece.isInPlace {
      let range = piece.target.byteOffset..<(piece.target.byteOffset + byteCount)
      try shared.withPart(range) { part throws(IOLinkError) in
        try decodeChunk(piece.chunk, into: &part, workspace, context)
      }
      return
    }
    if isCached, !piece.isWhole, runtime.cache.keeps(byteCount: byteCount) {
      let block = try runtime.cache.block(for: key(piece.chunk.ordinal), byteCount: byteCount) { span throws(IOLinkError) in
        try decodeChunk(piece.chunk, into: &span, workspace, context)
      }
      try block.withBytes { bytes throws(IOLinkError) in try scatter(piece, bytes, shared) }
      return
    }
    try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) in
      try decodeChunk(piece.chunk, into: &span, workspace, context)
      try scatter(piece, span.bytes, shared)
    }
  }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    context.tally?.add(chunk.ordinal, of: source)
    try source.decodeChunk(chunk, into: &elements, workspace: workspace)
  }

  func key(_ chunk: Int) -> ChunkCache.Key {
    ChunkCache.Key(source: identity, image: image, cut: cut, chunk: chunk)
  }

  /// Copies the wanted part of a decoded chunk to the destination.
  func scatter(_ piece: Piece, _ bytes: RawSpan, _ shared: SharedDestination) throws(IOLinkError) {
    try shared.withAll { all throws(IOLinkError) in
      try PixelCopy.copy(piece.count, source.dataType.component, from: bytes, piece.source, to: &all, piece.target)
    }
  }
}
