import IOLinkCore

/// The index of chunks of a dataset with several unlimited dimensions, in a version 2 B-tree.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2 "Version 2 B-trees", record types 10 and 11.
final class HDF5ChunkTreeV2: HDF5ChunkIndexReader {
  private let dataset: HDF5ChunkedDataset
  private let counts: [Int]
  private let tree: HDF5TreeV2
  /// The size of the field that holds a chunk's size; `nil` when chunks are not filtered. It follows from the size of a record.
  private let sizeByteCount: Int?

  init(_ dataset: HDF5ChunkedDataset, at address: Int) throws(IOLinkError) {
    self.dataset = dataset
    let file = dataset.file
    tree = try HDF5TreeV2(at: address, in: file)
    counts = zip(dataset.shape, dataset.chunkShape).map { Checked.ceilingDivide($0, $1) }
    let type = dataset.hasFilters ? 11 : 10
    guard tree.type == type else {
      throw .hdf5(.malformed, "the records of a chunk tree have type \(tree.type), expected \(type)", at: file.base + address)
    }
    let rest = tree.recordByteCount - file.offsetSize - 8 * counts.count
    sizeByteCount = dataset.hasFilters ? rest - 4 : nil
    guard dataset.hasFilters ? 1...8 ~= rest - 4 : rest == 0 else {
      throw .hdf5(.malformed, "the records of a chunk tree have \(tree.recordByteCount) bytes", at: file.base + address)
    }
  }

  func location(of chunk: [Int]) throws(IOLinkError) -> HDF5ChunkLocation? {
    guard try HDF5ChunkGrid.contains(chunk, counts) else { return nil }
    let record = try tree.find { record throws(IOLinkError) in
      let other = try self.read(record).chunk
      return chunk == other ? 0 : chunk.lexicographicallyPrecedes(other) ? -1 : 1
    }
    guard let record else { return nil }
    return try read(record).location
  }

  func forEachWritten(_ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool) throws(IOLinkError) {
    var found = 0
    try tree.forEach { record throws(IOLinkError) in
      let (chunk, location) = try self.read(record)
      guard let location, try HDF5ChunkGrid.contains(chunk, self.counts) else { return true }
      found += 1
      try self.dataset.file.limits.check(found, atMost: \.entryCount, "chunks")
      return try body(chunk, location)
    }
  }

  private func read(_ record: HDF5Block) throws(IOLinkError) -> (chunk: [Int], location: HDF5ChunkLocation?) {
    var record = record
    let address = try record.address()
    var byteCount = dataset.chunkByteCount
    var mask: UInt32 = 0
    if let sizeByteCount {
      byteCount = try record.integer(sizeByteCount)
      mask = UInt32(truncatingIfNeeded: try record.unsigned(4))
    }
    var chunk = counts
    for dimension in chunk.indices { chunk[dimension] = try record.integer(8) }
    guard let address else { return (chunk, nil) }
    return (chunk, try dataset.location(address, byteCount: byteCount, filterMask: mask))
  }
}
