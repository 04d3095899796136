import CAllocations
import IOLinkCore

/// Reads through views: the cost of the machinery in addition to moving the bytes.
func benchmarkReads(_ harness: inout Harness) throws {
  try benchmarkSmallRead(&harness)
  try benchmarkChunks(&harness)
}

/// Reads a 64 × 64 region of a uint16 image in memory into a caller's buffer.
private func benchmarkSmallRead(_ harness: inout Harness) throws {
  let image = try MemoryImageView.allocate([2048, 2048], .uint16, properties: ImageProperties(.image, shape: [2048, 2048]))
  let region = try Region(origin: [500, 700], size: [64, 64])
  let layout = try StridedLayout(dense: region.size, .uint16)
  let target = MemoryBlock(allocating: 64 * 64 * 2)
  let repeats = 1000
  let before = allocation_count()
  for _ in 0..<repeats {
    try target.withMutableBytes { bytes throws(IOLinkError) in
      try image.read(region, into: &bytes, layout: layout, context: .default)
    }
  }
  let allocations = Double(allocation_count() - before) / Double(repeats)
  try harness.measure("read 64×64 u16 of memory, \(allocations) allocations", byteCount: 64 * 64 * 2, operations: repeats) {
    for _ in 0..<repeats {
      try target.withMutableBytes { bytes throws(IOLinkError) in
        try image.read(region, into: &bytes, layout: layout, context: .default)
      }
    }
  }
}

/// Reads chunks whose decoding is one copy. A rate like that of memcpy shows that the read makes only this copy.
private func benchmarkChunks(_ harness: inout Harness) throws {
  let shape: Shape = [4096, 4096]
  let properties = try ImageProperties(.image, shape: shape)
  let byteCount = 4096 * 4096 * 2
  let target = MemoryBlock(allocating: byteCount)
  let rows = try StridedLayout(dense: shape, .uint16)
  for (name, chunk) in [("bands, dense in the target", [4096, 128]), ("tiles, scattered to the target", [256, 256])] as [(String, Shape)] {
    let source = CopyingSource(grid: try ChunkGrid(image: shape, dataType: .uint16, chunkShape: chunk))
    let image = try ChunkedImageView(source, properties: properties, identity: .unique(byteCount: byteCount), runtime: Runtime(executor: SerialExecutor()))
    try harness.measure("read 32 MiB of \(name)", byteCount: byteCount) {
      try target.withMutableBytes { bytes throws(IOLinkError) in
        try image.read(Region(of: shape), into: &bytes, layout: rows, context: .default)
      }
    }
  }
}

/// A source that gives every chunk as a copy of stored bytes.
private final class CopyingSource: ChunkSource {
  let grid: ChunkGrid
  let dataType = DataType.uint16
  private let stored: MemoryBlock

  init(grid: ChunkGrid) {
    self.grid = grid
    stored = MemoryBlock(allocating: grid.shape.reduce(2, *))
  }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let start = chunk.ordinal * elements.byteCount
    stored.withBytes { bytes in elements.copy(from: bytes.extracting(start..<(start + elements.byteCount))) }
  }
}
