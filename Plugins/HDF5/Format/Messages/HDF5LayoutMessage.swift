import IOLinkCore

/// How the elements of a dataset are stored.
///
/// Source: HDF5 File Format Specification 4.0, IV.A.2.i.
enum HDF5LayoutMessage: Equatable, Sendable {
  /// The elements are in the message.
  case compact([UInt8])
  /// The elements are in one piece. The address is `nil` when nothing was written yet, the size when the message does not state it.
  case contiguous(address: Int?, byteCount: Int?)
  case chunked(HDF5ChunkedLayout)
  /// The elements are in other datasets, which an object of the global heap lists; it is `nil` when there are none.
  case virtual(heap: (address: Int, index: Int)?)

  init(_ block: HDF5Block) throws(IOLinkError) {
    var block = block
    let version = try block.version(1...5)
    guard version >= 3 else {
      self = try Self.old(&block)
      return
    }
    let kind = try block.byte()
    switch kind {
    case 0: self = .compact(try block.take(try block.integer(2)))
    case 1: self = .contiguous(address: try block.address(), byteCount: try block.length())
    case 2 where version == 3:
      let rank = try Self.rank(&block)
      let address = try block.address()
      self = .chunked(try HDF5ChunkedLayout(&block, rank: rank, width: 4, rawEdges: false) { _ in .treeV1(address: address) })
    case 2: self = .chunked(try Self.indexed(&block))
    case 3 where version >= 4:
      let address = try block.address()
      let index = try block.integer(4)
      self = .virtual(heap: address.map { ($0, index) })
    default: throw block.error("its class is \(kind), expected 0 to \(version == 3 ? 2 : 3)", .unsupported)
    }
  }

  /// Versions 1 and 2.
  private static func old(_ block: inout HDF5Block) throws(IOLinkError) -> HDF5LayoutMessage {
    let rank = try block.byte()
    guard rank <= HDF5Dataspace.maximumRank + 1 else { throw block.error("it has \(rank) dimensions, expected at most 33") }
    let kind = try block.byte()
    try block.skip(5)
    switch kind {
    case 0:
      try block.skip(4 * rank)
      return .compact(try block.take(try block.integer(4)))
    case 1:
      // The lengths are those of the dataset, and the size follows from them.
      return .contiguous(address: try block.address(), byteCount: nil)
    case 2:
      let address = try block.address()
      return .chunked(try HDF5ChunkedLayout(&block, rank: rank, width: 4, rawEdges: false) { _ in .treeV1(address: address) })
    default: throw block.error("its class is \(kind), expected 0 to 2", .unsupported)
    }
  }

  private static func rank(_ block: inout HDF5Block) throws(IOLinkError) -> Int {
    let rank = try block.byte()
    guard (2...HDF5Dataspace.maximumRank + 1).contains(rank) else {
      throw block.error("its chunks have \(rank) dimensions with that of the element, expected 2 to 33")
    }
    return rank
  }

  /// Chunks with an index of their own, from version 4 on.
  private static func indexed(_ block: inout HDF5Block) throws(IOLinkError) -> HDF5ChunkedLayout {
    let flags = try block.byte()
    guard flags & ~3 == 0 else { throw block.error("its flags are \(flags), expected 0 to 3", .unsupported) }
    let rank = try rank(&block)
    let width = try block.byte()
    guard (1...8).contains(width) else { throw block.error("the lengths of a chunk have \(width) bytes, expected 1 to 8") }
    return try HDF5ChunkedLayout(&block, rank: rank, width: width, rawEdges: flags & 1 != 0) { block throws(IOLinkError) in
      try index(&block, isFiltered: flags & 2 != 0)
    }
  }

  private static func index(_ block: inout HDF5Block, isFiltered: Bool) throws(IOLinkError) -> HDF5ChunkIndexKind {
    let kind = try block.byte()
    switch kind {
    case 1:
      let byteCount = isFiltered ? try block.length() : nil
      let filterMask = isFiltered ? UInt32(truncatingIfNeeded: try block.unsigned(4)) : 0
      return .single(address: try block.address(), byteCount: byteCount, filterMask: filterMask)
    case 2: return .implicit(address: try block.address())
    // The parameters of the other kinds are also in the headers of the indexes.
    case 3:
      try block.skip(1)
      return .fixedArray(address: try block.address())
    case 4:
      try block.skip(5)
      return .extensibleArray(address: try block.address())
    case 5:
      try block.skip(6)
      return .treeV2(address: try block.address())
    default: throw block.error("the type of its chunk index is \(kind), expected 1 to 5", .unsupported)
    }
  }

  static func == (left: HDF5LayoutMessage, right: HDF5LayoutMessage) -> Bool {
    switch (left, right) {
    case (.compact(let left), .compact(let right)): left == right
    case (.contiguous(let address, let byteCount), .contiguous(let other, let otherCount)): address == other && byteCount == otherCount
    case (.chunked(let left), .chunked(let right)): left == right
    case (.virtual(let left), .virtual(let right)): left?.address == right?.address && left?.index == right?.index
    default: false
    }
  }
}
