import IOLinkCore
import RawPlugin
import Testing

/// What the caller states about the bytes, and the bytes that are written.
@Suite struct RawTests {
  private let codec = RawCodec()

  private func open(_ bytes: [UInt8], _ options: [String: String]) throws -> any ImageView {
    let checked = try CodecOptions(options, declared: codec.descriptor.readOptions)
    return try codec.open(DataSource(MemoryRandomAccess(bytes)), options: checked, context: OpenContext(runtime: Runtime(executor: SerialExecutor()))).image()
  }

  private func pixels(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  private func code(_ bytes: [UInt8], _ options: [String: String]) -> IOLinkError.Code? {
    #expect(throws: IOLinkError.self) { try pixels(open(bytes, options)) }?.code
  }

  private func native(_ values: [UInt16]) -> [UInt8] {
    var bytes: [UInt8] = []
    for value in values { bytes.append(value, order: .native) }
    return bytes
  }

  @Test func shapeIsSlowestFirst() throws {
    let image = try open([0, 1, 2, 3, 4, 5], ["shape": "2,3", "type": "uint8"])
    #expect(image.shape == [3, 2])
    #expect(image.properties.axesAreInferred)
    #expect(image.properties.fileAxes.map(\.role) == [.row, .column])
    #expect(try image.bytes(of: Region(origin: [0, 1], size: [3, 1])) == [3, 4, 5])
    // More bytes than the shape needs are accepted, but fewer are an error.
    #expect(try pixels(open([7, 8, 9], ["shape": "2", "type": "uint8"])) == [7, 8])
    #expect(code([7, 8, 9], ["shape": "2,2", "type": "uint8"]) == .truncated)
    let short = try open([7, 8, 9], ["shape": "2,2", "type": "uint8"])
    #expect(short.storage == "raw, cut short: 3 of 4 bytes")
    #expect(try short.bytes(of: Region(origin: [0, 0], size: [2, 1])) == [7, 8])
  }

  @Test func byteOrderAndOffsetCount() throws {
    let bytes: [UInt8] = [0xee, 0x12, 0x34, 0x56, 0x78]
    let big = ["shape": "2", "type": "uint16", "offset": "1", "byte-order": "big"]
    #expect(try pixels(open(bytes, big)) == native([0x1234, 0x5678]))
    #expect(try pixels(open(bytes, big.merging(["byte-order": "little"]) { $1 })) == native([0x3412, 0x7856]))
    #expect(try pixels(open(bytes, big.merging(["byte-order": "native"]) { $1 })) == Array(bytes.dropFirst()))
    #expect(code(bytes, big.merging(["offset": "2"]) { $1 }) == .truncated)
    #expect(try pixels(open([1, 2], ["shape": "2", "type": "uint8"])) == [1, 2])
  }

  @Test func axesMayBeNamed() throws {
    let bytes = (0..<6).map { UInt8($0) }
    let image = try open(bytes, ["shape": "3,2", "type": "uint8", "axes": "XY"])
    #expect(!image.properties.axesAreInferred)
    #expect(image.shape == [3, 2])
    #expect(try pixels(image) == [0, 2, 4, 1, 3, 5])
    #expect(code(bytes, ["shape": "3,2", "type": "uint8", "axes": "X"]) == .invalidArgument)
    #expect(code(bytes, ["shape": "3,2", "type": "uint8", "axes": "ZYX"]) == .invalidArgument)
  }

  @Test func componentsAreFastest() throws {
    let image = try open((0..<12).map { UInt8($0) }, ["shape": "2,2", "type": "uint8x3"])
    #expect(image.dataType.componentCount == 3)
    #expect(image.properties.interpretation == .rgb)
    #expect(try image.bytes(of: Region(origin: [1, 0], size: [1, 1])) == [3, 4, 5])
    #expect(try open([0, 1], ["shape": "1", "type": "uint8x2"]).properties.interpretation == .unknown)
  }

  @Test func whatIsMissingOrUnknownIsNamed() {
    #expect(code([1], ["type": "uint8"]) == .invalidArgument)
    #expect(code([1], ["shape": "1"]) == .invalidArgument)
    #expect(code([1], ["shape": "1", "type": "uint7"]) == .invalidArgument)
  }

  @Test func detectionAsksTheName() {
    for name in ["a.raw", "b.bin", "c.dat"] { #expect(codec.detect(Probe(prefix: [1], byteCount: 1, name: name)) == .maybe) }
    if case .no = codec.detect(Probe(prefix: [1], byteCount: 1, name: "a.png")) {} else { Issue.record("a name without a raw extension must not be accepted") }
  }

  @Test func orderAndByteOrderAreWritten() throws {
    let properties = try ImageProperties(fileAxes: [Axis(.row, length: 2, spacing: 0.5, unit: "mm"), Axis(.column, length: 3)])
    let image = try MemoryImageView.allocate([3, 2], .uint16, properties: properties)
    let bytes = native([0, 1, 2, 3, 4, 5])
    try image.write(
      Region(of: image.shape), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [3, 2], .uint16), context: .default)
    func write(_ options: [String: String]) throws -> (bytes: [UInt8], lost: [LostItem]) {
      let stream = MemoryStream()
      let report = try CodecRegistry([codec], runtime: Runtime(executor: SerialExecutor())).write(image, to: stream, format: "raw", options: options)
      return (stream.bytes, report.lost)
    }
    #expect(try write([:]).bytes == bytes)
    #expect(try write(["byte-order": "big"]).bytes == [0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5])
    #expect(try write(["byte-order": "little", "order": "XY"]).bytes == [0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5, 0])
    let lost = try write([:]).lost
    #expect(lost.map(\.path).prefix(2) == ["/shape", "/type"])
    #expect(lost.map(\.value).prefix(2) == ["2,3", "UINT16"])
    #expect(lost.contains { $0.path == "/axes/row/spacing" })
    #expect(#expect(throws: IOLinkError.self) { try write(["order": "XZ"]) }?.code == .invalidArgument)
  }
}
