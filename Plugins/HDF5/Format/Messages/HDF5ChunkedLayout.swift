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

// MARK: Writing

extension HDF5ChunkedLayout {
  /// The body of the layout message: version 3 for a tree of version 1, otherwise version 4.
  var encoded: [UInt8] {
    var builder = HDF5BlockBuilder()
    if case .treeV1(let address) = index {
      builder.append([3, 2, UInt8(shape.count + 1)])
      builder.address(address)
      for length in shape + [elementByteCount] { builder.integer(length, 4) }
      return builder.bytes
    }
    var flags: UInt8 = rawEdges ? 1 : 0
    if case .single(_, _?, _) = index { flags |= 2 }
    let width = HDF5TreeV2.byteCount(upTo: max(elementByteCount, shape.max() ?? 1))
    builder.append([4, 2, flags, UInt8(shape.count + 1), UInt8(width)])
    for length in shape + [elementByteCount] { builder.integer(length, width) }
    builder.append(index.encoded)
    return builder.bytes
  }
}

extension HDF5ChunkIndexKind {
  /// Arrays of more entries than 2 to the power of this are divided into pages.
  static let pageBits = 10
  /// The size of a node of a tree of version 2.
  static let treeNodeByteCount = 2048

  /// The type of the index, its parameters and its address, in version 4 of the message.
  fileprivate var encoded: [UInt8] {
    var builder = HDF5BlockBuilder()
    switch self {
    case .treeV1: preconditionFailure("trees of version 1 belong to version 3 of the message")
    case .single(let address, let byteCount, let filterMask):
      builder.append([1])
      if let byteCount {
        builder.length(byteCount)
        builder.integer(Int(filterMask), 4)
      }
      builder.address(address)
    case .implicit(let address):
      builder.append([2])
      builder.address(address)
    case .fixedArray(let address):
      builder.append([3, UInt8(Self.pageBits)])
      builder.address(address)
    case .extensibleArray(let address):
      // The minimum number of addresses comes before that of entries, unlike in the header of the array.
      let plan = HDF5ExtensibleArrayPlan.writtenBytes
      builder.append([4, plan[0], plan[1], plan[3], plan[2], plan[4]])
      builder.address(address)
    case .treeV2(let address):
      builder.append([5])
      builder.integer(Self.treeNodeByteCount, 4)
      builder.append([100, 40])  // when nodes are split and merged, in percent
      builder.address(address)
    }
    return builder.bytes
  }
}
