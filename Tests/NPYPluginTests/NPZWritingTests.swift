import IOLinkCore
import Testing

@testable import NPYPlugin

/// Archives that are written: what is in them byte for byte, and what is refused.
@Suite struct NPZWritingTests {
  private let registry = CodecRegistry([NPZCodec()], runtime: Runtime(executor: SerialExecutor()))

  private func image(_ fileShape: [Int], _ type: DataType = .uint16, seed: Int = 0) throws -> MemoryImageView {
    let properties = try ImageProperties(fileAxes: AxisInference.axes(fileShape))
    let image = try MemoryImageView.allocate(properties.shape, type, properties: properties)
    let count = try properties.shape.byteCount(of: type)
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 / 251 &+ seed) }
    try image.write(  // bytes have no padding
      Region(of: properties.shape), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: properties.shape, type))
    return image
  }

  private func pixels(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  private func written(_ images: [NamedImage], _ options: [String: String] = [:]) throws -> [UInt8] {
    let stream = MemoryStream()
    _ = try registry.write(images, to: stream, format: "NPZ", options: options)
    return stream.bytes
  }

  private func reopened(_ bytes: [UInt8]) throws -> any MultiImageView {
    try registry.open(DataSource(MemoryRandomAccess(bytes), name: "a.npz"))
  }

  /// Arrays of several chunks, of one, and of none.
  @Test(arguments: ["none", "deflate"], ["little", "big"])
  func arraysAreReadBackUnderTheirNames(_ compression: String, _ order: String) throws {
    let images = [
      NamedImage(name: "/entry/data", image: try image([5, 700, 400])), NamedImage(name: "empty", image: try image([0, 3], seed: 1)),
      NamedImage(name: "µm", image: try image([7], .float64, seed: 2)), NamedImage(name: "bytes", image: try image([3, 4], .uint8, seed: 3)),
    ]
    let bytes = try written(images, ["compression": compression, "byte-order": order])
    let found = try reopened(bytes)
    #expect(try found.names == ["entry/data", "empty", "µm", "bytes"])
    for named in images {
      let read = try found.image(named: named.name)
      #expect(read.shape == named.image.shape && read.dataType == named.image.dataType)
      #expect(try pixels(read) == pixels(named.image))
      let isMapped = compression == "none" && (order == "little" || named.name == "bytes")
      #expect(read.capabilities.contains(.memoryAccess) == isMapped || named.name == "empty", "\(named.name)")
    }
    #expect(try written(images, ["compression": compression, "byte-order": order]) == bytes)
  }

  @Test func elementsOfStoredMembersStartAtMultiplesOf64() throws {
    let images = try (1...20).map { NamedImage(name: String(repeating: "n", count: $0), image: try image([$0], .uint8)) }
    let archive = try ZIPArchive(reading: MemoryRandomAccess(written(images)), limits: ReadLimits())
    for (index, member) in archive.members.enumerated() {
      #expect(member.dataOffset % 64 == 0 && member.method == 0 && member.storedByteCount == 128 + index + 1)
    }
  }

  /// The local header is that of the specification, with sizes of 64 bits, and the checksum is that of the content.
  @Test func headersFollowTheSpecification() throws {
    let array = try image([3], .uint8)
    let bytes = try written([NamedImage(name: "a", image: array)])
    let content = Array(bytes[64...].prefix(131))
    let little = ZIPBytes.little
    let sum = little(Int(ZIPBytes.crc(content)), 4)
    #expect(try Array(content.suffix(3)) == pixels(array))
    // The version, the flag for UTF-8, the method, the date, the checksum.
    let common: [[UInt8]] = [little(45, 2), little(0x800, 2), little(0, 2), little(0, 2), little(33, 2), sum]
    let full = [UInt8](repeating: 0xFF, count: 8)
    let local: [[UInt8]] = [[0x50, 0x4B, 3, 4]] + common + [full, little(5, 2), little(64 - 35, 2), Array("a.npy".utf8)]
    let wide: [[UInt8]] = [little(1, 2), little(16, 2), little(131, 8), little(131, 8)]
    #expect(Array(bytes.prefix(55)) == Array((local + wide).joined()))
    let directory = Array(bytes[(64 + 131)...])
    let entry: [[UInt8]] = [[0x50, 0x4B, 1, 2], little(3 << 8 | 45, 2)] + common + [little(131, 4), little(131, 4), little(5, 2)]
    #expect(Array(directory.prefix(30)) == Array(entry.joined()))
    let end: [[UInt8]] = [[0x50, 0x4B, 5, 6], little(0, 4), little(1, 2), little(1, 2), little(51, 4), little(195, 4), little(0, 2)]
    #expect(Array(directory.suffix(22)) == Array(end.joined()))
  }

  /// Offsets, sizes and numbers of members that need 64 bits have them, and are read back.
  @Test func largeArchivesUseZIP64() throws {
    let start = 5 << 30
    var entry = ZIPEntry(name: Array("a.npy".utf8), method: 0, localOffset: start)
    entry.add(7, byteCount: 6 << 30, stored: 6 << 30)
    let directory = ZIPArchive.directory(of: [entry], at: 12 << 30)
    let little = ZIPBytes.little
    #expect(Array(directory[20..<28]) == [UInt8](repeating: 0xFF, count: 8))
    #expect(Array(directory[46..<51]) == Array("a.npy".utf8))
    let wide: [[UInt8]] = [little(1, 2), little(24, 2), little(6 << 30, 8), little(6 << 30, 8), little(start, 8)]
    #expect(Array(directory[51..<79]) == Array(wide.joined()))
    #expect(Array(directory[79..<83]) == [0x50, 0x4B, 6, 6] && Array(directory[135..<139]) == [0x50, 0x4B, 6, 7])
    #expect(Array(directory[143..<151]) == little((12 << 30) + 79, 8))
    let many = (0..<70_000).map { ZIPEntry(name: Array("\($0)".utf8), method: 0, localOffset: $0) }
    #expect(ZIPArchive.directory(of: many, at: 0).suffix(22).dropFirst(8).prefix(4) == [0xFF, 0xFF, 0xFF, 0xFF])
  }

  @Test(arguments: [["a", "a"], ["a", "/a"], ["good", ""], ["good", "/"], ["good", "x/../y"], ["good", "x//y"], ["good", "zero\0byte"]])
  func namesThatCannotBeAreRefusedBeforeAnythingIsWritten(_ names: [String]) throws {
    let stream = MemoryStream()
    let images = try names.map { NamedImage(name: $0, image: try image([2])) }
    let error = #expect(throws: IOLinkError.self) { try registry.write(images, to: stream, format: "NPZ") }
    #expect(error?.code == .invalidArgument && error?.reason.contains("image \"\(names[1].prefix { $0 != "\0" })") == true)
    #expect(stream.bytes.isEmpty)
  }

  @Test func aSingleImageHasTheNameOfNumPy() throws {
    let stream = MemoryStream()
    let report = try registry.write(image([2, 3]), to: stream, format: "NPZ", options: ["compression": "deflate", "level": "12"])
    #expect(report.pixelByteCount == 12)
    #expect(try reopened(stream.bytes).names == ["arr_0"])
  }
}
