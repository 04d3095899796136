/// Cuts a grid into boxes of whole chunks, slabs, that fit a memory budget.
///
/// A sequential container gets its chunks in ascending ordinal, so slabs run along the fast axes of its order. A container that
/// takes chunks in any order gets slabs that also cover whole chunks of the source, so that each of those is decoded once.
struct SlabPlan: Sequence {
  struct Slab {
    /// The components of the slab, without padding.
    let region: Region
    /// The chunks of the slab, in ascending ordinal.
    let chunks: [ChunkIndex]
  }

  /// The most chunks of a slab: what is kept about each of them is part of the memory too.
  private static let maximumChunkCount = 1 << 14

  private let grid: ChunkGrid
  /// The number of chunks of a slab along each axis.
  private let extent: AxisVector
  /// The number of slabs along each axis.
  private let counts: AxisVector

  init(_ grid: ChunkGrid, componentType: ComponentType, isSequential: Bool, sourceChunk: Shape?, byteBudget: Int) {
    self.grid = grid
    var extent = AxisVector(repeating: 1, count: grid.shape.count)
    func byteCount(_ extent: AxisVector) -> Int {
      var bytes = componentType.byteCount
      for axis in 0..<extent.count {
        let length = Swift.min(grid.shape[axis], extent[axis].multipliedReportingOverflow(by: grid.chunkShape[axis]).partialValue)
        let product = bytes.multipliedReportingOverflow(by: Swift.max(1, length))
        if product.overflow { return Int.max }
        bytes = product.partialValue
      }
      return bytes
    }
    func chunkCount(_ extent: AxisVector) -> Int { extent.reduce(1) { $0.multipliedReportingOverflow(by: Swift.max(1, $1)).partialValue } }
    func fits(_ extent: AxisVector) -> Bool { byteCount(extent) <= byteBudget && chunkCount(extent) <= Self.maximumChunkCount }
    if !isSequential, let sourceChunk {
      var covering = extent
      for axis in grid.order.reversed() {
        var wider = covering
        wider[axis] = Swift.max(
          1, Swift.min(grid.counts[axis], Checked.ceilingDivide(sourceChunk[axis], grid.chunkShape[axis])))
        if fits(wider) { covering = wider }
      }
      extent = covering
    }
    for axis in grid.order.reversed() {
      var wider = extent
      wider[axis] = grid.counts[axis]
      if fits(wider) {
        extent = wider
        continue
      }
      // As many multiples of the present extent as fit. In a sequential container, a slab is one chunk long along slower axes.
      let unit = extent[axis]
      let fitting = Swift.max(
        1, Swift.min(byteBudget / Swift.max(1, byteCount(extent)), Self.maximumChunkCount / chunkCount(extent)))
      extent[axis] = Swift.min(grid.counts[axis], unit * fitting)
      if isSequential || extent[axis] > unit { break }
    }
    self.extent = extent
    var counts = grid.counts
    for axis in 0..<counts.count { counts[axis] = Checked.ceilingDivide(grid.counts[axis], extent[axis]) }
    self.counts = counts
  }

  func makeIterator() -> AnyIterator<Slab> {
    var ordinal = 0
    let total = counts.reduce(1, *)
    return AnyIterator {
      guard ordinal < total else { return nil }
      defer { ordinal += 1 }
      return slab(ordinal)
    }
  }

  private func slab(_ ordinal: Int) -> Slab {
    var first = GridWalk.position(ordinal, in: counts, order: grid.order)
    var size = extent
    for axis in 0..<first.count {
      first[axis] *= extent[axis]
      size[axis] = Swift.min(extent[axis], grid.counts[axis] - first[axis])
    }
    var chunks: [ChunkIndex] = []
    var origin = first
    var shape = first
    for axis in 0..<first.count {
      origin[axis] = first[axis] * grid.chunkShape[axis]
      let whole = size[axis].multipliedReportingOverflow(by: grid.chunkShape[axis])
      let rest = grid.shape[axis] - origin[axis]
      shape[axis] = whole.overflow ? rest : Swift.min(rest, whole.partialValue)
    }
    for index in 0..<size.reduce(1, *) {
      var position = GridWalk.position(index, in: size, order: grid.order)
      for axis in 0..<first.count { position[axis] += first[axis] }
      chunks.append(grid.chunk(at: position))
    }
    return Slab(region: Region(uncheckedOrigin: origin, size: shape), chunks: chunks)
  }
}
