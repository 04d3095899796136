import IOLinkCore

/// Finds the chunks of one dataset in the file.
///
/// Chunks are named by their index along each dimension, slowest first. Parts of an index are read when they are first needed, and kept
/// under a bound. All methods can be called from several threads at once.
protocol HDF5ChunkIndexReader: Sendable {
  /// Returns where a chunk is stored; `nil` when it was never written, or when the dataset's shape does not reach it.
  ///
  /// - Parameter chunk: The index of the chunk along each dimension, slowest first.
  /// - Throws: `invalidArgument` when `chunk` does not have the dataset's rank; `malformed` or `truncated` when the index is damaged; `io`.
  /// - Complexity: O(1) or O(log *n*), where *n* is the number of chunks in the index.
  func location(of chunk: [Int]) throws(IOLinkError) -> HDF5ChunkLocation?

  /// Calls `body` for every chunk that was written, until it returns false. Chunks that the dataset's shape does not reach are left out.
  ///
  /// - Throws: `malformed` or `truncated` when the index is damaged; `limitExceeded` when it has more entries than the limits allow; `io`;
  ///   and every error that `body` throws.
  func forEachWritten(_ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool) throws(IOLinkError)
}

/// Makes the reader of a dataset's chunk index. It reads the header of the index, and nothing else.
///
/// - Parameters:
///   - layout: The dataset's layout message.
///   - shape: The dataset's shape, slowest first.
///   - maximum: The dataset's maximum shape; `nil` is an unlimited dimension. An empty one is the shape itself.
///   - hasFilters: Whether the dataset has filters.
/// - Throws: `malformed` or `truncated` when the layout does not fit the shape or the header of the index is damaged; `unsupported` for
///   a version of the index that is not known; `limitExceeded` when a chunk or the grid is too large; `io`.
///
/// Source: HDF5 File Format Specification 4.0, VII "Appendix C: Types of Indexes for Dataset Chunks".
func makeHDF5ChunkIndex(
  _ layout: HDF5ChunkedLayout, shape: [Int], maximum: [Int?], hasFilters: Bool, in file: HDF5Bytes
) throws(IOLinkError) -> any HDF5ChunkIndexReader {
  let dataset = try HDF5ChunkedDataset(layout, shape: shape, maximum: maximum, hasFilters: hasFilters, in: file)
  switch layout.index {
  case .single(nil, _, _), .implicit(nil), .treeV1(nil), .treeV2(nil), .fixedArray(nil), .extensibleArray(nil):
    return HDF5EmptyChunkIndex(rank: shape.count)
  case .single(let address?, let byteCount, let filterMask):
    return try HDF5SingleChunk(dataset, at: address, byteCount: byteCount, filterMask: filterMask)
  case .implicit(let address?): return try HDF5ImplicitChunks(dataset, at: address)
  case .treeV1(let address?): return HDF5ChunkTreeV1(dataset, at: address)
  case .treeV2(let address?): return try HDF5ChunkTreeV2(dataset, at: address)
  case .fixedArray(let address?): return try HDF5FixedArray(dataset, at: address)
  case .extensibleArray(let address?): return try HDF5ExtensibleArray(dataset, at: address)
  }
}

/// What all kinds of chunk indexes need to know about their dataset.
struct HDF5ChunkedDataset: Sendable {
  let file: HDF5Bytes
  let shape: [Int]
  let maximum: [Int?]
  let chunkShape: [Int]
  /// The size of a chunk without filters.
  let chunkByteCount: Int
  let hasFilters: Bool

  init(
    _ layout: HDF5ChunkedLayout, shape: [Int], maximum: [Int?], hasFilters: Bool, in file: HDF5Bytes
  ) throws(IOLinkError) {
    guard layout.shape.count == shape.count, maximum.isEmpty || maximum.count == shape.count, !shape.isEmpty else {
      throw .hdf5(.malformed, "chunks have \(layout.shape.count) dimensions, the dataset has \(shape.count)")
    }
    var byteCount = layout.elementByteCount
    for length in layout.shape {
      guard length > 0 else { throw .hdf5(.malformed, "a chunk has the shape \(layout.shape)") }
      byteCount = try Checked.multiply(byteCount, length)
    }
    for length in shape where length < 0 { throw .hdf5(.malformed, "a dataset has the length \(length)") }
    self.file = file
    self.shape = shape
    self.maximum = maximum.isEmpty ? shape : maximum
    self.hasFilters = hasFilters
    chunkShape = layout.shape
    chunkByteCount = byteCount
  }

  /// Makes the location of a chunk.
  ///
  /// - Parameter address: The address as the file states it, relative to the base address.
  func location(_ address: Int, byteCount: Int, filterMask: UInt32) throws(IOLinkError) -> HDF5ChunkLocation {
    HDF5ChunkLocation(address: try Checked.add(file.base, address), byteCount: byteCount, filterMask: filterMask)
  }
}

/// The index of a dataset of which nothing was written.
struct HDF5EmptyChunkIndex: HDF5ChunkIndexReader {
  let rank: Int

  func location(of chunk: [Int]) throws(IOLinkError) -> HDF5ChunkLocation? {
    guard chunk.count == rank else { throw .hdf5(.invalidArgument, "chunk \(chunk) of a dataset of \(rank) dimensions") }
    return nil
  }

  func forEachWritten(_ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool) throws(IOLinkError) {}
}
