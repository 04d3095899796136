import IOLinkCore

/// The links of a group in the oldest format: a tree of symbol table nodes, with the names in a local heap.
///
/// Source: HDF5 File Format Specification 4.0, III.B and III.C.
struct HDF5SymbolTableLinks: Sendable {
  private let file: HDF5Bytes
  private let tree: HDF5GroupTree
  private let names: HDF5LocalHeap

  init(_ table: HDF5SymbolTable, in file: HDF5Bytes) throws(IOLinkError) {
    tree = HDF5GroupTree(at: table.treeAddress, in: file)
    names = try HDF5LocalHeap(at: table.heapAddress, in: file)
    self.file = file
  }

  /// - Complexity: O(log *n*) nodes and names, where *n* is the number of links.
  func link(named name: [UInt8]) throws(IOLinkError) -> HDF5Link? {
    guard let address = try tree.symbolTableNode(for: name, names: names) else { return nil }
    let node = try node(at: address)
    var (low, high) = (0, count(of: node))
    while low < high {
      let middle = low + (high - low) / 2
      let found = try names.bytes(at: try nameOffset(middle, node))
      if found == name { return try link(middle, node, names) }
      if found.lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// Returns all links, in the order of the names.
  ///
  /// - Throws: `malformed` or `truncated` when a node is damaged or met twice; `limitExceeded` when the links are larger than
  ///   ``ReadLimits/metadataByteCount`` allows.
  func links() throws(IOLinkError) -> [HDF5Link] {
    let names = try names.loaded()
    var links: [HDF5Link] = []
    var budget = file.limits.metadataByteCount
    try tree.forEachSymbolTableNode { address throws(IOLinkError) in
      let node = try node(at: address)
      for index in 0..<count(of: node) {
        let link = try link(index, node, names)
        budget -= link.nameBytes.count + entryByteCount
        guard budget >= 0 else { throw node.error("the links are larger than \(file.limits.metadataByteCount) bytes", .limitExceeded) }
        links.append(link)
      }
    }
    return links
  }

  /// A name's offset, an address, the kind of what is cached (4), reserved (4), and what is cached (16). The document gives the name's
  /// offset the size of addresses, the library that of lengths.
  private var entryByteCount: Int { file.lengthSize + file.offsetSize + 24 }

  private func count(of node: HDF5Block) -> Int { node.remaining / entryByteCount }

  /// Reads a symbol table node, up to its entries.
  private func node(at address: Int) throws(IOLinkError) -> HDF5Block {
    let name = "symbol table node"
    var header = try file.block(at: address, count: 8, name)
    try header.signature("SNOD")
    _ = try header.version(1...1)
    try header.skip(1)
    var node = try file.block(at: address, count: 8 + (try header.integer(2)) * entryByteCount, name)
    try node.skip(8)
    return node
  }

  private func nameOffset(_ index: Int, _ node: HDF5Block) throws(IOLinkError) -> Int {
    var node = node
    try node.skip(index * entryByteCount)
    return try node.length()
  }

  private func link(_ index: Int, _ node: HDF5Block, _ names: HDF5LocalHeap) throws(IOLinkError) -> HDF5Link {
    var node = node
    try node.skip(index * entryByteCount)
    let name = try names.bytes(at: try node.length())
    guard !name.isEmpty else { throw node.error("the name of a link is empty") }
    let address = try node.address()
    let kind = try node.integer(4)
    try node.skip(4)
    switch kind {
    case 0, 1:
      guard let address else { throw node.error("the address of the object to which a link leads is undefined") }
      return HDF5Link(nameBytes: name, target: .hard(address))
    case 2: return HDF5Link(nameBytes: name, target: .soft(try names.text(at: try node.integer(4))))
    default: throw node.error("the kind of a link is \(kind), expected 0 to 2")
    }
  }
}
