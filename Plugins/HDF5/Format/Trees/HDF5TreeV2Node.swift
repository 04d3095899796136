import IOLinkCore

/// A node of a tree of version 2: its records and, above the leaves, one more child than records.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2.
struct HDF5TreeV2Node: Sendable {
  struct Child: Hashable, Sendable {
    let address: Int
    /// The number of records in the node itself.
    let count: Int
  }

  /// What the nodes of one level have in common.
  struct Level: Sendable {
    /// The most records of a node.
    let maximumCount: Int
    /// The number of bytes of a field that counts the records of a node and of all nodes below it.
    let totalByteCount: Int
  }

  let count: Int
  let children: [Child]
  private let block: HDF5Block
  private let recordByteCount: Int

  private static let prefixByteCount = 6

  /// The number of bytes in the file that the node uses.
  var storedByteCount: Int { block.bytes.count }

  /// The number of bytes in memory.
  var byteCount: Int { block.bytes.count + children.count * MemoryLayout<Child>.stride }

  /// - Parameters:
  ///   - child: Where the node is.
  ///   - depth: The number of levels below it.
  init(_ child: Child, depth: Int, of tree: HDF5TreeV2Header, in file: HDF5Bytes) throws(IOLinkError) {
    let level = tree.levels[depth]
    let name = depth > 0 ? "internal node of a version 2 tree" : "leaf node of a version 2 tree"
    guard child.count >= 0, child.count <= level.maximumCount else {
      throw .hdf5(
        .malformed, "\(name): it has \(child.count) records, expected at most \(level.maximumCount)", at: file.base + child.address)
    }
    let pointerByteCount = tree.pointerByteCount(depth: depth, file.offsetSize)
    let pointers = depth > 0 ? (child.count + 1) * pointerByteCount : 0
    var block = try file.block(
      at: child.address, count: Self.prefixByteCount + child.count * tree.recordByteCount + pointers + 4, name)
    try block.signature(depth > 0 ? "BTIN" : "BTLF")
    _ = try block.version(0...0)
    let type = try block.byte()
    guard type == tree.type else { throw block.error("its records have type \(type), expected \(tree.type)") }
    try block.skip(child.count * tree.recordByteCount)
    var children: [Child] = []
    if depth > 0 {
      for _ in 0...child.count {
        let address = try block.definedAddress("a child")
        children.append(Child(address: address, count: try block.integer(tree.countByteCount)))
        if depth > 1 { try block.skip(tree.levels[depth - 1].totalByteCount) }
      }
    }
    try block.checksum()
    count = child.count
    recordByteCount = tree.recordByteCount
    self.children = children
    self.block = block
  }

  /// Returns a record, whose index is below ``count``.
  func record(_ index: Int) throws(IOLinkError) -> HDF5Block {
    var block = block
    block.position = Self.prefixByteCount + index * recordByteCount
    return try block.part(recordByteCount, "record of a version 2 tree")
  }
}

/// The header of a tree of version 2.
///
/// Source: HDF5 File Format Specification 4.0, III.A.2, version 2 B-tree header.
struct HDF5TreeV2Header: Sendable {
  /// The type of the records.
  let type: Int
  let recordByteCount: Int
  /// The number of levels below the root.
  let depth: Int
  let root: HDF5TreeV2Node.Child?
  /// The number of records of the whole tree.
  let totalCount: Int
  /// The levels from the leaves up to the root.
  let levels: [HDF5TreeV2Node.Level]
  /// The number of bytes of a field that counts the records of a node.
  let countByteCount: Int

  init(at address: Int, in file: HDF5Bytes) throws(IOLinkError) {
    var block = try file.block(at: address, count: 22 + file.offsetSize + file.lengthSize, "version 2 tree header")
    try block.signature("BTHD")
    _ = try block.version(0...0)
    type = try block.byte()
    let nodeByteCount = try block.integer(4)
    recordByteCount = try block.integer(2)
    depth = try block.integer(2)
    try block.skip(2)  // when nodes are split and merged
    let rootAddress = try block.address()
    let rootCount = try block.integer(2)
    totalCount = try block.length()
    try block.checksum()
    guard recordByteCount > 0 else { throw block.error("its records have 0 bytes") }
    guard rootAddress != nil || totalCount == 0 else {
      throw block.error("the address of its root is undefined, but it has \(totalCount) records")
    }
    root = rootAddress.map { HDF5TreeV2Node.Child(address: $0, count: rootCount) }
    let leaf = (nodeByteCount - 10) / recordByteCount
    countByteCount = HDF5TreeV2.byteCount(upTo: leaf)
    guard leaf > 0, let levels = Self.levels(nodeByteCount, recordByteCount, depth, leaf, file.offsetSize + countByteCount) else {
      throw block.error("nodes of \(nodeByteCount) bytes with records of \(recordByteCount) cannot have \(depth) levels")
    }
    self.levels = levels
  }

  /// - Parameters:
  ///   - leaf: The most records of a leaf.
  ///   - pointer: The size of a child's address and count.
  /// - Returns: `nil` when a tree of that depth would have more records than can be counted, or nodes are too small for records.
  private static func levels(
    _ nodeByteCount: Int, _ recordByteCount: Int, _ depth: Int, _ leaf: Int, _ pointer: Int
  ) -> [HDF5TreeV2Node.Level]? {
    var levels = [HDF5TreeV2Node.Level(maximumCount: leaf, totalByteCount: 0)]
    var total = leaf
    for _ in 0..<depth {
      let pointerByteCount = pointer + levels[levels.count - 1].totalByteCount
      let count = (nodeByteCount - 10 - pointerByteCount) / (recordByteCount + pointerByteCount)
      guard count > 0 else { return nil }
      let (below, overflow) = (count + 1).multipliedReportingOverflow(by: total)
      let (sum, isTooMany) = below.addingReportingOverflow(count)
      guard !overflow, !isTooMany else { return nil }
      total = sum
      levels.append(HDF5TreeV2Node.Level(maximumCount: count, totalByteCount: HDF5TreeV2.byteCount(upTo: total)))
    }
    return levels
  }

  /// The size of what a node states about each child: the address, the number of records in it and, above the lowest inner nodes, the
  /// number of records below it.
  func pointerByteCount(depth: Int, _ offsetSize: Int) -> Int {
    offsetSize + countByteCount + (depth > 1 ? levels[depth - 1].totalByteCount : 0)
  }
}
