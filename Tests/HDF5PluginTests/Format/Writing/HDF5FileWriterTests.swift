import IOLinkCore
import Testing

@testable import HDF5Plugin

/// Whole files, read back by the parsing side.
struct HDF5FileWriterTests {
  private func plan(
    _ path: String, _ shape: [Int] = [4], chunk: [Int]? = nil, filters: [HDF5Filter] = [], _ attributes: [HDF5WritePlan.Attribute] = []
  ) -> HDF5WritePlan {
    HDF5WritePlan(
      path: path, componentType: .uint8, shape: shape, storage: chunk.map { .chunked($0, filters) } ?? .contiguous, attributes: attributes)
  }

  private func store(_ dataset: HDF5DatasetWriter, at position: [Int], _ bytes: [UInt8]) throws {
    try dataset.storeChunk(at: position, unsafe bytes.span.bytes)  // bytes have no padding
  }

  private func context(_ stream: MemoryStream) throws -> HDF5FileContext {
    try HDF5FileContext(MemoryRandomAccess(stream.bytes), limits: ReadLimits())
  }

  private func header(_ path: String, in file: HDF5FileContext) throws -> HDF5ObjectHeader {
    var header = try HDF5ObjectHeader(at: file.superblock.rootAddress, in: file)
    for name in path.split(separator: "/") {
      let link = try #require(try HDF5Group(header, in: file).link(named: String(name)), "\(name) in \(path)")
      guard case .hard(let address) = link.target else { throw IOLinkError(.notFound, path) }
      header = try HDF5ObjectHeader(at: address, in: file)
    }
    return header
  }

  @Test func severalDatasetsAreWrittenAtOnce() throws {
    let stream = MemoryStream()
    let file = try HDF5FileWriter(on: stream)
    let first = try file.addDataset(plan("/a/first", [2, 3], chunk: [1, 3]))
    let second = try file.addDataset(plan("/a/b/second", [0, 2], chunk: [2, 2]))
    let third = try file.addDataset(plan("/third", [5]))
    for row in 0..<2 {
      try store(first, at: [1 - row, 0], [UInt8](repeating: UInt8(row), count: 3))
      try second.extend(to: [2 + 2 * row, 2])
      try store(second, at: [2 * row, 0], [UInt8](repeating: UInt8(7 + row), count: 4))
    }
    let offset = try #require(third.dataOffset)
    try stream.seek(to: offset)
    try stream.write([1, 2, 3, 4, 5])
    try file.finish()
    let image = try HDF5Codec().open(
      DataSource(MemoryRandomAccess(stream.bytes)), options: CodecOptions(declared: HDF5Codec().descriptor.readOptions),
      context: OpenContext(runtime: Runtime(executor: SerialExecutor())))
    #expect(try image.names == ["/a/b/second", "/a/first", "/third"])
    func bytes(_ name: String) throws -> [UInt8] {
      let view = try image.image(named: name)
      return try view.bytes(of: Region(of: view.shape))
    }
    #expect(try bytes("/a/first") == [1, 1, 1, 0, 0, 0])
    #expect(try bytes("/a/b/second") == [7, 7, 7, 7, 8, 8, 8, 8])
    #expect(try bytes("/third") == [1, 2, 3, 4, 5])
  }

  @Test(arguments: [0, 1, 8, 9, 255, 256, 257, 3000])
  func groupsHaveAnyNumberOfMembers(_ count: Int) throws {
    let stream = MemoryStream()
    let file = try HDF5FileWriter(on: stream)
    let names = (0..<count).map { "dataset \($0 * 7919 % 10_007)" }
    for name in names { _ = try file.addDataset(plan("/group/\(name)")) }
    if count == 0 { _ = try file.addDataset(plan("/group/only")) }
    try file.finish()
    let context = try context(stream)
    let group = try HDF5Group(header("/group", in: context), in: context)
    #expect(try group.links().map(\.name) == (count == 0 ? ["only"] : names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }))
    for name in names { #expect(try group.link(named: name) != nil) }
    #expect(try group.link(named: "dataset") == nil && group.link(named: "e") == nil)
  }

  @Test func attributesOfAnySizeAreKept() throws {
    let long = String(repeating: "long ", count: 40_000)
    var attributes: [HDF5WritePlan.Attribute] = (0..<500).map { HDF5WritePlan.Attribute(name: "number \($0)", value: .integer($0)) }
    attributes.append(HDF5WritePlan.Attribute(name: "long", value: .text(long)))
    let small = attributes
    attributes.append(HDF5WritePlan.Attribute(name: "large", value: .bytes([UInt8](repeating: 9, count: 70_000))))
    for list in [small, attributes] {
      let stream = MemoryStream()
      let file = try HDF5FileWriter(on: stream, attributes: list)
      _ = try file.addDataset(plan("/image", list))
      try file.finish()
      let context = try context(stream)
      for path in ["/", "/image"] {
        let header = try header(path, in: context)
        #expect(header.version == (list.count == small.count ? 1 : 2))
        let blocks = try header.messages(.attribute).map(\.body) + denseAttributeBlocks(of: header, in: context)
        let found = try blocks.map { try HDF5AttributeMessage($0, in: context) }
        #expect(Set(found.map(\.name)) == Set(list.map(\.name)) && found.count == list.count)
        for attribute in found where attribute.name == "long" {
          var reference = HDF5Block(attribute.data, at: 0, "reference", 8, 8)
          #expect(try reference.integer(4) == long.utf8.count)
          let address = try reference.definedAddress("the heap")
          let bytes = try HDF5GlobalHeap.object(at: address, index: try reference.integer(4), in: context.bytes)
          #expect(bytes == Array(long.utf8))
        }
      }
    }
  }

  private func plan(_ path: String, _ attributes: [HDF5WritePlan.Attribute]) -> HDF5WritePlan { plan(path, [4], attributes) }

  @Test func manyTextsShareCollections() throws {
    var heap = HDF5GlobalHeapBuilder(at: 8)
    let texts = (0..<70_000).map { Array("\($0)".utf8) } + [[], [UInt8](repeating: 1, count: 100_000)]
    let references = try texts.map { try heap.add($0) }
    let file = HDF5Bytes(
      source: MemoryRandomAccess([UInt8](repeating: 0, count: 8) + heap.finish()), base: 0, offsetSize: 8, lengthSize: 8, limits: ReadLimits())
    let cache = HDF5GlobalHeapCache(file)
    for (text, reference) in zip(texts, references) {
      let found = try cache.object(at: reference.address, index: reference.index)
      guard found == text else { throw IOLinkError(.malformed, "\(reference)") }
    }
    #expect(references.map(\.address) == references.map(\.address).sorted() && Set(references.map(\.address)).count < 100)
  }

  /// Specification III.A.1: signature, type 1, level 0, two entries, no siblings; keys of 32 bytes: size, mask, offsets.
  @Test func treesOfChunksEndWithTheKeyBehindTheLastChunk() throws {
    let stream = MemoryStream()
    let file = try HDF5FileWriter(on: stream)
    let filters = [HDF5Filter(id: HDF5Filter.deflate, name: "deflate", clientData: [1])]
    let dataset = try file.addDataset(plan("/image", [10, 6], chunk: [4, 3], filters: filters))
    try store(dataset, at: [8, 3], [1, 2, 3])
    try store(dataset, at: [0, 3], [9])
    try store(dataset, at: [0, 3], [4, 5])  // replaces the one before
    try file.finish()
    let start = try #require(stream.bytes.indices.first { stream.bytes[$0...].starts(with: Array("TREE".utf8) + [1]) })
    var block = HDF5Block(Array(stream.bytes[start...]), at: 0, "tree", 8, 8)
    try block.skip(4)
    #expect(try block.take(4) == [1, 0, 2, 0])
    #expect(try block.address() == nil && block.address() == nil)
    for (size, offsets, bytes) in [(2, [0, 3, 0], [4, 5]), (3, [8, 3, 0], [1, 2, 3]), (0, [8, 3, 1], [])] {
      #expect(try block.integer(4) == size && block.integer(4) == 0)
      for offset in offsets { #expect(try block.length() == offset) }
      if size > 0 {
        let address = try block.definedAddress("the chunk")
        #expect(stream.bytes[address..<(address + size)].elementsEqual(bytes.map(UInt8.init)))
      }
    }
  }

  @Test func whatCannotBeWrittenIsRefused() throws {
    let stream = MemoryStream()
    let file = try HDF5FileWriter(on: stream)
    let dataset = try file.addDataset(plan("/a/data", [10, 6], chunk: [4, 3]))
    func refused(_ body: () throws -> Void) { #expect(#expect(throws: IOLinkError.self) { try body() }?.code == .invalidArgument) }
    for path in ["/a", "/a/data", "/a/data/inner", "/", ""] { refused { _ = try file.addDataset(plan(path)) } }
    refused { _ = try file.addDataset(plan("/rank", [Int](repeating: 1, count: 33))) }
    for chunk in [[4], [0, 3], [4, 7], []] { refused { _ = try file.addDataset(plan("/chunk", [10, 6], chunk: chunk)) } }
    let bytes = [UInt8](repeating: 0, count: 12)
    for position in [[0], [1, 0], [0, 6], [12, 0], [-4, 0]] { refused { try store(dataset, at: position, bytes) } }
    refused { try store(dataset, at: [0, 0], [UInt8](repeating: 0, count: 11)) }
    for shape in [[9, 6], [11, 7], [11]] { refused { try dataset.extend(to: shape) } }
    try file.finish()
    refused { try file.finish() }
    refused { try store(dataset, at: [0, 0], bytes) }
    refused { _ = try file.addDataset(plan("/late")) }
  }
}
