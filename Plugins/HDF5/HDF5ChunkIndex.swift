import IOLinkCore

/// Where the chunks of one dataset lie. The index is read in pages when they are first needed, and the pages are kept.
///
/// Opening a dataset therefore does not read the index, however many chunks there are. Reading a region looks up only the pages that it
/// touches.
final class HDF5ChunkIndex: Sendable {
  private let structure: any HDF5StructureReader
  private let dataset: HDF5Dataset
  private let chunkCount: Int
  private let pages = Guarded<[Int: [HDF5ChunkLocation?]]>([:], renewal: { [:] })
  private let sparse: Guarded<Sparse>

  /// The state of the lookup for a dataset that has far more chunks than its file can hold.
  private enum Sparse: Sendable { case unknown, all([Int: HDF5ChunkLocation]), tooMany }

  /// - Parameter fileByteCount: The size of the file, which limits how many chunks can have been written.
  init(_ dataset: HDF5Dataset, in structure: any HDF5StructureReader, chunkCount: Int, fileByteCount: Int) {
    self.structure = structure
    self.dataset = dataset
    self.chunkCount = chunkCount
    // An index takes at least 16 bytes for each chunk that was written.
    let isSparse = chunkCount > 8 * Self.pageLength && chunkCount / 2 > fileByteCount / 16
    sparse = Guarded(isSparse ? .unknown : .tooMany)
  }

  /// Returns the location of a chunk; `nil` when it was never written.
  ///
  /// - Parameter number: The ordinal of the chunk, in row-major order of the chunk grid and file order.
  /// - Throws: `malformed` when the index is damaged; any error that the source throws.
  func location(_ number: Int) throws(IOLinkError) -> HDF5ChunkLocation? {
    if let all = try everyChunk() { return all[number] }
    let page = number / Self.pageLength
    let slot = number % Self.pageLength
    if let known = pages.withLock({ $0[page] }) { return known[slot] }
    // Two threads may look up the same page, because the lock is not held while the library works.
    let first = page * Self.pageLength
    let found = try structure.chunks(of: dataset, first..<min(chunkCount, first + Self.pageLength))
    guard slot < found.count else { throw .hdf5(.malformed, "chunk \(number) of \(chunkCount) has no location in the index") }
    pages.withLock { pages in
      if pages.count >= Self.maximumPageCount { pages.removeAll() }
      pages[page] = found
    }
    return found[slot]
  }

  /// Returns all chunks of a dataset that has few of them; otherwise `nil`.
  private func everyChunk() throws(IOLinkError) -> [Int: HDF5ChunkLocation]? {
    switch sparse.withLock({ $0 }) {
    case .all(let chunks): return chunks
    case .tooMany: return nil
    case .unknown:
      let found = try structure.writtenChunks(of: dataset, atMost: Self.sparseLimit)
      sparse.withLock { $0 = found.map(Sparse.all) ?? .tooMany }
      return found
    }
  }

  private static let sparseLimit = 1024
  private static let pageLength = 512
  /// Two million locations in all, which take 48 MiB.
  private static let maximumPageCount = 4096
}
