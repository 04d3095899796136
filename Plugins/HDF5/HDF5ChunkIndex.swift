import IOLink
import Synchronization

/// Where the chunks of one dataset lie: looked up in pages when first asked for, and kept.
///
/// Opening a dataset of a million chunks costs nothing; reading a part of it looks up the pages that part touches.
final class HDF5ChunkIndex: Sendable {
  private let structure: any HDF5StructureReader
  private let dataset: HDF5Dataset
  private let chunkCount: Int
  private let pages = Mutex<[Int: [HDF5ChunkLocation?]]>([:])

  init(_ dataset: HDF5Dataset, in structure: any HDF5StructureReader, chunkCount: Int) {
    self.structure = structure
    self.dataset = dataset
    self.chunkCount = chunkCount
  }

  /// The place of a chunk; `nil` when it was never written.
  ///
  /// - Parameter number: In row-major order of the chunk grid, file order.
  /// - Throws: `malformed` when the index is damaged; what the source throws.
  func location(_ number: Int) throws(IOLinkError) -> HDF5ChunkLocation? {
    let page = number / Self.pageLength
    let slot = number % Self.pageLength
    if let known = pages.withLock({ $0[page] }) { return known[slot] }
    // Two threads may look up the same page: nobody waits for the library while holding our lock.
    let first = page * Self.pageLength
    let found = try structure.chunks(of: dataset, first..<Swift.min(chunkCount, first + Self.pageLength))
    guard slot < found.count else { throw .hdf5(.malformed, "chunk \(number) of \(chunkCount) has no place") }
    pages.withLock { pages in
      if pages.count >= Self.maximumPageCount { pages.removeAll() }
      pages[page] = found
    }
    return found[slot]
  }

  private static let pageLength = 512
  /// Two million places, 48 MiB.
  private static let maximumPageCount = 4096
}
