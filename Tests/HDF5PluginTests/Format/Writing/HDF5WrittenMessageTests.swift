import IOLinkCore
import Testing

@testable import HDF5Plugin

/// The bytes of messages, from the specification and from files that libhdf5 wrote with its oldest format, and what the parsing side makes
/// of them.
struct HDF5WrittenMessageTests {
  private func parsed(_ type: HDF5WrittenType) throws -> HDF5Datatype {
    var block = HDF5Block(type.encoded, at: 0, "datatype", 8, 8)
    let datatype = try HDF5Datatype(parsing: &block)
    #expect(block.isAtEnd)
    return datatype
  }

  @Test(.enabled(if: ByteOrder.native == .little))
  func datatypesAreThoseOfTheLibrary() {
    #expect(HDF5WrittenType.number(.uint16).encoded == [0x10, 0, 0, 0, 2, 0, 0, 0, 0, 0, 16, 0])
    #expect(HDF5WrittenType.number(.int32).encoded == [0x10, 8, 0, 0, 4, 0, 0, 0, 0, 0, 32, 0])
    #expect(
      HDF5WrittenType.number(.float16).encoded == [0x11, 0x20, 15, 0, 2, 0, 0, 0, 0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0])
    #expect(
      HDF5WrittenType.number(.float64).encoded == [0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 255, 3, 0, 0])
    let enumeration: [UInt8] = [0x18, 2, 0, 0, 1, 0, 0, 0, 0x10, 8, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0]
    #expect(HDF5WrittenType.number(.boolean).encoded == enumeration + Array("FALSE\0\0\0TRUE\0\0\0\0".utf8) + [0, 1])
    let part: [UInt8] = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]
    let rest = [UInt8](repeating: 0, count: 28)
    #expect(
      HDF5WrittenType.number(.complex64).encoded == [0x16, 2, 0, 0, 8, 0, 0, 0] + Array("r\0\0\0\0\0\0\0".utf8) + [0, 0, 0, 0] + rest
        + part + Array("i\0\0\0\0\0\0\0".utf8) + [4, 0, 0, 0] + rest + part)
    #expect(HDF5WrittenType.text.encoded == [0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0])
    #expect(HDF5WrittenType.paddedText(300).encoded == [0x13, 0x11, 0, 0, 44, 1, 0, 0])
  }

  @Test(arguments: [
    ComponentType.boolean, .uint8, .uint16, .uint32, .uint64, .int8, .int16, .int32, .int64, .float16, .float32, .float64, .complex64,
    .complex128,
  ])
  func numbersAreUnderstood(_ componentType: ComponentType) throws {
    let datatype = try parsed(.number(componentType))
    let type = try #require(try HDF5PixelType(datatype))
    #expect(type.componentType == componentType)
    #expect(type.storage == .direct(componentType.byteCount == 1 ? .little : .native) || componentType == .boolean)
    #expect(datatype.byteCount == componentType.byteCount)
  }

  @Test func textsAreUnderstood() throws {
    #expect(try parsed(.text) == .string(HDF5String(byteCount: 16, isVariable: true, padding: .zeroTerminated, characters: .utf8)))
    #expect(try parsed(.paddedText(7)) == .string(HDF5String(byteCount: 7, padding: .zeros, characters: .utf8)))
  }

  @Test func dataspacesAreVersion1() throws {
    let space = HDF5Dataspace(lengths: [3, 0], maximum: [nil, 0])
    #expect(
      space.encoded(.oldest) == [1, 2, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 8)
        + [0, 0, 0, 0, 0, 0, 0, 0])
    #expect(try HDF5Dataspace(HDF5Block(space.encoded(.oldest), at: 0, "dataspace", 8, 8)) == space)
    #expect(HDF5Dataspace(lengths: []).encoded(.oldest) == [1, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func layoutsAreVersion3() throws {
    let layout = HDF5ChunkedLayout(shape: [3, 5], elementByteCount: 2, rawEdges: false, index: .treeV1(address: nil))
    let chunked = HDF5WrittenMessage.chunkedLayout(layout).body
    #expect(chunked == [3, 2, 3] + [UInt8](repeating: 255, count: 8) + [3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0])
    #expect(try HDF5LayoutMessage(HDF5Block(chunked, at: 0, "layout", 8, 8)) == .chunked(layout))
    let contiguous = HDF5WrittenMessage.contiguousLayout(address: 256, byteCount: 10, .oldest).body
    #expect(contiguous == [3, 1, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0])
  }

  @Test func pipelinesNameTheirFilters() throws {
    let options = try CodecOptions(["level": "6", "fletcher32": "true"], declared: HDF5Encoder.options)
    let filters = try HDF5Encoder(options, .uint16, chunk: [4]).filters
    let body = HDF5WrittenMessage.filterPipeline(filters, .oldest).body
    let shuffle: [UInt8] = [2, 0, 8, 0, 1, 0, 1, 0] + Array("shuffle\0".utf8) + [2, 0, 0, 0, 0, 0, 0, 0]
    let deflate: [UInt8] = [1, 0, 8, 0, 1, 0, 1, 0] + Array("deflate\0".utf8) + [6, 0, 0, 0, 0, 0, 0, 0]
    let checksum: [UInt8] = [3, 0, 16, 0, 0, 0, 0, 0] + Array("fletcher32\0\0\0\0\0\0".utf8)
    #expect(body == [1, 3, 0, 0, 0, 0, 0, 0] + shuffle + deflate + checksum)
  }

  /// Specification IV.A.2.b, e, i and l, written by hand.
  @Test func theLatestFormHasNewerVersions() throws {
    let space = HDF5Dataspace(lengths: [3], maximum: [nil])
    #expect(space.encoded(.latest) == [2, 1, 1, 1, 3, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 255, count: 8))
    #expect(HDF5Dataspace(lengths: []).encoded(.latest) == [2, 0, 0, 0])
    #expect(HDF5FillValue.encodedDefault(.contiguous, .latest) == [3, 0b0101])
    #expect(HDF5FillValue.encodedDefault(.allChunks, .latest) == [3, 0b1001])
    #expect(HDF5FillValue.encodedDefault(.chunkByChunk, .latest) == [3, 0b1011])
    let options = try CodecOptions(["level": "6", "fletcher32": "true"], declared: HDF5Encoder.options)
    let filters = try HDF5Encoder(options, .uint16, chunk: [4]).filters + [HDF5Filter(id: 32_015, name: "zstd", clientData: [3])]
    let own: [UInt8] = [2, 0, 1, 0, 1, 0, 2, 0, 0, 0, 1, 0, 1, 0, 1, 0, 6, 0, 0, 0, 3, 0, 0, 0, 0, 0]
    let pipeline = HDF5FilterPipeline(filters).encoded(.latest)
    #expect(pipeline == [2, 4] + own + [0x0f, 0x7d, 5, 0, 1, 0, 1, 0] + Array("zstd\0".utf8) + [3, 0, 0, 0])
    #expect(try HDF5FilterPipeline(HDF5Block(pipeline, at: 0, "pipeline", 8, 8)).filters == filters)
    let link = HDF5Link(nameBytes: Array("größe".utf8), target: .hard(0x1234))
    #expect(link.encoded == [1, 0x10, 1, 7] + Array("größe".utf8) + [0x34, 0x12, 0, 0, 0, 0, 0, 0])
    #expect(try HDF5Link(HDF5Block(link.encoded, at: 0, "link", 8, 8)) == link)
  }

  private static let kinds: [HDF5ChunkIndexKind] = [
    .single(address: 7, byteCount: nil, filterMask: 0), .single(address: 7, byteCount: 99, filterMask: 0), .implicit(address: 8),
    .fixedArray(address: 9), .extensibleArray(address: 10), .treeV2(address: 11), .fixedArray(address: nil),
  ]

  @Test(arguments: kinds) func layoutsAreReadAsTheyAreWritten(_ kind: HDF5ChunkIndexKind) throws {
    let layout = HDF5ChunkedLayout(shape: [3, 500], elementByteCount: 2, rawEdges: false, index: kind)
    #expect(layout.encoded.starts(with: [4, 2, { if case .single(_, _?, _) = kind { 2 } else { 0 } }(), 3, 2, 3, 0, 0xf4, 1, 2, 0]))
    #expect(try HDF5LayoutMessage(HDF5Block(layout.encoded, at: 0, "layout", 8, 8)) == .chunked(layout))
  }

  @Test func namesThatAreNotASCIISayThatTheyAreUTF8() throws {
    for (name, version) in [("name", UInt8(1)), ("größe", 3)] {
      var heap = HDF5GlobalHeapBuilder(at: 96)
      let attribute = try HDF5WrittenAttribute(HDF5WritePlan.Attribute(name: name, value: .integer(7)), heap: &heap)
      let encoded = attribute.encoded(.oldest)
      #expect(encoded.first == version && attribute.encoded(.latest).first == 3)
      let file = try HDF5FileContext(MemoryRandomAccess(emptyFile()), limits: ReadLimits())
      let message = try HDF5AttributeMessage(HDF5Block(encoded, at: 0, "attribute", 8, 8), in: file)
      #expect(message.name == name && message.dataspace.lengths == [])
      #expect(message.data == attribute.data && message.data.count == 8)
    }
  }

  private func emptyFile() throws -> [UInt8] {
    let stream = MemoryStream()
    try HDF5FileWriter(on: stream).finish()
    return stream.bytes
  }
}
