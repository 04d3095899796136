/// The elements of chunks that lie in the memory of one box: a slab that was read, or an image that is in memory as a whole.
struct LentElements: ChunkElements {
  /// The position of the box in the grid.
  private let origin: AxisVector
  private let bytes: SharedSource
  private let grid: ChunkGrid
  private let componentType: ComponentType
  /// Where the components of the box are in `bytes`.
  private let layout: StridedLayout

  /// - Parameters:
  ///   - origin: The position of the box in the grid.
  ///   - layout: Where the components of the box are in `bytes`, along the axes of the grid.
  init(_ bytes: SharedSource, layout: StridedLayout, origin: AxisVector, grid: ChunkGrid, _ componentType: ComponentType) {
    self.bytes = bytes
    self.layout = layout
    self.origin = origin
    self.grid = grid
    self.componentType = componentType
  }

  /// A chunk that lies in memory exactly as it is stored needs no copy.
  func areKept(of chunk: ChunkIndex) -> Bool {
    let stored = grid.storedShape(of: chunk)
    return stored == grid.region(of: chunk).size && layout.strides.areEqual(grid.strides(of: stored, componentType), over: stored)
  }

  func withElements<Result>(
    of chunk: ChunkIndex, _ workspace: ChunkWorkspace, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    let region = grid.region(of: chunk)
    var layout = layout
    for axis in 0..<origin.count { layout.byteOffset += (region.origin[axis] - origin[axis]) * layout.strides[axis] }
    let byteCount = grid.storedCount(of: chunk) * componentType.byteCount
    guard !areKept(of: chunk) else {
      return try bytes.withPart(layout.byteOffset..<(layout.byteOffset + byteCount), body)
    }
    let stored = grid.storedShape(of: chunk)
    return try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) in
      if stored != region.size { span.zero() }
      let dense = StridedLayout(strides: grid.strides(of: stored, componentType), componentStride: 0)
      try bytes.withAll { all throws(IOLinkError) in
        try PixelCopy.copy(region.size, DataType(componentType), from: all, layout, to: &span, dense)
      }
      return try body(span.bytes)
    }
  }
}
