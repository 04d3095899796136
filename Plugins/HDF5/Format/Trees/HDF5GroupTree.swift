import IOLinkCore

/// The tree of version 1 that leads from a name to the symbol table node with the link of that name.
///
/// Key *i* is the greatest name below child *i* − 1; names are in the group's local heap.
///
/// Source: HDF5 File Format Specification 4.0, III.A.1.
struct HDF5GroupTree: Sendable {
  private struct Node: Sendable {
    let level: Int
    /// Offsets of names in the heap: one more than there are children.
    let keys: [Int]
    let children: [Int]
    let byteCount: Int
  }

  private let file: HDF5Bytes
  private let root: Int
  private let nodes: HDF5StructureCache<Int, Node>

  init(at address: Int, in file: HDF5Bytes) {
    (root, self.file) = (address, file)
    nodes = HDF5StructureCache(byteCount: min(1 << 20, file.limits.metadataByteCount)) { ($0.keys.count + $0.children.count) * 8 }
  }

  /// Returns the address of the symbol table node in which the link of a name would be; `nil` when all names come before it.
  ///
  /// - Complexity: O(log *n*) nodes and names, where *n* is the number of links.
  func symbolTableNode(for name: [UInt8], names: HDF5LocalHeap) throws(IOLinkError) -> Int? {
    var address = root
    var expected: Int?
    while true {
      let node = try nodes.structure(address) { () throws(IOLinkError) in try readNode(at: address) }
      try checkLevel(of: node, expected, at: address)
      // The first child whose last name is not before the wanted one.
      var (low, high) = (0, node.children.count)
      while low < high {
        let middle = low + (high - low) / 2
        if try names.bytes(at: node.keys[middle + 1]).lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
      }
      guard low < node.children.count else { return nil }
      address = node.children[low]
      guard node.level > 0 else { return address }
      expected = node.level - 1
    }
  }

  /// Lends the addresses of all symbol table nodes, in the order of the names.
  ///
  /// - Throws: `malformed` when a node is met twice; and every error that `body` throws.
  func forEachSymbolTableNode(_ body: (Int) throws(IOLinkError) -> Void) throws(IOLinkError) {
    var walk = HDF5NodeWalk()
    try visit(root, nil, &walk, body)
  }

  /// Visits a node and all below it. The level shrinks with every call, from at most 255.
  private func visit(
    _ address: Int, _ expected: Int?, _ walk: inout HDF5NodeWalk, _ body: (Int) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    let node = try readNode(at: address)
    try walk.enter(address, byteCount: node.byteCount, "group tree", in: file)
    try checkLevel(of: node, expected, at: address)
    for child in node.children {
      if node.level > 0 {
        try visit(child, node.level - 1, &walk, body)
      } else {
        // Whoever reads it counts the bytes of its links.
        try walk.enter(child, byteCount: 0, "group tree", in: file)
        try body(child)
      }
    }
  }

  private func checkLevel(of node: Node, _ expected: Int?, at address: Int) throws(IOLinkError) {
    guard expected == nil || node.level == expected else {
      throw .hdf5(.malformed, "group tree: a node's level is \(node.level), expected \(expected ?? 0)", at: file.base + address)
    }
  }

  private func readNode(at address: Int) throws(IOLinkError) -> Node {
    let name = "group tree node"
    // A node of the usual size is read at once.
    var block = try file.block(at: address, upTo: 544, name)
    try block.signature("TREE")
    let type = try block.byte()
    guard type == 0 else { throw block.error("its type is \(type), expected 0") }
    let level = try block.byte()
    let count = try block.integer(2)
    try block.skip(2 * file.offsetSize)  // the nodes beside it
    let needed = block.position + count * (file.lengthSize + file.offsetSize) + file.lengthSize
    if needed > block.bytes.count {
      let position = block.position
      block = try file.block(at: address, count: needed, name)
      block.position = position
    }
    var keys = [try block.length()]
    var children: [Int] = []
    for _ in 0..<count {
      children.append(try block.definedAddress("a child"))
      keys.append(try block.length())
    }
    return Node(level: level, keys: keys, children: children, byteCount: needed)
  }
}
