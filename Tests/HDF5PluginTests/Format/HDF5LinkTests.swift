import Foundation
@testable import HDF5Plugin
import IOLinkCore
import Testing

/// Link messages written by hand, and the groups that `links.py` made.
struct HDF5LinkTests {
  private static func link(_ bytes: [UInt8]) throws(IOLinkError) -> HDF5Link { try HDF5Link(HDF5Block(bytes, at: 0, "link message", 8, 8)) }

  private static let messages: [(bytes: [UInt8], link: HDF5Link)] = [
    ([1, 0, 1] + ascii("a") + little(96, 8), HDF5Link(nameBytes: ascii("a"), target: .hard(96))),
    (
      [1, 0x1c, 1] + little(7, 8) + [1, 2] + ascii("é") + little(2, 2) + ascii("/b"),
      HDF5Link(nameBytes: ascii("é"), creationOrder: 7, target: .soft("/b"))
    ),
    (
      [1, 9, 64] + little(3, 2) + ascii("out") + little(8, 2) + [0] + ascii("f.h5") + [0] + ascii("/") + [0],
      HDF5Link(nameBytes: ascii("out"), target: .external(file: "f.h5", object: "/"))
    ),
    ([1, 11, 200] + little(1, 8) + ascii("u") + little(1, 2) + [5], HDF5Link(nameBytes: ascii("u"), target: .userDefined(200))),
  ]

  @Test func linkMessages() throws {
    for (bytes, link) in Self.messages {
      #expect(try Self.link(bytes) == link)
      #expect(try Self.link(bytes + [0, 0, 0]) == link)
    }
  }

  @Test func damagedLinkMessages() {
    for (bytes, link) in Self.messages {
      for length in bytes.indices {
        // What a user-defined link leads to is not read.
        if case .userDefined = link.target, length >= bytes.count - 3 { continue }
        #expect(throws: IOLinkError.self) { try Self.link(Array(bytes[..<length])) }
      }
      for index in bytes.indices {
        for value in UInt8.min...UInt8.max {
          var copy = bytes
          copy[index] = value
          _ = try? Self.link(copy)
        }
      }
    }
  }

  @Test(arguments: [
    [2, 0, 1, 65] + little(96, 8), [1, 0, 0] + little(96, 8), [1, 0, 1, 65] + undefined, [1, 8, 2, 1, 65] + little(0, 2),
    [1, 3] + little(.max, 8) + [65],
  ])
  func linkMessagesThatAreNotValid(_ bytes: [UInt8]) {
    #expect(throws: IOLinkError.self) { try Self.link(bytes) }
  }

  // MARK: Files

  private static func open(_ name: String) throws -> HDF5FileContext { try open(try bytes(name)) }

  private static func bytes(_ name: String) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    return [UInt8](try Data(contentsOf: folder.appending(path: "Fixtures/\(name).h5")))
  }

  private static func open(_ bytes: [UInt8]) throws(IOLinkError) -> HDF5FileContext {
    try HDF5FileContext(MemoryRandomAccess(bytes), limits: ReadLimits())
  }

  /// Follows hard links.
  private static func header(_ path: String..., in file: HDF5FileContext) throws -> HDF5ObjectHeader {
    var header = try HDF5ObjectHeader(at: file.superblock.rootAddress, in: file)
    for name in path {
      guard case .hard(let address) = try #require(try HDF5Group(header, in: file).link(named: name)).target else { continue }
      header = try HDF5ObjectHeader(at: address, in: file)
    }
    return header
  }

  private static func group(_ path: String, in file: HDF5FileContext) throws -> HDF5Group { try HDF5Group(header(path, in: file), in: file) }

  /// The links of a group are found by name, and listed in the expected order.
  private static func expect(_ names: [String], in group: HDF5Group) throws {
    let links = try group.links()
    #expect(links.map(\.name) == names)
    for link in links { #expect(try group.link(named: link.name) == link) }
    for name in ["", "?", "link", "link 1000", "zzzz"] { #expect(try group.link(named: name) == nil) }
  }

  private static func numbered(_ count: Int) -> [String] { (0..<count).map { "link \($0 * 7 % 1000)" } }
  private static func byName(_ names: [String]) -> [String] { names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  @Test func symbolTables() throws {
    let file = try Self.open("links_old")
    try Self.expect(Self.byName(Self.numbered(300)), in: Self.group("many", in: file))
    try Self.expect([], in: Self.group("empty", in: file))
    let mixed = try Self.group("mixed", in: file)
    #expect(try mixed.links().map(\.name) == ["e\u{301}", "soft", "é", "\u{FFFD} in Latin-1"])
    #expect(try mixed.link(named: "soft")?.target == .soft("/many/link 7"))
    // The two spellings of é are different names.
    #expect(try mixed.link(named: "\u{e9}")?.target != mixed.link(named: "e\u{301}")?.target)
    #expect(try mixed.link(named: "\u{FFFD} in Latin-1")?.nameBytes.first == 0xe9)
  }

  @Test func compactAndDenseLinks() throws {
    let file = try Self.open("links_new")
    try Self.expect([], in: Self.group("empty", in: file))
    try Self.expect(Self.byName(Self.numbered(5)), in: Self.group("compact", in: file))
    try Self.expect(Self.numbered(5), in: Self.group("compact in order", in: file))
    try Self.expect(Self.byName(Self.numbered(200)), in: Self.group("dense", in: file))
    try Self.expect(Self.numbered(200), in: Self.group("dense in order", in: file))
  }

  @Test func filteredHeaps() throws {
    let file = try Self.open("links_new")
    try Self.expect(Self.byName(Self.numbered(12)), in: Self.group("filtered", in: file))
    try Self.expect(Self.byName(Self.numbered(200)), in: Self.group("filtered more", in: file))
  }

  @Test(arguments: ["huge", "huge filtered"])
  func hugeNames(_ name: String) throws {
    let long = ["a", "b", "c"].map { String(repeating: $0, count: 5000) }
    let file = try Self.open("links_new")
    try Self.expect(Self.byName(Self.numbered(10) + long), in: Self.group(name, in: file))
  }

  @Test func kindsOfLinks() throws {
    let links = try Self.group("kinds", in: Self.open("links_new")).links()
    #expect(links.map(\.target) == [.soft("/dense/link 7"), .external(file: "other.h5", object: "/some/where"), .userDefined(200)])
    #expect(links.map(\.creationOrder) == [0, 1, 2])
  }

  /// Links of 6 bytes are in their identifiers.
  @Test func tinyLinks() throws {
    try Self.expect("abcdefghijkl".map(String.init) + ["longer"], in: Self.group("letters", in: Self.open("links_small")))
  }

  @Test func objectsThatAreNotGroups() throws {
    let file = try Self.open("links_new")
    let header = try Self.header("data", in: file)
    #expect(!HDF5Group.isGroup(header))
    #expect(errorCode { _ = try HDF5Group(header, in: file) } == .notFound)
  }

  @Test func denseAttributes() throws {
    let file = try Self.open("links_new")
    func names(_ path: String) throws -> [String] {
      try denseAttributeBlocks(of: Self.header(path, in: file), in: file).map { try HDF5AttributeMessage($0, in: file).name }
    }
    let numbered = (0..<30).map { "attribute \($0 * 7 % 30)" }
    #expect(try names("attributes 0") == Self.byName(numbered))
    #expect(try names("attributes 1") == numbered)
    #expect(try names("large attributes") == ["large"] + (0..<10).map { "small \($0)" })
    #expect(try names("data") == [])
  }

  @Test func limits() throws {
    var limits = ReadLimits()
    limits.metadataByteCount = 3500
    let file = try HDF5FileContext(MemoryRandomAccess(try Self.bytes("links_new")), limits: limits)
    let group = try Self.group("dense", in: file)
    #expect(errorCode { _ = try group.links() } == .limitExceeded)
  }

  /// Every length, and every byte changed: an error or a listing.
  @Test func damagedFiles() throws {
    let bytes = try Self.bytes("links_small")
    func read(_ bytes: [UInt8]) throws {
      let file = try Self.open(bytes)
      let group = try Self.group("letters", in: file)
      _ = try group.link(named: "longer")
      _ = try group.links()
    }
    // What is missing at the end may be something that the links do not need.
    var errors = 0
    for length in bytes.indices {
      do { try read(Array(bytes[..<length])) } catch {
        #expect((error as? IOLinkError)?.isAboutContent == true)
        errors += 1
      }
    }
    #expect(errors > bytes.count / 2)
    for index in bytes.indices {
      var copy = bytes
      copy[index] ^= 0xff
      do { try read(copy) } catch { #expect(error is IOLinkError) }
    }
  }
}
