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

extension HDF5ChunkedLayout {
  /// Reads the lengths of a chunk, the last of which is the size of an element, and then the index.
  ///
  /// - Parameters:
  ///   - rank: The number of lengths.
  ///   - width: The number of bytes of each.
  init(
    _ block: inout HDF5Block, rank: Int, width: Int, rawEdges: Bool,
    _ index: (inout HDF5Block) throws(IOLinkError) -> HDF5ChunkIndexKind
  ) throws(IOLinkError) {
    var lengths: [Int] = []
    for _ in 0..<rank {
      lengths.append(try block.integer(width))
      guard lengths.last != 0 else { throw block.error("its chunks have the length 0 along dimension \(lengths.count - 1)") }
    }
    guard let elementByteCount = lengths.popLast(), !lengths.isEmpty else {
      throw block.error("its chunks have \(rank) dimensions with that of the element, expected 2 to 33")
    }
    self.init(shape: lengths, elementByteCount: elementByteCount, rawEdges: rawEdges, index: try index(&block))
  }
}

/// The structure that finds the chunks of a dataset. An address is `nil` until the first chunk is written.
enum HDF5ChunkIndexKind: Hashable, Sendable {
  /// A tree of version 1.
  case treeV1(address: Int?)
  /// The only chunk; its size and the mask of skipped filters are stated when there are filters.
  case single(address: Int?, byteCount: Int?, filterMask: UInt32)
  /// All chunks in one piece, in row-major order of the chunk grid.
  case implicit(address: Int?)
  case fixedArray(address: Int?)
  case extensibleArray(address: Int?)
  /// A tree of version 2.
  case treeV2(address: Int?)
}
