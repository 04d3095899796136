import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Compressions for which the writer calls libtiff, and samples that take less than whole bytes.
@Suite struct TIFFLibraryWritingTests {
  private let registry: CodecRegistry = {
    var registry = CodecRegistry(runtime: Runtime(executor: SerialExecutor()))
    registry.register(TIFFCodec())
    return registry
  }()

  /// An image of 75 × 50 pixels whose values change slowly, so that compressions which are not exact change them little.
  private func ramp(_ type: DataType, interpretation: ImageInterpretation = .unknown, significantBits: Int? = nil) throws -> MemoryImageView {
    var properties = try ImageProperties(fileAxes: [Axis(.row, length: 50), Axis(.column, length: 75)], interpretation: interpretation)
    properties.significantBits = significantBits
    let image = try MemoryImageView.allocate(properties.shape, type, properties: properties)
    var bytes: [UInt8] = []
    for row in 0..<50 {
      for column in 0..<75 {
        for component in 0..<type.componentCount {
          bytes.append(contentsOf: Self.bytes(type, row * (component + 1) + column))
        }
      }
    }
    let memory = try #require(image.memory)
    memory.block.withMutableBytes { target in target.copy(from: unsafe bytes.span.bytes) }
    return image
  }

  private static func bytes(_ type: DataType, _ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    switch type.componentType {
    case .boolean: bytes = [value % 5 == 0 ? 1 : 0]
    case .float32: bytes.append(Float(value).bitPattern, order: .native)
    case .uint16: bytes.append(UInt16(value), order: .native)
    default: bytes = [UInt8(truncatingIfNeeded: value)]
    }
    return bytes
  }

  private func written(_ image: any ImageView, _ options: [String: String]) throws -> (bytes: [UInt8], lost: [LostItem]) {
    let stream = MemoryStream()
    let report = try registry.write(image, to: stream, format: "TIFF", options: options)
    return (stream.bytes, report.lost)
  }

  private func pixels(_ image: any ImageView) throws -> [UInt8] { try image.bytes(of: Region(of: image.shape)) }

  @Test(arguments: [
    (["compression": "lerc"], "float32"), (["compression": "lerc", "tile": "16"], "uint16"), (["compression": "lzma"], "uint16"),
    (["compression": "lzma", "tile": "32", "level": "1"], "float32"), (["compression": "ccitt"], "bool"),
    (["compression": "ccitt", "tile": "64"], "bool"), (["compression": "ccitt", "rows": "7"], "bool"), (["compression": "lerc"], "rgb"),
    (["compression": "webp"], "rgb"), (["compression": "webp", "tile": "16"], "rgb"), (["compression": "lzma", "rows": "3"], "rgb"),
  ])
  func exactCompressions(_ options: [String: String], _ kind: String) throws {
    let types: [String: DataType] = ["float32": .float32, "uint16": .uint16, "bool": .boolean, "rgb": try DataType(.uint8, componentCount: 3)]
    let image = try ramp(try #require(types[kind]))
    let (bytes, lost) = try written(image, options)
    #expect(!lost.contains { $0.path == "/pixels" })
    let found = try registry.open(DataSource(MemoryRandomAccess(bytes))).image()
    #expect(found.dataType == image.dataType)
    #expect(try pixels(found) == pixels(image))
  }

  @Test(arguments: [
    (["compression": "jpeg"], "rgb"), (["compression": "jpeg", "tile": "32"], "rgb"), (["compression": "jpeg", "rows": "5"], "rgb"),
    (["compression": "jpeg", "subsampling": "420", "quality": "95"], "rgb"),
    (["compression": "jpeg", "subsampling": "420", "quality": "95", "tile": "16"], "rgb"), (["compression": "jpeg", "tile": "16"], "gray"),
    (["compression": "webp", "quality": "90"], "rgb"), (["compression": "lerc", "max-error": "3"], "gray"),
  ])
  func inexactCompressionsAreReported(_ options: [String: String], _ kind: String) throws {
    let image = try ramp(kind == "rgb" ? DataType(.uint8, componentCount: 3) : .uint8, interpretation: kind == "rgb" ? .rgb : .grayscale)
    let (bytes, lost) = try written(image, options)
    #expect(lost.contains { $0.path == "/pixels" })
    let found = try registry.open(DataSource(MemoryRandomAccess(bytes))).image()
    #expect(found.dataType == image.dataType && found.properties.interpretation == image.properties.interpretation)
    let differences = zip(try pixels(found), try pixels(image)).map { abs(Int($0) - Int($1)) }
    // Pixels near the edge of a tile are as good as others, because tiles are not padded with black.
    #expect(differences.reduce(0, max) <= 12, "\(differences.reduce(0, max))")
  }

  @Test func tagsOfJPEG() throws {
    let image = try ramp(try DataType(.uint8, componentCount: 3), interpretation: .rgb)
    let file = WrittenTIFF(try written(image, ["compression": "jpeg", "subsampling": "420", "tile": "16"]).bytes)
    #expect(file.values(259) == [7] && file.values(262) == [6] && file.values(530) == [2, 2])
    #expect(file.values(532) == [0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1])
    // The tables are an abbreviated stream of their own, so that tiles need not repeat them.
    let tables = file.values(347)
    #expect(tables.prefix(2) == [0xFF, 0xD8] && tables.suffix(2) == [0xFF, 0xD9] && tables.count > 100)
    let tile = file.values(324)[0]
    #expect(Array(file.bytes[tile..<(tile + 2)]) == [0xFF, 0xD8] && file.values(325).allSatisfy { $0 < 500 })
  }

  @Test func transparentColoursAreReported() throws {
    let image = try ramp(try DataType(.uint8, componentCount: 4), interpretation: .rgb)
    #expect(try written(image, ["compression": "webp"]).lost.contains { $0.path == "/pixels" })
  }

  @Test(arguments: [
    ("jpeg", DataType.uint16), ("webp", .uint8), ("ccitt", .uint8), ("lerc", .complex64), ("lerc", .uint64), ("lerc", .boolean),
  ])
  func otherTypesAreRefused(_ compression: String, _ type: DataType) throws {
    let error = #expect(throws: IOLinkError.self) { _ = try written(try ramp(type), ["compression": compression]) }
    #expect(error?.code == .unsupported)
  }

  @Test(arguments: [
    ["compression": "lzw", "quality": "5"], ["compression": "lzma", "level": "10"], ["compression": "deflate", "max-error": "1"],
    ["compression": "webp", "subsampling": "420"], ["compression": "lerc", "max-error": "-1"], ["compression": "jpeg", "level": "1"],
  ])
  func optionsOfOtherCompressionsAreRefused(_ options: [String: String]) throws {
    let error = #expect(throws: IOLinkError.self) { _ = try written(try ramp(.uint8), options) }
    #expect(error?.code == .invalidArgument)
  }

  @Test(arguments: [[:], ["compression": "deflate"], ["compression": "lzma", "tile": "16"], ["tile": "16"], ["rows": "3"]])
  func significantBits(_ options: [String: String]) throws {
    let image = try ramp(.uint16, significantBits: 12)
    let file = try written(image, options.merging(["bits": "significant"]) { $1 }).bytes
    #expect(WrittenTIFF(file).values(258) == [12])
    let found = try registry.open(DataSource(MemoryRandomAccess(file))).image()
    #expect(found.dataType == .uint16 && found.properties.significantBits == 12)
    #expect(try pixels(found) == pixels(image))
  }

  @Test func valuesBeyondTheSignificantBitsAreNotCut() throws {
    // The largest value is 49 + 74, which needs 7 bits.
    let error = #expect(throws: IOLinkError.self) {
      _ = try written(try ramp(.uint8, significantBits: 6), ["bits": "significant"])
    }
    #expect(error?.code == .unsupported && error?.reason.hasSuffix("does not fit in 6 bits") == true)
  }
}
