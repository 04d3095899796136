import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Chunks that are absent hold the value of GDAL's tag 42113.
@Suite struct TIFFBackgroundTests {
  private typealias T = TIFFBytes

  /// The elements of a page of 2 × 2 without any stored strip.
  private func elements(
    _ text: String, bits: Int, format: Int, order: ByteOrder = .little, samples: Int = 1, photometric: Int = 1
  ) throws -> [UInt8] {
    func short(_ tag: UInt16, _ values: Int...) -> T.Field {
      var field = T.Field(tag: tag, type: 3, count: values.count, bytes: [])
      for value in values { field.bytes.append(UInt16(value), order: order) }
      return field
    }
    func long(_ tag: UInt16, _ value: Int) -> T.Field { T.long(tag, value, order: order) }
    let page = [
      long(256, 2), long(257, 2), short(258, bits), short(259, 1), short(262, photometric), long(273, 0), short(277, samples), long(278, 2),
      long(279, 0), short(339, format), T.text(42113, text),
    ]
    return try T.pixels(T.file([page], pixels: [0, 0], order: order))
  }

  private func repeated<Number: BitwiseCopyable>(_ number: Number, _ count: Int = 4) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<count { unsafe withUnsafeBytes(of: number) { unsafe bytes.append(contentsOf: $0) } }  // a copy of a local value
    return bytes
  }

  @Test(arguments: [ByteOrder.little, .big])
  func everyTypeHasTheStatedValue(_ order: ByteOrder) throws {
    #expect(try elements("255", bits: 8, format: 1, order: order) == repeated(UInt8(255)))
    #expect(try elements("-32768 ", bits: 16, format: 2, order: order) == repeated(Int16.min))
    #expect(try elements("65535", bits: 16, format: 1, order: order) == repeated(UInt16.max))
    #expect(try elements("-7", bits: 8, format: 2, order: order) == repeated(Int8(-7)))
    #expect(try elements("3000000000", bits: 32, format: 1, order: order) == repeated(UInt32(3_000_000_000)))
    #expect(try elements("-2147483648", bits: 32, format: 2, order: order) == repeated(Int32.min))
    #expect(try elements("-9223372036854775807", bits: 64, format: 2, order: order) == repeated(Int64.min + 1))
    #expect(try elements("18446744073709551615", bits: 64, format: 1, order: order) == repeated(UInt64.max))
    #expect(try elements("1.5", bits: 16, format: 3, order: order) == repeated(Float16(1.5)))
    #expect(try elements("-3.4028234663852886e+38", bits: 32, format: 3, order: order) == repeated(-Float.greatestFiniteMagnitude))
    #expect(try elements("1e+300", bits: 64, format: 3, order: order) == repeated(1e300))
    #expect(try elements("-2", bits: 64, format: 6, order: order) == repeated(SIMD2<Float>(-2, 0)))
    #expect(try elements("-2", bits: 128, format: 6, order: order) == repeated(SIMD2<Double>(-2, 0)))
    #expect(try elements("9", bits: 8, format: 1, order: order, samples: 3, photometric: 2) == repeated(UInt8(9), 12))
    #expect(try elements("1", bits: 1, format: 1, order: order) == [1, 1, 1, 1])
    #expect(try elements("5", bits: 12, format: 1, order: order) == repeated(UInt16(5)))
  }

  /// Strips of which the file ends have the stated value when they are salvaged, too.
  @Test func stripsThatAreMissing() throws {
    let page = [
      T.long(256, 2), T.long(257, 2), T.short(258, 8), T.short(259, 1), T.short(262, 1), T.long(273, 1 << 20), T.short(277, 1), T.long(278, 2),
      T.long(279, 4), T.text(42113, "7"),
    ]
    let image = try T.open(T.file([page], pixels: [0, 0])).image()
    #expect(throws: IOLinkError.self) { try image.bytes(of: Region(of: image.shape)) }
    let salvage = Salvage()
    #expect(try image.bytes(of: Region(of: image.shape), context: OperationContext(salvage: salvage)) == [7, 7, 7, 7])
    let lost = salvage.takeLost()
    #expect(lost.map(\.value) == ["all pixels"] && lost.allSatisfy { $0.reason.hasPrefix("truncated: ") })
  }

  @Test func valuesThatAreNotNumbersOrDoNotFit() throws {
    #expect(try elements("nan", bits: 32, format: 3) == repeated(Float.nan))
    #expect(try elements("NaN", bits: 64, format: 3) == repeated(Double.nan))
    #expect(try elements("-inf", bits: 64, format: 3) == repeated(-Double.infinity))
    #expect(try elements("nan", bits: 8, format: 1) == repeated(UInt8(0)))
    #expect(try elements("-9999", bits: 8, format: 1) == repeated(UInt8(0)))
    #expect(try elements("1e10", bits: 16, format: 2) == repeated(Int16.max))
    #expect(try elements("2.6", bits: 16, format: 1) == repeated(UInt16(3)))
    #expect(try elements("1,5", bits: 32, format: 3) == repeated(Float(1.5)))
    #expect(try elements("", bits: 16, format: 1) == repeated(UInt16(0)))
    #expect(try elements("none", bits: 16, format: 1) == repeated(UInt16(0)))
  }

  /// Each page has its own value. Pages without one have that of the first page that has one.
  @Test func pagesHaveTheirOwnValues() throws {
    func page(_ text: String?) -> [T.Field] {
      let fields = T.page(T.gray(2, 1), with: T.long(273, 0), T.long(279, 0))
      return text.map { T.page(fields, with: T.text(42113, $0)) } ?? fields
    }
    #expect(try T.pixels(T.file([page("3"), page("4"), page(nil)], pixels: [0, 0])) == [3, 3, 4, 4, 3, 3])
    #expect(try T.pixels(T.file([page(nil), page("4")], pixels: [0, 0])) == [4, 4, 4, 4])
  }

  /// A level without the tag has the value of the full image.
  @Test func levelsHaveTheValueOfTheImage() throws {
    let full = T.page(T.gray(2, 2), with: T.text(42113, "6"))
    let level = T.page(T.gray(1, 1), with: T.long(254, 1), T.long(273, 0), T.long(279, 0))
    let coarse = try #require(try T.open(T.file([full, level], pixels: [1, 2, 3, 4])).levels(at: 0)?.level(1))
    #expect(try coarse.bytes(of: Region(of: coarse.shape)) == [6])
  }

  /// The text is metadata, and is written again.
  @Test func theTextIsWrittenAgain() throws {
    let image = try T.open(T.file([T.page(T.gray(2, 1), with: T.text(42113, "-9999 "))], pixels: [1, 2])).image()
    #expect(image.metadata["/tiff/GDALNoData"]?.text == "-9999 ")
    let (file, lost) = try WrittenTIFF.write(image, [:])
    #expect(file.text(42113) == "-9999 ")
    #expect(!lost.contains { $0.path.contains("GDAL") })
  }
}
