import IOLinkCore
import Testing

@testable import TIFFPlugin

/// What written files state about the meaning of their samples, and about everything besides pixels.
@Suite struct TIFFWrittenMeaningTests {
  private let plane = [Axis(.row, length: 2), Axis(.column, length: 3)]

  private func numbers(_ values: [Int]) throws -> MetadataValue {
    .numbers(try NumericArray(.uint16, shape: [values.count], bytes: values.flatMap { TIFFBytes.short(0, $0).bytes }))
  }

  /// PhotometricInterpretation, ExtraSamples, SamplesPerPixel, InkSet.
  private func meaning(_ interpretation: ImageInterpretation, _ count: Int, _ alpha: AlphaMode = .none) throws -> [[Int]] {
    let image = try WrittenTIFF.image(plane, DataType(.uint8, componentCount: count)) {
      $0.interpretation = interpretation
      $0.alpha = alpha
    }
    let file = try WrittenTIFF.write(image).file
    #expect(file.values(258) == Array(repeating: 8, count: count))
    #expect(file.values(339) == Array(repeating: 1, count: count))
    return [262, 338, 277, 332].map { file.values($0) }
  }

  @Test func colorsAndExtraSamples() throws {
    #expect(try meaning(.unknown, 1) == [[1], [], [1], []])
    #expect(try meaning(.grayscale, 1) == [[1], [], [1], []])
    #expect(try meaning(.minIsWhite, 1) == [[0], [], [1], []])
    #expect(try meaning(.rgb, 3) == [[2], [], [3], []])
    #expect(try meaning(.unknown, 3) == [[2], [], [3], []])
    #expect(try meaning(.rgb, 4, .straight) == [[2], [2], [4], []])
    #expect(try meaning(.rgb, 4, .premultiplied) == [[2], [1], [4], []])
    #expect(try meaning(.rgb, 4, .unspecified) == [[2], [0], [4], []])
    #expect(try meaning(.unknown, 4, .straight) == [[2], [2], [4], []])
    #expect(try meaning(.unknown, 4) == [[2], [0], [4], []])
    #expect(try meaning(.grayscale, 2, .straight) == [[1], [2], [2], []])
    #expect(try meaning(.cmyk, 4) == [[5], [], [4], [1]])
    #expect(try meaning(.cielab, 3) == [[8], [], [3], []])
    #expect(try meaning(.multispectral, 5) == [[1], [0, 0, 0, 0], [5], []])
  }

  /// Three tables of 2 to the power of the bits, padded with zeros.
  @Test func tablesOfColors() throws {
    func file(_ map: [Int], _ componentType: ComponentType = .uint8) throws -> WrittenTIFF {
      var metadata = MetadataNode()
      metadata["/tiff/ColorMap"] = try numbers(map)
      let bytes = [UInt8](repeating: 0, count: 6 * componentType.byteCount)
      return try WrittenTIFF.write(WrittenTIFF.image(plane, DataType(componentType), bytes, metadata: metadata) { $0.interpretation = .palette }).file
    }
    let short = try file([1, 2, 3, 4, 5, 65_535])
    #expect(short.values(262) == [3])
    var wanted = [Int](repeating: 0, count: 768)
    (wanted[0], wanted[1], wanted[256], wanted[257], wanted[512], wanted[513]) = (1, 2, 3, 4, 5, 65_535)
    #expect(short.values(320) == wanted)
    #expect(try file([1, 2, 3, 4, 5, 6], .boolean).values(320) == [1, 2, 3, 4, 5, 6])
    // Three entries exceed what one bit can index, and signed integers are not indices.
    #expect(try file(Array(1...9), .boolean).values(262) == [1])
    #expect(try file([1, 2, 3], .int8).values(262) == [1])
    #expect(try file([1, 2, 3, 4]).values(262) == [1])
  }

  /// A text ends with a zero byte and does not contain one. A text that does is written without it, and is listed as lost.
  @Test func texts() throws {
    var metadata = MetadataNode()
    for key in ["description", "software", "artist", "copyright", "date_time"] { metadata["/" + key] = .text("\(key) \u{B5}\0!") }
    let (file, lost) = try WrittenTIFF.write(WrittenTIFF.image(plane, metadata: metadata))
    #expect([270, 305, 315, 33432, 306].map { file.text($0) } == ["description µ!", "software µ!", "artist µ!", "copyright µ!", "date_time µ!"])
    #expect(file.pages[0][270]?.values.count == "description µ!".utf8.count + 1)
    #expect(lost.map(\.path) == metadata.leaves.map(\.path))
  }

  /// Tags of other programs come back with the same tag, type and values.
  @Test func keptTags() throws {
    var metadata = MetadataNode()
    metadata["/tiff/Orientation"] = .integer(6)
    metadata["/tiff/Make"] = .text("maker")
    metadata["/tiff/ModelPixelScale"] = .reals([0.5, 2, 0])
    metadata["/tiff/GeoKeyDirectory"] = try numbers([1, 1, 0, 0])
    metadata["/tiff/ICCProfile"] = .bytes([1, 2, 3])
    metadata["/tiff/XMP"] = .bytes([60, 62])
    metadata["/tiff/GDALNoData"] = .text("-9999")
    metadata["/tiff/Model"] = .integer(7)
    metadata["/tiff/Tag60000"] = .integer(7)
    let (file, lost) = try WrittenTIFF.write(WrittenTIFF.image(plane, metadata: metadata))
    typealias Field = WrittenTIFF.Field
    let page = file.pages[0]
    #expect(page[274] == Field(type: 3, values: [6], text: ""))
    #expect(file.text(271) == "maker")
    #expect(page[33550]?.type == 12)
    let scale: [Double] = [0.5, 2, 0]
    #expect(page[33550]?.values == scale.map { Int($0.bitPattern) })
    #expect(page[34735] == Field(type: 3, values: [1, 1, 0, 0], text: ""))
    #expect(page[34675] == Field(type: 7, values: [1, 2, 3], text: ""))
    #expect(page[700] == Field(type: 1, values: [60, 62], text: ""))
    #expect(file.text(42113) == "-9999")
    #expect(page[272] == nil && page[60_000] == nil)
    #expect(Set(lost.map(\.path)) == ["/tiff/Model", "/tiff/Tag60000"])
    #expect(file.tags == file.tags.sorted())
  }

  /// A description is written only if it is needed: OME-XML if that can express the image, and otherwise tifffile's JSON.
  @Test func descriptionsThatAreChosen() throws {
    func kind(_ axes: [Axis], _ type: DataType = .uint8, _ change: (inout ImageProperties) -> Void = { _ in }) throws -> String {
      let count = axes.reduce(type.byteCount) { $0 * $1.length }
      let text = try WrittenTIFF.write(WrittenTIFF.image(axes, type, Array(repeating: 0, count: count), change)).file.text(270)
      return text.map { $0.hasPrefix("<?xml") ? "ome" : $0.hasPrefix("{") ? "shaped" : $0 } ?? "none"
    }
    let slices = [Axis(.slice, length: 2)] + plane
    #expect(try kind(plane) == "none")
    #expect(try kind(slices) == "ome")
    #expect(try kind([Axis(.slice, length: 1)] + plane) == "ome")
    #expect(try kind(slices, .uint64) == "shaped")
    #expect(try kind(slices, .float16) == "shaped")
    #expect(try kind([Axis(AxisRole("angle"), length: 2)] + plane) == "shaped")
    #expect(try kind([Axis(.column, length: 3)]) == "shaped")
    #expect(try kind(plane, DataType(.uint8, componentCount: 5)) == "shaped")
    #expect(try kind([Axis(.row, length: 2, origin: 1), Axis(.column, length: 3)]) == "ome")
    #expect(try kind([Axis(.row, length: 2, spacing: 0.5, unit: "µm"), Axis(.column, length: 3, spacing: 0.5, unit: "µm")]) == "ome")
    #expect(try kind([Axis(.row, length: 2, spacing: 0.5, unit: "cm"), Axis(.column, length: 3, spacing: 0.5, unit: "cm")]) == "none")
    #expect(try kind(plane, .uint8) { $0.significantBits = 5 } == "ome")
    #expect(try kind(plane, .uint8) { $0.interpretation = .binary } == "ome")
  }

  /// Other programs state all bits of the type for every image, which says nothing. An image that says so itself gets it back.
  @Test(arguments: [5, 8]) func significantBitsComeBack(_ bits: Int) throws {
    let axes = [Axis(.row, length: 2, origin: 1), Axis(.column, length: 3)]
    for axes in [axes, plane] {
      let image = try WrittenTIFF.image(axes, .uint8, [UInt8](repeating: 0, count: 6)) { $0.significantBits = bits }
      let file = try WrittenTIFF.write(image).file
      #expect(try TIFFBytes.open(file.bytes).image().properties.significantBits == bits)
    }
  }

  /// OME-XML, word by word.
  @Test func omeDocument() throws {
    let axes = [
      Axis(.channel, length: 2), Axis(.sequence, length: 3, spacing: 2, unit: "ms"), Axis(.slice, length: 2, spacing: 4, unit: "nm"),
      Axis(.row, length: 1, spacing: 0.5, unit: "µm"), Axis(.column, length: 3, spacing: 0.25, unit: "µm"),
    ]
    var metadata = MetadataNode()
    metadata["/title"] = .text("a & b")
    metadata["/description"] = .text("<c>")
    metadata["/channels/1/name"] = .text("\"d\"")
    let zeros = [UInt8](repeating: 0, count: 72)
    let file = try WrittenTIFF.write(WrittenTIFF.image(axes, .uint16, zeros, metadata: metadata) { $0.significantBits = 12 }).file
    let text = try #require(file.text(270))
    let image = [
      "<Image ID=\"Image:0\" Name=\"a &amp; b\"><Description>&lt;c&gt;</Description><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYZTC\" Type=\"uint16\" ",
      "SizeX=\"3\" SizeY=\"1\" SizeZ=\"2\" SizeC=\"2\" SizeT=\"3\" BigEndian=\"false\" Interleaved=\"false\" SignificantBits=\"12\" ",
      "PhysicalSizeX=\"0.25\" PhysicalSizeXUnit=\"µm\" PhysicalSizeY=\"0.5\" PhysicalSizeYUnit=\"µm\" PhysicalSizeZ=\"4.0\" ",
      "PhysicalSizeZUnit=\"nm\" TimeIncrement=\"2.0\" TimeIncrementUnit=\"ms\"><Channel ID=\"Channel:0:0\" SamplesPerPixel=\"1\"/>",
      "<Channel ID=\"Channel:0:1\" Name=\"&quot;d&quot;\" SamplesPerPixel=\"1\"/><TiffData IFD=\"0\" PlaneCount=\"12\"/></Pixels></Image></OME>",
    ].joined()
    #expect(text.contains(image))
    #expect(file.pages.count == 12)
    let colors = [Axis(.channel, length: 2)] + plane
    let rgb = try WrittenTIFF.write(WrittenTIFF.image(colors, DataType(.uint8, componentCount: 3)) { $0.interpretation = .rgb }).file.text(270)
    #expect(rgb?.contains("SizeC=\"6\"") == true && rgb?.contains("Interleaved=\"true\"") == true)
    #expect(rgb?.contains("<Channel ID=\"Channel:0:1\" SamplesPerPixel=\"3\"/><TiffData IFD=\"0\" PlaneCount=\"2\"/>") == true)
  }

  @Test(arguments: [
    (ComponentType.boolean, "bit"), (.uint8, "uint8"), (.int16, "int16"), (.uint32, "uint32"), (.float32, "float"), (.float64, "double"),
    (.complex64, "complex"), (.complex128, "double-complex"),
  ])
  func omeTypes(_ componentType: ComponentType, _ name: String) throws {
    let zeros = [UInt8](repeating: 0, count: 12 * componentType.byteCount)
    let image = try WrittenTIFF.image([Axis(.slice, length: 2)] + plane, DataType(componentType), zeros)
    #expect(try WrittenTIFF.write(image).file.text(270)?.contains("Type=\"\(name)\"") == true)
  }

  @Test func optionsThatDoNotFit() throws {
    func code(_ axes: [Axis], _ type: DataType, _ options: [String: String]) -> IOLinkError.Code? {
      let count = axes.reduce(type.byteCount) { $0 * $1.length }
      do {
        _ = try WrittenTIFF.write(WrittenTIFF.image(axes, type, Array(repeating: 0, count: count)), options)
        return nil
      } catch { return (error as? IOLinkError)?.code }
    }
    #expect(code(plane, .uint8, ["compression": "deflate", "level": "12"]) == nil)
    #expect(code(plane, .uint8, ["compression": "deflate", "level": "0"]) == nil)
    #expect(code(plane, .uint8, ["compression": "deflate", "level": "13"]) == .invalidArgument)
    #expect(code(plane, .uint8, ["compression": "zstd", "level": "22"]) == nil)
    #expect(code(plane, .uint8, ["compression": "zstd", "level": "0"]) == .invalidArgument)
    #expect(code(plane, .uint8, ["compression": "lzw", "level": "1"]) == .invalidArgument)
    #expect(code(plane, .uint8, ["level": "1"]) == .invalidArgument)
    #expect(code(plane, .uint8, ["tile": "16", "rows": "1"]) == .invalidArgument)
    #expect(code(plane, .uint64, ["metadata": "ome"]) == .unsupported)
    #expect(code([Axis(AxisRole("angle"), length: 2)] + plane, .uint8, ["metadata": "ome"]) == .unsupported)
    #expect(code(plane, .int8, ["metadata": "imagej"]) == .unsupported)
    #expect(try code(plane, DataType(.uint8, componentCount: 3), ["metadata": "imagej"]) == nil)
    #expect(try code(plane, DataType(.uint16, componentCount: 3), ["metadata": "imagej"]) == .unsupported)
    #expect(code([Axis(.slice, length: 2), Axis(.column, length: 3)], .uint8, [:]) == .unsupported)
    #expect(code([Axis(.row, length: 0), Axis(.column, length: 3)], .uint8, [:]) == .unsupported)
    #expect(code([Axis(.row, length: 2), Axis(.column, length: 0)], .uint8, [:]) == .unsupported)
    #expect(code([Axis(.slice, length: 0)] + plane, .uint8, [:]) == .unsupported)
  }
}
