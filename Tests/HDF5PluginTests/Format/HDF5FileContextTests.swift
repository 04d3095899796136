import Foundation
import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Superblocks and what they lead to: extensions, heaps of shared messages, drivers; and files of libhdf5 with damage.
struct HDF5FileContextTests {
  private typealias E = Encoded
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures")
  private static let undefined = [UInt8](repeating: 0xff, count: 8)

  private func bytes(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: Self.fixtures.appending(path: name))) }

  private func open(_ bytes: [UInt8]) throws -> HDF5FileContext { try HDF5FileContext(MemoryRandomAccess(bytes), limits: ReadLimits()) }

  private func new(version: UInt8, flags: UInt8 = 0, extension address: [UInt8] = Self.undefined, end: Int, root: Int, base: Int = 0)
    -> [UInt8]
  {
    E.checked(
      HDF5Superblock.signature + [version, 8, 8, flags] + E.little(base, 8) + address + E.little(end, 8) + E.little(root, 8))
  }

  @Test func superblocksOfVersions2And3() throws {
    for version in [2, 3] as [UInt8] {
      let superblock = try open(new(version: version, end: 48, root: 4711)).superblock
      #expect(superblock.rootAddress == 4711 && superblock.extensionAddress == nil && !superblock.isMarkedAsOpen)
    }
    // Only version 3 says that a writer has the file open, and then the end may lie behind that of the file. Otherwise it is cut short.
    for (version, flags) in [(2, 5), (3, 0)] as [(UInt8, UInt8)] {
      #expect(try open(new(version: version, flags: flags, end: 49, root: 48)).shortage == "the file has 48 of 49 bytes")
      #expect(try open(new(version: version, flags: flags, end: 48, root: 48)).shortage == nil)
    }
    for flags in [1, 4, 5] as [UInt8] {
      let file = try open(new(version: 3, flags: flags, end: 4096, root: 48))
      #expect(file.superblock.isMarkedAsOpen && file.shortage == nil)
      #expect(code { try HDF5ObjectHeader(at: file.superblock.rootAddress, in: file) } == .truncated)
    }
  }

  @Test func addressesAreRelativeToTheSuperblock() throws {
    // A file that was put behind 512 bytes by a program that does not know the format: it still states the base address 0.
    let header = E.newHeader(E.messages([E.Message(type: 13, body: E.text("moved"))], version: 2))
    let moved = [UInt8](repeating: 0, count: 512) + new(version: 2, end: 48 + header.count, root: 48) + header
    let file = try open(moved)
    #expect(try HDF5ObjectHeader(at: 48, in: file).comment == "moved")
  }

  @Test func partsOfDividedFilesAreRefused() throws {
    for name in ["NCSAmulti", "NCSAfami"] {
      let info = E.little(0, 4) + E.little(8, 4) + Array(name.utf8.prefix(8)) + E.little(0, 8)
      var old = EncodedFile()
      let address = old.add(info)
      var content = old.content
      content.replaceSubrange(48..<56, with: E.little(address, 8))
      #expect(code { try open(content) } == .unsupported)
      let message = E.Message(type: 20, body: [0] + Array(name.utf8.prefix(8)) + E.little(8, 2) + E.little(0, 8))
      let header = E.newHeader(E.messages([message], version: 2))
      let file = new(version: 2, extension: E.little(48, 8), end: 48 + header.count, root: 48) + header
      #expect(code { try open(file) } == .unsupported)
      // The superblock of the first part states the end of the whole.
      content.replaceSubrange(40..<48, with: E.little(1 << 20, 8))
      #expect(code { try open(content) } == .unsupported)
      #expect(code { try open(new(version: 2, extension: E.little(48, 8), end: 1 << 20, root: 48) + header) } == .unsupported)
    }
    // A file that is cut short is not taken for a part.
    var cut = EncodedFile().content
    cut.replaceSubrange(40..<48, with: E.little(1 << 20, 8))
    #expect(try open(cut).shortage != nil)
  }

  /// Finds the objects of a file of the library without groups: by the names of the root's links.
  private func header(_ file: HDF5FileContext, _ name: String) throws -> HDF5ObjectHeader {
    let root = try HDF5Group(HDF5ObjectHeader(at: file.superblock.rootAddress, in: file), in: file)
    guard case .hard(let address) = try root.link(named: name)?.target else { throw IOLinkError(.notFound, name) }
    return try HDF5ObjectHeader(at: address, in: file)
  }

  private func attributes(_ header: HDF5ObjectHeader, _ file: HDF5FileContext) throws -> [String: [UInt8]] {
    let blocks = try header.messages(.attribute).map(\.body) + denseAttributeBlocks(of: header, in: file)
    let attributes = try blocks.map { try HDF5AttributeMessage($0, in: file) }
    return Dictionary(uniqueKeysWithValues: attributes.map { ($0.name, $0.data) })
  }

  @Test func sharedMessagesOfTheLibrary() throws {
    let file = try open(bytes("shared.h5"))
    var sharedTypes: [Int: Int] = [:]
    for index in 0..<8 {
      let header = try header(file, "d\(index)")
      for message in header.messages where message.isShared { sharedTypes[message.type, default: 0] += 1 }
      let space = try #require(header.message(.dataspace))
      #expect(try HDF5Dataspace(space.body) == HDF5Dataspace(lengths: [6, 4], maximum: [nil, 4]))
      let pipeline = try #require(header.message(.filterPipeline))
      #expect(try HDF5FilterPipeline(pipeline.body).filters.map(\.id) == [2, 1])
      let fill = try #require(header.message(.fillValue))
      let old = try #require(header.message(.oldFillValue))
      let value = index == 7 ? [0xff, 0xf9] : [0xf9, 0xff, 0xff, 0xff] as [UInt8]
      #expect(try HDF5FillValue(fill.body).value == value && HDF5FillValue(old: old.body).value == value)
      var expected: [String: [UInt8]] = ["equal": [5, 0, 0, 0], "own": [0, UInt8(index)]]
      if index == 6 { for number in 0..<12 { expected["a\(number)"] = [UInt8(number), 0, 0, 0] } }
      #expect(try attributes(header, file) == expected)
      var type = try #require(header.message(.datatype)).body
      #expect(try HDF5Datatype(parsing: &type).byteCount == (index == 7 ? 2 : 4))
    }
    // A message that only one object has stays in its header.
    #expect(sharedTypes == [1: 7, 3: 1, 4: 6, 5: 6, 11: 6, 12: 14])
  }

  @Test func messagesOfLibrary2() throws {
    let file = try open(bytes("messages.h5"))
    let complex = try header(file, "complex")
    var type = try #require(complex.message(.datatype)).body
    #expect(try HDF5PixelType(HDF5Datatype(parsing: &type))?.componentType == .complex64)
    let data: [UInt8] = [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40, 0, 0, 0x40, 0xc0, 0, 0, 0, 0x3f]  // 1 + 2i, −3 + 0.5i
    #expect(try HDF5LayoutMessage(#require(complex.message(.layout)).body) == .compact(data))
    guard case .chunked(let layout) = try HDF5LayoutMessage(#require(header(file, "chunked").message(.layout)).body) else {
      throw IOLinkError(.malformed, "not chunked")
    }
    #expect(layout.shape == [4, 5] && layout.elementByteCount == 2)
    guard case .extensibleArray = layout.index else { throw IOLinkError(.malformed, "\(layout.index)") }
    guard case .chunked(let single) = try HDF5LayoutMessage(#require(header(file, "single").message(.layout)).body) else {
      throw IOLinkError(.malformed, "not chunked")
    }
    #expect(single.index == .single(address: nil, byteCount: nil, filterMask: 0))
  }

  /// Reads everything that this part of the reader knows of an object.
  private func readEverything(_ header: HDF5ObjectHeader, _ file: HDF5FileContext) {
    for message in header.messages {
      var body = message.body
      _ = try? HDF5Dataspace(body)
      _ = try? HDF5FillValue(body)
      _ = try? HDF5FillValue(old: body)
      _ = try? HDF5FilterPipeline(body)
      _ = try? HDF5LayoutMessage(body)
      _ = try? HDF5AttributeMessage(body, in: file)
      _ = try? HDF5ExternalFiles(body, in: file)
      _ = try? HDF5DenseInfo(body, of: .links)
      _ = try? HDF5SharedMessage(body)
      _ = try? HDF5SharedMessageTable(body, in: file.bytes)
      _ = try? HDF5Datatype(parsing: &body).summary
    }
    _ = try? denseAttributeBlocks(of: header, in: file)
  }

  /// Bytes of files of the library changed, and files cut: an error or another value, never a trap.
  @Test(arguments: [("messages.h5", 1), ("shared.h5", 13)]) func damagedFilesDoNotTrap(name: String, step: Int) throws {
    let whole = try bytes(name)
    let file = try open(whole)
    let root = try HDF5Group(HDF5ObjectHeader(at: file.superblock.rootAddress, in: file), in: file)
    let addresses =
      try [file.superblock.rootAddress] + root.links().compactMap { if case .hard(let address) = $0.target { address } else { nil } }
    var errors = 0
    func read(_ bytes: [UInt8]) {
      guard let damaged = try? open(bytes) else {
        errors += 1
        return
      }
      for address in addresses {
        if let header = try? HDF5ObjectHeader(at: address, in: damaged) { readEverything(header, damaged) } else { errors += 1 }
      }
    }
    for position in stride(from: 0, to: whole.count, by: step) {
      var bytes = whole
      bytes[position] = position % 3 == 0 ? 0 : position % 3 == 1 ? 0xff : bytes[position] ^ 1
      read(bytes)
      if position % 7 == 0 { read(Array(whole.prefix(position))) }
    }
    #expect(errors > 0)
  }
}
