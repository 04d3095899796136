/// Reads samples of a ``ChunkSource`` into strided memory.
final class ChunkReader: Sendable {
  let source: any ChunkSource
  private let identity: SourceIdentity
  private let image: String
  private let cut: Int
  private let runtime: Runtime
  private let cursors: CursorPool?

  init(_ source: any ChunkSource, identity: SourceIdentity, image: String, runtime: Runtime) {
    self.source = source
    self.identity = identity
    self.image = image
    var hasher = Hasher()
    hasher.combine(source.grid)
    hasher.combine(source.dataType)
    cut = hasher.finalize()
    self.runtime = runtime
    cursors = (source as? any SequentialChunkSource).map(CursorPool.init)
  }

  /// What one chunk contributes to a read: samples of its box, and where they go.
  private struct Piece {
    let chunk: ChunkIndex
    /// Samples along each grid axis.
    let count: Shape
    /// Byte offset of the first sample inside the decoded chunk, and strides there.
    let source: StridedLayout
    /// Byte offset of the first sample in the destination, and strides there.
    let target: StridedLayout
    /// All components of the stored chunk are wanted.
    let isWhole: Bool
    /// Whether the chunk's components lie in the destination as they lie in the chunk.
    var isInPlace: Bool { source.strides.areEqual(target.strides, over: count) }
  }

  /// - Parameters:
  ///   - selection: Over the image's axes, inside the image, not empty.
  ///   - layout: Over the image's axes, inside `destination`, without overlap.
  func read(
    _ selection: Selection, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
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
    let box = Region(uncheckedOrigin: first, size: extent)
    let byteCount = extent.reduce(source.dataType.componentType.byteCount) { $0.multipliedReportingOverflow(by: $1).partialValue }
    let decodedBytes = grid.chunkShape.reduce(max(0, byteCount)) {
      $0.multipliedReportingOverflow(by: $1).overflow ? Int.max : $0 * $1
    }
    try SharedDestination.lend(&destination) { shared throws(IOLinkError) in
      if let cursors {
        try readInOrder(wanted, box, cursors, target, shared, context)
      } else {
        try readAnyOrder(wanted, box, decodedBytes, target, shared, context)
      }
    }
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
    if count == 1 {  // no thread to wake, no closure to make
      if let piece = piece(at: box.origin, wanted, target) {
        try context.checkCancellation()
        try deliver(piece, shared, ChunkWorkspace())
      }
      return
    }
    let executor = context.executor ?? runtime.executor
    try executor.forEach(
      count: count, workers: runtime.workers(for: byteCount, context), makeState: { ChunkWorkspace() }
    ) { index, workspace throws(IOLinkError) in
      try context.checkCancellation()
      guard let piece = self.piece(at: self.position(index, in: box), wanted, target) else { return }
      try self.deliver(piece, shared, workspace)
    }
  }

  /// The place in the grid of the chunk of this index in a box of chunks.
  private func position(_ index: Int, in box: Region) -> AxisVector {
    var position = GridWalk.position(index, in: box.size, order: source.grid.order)
    for axis in 0..<position.count { position[axis] += box.origin[axis] }
    return position
  }

  /// The part of one chunk that is wanted; `nil` when the steps pass over it.
  private func piece(at position: AxisVector, _ wanted: Selection, _ target: StridedLayout) -> Piece? {
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

  /// Decodes a chunk and puts the wanted part where it belongs.
  private func deliver(_ piece: Piece, _ shared: SharedDestination, _ workspace: ChunkWorkspace) throws(IOLinkError) {
    let byteCount = source.grid.storedCount(of: piece.chunk) * source.dataType.componentType.byteCount
    if piece.isWhole, piece.isInPlace {
      let range = piece.target.byteOffset..<(piece.target.byteOffset + byteCount)
      try shared.withPart(range) { part throws(IOLinkError) in
        try source.decodeChunk(piece.chunk, into: &part, workspace: workspace)
      }
      return
    }
    if !piece.isWhole, runtime.cache.keeps(byteCount: byteCount) {
      let block = try runtime.cache.block(for: key(piece.chunk.ordinal), byteCount: byteCount) { span throws(IOLinkError) in
        try source.decodeChunk(piece.chunk, into: &span, workspace: workspace)
      }
      try block.withBytes { bytes throws(IOLinkError) in try scatter(piece, bytes, shared) }
      return
    }
    try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) in
      try source.decodeChunk(piece.chunk, into: &span, workspace: workspace)
      try scatter(piece, span.bytes, shared)
    }
  }

  private func key(_ chunk: Int) -> ChunkCache.Key {
    ChunkCache.Key(source: identity, image: image, cut: cut, chunk: chunk)
  }

  private func scatter(_ piece: Piece, _ bytes: RawSpan, _ shared: SharedDestination) throws(IOLinkError) {
    try shared.withAll { all throws(IOLinkError) in
      try PixelCopy.copy(piece.count, source.dataType.component, from: bytes, piece.source, to: &all, piece.target)
    }
  }

  /// One pass of one cursor over the wanted chunks, in ascending component. Chunks that were decoded before come from the
  /// cache; chunks on the way are kept there as far as the budget allows.
  private func readInOrder(
    _ wanted: Selection, _ box: Region, _ cursors: CursorPool, _ target: StridedLayout, _ shared: SharedDestination,
    _ context: OperationContext
  ) throws(IOLinkError) {
    let workspace = ChunkWorkspace()
    var cursor: (any ChunkCursor)?
    defer { cursors.give(back: cursor) }
    for index in 0..<(try box.size.elementCount()) {
      guard let piece = piece(at: position(index, in: box), wanted, target) else { continue }
      let byteCount = source.grid.storedCount(of: piece.chunk) * source.dataType.componentType.byteCount
      let key = key(piece.chunk.ordinal)
      if runtime.cache.contains(key) {
        try context.checkCancellation()
        let block = try runtime.cache.block(for: key, byteCount: byteCount) { span throws(IOLinkError) in
          try source.decodeChunk(piece.chunk, into: &span, workspace: workspace)
        }
        try block.withBytes { bytes throws(IOLinkError) in try scatter(piece, bytes, shared) }
        continue
      }
      let present = cursor
      cursor = nil  // it is in the pool or with us, never both
      let moving = try cursors.cursor(for: piece.chunk.ordinal, present: present)
      cursor = moving
      do throws(IOLinkError) {
        try advance(moving, to: piece.chunk.ordinal, workspace, context)
        try take(moving, piece, byteCount, shared, workspace)
      } catch {
        cursor = nil  // it stands in the middle of a chunk
        throw error
      }
    }
  }

  private func advance(
    _ cursor: any ChunkCursor, to chunk: Int, _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    while cursor.next < chunk {
      try context.checkCancellation()
      let component = cursor.next
      let byteCount = source.grid.storedCount(of: source.grid.chunk(component)) * source.dataType.componentType.byteCount
      if runtime.cache.keeps(byteCount: byteCount), !runtime.cache.contains(key(component)) {
        _ = try runtime.cache.block(for: key(component), byteCount: byteCount) { span throws(IOLinkError) in
          try cursor.decodeNext(into: &span, workspace: workspace)
        }
        if cursor.next > component { continue }  // else another reader decoded it meanwhile
      }
      try workspace.skipped.withBytes(byteCount) { span throws(IOLinkError) in
        try cursor.decodeNext(into: &span, workspace: workspace)
      }
    }
    try context.checkCancellation()
  }

  /// Decodes the chunk the cursor stands at, into the destination or by scratch.
  private func take(
    _ cursor: any ChunkCursor, _ piece: Piece, _ byteCount: Int, _ shared: SharedDestination,
    _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    if piece.isWhole, piece.isInPlace {
      try shared.withPart(piece.target.byteOffset..<(piece.target.byteOffset + byteCount)) { part throws(IOLinkError) in
        try cursor.decodeNext(into: &part, workspace: workspace)
      }
      return
    }
    if runtime.cache.keeps(byteCount: byteCount) {
      let component = cursor.next
      let block = try runtime.cache.block(for: key(component), byteCount: byteCount) { span throws(IOLinkError) in
        try cursor.decodeNext(into: &span, workspace: workspace)
      }
      try block.withBytes { bytes throws(IOLinkError) in try scatter(piece, bytes, shared) }
      return
    }
    try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) in
      try cursor.decodeNext(into: &span, workspace: workspace)
      try scatter(piece, span.bytes, shared)
    }
  }
}
