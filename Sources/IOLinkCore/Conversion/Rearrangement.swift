/// Components on their way through a temporary file: from the parts in which an image is read to those in which it is written.
///
/// The file holds one part after another as they are read. Inside, each is cut into the pieces that go to different parts of the second
/// kind, and a piece is dense in the order of the grid. So the file is written in long runs, and read in runs as long as a piece. Places
/// are computed, not kept.
struct Rearrangement: SlabInput {
  private let reading: Partition
  private let writing: Partition
  private let grid: ChunkGrid
  private let componentType: ComponentType
  private let stream: any StreamAccess

  /// - Parameters:
  ///   - reading: The parts that are stored.
  ///   - writing: The parts that are loaded afterwards.
  ///   - grid: Its order is that of the components in memory.
  ///   - stream: An empty stream with READ, WRITE and SEEK.
  init(from reading: Partition, to writing: Partition, grid: ChunkGrid, _ componentType: ComponentType, on stream: any StreamAccess) {
    self.reading = reading
    self.writing = writing
    self.grid = grid
    self.componentType = componentType
    self.stream = stream
  }

  /// Stores a part, which is dense in the order of the grid.
  ///
  /// - Throws: `io` when the file cannot be written; `cancelled`.
  func store(_ part: Region, from bytes: RawSpan, _ context: OperationContext) throws(IOLinkError) {
    var position = byteCount(Self.count(before: part, in: Region(of: grid.shape)))
    let scratch = ScratchBuffer()
    let capacity = max(Self.runByteCount, byteCount(writing.largest.reduce(1, *)))
    try scratch.withBytes(min(capacity, bytes.byteCount)) { run throws(IOLinkError) in
      var filled = 0
      for piece in writing.pieces(of: part) {
        try context.checkCancellation()
        let size = byteCount(piece.size.reduce(1, *))
        if filled + size > run.byteCount {
          try stream.write(run.bytes.extracting(0..<filled), at: position)
          position += filled
          filled = 0
        }
        try PixelCopy.copy(
          piece.size, DataType(componentType), from: bytes, layout(of: piece, in: part), to: &run, layout(of: piece, in: piece, at: filled))
        filled += size
      }
      try stream.write(run.bytes.extracting(0..<filled), at: position)
    }
  }

  /// The file has one cursor, so a slab is read as a whole.
  func pieces(of slab: Region) -> [Region] { [slab] }

  func read(_ part: Region, of slab: Region, into bytes: inout MutableRawSpan, _ context: OperationContext) throws(IOLinkError) {
    let scratch = ScratchBuffer()
    for piece in reading.pieces(of: part) {
      try context.checkCancellation()
      let whole = reading.part(around: piece.origin)
      try stream.seek(to: byteCount(Self.count(before: whole, in: Region(of: grid.shape)) + Self.count(before: piece, in: whole)))
      try scratch.withBytes(byteCount(piece.size.reduce(1, *))) { span throws(IOLinkError) in
        try stream.readAll(into: &span)
        try PixelCopy.copy(
          piece.size, DataType(componentType), from: span.bytes, layout(of: piece, in: piece), to: &bytes, layout(of: piece, in: slab))
      }
    }
  }

  private static let runByteCount = 4 << 20

  private func byteCount(_ components: Int) -> Int { components * componentType.byteCount }

  /// Where a piece lies in memory that holds a part densely from `offset` on.
  private func layout(of piece: Region, in part: Region, at offset: Int = 0) -> StridedLayout {
    let dense = StridedLayout(byteOffset: offset, strides: grid.strides(of: part.size, componentType), componentStride: 0)
    var inside = piece.origin
    for axis in 0..<inside.count { inside[axis] -= part.origin[axis] }
    return StridedLayout(byteOffset: dense.offset(of: inside), strides: dense.strides, componentStride: 0)
  }

  /// The number of components in all pieces before a piece of a region that is cut by planes, with axis 0 as the fastest.
  private static func count(before piece: Region, in region: Region) -> Int {
    var count = 0
    var faster = 1
    for axis in 0..<piece.rank {
      // The pieces that are before it along this axis, and level with it along the slower ones.
      let level = piece.size[(axis + 1)...].reduce(1, *)
      count += faster * (piece.origin[axis] - region.origin[axis]) * level
      faster *= region.size[axis]
    }
    return count
  }
}
