/// Reads slabs of an image.
struct ImageInput: SlabInput {
  private let image: any ImageView
  private let grid: ChunkGrid
  private let pieceCount: Int
  /// The chunks of the image along the axes of the grid.
  let chunking: Chunking?

  /// - Parameters:
  ///   - grid: The chunks of the target, whose order is that of the components in a slab.
  ///   - workers: How many threads may read pieces of a slab.
  init(_ image: any ImageView, grid: ChunkGrid, workers: Int) {
    self.image = image
    self.grid = grid
    pieceCount = workers > 1 ? 2 * workers : 1
    var chunking = image.chunking
    if image.dataType.componentCount > 1 {
      chunking?.shape.append(image.dataType.componentCount)
      chunking?.origin.append(0)
    }
    self.chunking = chunking
  }

  /// The axes of the grid in the order in which the image is stored, slowest first.
  var storedOrder: AxisVector {
    let order = image.properties.sourceOrder
    return image.dataType.componentCount > 1 ? AxisVector(Array(order) + [image.rank]) : order
  }

  func pieces(of slab: Region) -> [Region] {
    guard pieceCount > 1, chunking?.isSequential != true else { return [slab] }
    // The slab is divided along the axis that has most chunks, the slowest where there are several.
    var best = (axis: 0, count: 1)
    for axis in grid.order {
      let count = Checked.ceilingDivide(slab.size[axis], chunking?.shape[axis] ?? 1)
      if count > best.count { best = (axis, count) }
      if chunking == nil, count >= pieceCount { break }
    }
    guard best.count > 1 else { return [slab] }
    let unit = chunking?.shape[best.axis] ?? 1
    let length = Checked.ceilingDivide(best.count, pieceCount) * unit
    let start = slab.origin[best.axis] - (chunking?.origin[best.axis] ?? 0)
    let first = slab.origin[best.axis] - (start % unit + unit) % unit + length
    let whole = Partition(grid.shape, first: grid.shape, length: grid.shape)
    return Array(whole.cut(along: best.axis, first: (first - 1) % length + 1, length: length).pieces(of: slab))
  }

  func read(_ piece: Region, of slab: Region, into bytes: inout MutableRawSpan, _ context: OperationContext) throws(IOLinkError) {
    let dense = StridedLayout(strides: grid.strides(of: slab.size, image.dataType.componentType), componentStride: 0)
    var inside = piece.origin
    for axis in 0..<inside.count { inside[axis] -= slab.origin[axis] }
    var layout = StridedLayout(byteOffset: dense.offset(of: inside), strides: dense.strides, componentStride: 0)
    guard image.dataType.componentCount > 1 else {
      return try image.read(piece, into: &bytes, layout: layout, context: context)
    }
    let component = piece.rank - 1
    guard piece.size[component] == image.dataType.componentCount else {
      // Components are stored separately and only some are wanted, so they are read as one last axis.
      let components = try image.componentsAsLastAxis()
      layout.componentStride = image.dataType.componentType.byteCount
      return try components.read(piece, into: &bytes, layout: layout, context: context)
    }
    var (origin, size) = (piece.origin, piece.size)
    layout.componentStride = layout.strides.remove(at: component)
    origin.remove(at: component)
    size.remove(at: component)
    try image.read(Region(origin: origin, size: size), into: &bytes, layout: layout, context: context)
  }
}
