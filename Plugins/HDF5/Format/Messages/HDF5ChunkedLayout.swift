import IOLinkCore

/// How a dataset is divided into chunks, and which structure finds them.
struct HDF5ChunkedLayout: Hashable, Sendable {
  /// The lengths of a chunk, slowest first, without the size of an element.
  let shape: [Int]
  /// The size of an element in bytes.
  let elementByteCount: Int
  /// Whether chunks that extend beyond the dataset's shape are not filtered.
  let rawEdges: Bool
  let index: HDF5ChunkIndexKind
}

/// The structure that finds the chunks of a dataset. An address is `nil` until the first chunk is written.
enum HDF5ChunkIndexKind: Hashable, Sendable {
  /// A tree of version 1.
  case treeV1(address: Int?)
  /// The only chunk; its size and the mask of skipped filters are stated when there are filters.
  case single(address: Int?, byteCount: Int?, filterMask: UInt32)
  /// All chunks one after the other.
  case implicit(address: Int?)
  case fixedArray(address: Int?)
  case extensibleArray(address: Int?)
  /// A tree of version 2.
  case treeV2(address: Int?)
}
