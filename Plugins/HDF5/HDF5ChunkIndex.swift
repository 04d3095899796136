import IOLinkCore

/// Where the chunks of one dataset lie: looked up in pages when first asked for, and kept.
///
/// Opening a dataset of a million chunks costs nothing; reading a part of it looks up the pages that part touches.
final class HDF5ChunkIndex: Sendable {
  private let structure: any HDF5StructureReader
  private let dataset: HDF5Dataset
  private let chunkCount: Int
  private let pages = Guarded<[Int: [HDF5ChunkLocation?]]>([:], renewal: { [:] })
  private let sparse: Guarded<Sparse>

  /// What is known of a dataset that has far more chunks than its file has room for.
  private enum Sparse: Sendable { case unknown, all([Int: HDF5ChunkLocation]), tooMany }

  /// - Parameter fileByteCount: Bounds how many chunks there can be.
  init(_ dataset: HDF5Dataset, in structure: any HDF5StructureReader, chunkCount: Int, fileByteCount: Int) {
    self.structure = structure
    self.dataset = dataset
    self.chunkCount = chunkCount
    // An index spends at least 16 bytes on a chunk that was written.
    let isSparse = chunkCount > 8 * Self.pageLength && chunkCount / 2 > fileByteCount / 16
    sparse = Guarded(isSparse ? .unknown : .tooMany)
  }

  /// The place of a chunk; `nil` when it was never written.
  ///
  /// - Parameter number: In row-major order of the chunk grid, file order.
  /// - Throws: `malformed` when the index is damaged; what the source throws.
  func location(_ number: Int) throws(IOLinkError) -> HDF5ChunkLocation? {
    if let all = try everyChunk() { return all[number] }
    let page = number / Self.pageLength
    let slot = number % Self.pageLength
    if let known = pages.withLock({ $0[page] }) { return known[slot] }
    // Two threads may look up the same page: nobody waits for the library while holding our lock.
    let first = page * Self.pageLength
    let found = try structure.chunks(of: dataset, first..<min(chunkCount, first + Self.pageLength))
    guard slot < found.count else { throw .hdf5(.malformed, "chunk \(number) of \(chunkCount) has no place") }
    pages.withLock { pages in
      if pages.count >= Self.maximumPageCount { pages.removeAll() }
      pages[page] = found
    }
    return found[slot]
  }

  /// All chunks, of a dataset that has few.
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
  /// Two million places, 48 MiB.
  private static let maximumPageCount = 4096
}
