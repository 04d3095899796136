@testable import HDF5Plugin
import IOLinkCore
import Testing

/// Trees written by hand from the specification.
struct HDF5TreeTests {
  // MARK: Version 2

  /// Eleven records of 12 bytes with the numbers 0, 10 … 100 in three levels. Nodes have 64 bytes: a leaf has room for 4 records; an inner
  /// node for 2, so that all counts have one byte.
  private static let tree: HDF5TestBytes = {
    var bytes = HDF5TestBytes(count: 576)
    func record(_ number: Int) -> [UInt8] { little(number, 4) + little(0, 8) }
    func leaf(_ address: Int, _ numbers: Int...) { bytes.putSealed(address, ascii("BTLF"), [0, 0], numbers.flatMap(record)) }
    func child(_ address: Int, _ count: Int, total: Int? = nil) -> [UInt8] { little(address, 8) + [UInt8(count)] + (total.map { [UInt8($0)] } ?? []) }
    bytes.putSealed(
      0, ascii("BTHD"), [0, 0], little(64, 4), little(12, 2), little(2, 2), [100, 40], little(64, 8), little(1, 2), little(11, 8))
    bytes.putSealed(64, ascii("BTIN"), [0, 0], record(50), child(128, 1, total: 5), child(192, 1, total: 5))
    bytes.putSealed(128, ascii("BTIN"), [0, 0], record(20), child(256, 2), child(320, 2))
    bytes.putSealed(192, ascii("BTIN"), [0, 0], record(80), child(384, 2), child(448, 2))
    leaf(256, 0, 10)
    leaf(320, 30, 40)
    leaf(384, 60, 70)
    leaf(448, 90, 100)
    return bytes
  }()

  private static func numbers(_ tree: HDF5TreeV2) throws(IOLinkError) -> [Int] {
    var numbers: [Int] = []
    try tree.forEach { record throws(IOLinkError) in
      var record = record
      numbers.append(try record.integer(4))
      return true
    }
    return numbers
  }

  private static func find(_ wanted: Int, in tree: HDF5TreeV2) throws(IOLinkError) -> Int? {
    let record = try tree.find { record throws(IOLinkError) in
      var record = record
      return wanted - (try record.integer(4))
    }
    guard var record else { return nil }
    return try record.integer(4)
  }

  @Test func treeV2() throws {
    let tree = try HDF5TreeV2(at: 0, in: Self.tree.file)
    #expect((tree.type, tree.recordByteCount, tree.totalCount) == (0, 12, 11))
    #expect(try Self.numbers(tree) == Array(stride(from: 0, through: 100, by: 10)))
    for number in -1...101 { #expect(try Self.find(number, in: tree) == (number >= 0 && number % 10 == 0 ? number : nil)) }
    var visited = 0
    try tree.forEach { _ in
      visited += 1
      return visited < 4
    }
    #expect(visited == 4)
  }

  @Test func emptyTreeV2() throws {
    var bytes = HDF5TestBytes(count: 64)
    bytes.putSealed(0, ascii("BTHD"), [0, 5], little(512, 4), little(11, 2), little(0, 2), [100, 40], undefined, little(0, 2), little(0, 8))
    let tree = try HDF5TreeV2(at: 0, in: bytes.file)
    #expect(try Self.numbers(tree).isEmpty)
    #expect(try Self.find(1, in: tree) == nil)
  }

  @Test func cyclesInTreesV2() throws {
    var bytes = Self.tree
    // The first inner node leads to its own leaf twice.
    bytes.put(128 + 6 + 12 + 9, little(256, 8))
    bytes.seal()
    let tree = try HDF5TreeV2(at: 0, in: bytes.file)
    #expect(errorCode { _ = try Self.numbers(tree) } == .malformed)
  }

  @Test func walksReadNoMoreThanTheFileHas() throws {
    let file = HDF5TestBytes(count: 100).file
    var walk = HDF5NodeWalk()
    try walk.enter(0, byteCount: 60, "node", in: file)
    #expect(errorCode { try walk.enter(0, byteCount: 0, "node", in: file) } == .malformed)
    try walk.enter(60, byteCount: 40, "node", in: file)
    #expect(errorCode { try walk.enter(99, byteCount: 1, "node", in: file) } == .malformed)
  }

  @Test(arguments: [0, 1, 255, 65_535])
  func depthsThatCannotBe(_ depth: Int) throws {
    var bytes = Self.tree
    bytes.put(12, little(depth, 2))
    bytes.seal()
    #expect(errorCode { _ = try Self.numbers(try HDF5TreeV2(at: 0, in: bytes.file)) } == .malformed)
  }

  @Test func damagedTreesV2() {
    let count = Self.tree.damaged { file throws(IOLinkError) in
      let tree = try HDF5TreeV2(at: 0, in: file)
      for number in [0, 40, 55, 100] { _ = try Self.find(number, in: tree) }
      _ = try Self.numbers(tree)
    }
    #expect(count > 576)
  }

  // MARK: Symbol tables

  /// A tree of two levels: "a" and "b" in one node, "c" in another one. "b" is a soft link to "/a".
  private static let group: HDF5TestBytes = {
    var bytes = HDF5TestBytes(count: 704)
    bytes.put(0, ascii("HEAP"), [0, 0, 0, 0], little(40, 8), little(1, 8), little(32, 8))
    bytes.put(40, ascii("a"), little(0, 7), ascii("b"), little(0, 7), ascii("c"), little(0, 7), ascii("/a"), little(0, 6))
    func node(_ address: Int, level: UInt8, _ content: Int...) {
      bytes.put(
        address, ascii("TREE"), [0, level], little((content.count - 1) / 2, 2), undefined, undefined, content.flatMap { little($0, 8) })
    }
    node(80, level: 1, 0, 144, 16, 208, 24)
    node(144, level: 0, 0, 272, 16)
    node(208, level: 0, 16, 400, 24)
    bytes.put(
      272, ascii("SNOD"), [1, 0], little(2, 2),
      little(8, 8), little(500, 8), little(1, 4), little(0, 4), little(0, 16),
      little(16, 8), undefined, little(2, 4), little(0, 4), little(32, 4), little(0, 12))
    bytes.put(400, ascii("SNOD"), [1, 0], little(1, 2), little(24, 8), little(600, 8), little(0, 4), little(0, 4), little(0, 16))
    return bytes
  }()

  private static let links = [
    HDF5Link(nameBytes: ascii("a"), target: .hard(500)), HDF5Link(nameBytes: ascii("b"), target: .soft("/a")),
    HDF5Link(nameBytes: ascii("c"), target: .hard(600)),
  ]

  private static func table(_ file: HDF5Bytes) throws(IOLinkError) -> HDF5SymbolTableLinks {
    let message = HDF5Block(little(80, 8) + little(0, 8), at: 0, "symbol table message", 8, 8)
    return try HDF5SymbolTableLinks(try HDF5SymbolTable(message), in: file)
  }

  @Test func symbolTable() throws {
    let table = try Self.table(Self.group.file)
    #expect(try table.links() == Self.links)
    for link in Self.links { #expect(try table.link(named: link.nameBytes) == link) }
    for name in ["", "A", "aa", "bb", "d"] { #expect(try table.link(named: ascii(name)) == nil) }
  }

  @Test(arguments: [(80 + 32, 80), (80 + 48, 144), (144 + 32, 144), (208 + 32, 272)])
  func cyclesInSymbolTables(_ position: Int, _ address: Int) throws {
    var bytes = Self.group
    bytes.put(position, little(address, 8))
    let table = try Self.table(bytes.file)
    #expect(errorCode { _ = try table.links() } == .malformed)
  }

  @Test func damagedSymbolTables() {
    let count = Self.group.damaged { file throws(IOLinkError) in
      let table = try Self.table(file)
      for name in ["a", "b", "bb", "c", "d"] { _ = try table.link(named: ascii(name)) }
      _ = try table.links()
    }
    #expect(count > 400)
  }
}
