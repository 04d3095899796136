import IOLinkCore

/// The only chunk of a dataset that is as large as the dataset. The layout message says where it is.
///
/// Source: HDF5 File Format Specification 4.0, VII.A "The Single Chunk Index".
struct HDF5SingleChunk: HDF5ChunkIndexReader {
  private let counts: [Int]
  private let location: HDF5ChunkLocation

  /// - Parameter byteCount: The stored size of a filtered chunk; `nil` without filters.
  init(_ dataset: HDF5ChunkedDataset, at address: Int, byteCount: Int?, filterMask: UInt32) throws(IOLinkError) {
    counts = dataset.shape.map { min($0, 1) }
    location = try dataset.location(address, byteCount: byteCount ?? dataset.chunkByteCount, filterMask: filterMask)
  }

  func location(of chunk: [Int]) throws(IOLinkError) -> HDF5ChunkLocation? {
    try HDF5ChunkGrid.contains(chunk, counts) ? location : nil
  }

  func forEachWritten(_ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool) throws(IOLinkError) {
    if !counts.contains(0) { _ = try body(counts.map { _ in 0 }, location) }
  }
}

/// Adjacent chunks, all of one size and all allocated from the beginning.
///
/// Source: HDF5 File Format Specification 4.0, VII.B "The Implicit Index".
struct HDF5ImplicitChunks: HDF5ChunkIndexReader {
  private let dataset: HDF5ChunkedDataset
  private let grid: HDF5ChunkGrid
  private let address: Int

  /// - Throws: `malformed` when the dataset has filters or may grow without limit.
  init(_ dataset: HDF5ChunkedDataset, at address: Int) throws(IOLinkError) {
    guard !dataset.hasFilters else { throw .hdf5(.malformed, "chunks without an index have filters") }
    self.dataset = dataset
    self.address = address
    grid = try HDF5ChunkGrid(dataset, mayGrow: false)
  }

  func location(of chunk: [Int]) throws(IOLinkError) -> HDF5ChunkLocation? {
    guard let number = try grid.number(of: chunk) else { return nil }
    let start = try Checked.add(address, Checked.multiply(number, dataset.chunkByteCount))
    return try dataset.location(start, byteCount: dataset.chunkByteCount, filterMask: 0)
  }

  func forEachWritten(_ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool) throws(IOLinkError) {
    guard !grid.counts.contains(0) else { return }
    var chunk = grid.counts.map { _ in 0 }
    var found = 0
    while let location = try location(of: chunk) {
      found += 1
      try dataset.file.limits.check(found, atMost: \.entryCount, "chunks")
      guard try body(chunk, location) else { return }
      // The next chunk in row-major order.
      guard let dimension = chunk.indices.last(where: { chunk[$0] + 1 < grid.counts[$0] }) else { return }
      chunk[dimension] += 1
      for faster in chunk.indices where faster > dimension { chunk[faster] = 0 }
    }
  }
}
