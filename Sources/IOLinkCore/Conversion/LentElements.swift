/// Where the components of a box lie, from which chunks are taken.
struct LentLayout {
  /// The position of the box in the grid.
  let origin: AxisVector
  /// Where the components of the box are, along the axes of the grid.
  let layout: StridedLayout
  let grid: ChunkGrid
  let componentType: ComponentType

  /// Whether the elements of a chunk lie exactly as they are stored.
  func areKept(_ chunk: ChunkIndex) -> Bool {
    let stored = grid.storedShape(of: chunk)
    return stored == grid.region(of: chunk).size && layout.strides.areEqual(grid.strides(of: stored, componentType), over: stored)
  }

  /// The offset of the first component of a chunk.
  func offset(of chunk: ChunkIndex) -> Int {
    let region = grid.region(of: chunk)
    var offset = layout.byteOffset
    for axis in 0..<origin.count { offset += (region.origin[axis] - origin[axis]) * layout.strides[axis] }
    return offset
  }
}

/// The elements of chunks that lie in the memory of one box: a slab that was read, or an image that is in memory as a whole.
struct LentElements: ChunkElements {
  let place: LentLayout
  private let bytes: SharedSource

  init(_ bytes: SharedSource, _ place: LentLayout) {
    self.bytes = bytes
    self.place = place
  }

  /// A chunk that lies in memory exactly as it is stored needs no copy.
  func areKept(of chunk: ChunkIndex) -> Bool { place.areKept(chunk) }

  func withElements<Result>(
    of chunk: ChunkIndex, _ workspace: ChunkWorkspace, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    let byteCount = place.grid.storedCount(of: chunk) * place.componentType.byteCount
    guard !areKept(of: chunk) else {
      let offset = place.offset(of: chunk)
      return try bytes.withPart(offset..<(offset + byteCount), body)
    }
    return try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) in
      try copy(chunk, to: &span, at: 0)
      return try body(span.bytes)
    }
  }

  /// Copies a chunk as it is stored.
  func copy(_ chunk: ChunkIndex, to target: inout MutableRawSpan, at offset: Int) throws(IOLinkError) {
    let (grid, type) = (place.grid, place.componentType)
    let (stored, size) = (grid.storedShape(of: chunk), grid.region(of: chunk).size)
    if stored != size {
      var whole = target._mutatingExtracting(offset..<(offset + grid.storedCount(of: chunk) * type.byteCount))
      whole.zero()
    }
    let from = StridedLayout(byteOffset: place.offset(of: chunk), strides: place.layout.strides, componentStride: 0)
    let dense = StridedLayout(byteOffset: offset, strides: grid.strides(of: stored, type), componentStride: 0)
    try bytes.withAll { all throws(IOLinkError) in
      try PixelCopy.copy(size, DataType(type), from: all, from, to: &target, dense)
    }
  }

  /// Lends bytes that lie as they are stored.
  func withBytes(_ range: Range<Int>, _ body: (RawSpan) throws(IOLinkError) -> Void) throws(IOLinkError) {
    try bytes.withPart(range, body)
  }
}
