import IOLinkCore

/// The index of chunks in a version 1 B-tree, as files before HDF5 1.10 have it.
///
/// Source: HDF5 File Format Specification 4.0, III.A.1 "Version 1 B-trees", node type 1.
final class HDF5ChunkTreeV1: HDF5ChunkIndexReader {
  private let dataset: HDF5ChunkedDataset
  private let counts: [Int]
  private let root: Int
  private let cache = HDF5StructureCache<Int, HDF5Block>(byteCount: 8 << 20) { $0.bytes.count }

  init(_ dataset: HDF5ChunkedDataset, at address: Int) {
    self.dataset = dataset
    root = address
    counts = zip(dataset.shape, dataset.chunkShape).map { Checked.ceilingDivide($0, $1) }
  }

  func location(of chunk: [Int]) throws(IOLinkError) -> HDF5ChunkLocation? {
    guard try HDF5ChunkGrid.contains(chunk, counts) else { return nil }
    var node = try node(at: root, level: nil)
    while true {
      guard let (child, key) = try node.child(holding: chunk) else { return nil }
      if node.level == 0 {
        return key.chunk == chunk ? try dataset.location(child, byteCount: key.byteCount, filterMask: key.filterMask) : nil
      }
      node = try self.node(at: child, level: node.level - 1)
    }
  }

  func forEachWritten(_ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool) throws(IOLinkError) {
    var walk = HDF5NodeWalk()
    var found = 0
    _ = try visit(root, level: nil, &walk) { chunk, location throws(IOLinkError) in
      guard try HDF5ChunkGrid.contains(chunk, self.counts) else { return true }
      found += 1
      try self.dataset.file.limits.check(found, atMost: \.entryCount, "chunks")
      return try body(chunk, location)
    }
  }

  /// - Returns: False when `body` returned false.
  private func visit(
    _ address: Int, level: Int?, _ walk: inout HDF5NodeWalk, _ body: ([Int], HDF5ChunkLocation) throws(IOLinkError) -> Bool
  ) throws(IOLinkError) -> Bool {
    let node = try node(at: address, level: level)
    try walk.enter(address, byteCount: node.byteCount, "chunk tree node", in: dataset.file)
    for index in 0..<node.count {
      let child = try node.address(index)
      if node.level > 0 {
        guard try visit(child, level: node.level - 1, &walk, body) else { return false }
      } else {
        let key = try node.key(index)
        guard try body(key.chunk, dataset.location(child, byteCount: key.byteCount, filterMask: key.filterMask)) else { return false }
      }
    }
    return true
  }

  /// - Parameter level: The level that the node must have, so that a walk ends; `nil` for the root.
  private func node(at address: Int, level: Int?) throws(IOLinkError) -> HDF5ChunkTreeNode {
    let block = try cache.structure(address) { () throws(IOLinkError) in
      let file = self.dataset.file
      let byteCount = HDF5ChunkTreeNode.byteCount(rank: self.counts.count, offsetSize: file.offsetSize)
      // As large as nodes are by default: then the header does not take a read of its own.
      let first = try file.block(at: address, upTo: byteCount(64), "chunk tree node")
      let node = try HDF5ChunkTreeNode(first, self.dataset.chunkShape)
      return node.count > 64 ? try file.block(at: address, count: byteCount(node.count), "chunk tree node") : first
    }
    let node = try HDF5ChunkTreeNode(block, dataset.chunkShape)
    try dataset.file.limits.check(node.level, atMost: \.nesting, "levels of a chunk tree")
    guard level == nil || node.level == level else { throw block.error("its level is \(node.level), expected \(level ?? 0)") }
    return node
  }
}

/// A node of a version 1 B-tree of chunks.
///
/// A key is the size of a chunk, its filter mask, and where it begins in the dataset; the child with the same index begins with that chunk.
struct HDF5ChunkTreeNode {
  struct Key {
    let byteCount: Int
    let filterMask: UInt32
    /// The index of the chunk along each dimension.
    let chunk: [Int]
  }

  let block: HDF5Block
  let level: Int
  /// The number of children.
  let count: Int
  private let chunkShape: [Int]

  init(_ block: HDF5Block, _ chunkShape: [Int]) throws(IOLinkError) {
    var head = block
    try head.signature("TREE")
    let type = try head.byte()
    guard type == 1 else { throw head.error("its type is \(type), expected 1") }
    level = try head.byte()
    count = try head.integer(2)
    self.block = block
    self.chunkShape = chunkShape
  }

  /// The number of bytes of the node that the file has, without the key after the last child, which nobody needs.
  var byteCount: Int {
    min(block.bytes.count, 8 + 2 * block.offsetSize + count * (Self.keyByteCount(chunkShape.count) + block.offsetSize))
  }

  /// Returns a function from the number of children to the size of a node.
  static func byteCount(rank: Int, offsetSize: Int) -> (Int) -> Int {
    { 8 + 2 * offsetSize + $0 * (keyByteCount(rank) + offsetSize) + keyByteCount(rank) }
  }

  /// One more offset than there are dimensions: the last is in the element, and is 0.
  private static func keyByteCount(_ rank: Int) -> Int { 8 + 8 * (rank + 1) }

  private func entry(_ index: Int) throws(IOLinkError) -> HDF5Block {
    var block = block
    try block.skip(8 + 2 * block.offsetSize + index * (Self.keyByteCount(chunkShape.count) + block.offsetSize))
    return block
  }

  func key(_ index: Int) throws(IOLinkError) -> Key {
    var block = try entry(index)
    let byteCount = try block.integer(4)
    let filterMask = UInt32(truncatingIfNeeded: try block.unsigned(4))
    var chunk = chunkShape
    for dimension in chunk.indices {
      let offset = try block.integer(8)
      guard offset % chunkShape[dimension] == 0 else { throw block.error("a chunk begins at \(offset) in dimension \(dimension)") }
      chunk[dimension] = offset / chunkShape[dimension]
    }
    return Key(byteCount: byteCount, filterMask: filterMask, chunk: chunk)
  }

  func address(_ index: Int) throws(IOLinkError) -> Int {
    var block = try entry(index)
    try block.skip(Self.keyByteCount(chunkShape.count))
    return try block.definedAddress("a child")
  }

  /// Returns the address of the only child that can hold a chunk, and its key.
  func child(holding chunk: [Int]) throws(IOLinkError) -> (address: Int, key: Key)? {
    var range = 0..<count
    var best: (Int, Key)?
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      let key = try key(middle)
      if chunk.lexicographicallyPrecedes(key.chunk) {
        range = range.lowerBound..<middle
      } else {
        best = (middle, key)
        range = middle + 1..<range.upperBound
      }
    }
    guard let (index, key) = best else { return nil }
    return (try address(index), key)
  }
}
