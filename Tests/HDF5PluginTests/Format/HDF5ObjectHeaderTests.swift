import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Object headers written by hand from the specification, IV.A.1: continuations, checksums, shared messages and damage.
struct HDF5ObjectHeaderTests {
  private typealias E = Encoded
  private static let space: [UInt8] = [2, 0, 0, 0]

  private func continuation(_ address: Int, _ byteCount: Int) -> E.Message {
    E.Message(type: 16, body: E.little(address, 8) + E.little(byteCount, 8))
  }

  private func types(_ file: EncodedFile, _ address: Int, _ limits: ReadLimits = ReadLimits()) throws -> [Int] {
    try HDF5ObjectHeader(at: address, in: file.context(limits)).messages.map(\.type)
  }

  @Test(arguments: [0, 512]) func oldHeadersWithContinuations(userBlock: Int) throws {
    var file = EncodedFile(userBlock: userBlock)
    let second = E.messages([E.Message(type: 0, body: E.little(0, 16)), E.Message(type: 3, body: E.int32), E.Message(type: 200, body: [])])
    let secondAddress = file.add(second)
    let first = E.messages([E.Message(type: 13, body: E.text("hello")), continuation(secondAddress, second.count)])
    let firstAddress = file.add(first)
    file.root = file.add(
      E.oldHeader(E.messages([E.Message(type: 1, body: Self.space), continuation(firstAddress, first.count)]) + [0, 0, 0]))
    let context = try file.context()
    #expect(context.superblock.rootAddress == file.root && context.superblock.extensionAddress == nil)
    let header = try HDF5ObjectHeader(at: file.root, in: context)
    #expect(header.version == 1 && header.messages.map(\.type) == [1, 13, 3, 200])
    #expect(try header.comment == "hello")
    // The body's offset is that in the file.
    #expect(header.messages[0].body.origin == userBlock + file.root + 16 + 8)
    // Without the end of the file the structures are cut somewhere.
    for count in (userBlock + file.root)..<file.content.count {
      var cut = file.content.prefix(count)
      cut.replaceSubrange((userBlock + 40)..<(userBlock + 48), with: E.little(0, 8))
      let source = MemoryRandomAccess(Array(cut))
      #expect(code { try HDF5ObjectHeader(at: file.root, in: HDF5FileContext(source, limits: ReadLimits())) } != nil)
    }
  }

  @Test func newHeadersWithContinuations() throws {
    var file = EncodedFile()
    let tail = E.messages([E.Message(type: 12, body: [1, 2], order: 7)], version: 2, tracksOrder: true)
    let block = E.checked(Array("OCHK".utf8) + tail + [0, 0, 0, 0, 0])  // a gap that is too short for a message
    let address = file.add(block)
    let messages = E.messages([E.Message(type: 1, body: Self.space), continuation(address, block.count)], version: 2, tracksOrder: true)
    // Attribute creation order, storage phase change, times.
    let header = file.add(E.newHeader(messages, flags: 0x34, optional: E.little(1, 16) + E.little(2, 4)))
    let read = try HDF5ObjectHeader(at: header, in: file.context())
    #expect(read.version == 2 && read.messages.map(\.type) == [1, 12])
    #expect(read.message(.attribute)?.creationOrder == 7 && read.messages[1].body.bytes == [1, 2])
    for position in header..<(header + 20) where position - header > 5 {
      var damaged = file
      damaged.bytes[position] ^= 1
      #expect(code { try types(damaged, header) } == .malformed)
    }
    for position in (address + 4)..<(address + block.count) {
      var damaged = file
      damaged.bytes[position] ^= 1
      #expect(code { try types(damaged, header) } == .malformed)
    }
    var version = file
    version.bytes[header + 4] = 3
    #expect(code { try types(version, header) } == .unsupported)
  }

  @Test func headersLargerThanTheFirstReadAreRead() throws {
    var file = EncodedFile()
    let messages = (0..<300).map { E.Message(type: 12, body: [UInt8](repeating: UInt8($0 % 7), count: 16)) }
    let old = file.add(E.oldHeader(E.messages(messages)))
    let new = file.add(E.newHeader(E.messages(messages, version: 2)))
    for address in [old, new] { #expect(try types(file, address).count == 300) }
    var limits = ReadLimits()
    limits.metadataByteCount = 2000
    for address in [old, new] { #expect(code { try types(file, address, limits) } == .limitExceeded) }
  }

  @Test func continuationsInCirclesAreRefused() throws {
    var file = EncodedFile()
    let next = file.bytes.count
    let itself = file.add(E.oldHeader(E.messages([continuation(next, 40)])))
    #expect(code { try types(file, itself) } == .malformed)
    let block = file.bytes.count
    _ = file.add(E.messages([continuation(block, 24)]))
    let circle = file.add(E.oldHeader(E.messages([continuation(block, 24)])))
    #expect(code { try types(file, circle) } == .malformed)
    // Many blocks that overlap: together they are larger than the file.
    let overlapping = file.add(E.oldHeader(E.messages((0..<20).map { continuation($0, file.bytes.count - 20) })))
    #expect(code { try types(file, overlapping) } == .malformed)
  }

  @Test func damagedHeadersAreRefused() throws {
    var file = EncodedFile()
    let long = file.add(E.oldHeader(E.little(1, 2) + E.little(64, 2) + E.little(0, 4) + Self.space + E.little(0, 4)))
    #expect(code { try types(file, long) } == .malformed)
    let huge = file.add([1, 0, 1, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff] + E.little(0, 4))
    #expect(code { try types(file, huge) } == .truncated)
    let version = file.add([2, 0, 1, 0, 1, 0, 0, 0] + E.little(0, 8))
    #expect(code { try types(file, version) } == .unsupported)
    let far = file.add(E.oldHeader(E.messages([continuation(1 << 40, 24)])))
    #expect(code { try types(file, far) } == .truncated)
    let largest = file.add(E.oldHeader(E.messages([continuation(.max, 24)])))
    #expect(code { try types(file, largest) } == .truncated)
    let size = file.add(Array("OHDR".utf8) + [2, 3] + [UInt8](repeating: 0x7f, count: 8) + E.little(0, 8))
    #expect(code { try types(file, size) } == .truncated)
    for address in [-1, file.bytes.count, .max] { #expect(code { try types(file, address) } == .truncated) }
    var block = EncodedFile(userBlock: 512)
    let last = block.add(E.oldHeader(E.messages([continuation(.max, 24)])))
    #expect(code { try types(block, last) } == .truncated)
  }

  @Test func messagesOfUnknownTypes() throws {
    var file = EncodedFile()
    for (type, flags, isRead) in [(9, 0, true), (9, 0x08, true), (9, 0x80, false), (60, 0x80, false), (60, 0x30, true), (24, 0x80, true)] {
      let address = file.add(E.oldHeader(E.messages([E.Message(type: type, body: [], flags: flags)])))
      #expect(code { try types(file, address) } == (isRead ? nil : .unsupported))
    }
  }

  @Test func committedDatatypesAreResolved() throws {
    var file = EncodedFile()
    let committed = file.add(E.oldHeader(E.messages([E.Message(type: 3, body: E.int32)])))
    // Version 1 as the library wrote it, with the offset of a name before the address, and as the specification has it.
    let references: [[UInt8]] = [
      [1, 0] + E.little(0, 14) + E.little(committed, 8) + E.little(0, 24), [1, 0] + E.little(0, 6) + E.little(committed, 8),
      [2, 0] + E.little(committed, 8), [2, 2] + E.little(committed, 8), [3, 2] + E.little(committed, 8),
    ]
    for reference in references {
      let dataset = file.add(E.newHeader(E.messages([E.Message(type: 3, body: reference, flags: 2)], version: 2)))
      let message = try HDF5ObjectHeader(at: dataset, in: file.context()).message(.datatype)
      #expect(message?.body.bytes.prefix(12).elementsEqual(E.int32) == true)
    }
    let space: [UInt8] = [2, 0, 0, 0]
    let attribute =
      [3, 1] + E.little(2, 2) + E.little(10, 2) + E.little(4, 2) + [0] + E.text("a") + [3, 2] + E.little(committed, 8) + space + [
        5, 0, 0, 0,
      ]
    let read = try HDF5AttributeMessage(E.block(attribute), in: file.context())
    #expect(read.datatype.byteCount == 4 && read.data == [5, 0, 0, 0])
  }

  @Test func sharedMessagesThatLeadNowhereAreRefused() throws {
    var file = EncodedFile()
    func header(_ reference: [UInt8], type: Int = 3) -> [UInt8] {
      E.oldHeader(E.messages([E.Message(type: type, body: reference, flags: 2)]))
    }
    let itself = file.bytes.count
    _ = file.add(header([3, 2] + E.little(itself, 8)))
    #expect(code { try types(file, itself) } == .malformed)
    let other = file.add(header([3, 2] + E.little(itself, 8), type: 1))
    #expect(code { try types(file, other) } == .malformed)
    let heap = file.add(header([3, 1] + E.little(1, 8)))
    #expect(code { try types(file, heap) } == .malformed)
    let undefined = file.add(header([3, 2] + [UInt8](repeating: 0xff, count: 8)))
    #expect(code { try types(file, undefined) } == .malformed)
    for kind in [0, 3, 4] as [UInt8] {
      let address = file.add(header([3, kind] + E.little(itself, 8)))
      #expect(code { try types(file, address) } == .malformed)
    }
    let version = file.add(header([4, 2] + E.little(itself, 8)))
    #expect(code { try types(file, version) } == .unsupported)
    // An attribute that cannot be found does not spoil the object.
    let attribute = file.add(header([3, 1] + E.little(1, 8), type: 12))
    #expect(try types(file, attribute).isEmpty)
  }
}
