import IOLinkCore
import Testing

@testable import PNGPlugin

@Suite struct PNGWritingTests {
  /// Without compression and filter every byte of the file follows from the specification.
  @Test func bytesAreThoseOfTheSpecification() throws {
    let plain = ["level": "0", "filter": "none"]
    let gray = try PNGBytes.image([3, 2], .uint8, [1, 2, 3, 4, 5, 6], interpretation: .grayscale)
    let expected = PNGBytes.file(width: 3, depth: 8, color: 0, rows: [[1, 2, 3], [4, 5, 6]])
    let written = try PNGBytes.write(gray, plain)
    #expect(written.bytes == expected)
    #expect(written.lost.isEmpty)
    let deep = try PNGBytes.image([2, 1], .uint16, ByteOrder.native == .little ? [0x34, 0x12, 0, 0xff] : [0x12, 0x34, 0xff, 0])
    #expect(try PNGBytes.write(deep, plain).bytes == PNGBytes.file(width: 2, depth: 16, color: 0, rows: [[0x12, 0x34, 0xff, 0]]))
    let bits = try PNGBytes.image([9, 1], .boolean, [1, 0, 1, 1, 0, 0, 0, 1, 1])
    #expect(try PNGBytes.write(bits, plain).bytes == PNGBytes.file(width: 9, depth: 1, color: 0, rows: [[0b1011_0001, 0b1000_0000]]))
    for (components, color) in [(2, 4), (3, 2), (4, 6)] {
      let type = try DataType(.uint8, componentCount: components)
      let bytes = (0..<(2 * components)).map { UInt8($0) }
      let image = try PNGBytes.image([2, 1], type, bytes)
      #expect(try PNGBytes.write(image, plain).bytes == PNGBytes.file(width: 2, depth: 8, color: UInt8(color), rows: [bytes]))
    }
  }

  @Test func refusesWhatItCannotHold() throws {
    let signed = try PNGBytes.image([2, 1], .int16, [0, 0, 0, 0])
    let deep = try PNGBytes.image([2, 1, 2], .uint8, [0, 0, 0, 0])
    let bits = try PNGBytes.image([1, 1], try DataType(.boolean, componentCount: 3), [0, 1, 0])
    let inks = try PNGBytes.image([1, 1], try DataType(.uint8, componentCount: 4), [0, 1, 0, 1], interpretation: .cmyk)
    let multiplied = try PNGBytes.image([1, 1], try DataType(.uint8, componentCount: 2), [0, 1]) { $0.alpha = .premultiplied }
    let unnamed = try multiplied.with(properties: try ImageProperties(unknownAxes: [1, 1]))
    let empty = try PNGBytes.image([0, 1], .uint8, [])
    for image: any ImageView in [signed, deep, bits, inks, multiplied, unnamed, empty] {
      let error = #expect(throws: IOLinkError.self) { try PNGBytes.write(image) }
      #expect(error?.code == .unsupported)
    }
  }

  @Test func listsWhatIsLost() throws {
    var metadata = MetadataNode()
    metadata["/title"] = .text("a title")
    metadata["/tiff/Software"] = .text("other")
    let image = try PNGBytes.image([1, 1, 1], .uint8, [5], interpretation: .label) {
      $0.calibrate(0, spacing: 0.5, unit: "parsec")
      $0.calibrate(2, spacing: 2, unit: "µm")
      $0.significantBits = 5
    }
    let lost = try PNGBytes.write(image, metadata: metadata).lost
    #expect(
      Set(lost.map(\.path)) == [
        "/axes/slice", "/axes/slice/spacing", "/axes/slice/unit", "/axes/column/spacing", "/axes/column/unit",
        "/interpretation", "/significantBits", "/tiff/Software",
      ])
  }

  /// Every resolution in whole pixels per metre comes back as the same integer.
  @Test(arguments: [1, 2, 3, 7, 2834, 2835, 3937, 39_370, 1_000_003, 4_000_000, 999_999_937, 2_147_483_647])
  func resolutionComesBackExactly(_ density: Int) throws {
    let size = PNGBytes.chunk("pHYs", PNGBytes.big(density) + PNGBytes.big(density / 2 + 1) + [1])
    let image = try PNGBytes.open(PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]], before: size)).image()
    #expect(image.properties.axes[0].spacing == 1 / Double(density))
    #expect(image.properties.axes[0].unit == "m")
    let (written, lost) = try PNGBytes.write(image)
    #expect(PNGBytes.chunks(written)?.first { $0.type == "pHYs" }?.data == PNGBytes.big(density) + PNGBytes.big(density / 2 + 1) + [1])
    #expect(lost.isEmpty)
  }

  @Test func unitsBecomeMetresAndOddSpacingsAreWrittenAsText() throws {
    let image = try PNGBytes.image([1, 1], .uint8, [5]) {
      $0.calibrate(0, spacing: 0.25, origin: 3, unit: "µm")
      $0.calibrate(1, spacing: 0.5, origin: -4, unit: "um")
    }
    let chunks = try #require(PNGBytes.chunks(try PNGBytes.write(image).bytes))
    #expect(chunks.first { $0.type == "pHYs" }?.data == PNGBytes.big(4_000_000) + PNGBytes.big(2_000_000) + [1])
    #expect(chunks.first { $0.type == "oFFs" }?.data == PNGBytes.big(3) + [255, 255, 255, 252, 1])

    let coarse = try PNGBytes.image([1, 1], .uint8, [5]) {
      $0.calibrate(0, spacing: 2.5, unit: "m")
      $0.calibrate(1, spacing: 30, unit: "m")
    }
    let (bytes, lost) = try PNGBytes.write(coarse)
    #expect(lost.map(\.path) == [])
    #expect(PNGBytes.chunks(bytes)?.first { $0.type == "sCAL" }?.data == [1] + Array("2.5\u{0}30.0".utf8))
    #expect(try PNGBytes.open(bytes).image().properties.axes.map(\.spacing) == [2.5, 30])
  }

  @Test func metadataComesBack() throws {
    let before = [
      PNGBytes.chunk("cHRM", [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000].flatMap(PNGBytes.big)),
      PNGBytes.chunk("gAMA", PNGBytes.big(45_455)), PNGBytes.chunk("sRGB", [1]), PNGBytes.chunk("sBIT", [5, 6, 5]),
      PNGBytes.chunk("bKGD", [0, 1, 0, 2, 0, 3]), PNGBytes.chunk("eXIf", Array("II*\0".utf8)),
      PNGBytes.chunk("tIME", [0x07, 0xe8, 2, 29, 23, 59, 60]), PNGBytes.chunk("pHYs", PNGBytes.big(2) + PNGBytes.big(3) + [0]),
      PNGBytes.chunk("tEXt", Array("Title\0A title".utf8)), PNGBytes.chunk("tEXt", Array("Comment".utf8) + [0, 0xe9]),
      PNGBytes.chunk("iTXt", Array("Author\0\0\0de\0Autor\0作者".utf8)),
    ]
    let file = PNGBytes.file(width: 1, depth: 8, color: 2, rows: [[1, 2, 3]], before: before.flatMap { $0 })
    let image = try PNGBytes.open(file).image()
    #expect(image.metadata["/title"] == .text("A title"))
    #expect(image.metadata["/artist"] == .text("作者"))
    #expect(image.metadata["/png/text/Comment"] == .text("é"))
    #expect(image.metadata["/png/text/Author/language"] == .text("de"))
    #expect(image.metadata["/png/gamma"] == .real(0.45455))
    #expect(image.metadata["/png/time"] == .text("2024-02-29T23:59:60Z"))
    #expect(image.metadata["/png/pixels_per_unit"]?.doubles == [2, 3])
    #expect(image.metadata["/png/significant_bits"]?.doubles == [5, 6, 5])
    let (written, lost) = try PNGBytes.write(image)
    #expect(lost.map(\.path) == [])
    let parts = try #require(PNGBytes.chunks(written))
    let original = try #require(PNGBytes.chunks(file))
    for chunk in original where chunk.type != "IDAT" {
      #expect(parts.contains { $0.type == chunk.type && $0.data == chunk.data }, "\(chunk.type)")
    }
    #expect(parts.count == original.count)
  }

  @Test func profilesComeBackAndBombsAreIgnored() throws {
    let profile = Array("profile profile profile".utf8)
    let chunk = PNGBytes.chunk("iCCP", Array("name\0\0".utf8) + PNGBytes.stored(profile))
    let image = try PNGBytes.open(PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]], before: chunk)).image()
    #expect(image.metadata["/png/icc_profile"] == .bytes(profile))
    let again = try PNGBytes.open(try PNGBytes.write(image).bytes).image()
    #expect(again.metadata == image.metadata)

    // 1000 zeros in 17 bytes, by Python's zlib.
    let bomb: [UInt8] = [120, 156, 99, 96, 24, 5, 163, 96, 20, 12, 119, 0, 0, 3, 232, 0, 1]
    var context = OpenContext(runtime: Runtime(executor: SerialExecutor()))
    context.limits.metadataByteCount = 200
    let codec = PNGCodec()
    let large = PNGBytes.chunk("iCCP", Array("name\0\0".utf8) + bomb)
    let source = DataSource(MemoryRandomAccess(PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]], before: large)))
    let limited = try codec.open(source, options: CodecOptions(declared: codec.descriptor.readOptions), context: context).image()
    #expect(limited.metadata["/png/icc_profile"] == nil)
    #expect(limited.metadata["/png/warnings"] != nil)
  }

  @Test func palettesComeBack() throws {
    let palette = PNGBytes.chunk("PLTE", [1, 2, 3, 4, 5, 6]) + PNGBytes.chunk("tRNS", [7])
    let file = PNGBytes.file(width: 3, depth: 8, color: 3, rows: [[0, 1, 0]], before: palette)
    let image = try PNGBytes.open(file, ["palette": "indices"]).image()
    let (written, lost) = try PNGBytes.write(image, ["level": "0"])
    #expect(written == file)
    #expect(lost.isEmpty)
  }
}
