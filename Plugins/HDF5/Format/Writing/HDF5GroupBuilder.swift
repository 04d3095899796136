import IOLinkCore

/// The table of symbols of a group: a tree, a heap of names, and the nodes that list the links by name.
///
/// Source: HDF5 File Format Specification 4.0, III.A.1 (type 0), III.B, III.C, III.D.
struct HDF5GroupBuilder: Sendable {
  /// A link to an object or to a path. Groups also state where their table of symbols is.
  struct Entry: Sendable {
    let name: String
    /// The address of the object's header; `nil` for a soft link.
    let header: Int?
    var table: Table?
    /// The path to which a soft link leads.
    var path: String?
  }

  struct Table: Sendable {
    let tree: Int
    let heap: Int
  }

  let table: Table
  /// All structures, which belong to the address that was given.
  let bytes: [UInt8]

  /// The most entries of a symbol node and children of a tree's node: twice the numbers in our superblock.
  private static let entryCount = 2 * leafHalfCount
  private static let width = 2 * nodeHalfCount
  static let leafHalfCount = 4
  static let nodeHalfCount = 16

  /// A node, and where the last name below it is in the heap.
  private struct Child {
    let address: Int
    let lastName: Int
  }

  init(_ entries: [Entry], at address: Int) {
    let sorted = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    var names = HDF5BlockBuilder()
    names.zeros(8)  // the empty name
    var offsets: [Int] = []
    var paths: [Int] = []
    for entry in sorted {
      offsets.append(names.count)
      names.append((Array(entry.name.utf8) + [0]).aligned)
      paths.append(names.count)
      if let path = entry.path { names.append((Array(path.utf8) + [0]).aligned) }
    }
    var builder = HDF5BlockBuilder()
    builder.append(Self.heap(names.bytes, at: address))
    var children: [Child] = []
    for start in stride(from: 0, to: sorted.count, by: Self.entryCount) {
      let range = start..<min(sorted.count, start + Self.entryCount)
      children.append(Child(address: address + builder.count, lastName: offsets[range.upperBound - 1]))
      builder.append(Self.node(sorted[range], offsets[range], paths[range]))
    }
    let tree = Self.appendTree(children, to: &builder, at: address)
    table = Table(tree: tree, heap: address)
    bytes = builder.bytes
  }

  /// Returns the heap of names: its head, the names and some free space.
  private static func heap(_ names: [UInt8], at address: Int) -> [UInt8] {
    let headByteCount = 32
    let free = max(16, 88 - names.count)
    var builder = HDF5BlockBuilder()
    builder.signature("HEAP")
    builder.zeros(4)
    builder.length(names.count + free)
    builder.length(names.count)  // where free space begins
    builder.address(address + headByteCount)
    builder.append(names)
    builder.length(1)  // the last free space
    builder.length(free)
    builder.zeros(free - 16)
    return builder.bytes
  }

  private static func node(_ entries: ArraySlice<Entry>, _ offsets: ArraySlice<Int>, _ paths: ArraySlice<Int>) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.signature("SNOD")
    builder.append([1, 0])
    builder.integer(entries.count, 2)
    for (entry, place) in zip(entries, zip(offsets, paths)) { builder.append(entry.encoded(nameOffset: place.0, pathOffset: place.1)) }
    builder.pad(to: 8 + entryCount * 40)
    return builder.bytes
  }

  /// Appends all levels of the tree, and returns the address of its root.
  private static func appendTree(_ nodes: [Child], to builder: inout HDF5BlockBuilder, at address: Int) -> Int {
    let size = 24 + (width + 1) * 8 + width * 8
    var children = nodes
    var level = 0
    while true {
      let first = address + builder.count
      let count = max(1, Checked.ceilingDivide(children.count, width))
      var parents: [Child] = []
      for node in 0..<count {
        let range = node * width..<min(children.count, (node + 1) * width)
        let end = builder.count + size
        builder.signature("TREE")
        builder.append([0, UInt8(level)])
        builder.integer(range.count, 2)
        builder.address(node > 0 ? first + (node - 1) * size : nil)
        builder.address(node + 1 < count ? first + (node + 1) * size : nil)
        builder.length(node > 0 ? children[range.lowerBound - 1].lastName : 0)
        for child in children[range] {
          builder.address(child.address)
          builder.length(child.lastName)
        }
        builder.pad(to: end)
        parents.append(Child(address: first + node * size, lastName: children.isEmpty ? 0 : children[range.upperBound - 1].lastName))
      }
      if count == 1 { return first }
      children = parents
      level += 1
    }
  }
}

extension HDF5GroupBuilder.Entry {
  /// The entry of a symbol node, which has 40 bytes.
  func encoded(nameOffset: Int, pathOffset: Int = 0) -> [UInt8] {
    var builder = HDF5BlockBuilder()
    builder.length(nameOffset)
    builder.address(header)
    // What follows: nothing, where the table of symbols is, or where the path of a soft link is.
    builder.integer(path != nil ? 2 : table == nil ? 0 : 1, 4)
    builder.zeros(4)
    if let table {
      builder.address(table.tree)
      builder.address(table.heap)
    }
    if path != nil { builder.integer(pathOffset, 4) }
    builder.pad(to: 40)
    return builder.bytes
  }
}
