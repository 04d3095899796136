import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Messages written by hand from the specification, IV.A.2.
struct HDF5MessageTests {
  private typealias E = Encoded
  private static let undefined = [UInt8](repeating: 0xff, count: 8)

  private func expectTruncations<Value>(of bytes: [UInt8], _ parse: (HDF5Block) throws -> Value) {
    for count in 0..<bytes.count { #expect(code { try parse(E.block(Array(bytes.prefix(count)))) } == .truncated, "\(count) bytes") }
  }

  @Test func dataspaces() throws {
    let lengths = E.little(3, 8) + E.little(5, 8)
    let old = [1, 2, 1, 0, 0, 0, 0, 0] + lengths + E.little(3, 8) + Self.undefined
    #expect(try HDF5Dataspace(E.block(old)) == HDF5Dataspace(lengths: [3, 5], maximum: [3, nil]))
    #expect(try HDF5Dataspace(E.block([2, 2, 1, 1] + lengths + E.little(9, 8) + E.little(5, 8))).maximum == [9, 5])
    #expect(try HDF5Dataspace(E.block([2, 2, 0, 1] + lengths)).maximum == [3, 5])
    #expect(try HDF5Dataspace(E.block([2, 1, 1, 1, 7, 0, 0xff, 0xff], lengthSize: 2)) == HDF5Dataspace(lengths: [7], maximum: [nil]))
    let scalar = try HDF5Dataspace(E.block([2, 0, 0, 0]))
    #expect(try scalar == HDF5Dataspace(lengths: []) && scalar.elementCount() == 1)
    let null = try HDF5Dataspace(E.block([2, 0, 0, 2]))
    #expect(try null.isNull && null.elementCount() == 0)
    expectTruncations(of: old) { try HDF5Dataspace($0) }
    #expect(code { try HDF5Dataspace(E.block([2, 1, 0, 0] + lengths)) } == .malformed)
    #expect(code { try HDF5Dataspace(E.block([2, 33, 0, 1] + E.little(0, 300))) } == .malformed)
    #expect(code { try HDF5Dataspace(E.block([2, 1, 1, 1] + lengths.prefix(8) + E.little(2, 8))) } == .malformed)
    #expect(code { try HDF5Dataspace(E.block([3, 0, 0, 0])) } == .unsupported)
    let huge = HDF5Dataspace(lengths: [1 << 40, 1 << 40])
    #expect(code { try huge.elementCount() } == .limitExceeded)
    #expect(try HDF5Dataspace(lengths: [1 << 40, 1 << 40, 0]).elementCount() == 0)
  }

  @Test func fillValues() throws {
    let value: [UInt8] = [1, 2, 3, 4]
    for (bytes, expected) in [
      ([1, 1, 0, 0] + E.little(4, 4) + value, HDF5FillValue(value: value)),
      ([2, 2, 2, 1] + E.little(4, 4) + value, HDF5FillValue(value: value)),
      ([2, 2, 2, 0], HDF5FillValue(isUndefined: true)), ([2, 2, 2, 1] + E.little(0, 4), HDF5FillValue()),
      ([1, 1, 0, 0, 0xff, 0xff, 0xff, 0xff], HDF5FillValue(isUndefined: true)),
      ([3, 0x29] + E.little(4, 4) + value, HDF5FillValue(value: value)),
      ([3, 0x1a], HDF5FillValue(isUndefined: true)), ([3, 0x0a], HDF5FillValue()),
    ] as [([UInt8], HDF5FillValue)] {
      #expect(try HDF5FillValue(E.block(bytes)) == expected)
      expectTruncations(of: bytes) { try HDF5FillValue($0) }
    }
    #expect(try HDF5FillValue(old: E.block(E.little(4, 4) + value)).value == value)
    #expect(code { try HDF5FillValue(old: E.block(E.little(5, 4) + value)) } == .truncated)
    #expect(code { try HDF5FillValue(E.block([3, 0x30] + E.little(4, 4) + value)) } == .malformed)
    let old = HDF5Message(type: 4, flags: 0, creationOrder: nil, body: E.block(E.little(1, 4) + [9]))
    let new = HDF5Message(type: 5, flags: 0, creationOrder: nil, body: E.block([3, 0x0a]))
    #expect(try HDF5FillValue(of: HDF5ObjectHeader(address: 0, version: 1, messages: [old])).value == [9])
    #expect(try HDF5FillValue(of: HDF5ObjectHeader(address: 0, version: 1, messages: [old, new])) == HDF5FillValue())
    #expect(try HDF5FillValue(of: HDF5ObjectHeader(address: 0, version: 1, messages: [])) == HDF5FillValue())
  }

  @Test func filterPipelines() throws {
    let deflate =
      E.little(1, 2) + E.little(8, 2) + E.little(1, 2) + E.little(1, 2) + E.padded(E.text("deflate")) + E.little(6, 4) + E.little(0, 4)
    let shuffle = E.little(2, 2) + E.little(0, 2) + E.little(0, 2) + E.little(2, 2) + E.little(4, 4) + E.little(7, 4)
    let old = [1, 2] + E.little(0, 6) + deflate + shuffle
    let filters = [HDF5Filter(id: 1, name: "deflate", clientData: [6]), HDF5Filter(id: 2, name: "shuffle", clientData: [4, 7])]
    #expect(try HDF5FilterPipeline(E.block(old)).filters == filters)
    let lzf = E.little(32000, 2) + E.little(4, 2) + E.little(1, 2) + E.little(1, 2) + E.text("lzf") + E.little(4, 4)
    let new = [2, 2] + E.little(3, 2) + E.little(0, 2) + E.little(0, 2) + lzf
    #expect(
      try HDF5FilterPipeline(E.block(new)).filters
        == [HDF5Filter(id: 3, name: "fletcher32", clientData: []), HDF5Filter(id: 32000, name: "lzf", clientData: [4])])
    for bytes in [old, new] { expectTruncations(of: bytes) { try HDF5FilterPipeline($0) } }
    #expect(try HDF5FilterPipeline(E.block([2, 0])).filters.isEmpty)
    #expect(code { try HDF5FilterPipeline(E.block([2, 33] + E.little(0, 300))) } == .malformed)
    #expect(code { try HDF5FilterPipeline(E.block([3, 0])) } == .unsupported)
  }

  @Test func layoutsBeforeVersion4() throws {
    func chunked(_ index: HDF5ChunkIndexKind) -> HDF5LayoutMessage {
      .chunked(HDF5ChunkedLayout(shape: [3, 5], elementByteCount: 4, rawEdges: false, index: index))
    }
    let lengths = E.little(3, 4) + E.little(5, 4) + E.little(4, 4)
    let messages: [([UInt8], HDF5LayoutMessage)] = [
      ([1, 2, 1] + E.little(0, 5) + E.little(800, 8) + lengths.prefix(8), .contiguous(address: 800, byteCount: nil)),
      ([2, 2, 0] + E.little(0, 5) + lengths.prefix(8) + E.little(3, 4) + [7, 8, 9], .compact([7, 8, 9])),
      ([1, 3, 2] + E.little(0, 5) + E.little(800, 8) + lengths, chunked(.treeV1(address: 800))),
      ([3, 0] + E.little(3, 2) + [7, 8, 9], .compact([7, 8, 9])),
      ([3, 1] + Self.undefined + E.little(60, 8), .contiguous(address: nil, byteCount: 60)),
      ([3, 2, 3] + Self.undefined + lengths, chunked(.treeV1(address: nil))),
    ]
    for (bytes, expected) in messages { #expect(try HDF5LayoutMessage(E.block(bytes)) == expected) }
    for (bytes, _) in messages.dropFirst() { expectTruncations(of: bytes) { try HDF5LayoutMessage($0) } }
    #expect(code { try HDF5LayoutMessage(E.block([3, 2, 1] + E.little(0, 8) + lengths)) } == .malformed)
    #expect(code { try HDF5LayoutMessage(E.block([3, 2, 34] + E.little(0, 300))) } == .malformed)
    #expect(code { try HDF5LayoutMessage(E.block([3, 2, 3] + E.little(0, 8) + E.little(0, 12))) } == .malformed)
    #expect(code { try HDF5LayoutMessage(E.block([1, 0, 2] + E.little(0, 13))) } == .malformed)
    #expect(code { try HDF5LayoutMessage(E.block([1, 40, 1] + E.little(0, 300))) } == .malformed)
    #expect(code { try HDF5LayoutMessage(E.block([3, 3] + E.little(0, 12))) } == .unsupported)
    #expect(code { try HDF5LayoutMessage(E.block([6, 1] + E.little(0, 16))) } == .unsupported)
  }

  @Test func layoutsWithIndexes() throws {
    let indexes: [([UInt8], Int, HDF5ChunkIndexKind)] = [
      ([1] + E.little(96, 8), 0, .single(address: 96, byteCount: nil, filterMask: 0)),
      ([1] + E.little(50, 8) + E.little(2, 4) + E.little(96, 8), 2, .single(address: 96, byteCount: 50, filterMask: 2)),
      ([2] + Self.undefined, 0, .implicit(address: nil)), ([3, 10] + E.little(96, 8), 1, .fixedArray(address: 96)),
      ([4, 32, 4, 4, 16, 10] + E.little(96, 8), 0, .extensibleArray(address: 96)),
      ([5] + E.little(2048, 4) + [100, 40] + E.little(96, 8), 0, .treeV2(address: 96)),
    ]
    for version in 4...5 {
      for (bytes, flags, index) in indexes {
        let message = [UInt8(version), 2, UInt8(flags), 3, 2] + E.little(300, 2) + E.little(5, 2) + E.little(4, 2) + bytes
        #expect(
          try HDF5LayoutMessage(E.block(message))
            == .chunked(HDF5ChunkedLayout(shape: [300, 5], elementByteCount: 4, rawEdges: flags & 1 != 0, index: index)))
        expectTruncations(of: message) { try HDF5LayoutMessage($0) }
      }
    }
    #expect(try HDF5LayoutMessage(E.block([4, 3] + E.little(96, 8) + E.little(7, 4))) == .virtual(heap: (96, 7)))
    #expect(try HDF5LayoutMessage(E.block([4, 3] + Self.undefined + E.little(0, 4))) == .virtual(heap: nil))
    let lengths: [UInt8] = [3, 1, 5, 5, 4]
    #expect(code { try HDF5LayoutMessage(E.block([4, 2, 4] + lengths + [2] + Self.undefined)) } == .unsupported)
    #expect(code { try HDF5LayoutMessage(E.block([4, 2, 0] + lengths + [6] + Self.undefined)) } == .unsupported)
    #expect(code { try HDF5LayoutMessage(E.block([4, 2, 0, 3, 9] + E.little(1, 40))) } == .malformed)
    #expect(code { try HDF5LayoutMessage(E.block([4, 2, 0, 3, 0] + E.little(1, 40))) } == .malformed)
  }

  @Test func attributesOfAllVersions() throws {
    let file = try EncodedFile().context()
    let space = [2, 1, 0, 1] + E.little(2, 8)
    let sizes = E.little(3, 2) + E.little(12, 2) + E.little(12, 2)
    let data: [UInt8] = [1, 0, 0, 0, 2, 0, 0, 0]
    let padded = E.padded(E.text("ab")) + E.padded(E.int32) + E.padded(space)
    for bytes in [
      [1, 0xff] + sizes + padded + data, [2, 0] + sizes + E.text("ab") + E.int32 + space + data,
      [3, 0] + sizes + [1] + E.text("ab") + E.int32 + space + data,
    ] {
      let attribute = try HDF5AttributeMessage(E.block(bytes), in: file)
      #expect(attribute.name == "ab" && attribute.data == data && attribute.dataspace.lengths == [2] && attribute.datatype.byteCount == 4)
      for count in 0..<bytes.count {
        #expect(code { try HDF5AttributeMessage(E.block(Array(bytes.prefix(count))), in: file) } == .truncated)
      }
    }
    let null = [3, 0] + E.little(3, 2) + E.little(12, 2) + E.little(4, 2) + [0] + E.text("ab") + E.int32 + [2, 0, 0, 2]
    #expect(try HDF5AttributeMessage(E.block(null), in: file).data.isEmpty)
    #expect(code { try HDF5AttributeMessage(E.block([3, 4] + null.dropFirst(2)), in: file) } == .unsupported)
    let huge = [3, 0] + E.little(1, 2) + E.little(12, 2) + E.little(12, 2) + [0, 0] + E.int32 + [2, 1, 0, 1] + E.little(1 << 62, 8)
    #expect(code { try HDF5AttributeMessage(E.block(huge), in: file) } == .limitExceeded)
  }

  @Test func addressesOfGroupsAndAttributes() throws {
    let addresses = E.little(100, 8) + E.little(200, 8)
    let links = try HDF5DenseInfo(E.block([0, 3] + E.little(9, 8) + addresses + E.little(300, 8)), of: .links)
    #expect(links.tracksCreationOrder && links.heapAddress == 100 && links.nameIndexAddress == 200 && links.creationIndexAddress == 300)
    #expect(try HDF5DenseInfo(E.block([0, 0] + Self.undefined + Self.undefined), of: .links).heapAddress == nil)
    let attributes = try HDF5DenseInfo(E.block([0, 1] + E.little(9, 2) + addresses), of: .attributes)
    #expect(attributes.heapAddress == 100 && attributes.nameIndexAddress == 200 && attributes.creationIndexAddress == nil)
    let table = try HDF5SymbolTable(E.block(addresses))
    #expect(table.treeAddress == 100 && table.heapAddress == 200)
    expectTruncations(of: addresses) { try HDF5SymbolTable($0) }
    expectTruncations(of: [0, 1] + E.little(9, 2) + addresses) { try HDF5DenseInfo($0, of: .attributes) }
    #expect(code { try HDF5DenseInfo(E.block([1, 0] + addresses), of: .links) } == .unsupported)
  }

  @Test func externalFiles() throws {
    var file = EncodedFile()
    let names = file.add(E.padded([0]) + E.padded(E.text("first.bin")))
    let heap = file.add(Array("HEAP".utf8) + E.little(0, 4) + E.little(24, 8) + E.little(1, 8) + E.little(names, 8))
    let slots = E.little(8, 8) + E.little(0, 8) + E.little(40, 8) + E.little(8, 8) + E.little(40, 8) + Self.undefined
    let message = [1, 0, 0, 0] + E.little(2, 2) + E.little(2, 2) + E.little(heap, 8) + slots
    let context = try file.context()
    #expect(
      try HDF5ExternalFiles(E.block(message), in: context).parts == [
        HDF5Storage.ExternalPart(file: "first.bin", offset: 0, byteCount: 40),
        HDF5Storage.ExternalPart(file: "first.bin", offset: 40, byteCount: nil),
      ])
    for count in 0..<message.count {
      #expect(code { try HDF5ExternalFiles(E.block(Array(message.prefix(count))), in: context) } == .truncated)
    }
    #expect(code { try HDF5ExternalFiles(E.block([1, 0, 0, 0, 1, 0, 2, 0] + message.dropFirst(8)), in: context) } == .malformed)
  }
}
