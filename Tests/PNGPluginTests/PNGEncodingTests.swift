import IOLinkCore
import Testing

@testable import PNGPlugin

/// What is written where there is a choice.
@Suite struct PNGEncodingTests {
  /// The filtered rows of a file without compression: one stored block behind five bytes.
  private func rows(_ file: [UInt8], count: Int) throws -> [UInt8] {
    let data = try #require(PNGBytes.chunks(file)?.first { $0.type == "IDAT" }?.data)
    return Array(data.dropFirst(7).prefix(count))
  }

  private func written(_ name: String, _ value: MetadataValue, _ type: DataType = .uint8) throws -> (chunk: [UInt8]?, lost: [String]) {
    var metadata = MetadataNode()
    metadata["/png/\(name)"] = value
    let image = try PNGBytes.image([1, 1], type, [UInt8](repeating: 0, count: type.byteCount))
    let (bytes, lost) = try PNGBytes.write(image, metadata: metadata)
    let own = PNGBytes.chunks(bytes)?.first { !["IHDR", "IDAT", "IEND"].contains($0.type) }
    return (own?.data, lost.map(\.path))
  }

  private func numbers(_ values: [Int], _ componentType: ComponentType = .uint8) throws -> MetadataValue {
    var bytes: [UInt8] = []
    for value in values { if componentType == .uint16 { bytes.append(UInt16(value), order: .native) } else { bytes.append(UInt8(value)) } }
    return .numbers(try NumericArray(componentType, shape: [values.count], bytes: bytes))
  }

  @Test func defaultsAreDeclared() throws {
    let options = PNGCodec().descriptor.writeOptions
    #expect(options.map(\.name) == ["level", "filter"])
    #expect(options.map(\.defaultValue) == ["1", "auto"])
    let ramp = (0..<4000).map { UInt8(truncatingIfNeeded: $0 * $0 / 37) }
    let image = try PNGBytes.image([100, 40], .uint8, ramp)
    let usual = try PNGBytes.write(image).bytes
    #expect(try PNGBytes.write(image, ["level": "1", "filter": "auto"]).bytes == usual)
    #expect(try PNGBytes.write(image, ["level": "12"]).bytes.count < usual.count)
    #expect(try PNGBytes.write(image, ["level": "0"]).bytes.count > 4040)
  }

  /// By hand from section 9: the row above a first row is not looked at.
  @Test(
    arguments: [
      ("none", [0, 10, 20, 0, 13, 25]), ("sub", [1, 10, 10, 1, 13, 12]), ("up", [1, 10, 10, 2, 3, 5]), ("average", [1, 10, 10, 3, 8, 9]),
      ("paeth", [1, 10, 10, 4, 3, 5]),
    ] as [(String, [UInt8])])
  func filtersAreThoseAskedFor(_ name: String, _ expected: [UInt8]) throws {
    let image = try PNGBytes.image([2, 2], .uint8, [10, 20, 13, 25])
    #expect(try rows(PNGBytes.write(image, ["filter": name, "level": "0"]).bytes, count: 6) == expected)
  }

  /// Section 12.7: the smallest sum of the bytes as signed numbers; of equal sums the first filter.
  @Test func automaticFiltersHaveTheSmallestSum() throws {
    let extremes = try PNGBytes.image([4, 1], .uint8, [0, 255, 0, 255])
    #expect(try rows(PNGBytes.write(extremes, ["level": "0"]).bytes, count: 5) == [0, 0, 255, 0, 255])
    // As signed numbers 6 + 2 against 6 + 4.
    let bright = try PNGBytes.image([2, 1], .uint8, [250, 254])
    #expect(try rows(PNGBytes.write(bright, ["level": "0"]).bytes, count: 3) == [0, 250, 254])
    let same = try PNGBytes.image([2, 2], .uint8, [0, 0, 0, 0])
    #expect(try rows(PNGBytes.write(same, ["level": "0"]).bytes, count: 6) == [0, 0, 0, 0, 0, 0])
    let slope = try PNGBytes.image([4, 1], .uint8, [50, 60, 70, 80])
    #expect(try rows(PNGBytes.write(slope, ["level": "0"]).bytes, count: 5) == [1, 50, 10, 10, 10])
  }

  /// Indices and bits have no neighbours that predict them, unless the caller says so.
  @Test func indicesAndBitsAreNotFiltered() throws {
    var metadata = MetadataNode()
    metadata["/png/palette"] = try numbers([UInt8](repeating: 7, count: 768).map(Int.init))
    let indices = try PNGBytes.image([4, 1], .uint8, [50, 60, 70, 80], interpretation: .palette)
    #expect(try rows(PNGBytes.write(indices, ["level": "0"], metadata: metadata).bytes, count: 5) == [0, 50, 60, 70, 80])
    let asked = try PNGBytes.write(indices, ["level": "0", "filter": "sub"], metadata: metadata).bytes
    #expect(try rows(asked, count: 5) == [1, 50, 10, 10, 10])
    let bits = try PNGBytes.image([24, 1], .boolean, [UInt8](repeating: 1, count: 24))
    #expect(try rows(PNGBytes.write(bits, ["level": "0"]).bytes, count: 4) == [0, 255, 255, 255])
  }

  @Test func valuesAreRoundedAndChecked() throws {
    #expect(try written("gamma", .real(0.454549)).chunk == PNGBytes.big(45_455))
    #expect(try written("gamma", .real(-1)) == (nil, ["/png/gamma"]))
    #expect(try written("rendering_intent", .integer(3)).chunk == [3])
    #expect(try written("rendering_intent", .integer(4)) == (nil, ["/png/rendering_intent"]))
    #expect(try written("significant_bits", numbers([8])).chunk == [8])
    #expect(try written("significant_bits", numbers([9])) == (nil, ["/png/significant_bits"]))
    #expect(try written("significant_bits", numbers([0])) == (nil, ["/png/significant_bits"]))
    #expect(try written("significant_bits", numbers([9]), .uint16).chunk == [9])
    #expect(try written("background", numbers([255], .uint16)).chunk == [0, 255])
    #expect(try written("background", numbers([256], .uint16)) == (nil, ["/png/background"]))
    #expect(try written("background", numbers([256], .uint16), .uint16).chunk == [1, 0])
    #expect(try written("time", .text("2024-02-29T23:59")) == (nil, ["/png/time"]))
    #expect(try written("time", .text("2024-02-29T23:59:256Z")) == (nil, ["/png/time"]))
    #expect(try written("exif", .bytes([])) == (nil, ["/png/exif"]))
    #expect(try written("transparency", .bytes([0, 9])).chunk == [0, 9])
    #expect(try written("transparency", .bytes([1, 9])) == (nil, ["/png/transparency"]))
    #expect(try written("transparency", .bytes([1, 9]), .uint16).chunk == [1, 9])
    #expect(try written("transparency", .bytes([9])) == (nil, ["/png/transparency"]))
  }

  @Test func keywordsAreChecked() throws {
    let long = String(repeating: "k", count: 79)
    for keyword in ["a", "a b", "ä", long] { #expect(try written("text/\(keyword)", .text("x")).lost == [], "\(keyword)") }
    for keyword in [" a", "a ", "a  b", "作", "a\u{a0}b", "a\u{7f}", long + "k"] {
      #expect(try written("text/\(keyword)", .text("x")).lost == ["/png/text/\(keyword)"], "\(keyword)")
    }
    #expect(try written("text/a", .text("é")).chunk == [97, 0, 0xe9])
    #expect(try written("text/a", .text("作")).chunk == [97, 0, 0, 0, 0, 0] + Array("作".utf8))
    #expect(try written("text/a", .text("x\0y")).lost == ["/png/text/a"])
  }

  private func calibration(_ x: (Double?, Double?), _ y: (Double?, Double?), _ unit: String) throws -> ([String: [UInt8]], [String]) {
    let image = try PNGBytes.image([1, 1], .uint8, [5]) {
      $0.calibrate(0, spacing: x.0, origin: x.1, unit: unit)
      $0.calibrate(1, spacing: y.0, origin: y.1, unit: unit)
    }
    let (bytes, lost) = try PNGBytes.write(image)
    let chunks = Dictionary((PNGBytes.chunks(bytes) ?? []).map { ($0.type, $0.data) }) { first, _ in first }
    return (chunks, lost.map(\.path))
  }

  /// Whole pixels per metre within a millionth become pHYs, all else sCAL.
  @Test(
    arguments: [(0.3333333334, 3), (0.33333333, 3), (1.0000005, 1), (1.000002, nil), (0.3, nil), (2, nil), (0.00025, 4000)]
      as [(Double, Int?)])
  func densitiesAreRounded(_ spacing: Double, _ density: Int?) throws {
    let (chunks, lost) = try calibration((spacing, nil), (1, nil), "m")
    #expect(chunks["pHYs"] == density.map { PNGBytes.big($0) + PNGBytes.big(1) + [1] })
    #expect((chunks["sCAL"] == nil) == (density != nil))
    #expect(lost == [])
  }

  @Test func originsAreWholeMicrometresOrPixels() throws {
    let step = 1 / 3937.0
    let pixels = try calibration((step, 10 * step), (step, -3 * step), "m")
    #expect(pixels.0["oFFs"] == PNGBytes.big(10) + [255, 255, 255, 253, 0])
    #expect(pixels.1 == [])
    let metric = try calibration((nil, 0.002), (nil, 0.5), "mm")
    #expect(metric.0["oFFs"] == PNGBytes.big(2) + PNGBytes.big(500) + [1])
    #expect(metric.0["pHYs"] == nil)
    let neither = try calibration((step, 10.25 * step), (step, 0), "m")
    #expect(neither.0["oFFs"] == nil)
    #expect(neither.1 == ["/axes/column/origin", "/axes/row/origin"])
    let one = try calibration((step, 10 * step), (step, nil), "m")
    #expect(one.0["oFFs"] == nil)
    #expect(one.1 == ["/axes/column/origin"])
  }

  /// A ratio of the two spacings is kept where there is no spacing.
  @Test func ratiosComeBack() throws {
    let chunk = PNGBytes.chunk("pHYs", PNGBytes.big(2) + PNGBytes.big(3) + [0])
    let image = try PNGBytes.open(PNGBytes.file(width: 1, depth: 8, color: 0, rows: [[5]], before: chunk)).image()
    let plain = try PNGBytes.write(image).bytes
    #expect(PNGBytes.chunks(plain)?.first { $0.type == "pHYs" }?.data == PNGBytes.big(2) + PNGBytes.big(3) + [0])
  }

  @Test func opacityIsKeptWhereItIsStraight() throws {
    for (mode, lost) in [(AlphaMode.straight, []), (.unspecified, ["/alpha"])] {
      let image = try PNGBytes.image([1, 1], try DataType(.uint8, componentCount: 2), [5, 6], interpretation: .grayscale) {
        $0.alpha = mode
      }
      #expect(try PNGBytes.write(image).lost.map(\.path) == lost)
    }
  }
}
