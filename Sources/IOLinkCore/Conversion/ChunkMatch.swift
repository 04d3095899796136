/// Finds the chunks of an image that are also chunks of a sink: the same elements in the same order, encoded in the same way.
struct ChunkMatch {
  let source: any StoredChunkSource
  /// The part of the sink's grid whose chunks are chunks of the source.
  let region: Region
  /// The parts around it.
  let rest: [Region]
  private let sinkGrid: ChunkGrid
  private let axes: [Axis]

  /// How one axis of the source's grid runs in that of the sink.
  private struct Axis {
    /// The axis of the sink's grid; `nil` where one index of the source was selected.
    let target: Int?
    /// The first index in the source.
    let start: Int
  }

  /// Returns `nil` when no chunk of the image is one of the sink.
  init?(_ image: any ImageView, _ sink: any ChunkSink) {
    guard let stored = image.storedChunks, let encoding = stored.source.encoding, encoding == sink.encoding, sink.order == .any,
      let axes = Self.axes(stored, sink.grid), Self.haveSameOrder(stored.source.grid, sink.grid, axes)
    else { return nil }
    source = stored.source
    sinkGrid = sink.grid
    self.axes = axes
    // What the last chunk holds beyond the image would appear if the image grew.
    let growing = sink.isGrowable ? sink.grid.order.first : nil
    var common = sinkGrid.counts
    for axis in 0..<common.count {
      common[axis] = Self.commonCount(along: axis, source.grid, sinkGrid, axes, isGrowing: axis == growing)
      if common[axis] == 0 { return nil }
    }
    var end = sinkGrid.shape
    for axis in 0..<end.count { end[axis] = min(end[axis], common[axis] * sinkGrid.chunkShape[axis]) }
    region = Region(uncheckedOrigin: AxisVector(repeating: 0, count: end.count), size: end)
    rest = Self.rest(of: sinkGrid.shape, around: end)
  }

  /// Returns the chunk of the source that has the elements of a chunk in ``region``.
  func sourceChunk(of chunk: ChunkIndex) -> ChunkIndex {
    var position = source.grid.shape
    for (axis, run) in axes.enumerated() {
      let before = run.target.map { chunk.position[$0] * sinkGrid.chunkShape[$0] } ?? 0
      position[axis] = (run.start + before) / source.grid.chunkShape[axis]
    }
    return source.grid.chunk(at: position)
  }

  /// Returns how each axis of the source's grid runs; `nil` when one runs backwards or in steps.
  private static func axes(_ stored: StoredChunks, _ sink: ChunkGrid) -> [Axis]? {
    let transform = stored.transform
    var axes = (0..<transform.sourceRank).map { Axis(target: nil, start: transform.start[$0]) }
    for output in 0..<transform.shape.count {
      guard let axis = transform.sourceAxis(of: output) else { continue }
      guard transform.step[axis] == 1 || transform.shape[output] == 1 else { return nil }
      axes[axis] = Axis(target: output, start: transform.start[axis])
    }
    // The components are the last axis of both grids.
    if stored.source.grid.shape.count > axes.count { axes.append(Axis(target: sink.shape.count - 1, start: 0)) }
    return axes
  }

  /// Whether the axes along which chunks extend have the same order in both grids.
  private static func haveSameOrder(_ source: ChunkGrid, _ sink: ChunkGrid, _ axes: [Axis]) -> Bool {
    let inSource = source.order.compactMap { axis in axes[axis].target.flatMap { source.chunkShape[axis] > 1 ? $0 : nil } }
    let inSink = sink.order.filter { sink.chunkShape[$0] > 1 }
    return inSource.filter(inSink.contains) == inSink.filter(inSource.contains)
  }

  /// Returns how many chunks at the beginning of an axis of the sink cover the same elements as chunks of the source.
  private static func commonCount(
    along target: Int, _ source: ChunkGrid, _ sink: ChunkGrid, _ axes: [Axis], isGrowing: Bool
  ) -> Int {
    // An index that is selected must be all that a chunk has along its axis.
    guard axes.indices.allSatisfy({ axes[$0].target != nil || source.chunkShape[$0] == 1 }) else { return 0 }
    let axis = axes.firstIndex { $0.target == target }
    return (0..<sink.counts[target]).first { position in
      let start = position * sink.chunkShape[target]
      let extent = sink.extent(from: start, along: target)
      if isGrowing, extent.covered < extent.stored { return true }
      guard let axis else { return extent != Extent(covered: 1, stored: 1) }
      let first = axes[axis].start + start
      return first % source.chunkShape[axis] != 0 || source.extent(from: first, along: axis) != extent
    } ?? sink.counts[target]
  }

  /// Returns the parts of a box that lie outside the box from its origin to `end`.
  private static func rest(of shape: Shape, around end: Shape) -> [Region] {
    var (rest, size) = ([Region](), shape)
    for axis in 0..<shape.count where end[axis] < shape[axis] {
      var (origin, length) = (AxisVector(repeating: 0, count: shape.count), size)
      origin[axis] = end[axis]
      length[axis] = shape[axis] - end[axis]
      rest.append(Region(uncheckedOrigin: origin, size: length))
      size[axis] = end[axis]
    }
    return rest
  }
}

/// The length of a chunk along one axis.
private struct Extent: Equatable {
  /// Inside the image.
  let covered: Int
  /// With padding.
  let stored: Int
}

extension ChunkGrid {
  fileprivate func extent(from start: Int, along axis: Int) -> Extent {
    let covered = min(chunkShape[axis], shape[axis] - start)
    return Extent(covered: covered, stored: edges == .padded ? chunkShape[axis] : covered)
  }
}
