import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Y, Cb and Cr of TIFF 6.0, section 21. The expected colors follow from its formulas, rounded as libtiff rounds.
@Suite struct TIFFYCbCrTests {
  private typealias T = TIFFBytes

  private func pixels(_ width: Int, _ height: Int, _ stored: [UInt8], samples: Int = 3, _ others: T.Field...) throws -> [UInt8] {
    var page = T.page(
      T.gray(width, height),
      with: T.Field(tag: 258, type: 3, count: samples, bytes: Array(repeating: [8, 0], count: samples).flatMap { $0 }), T.short(262, 6),
      T.short(277, samples), T.long(279, stored.count), T.short(530, 1, 1))
    for field in others { page = T.page(page, with: field) }
    let bytes = T.file([page], pixels: stored + Array(repeating: 0, count: stored.count % 2))
    #expect(try T.open(bytes).image().properties.interpretation == .rgb)
    return try T.pixels(bytes)
  }

  private func rationals(_ tag: UInt16, _ values: [Int], over denominator: Int) -> T.Field {
    T.Field(tag: tag, type: 5, count: values.count, bytes: values.flatMap { T.rational(tag, $0, denominator).bytes })
  }

  @Test func colorsOfRec601() throws {
    #expect(try pixels(4, 1, [76, 85, 255, 100, 128, 128, 255, 128, 128, 29, 255, 107]) == [254, 0, 0, 100, 100, 100, 255, 255, 255, 0, 0, 254])
  }

  /// Blocks of one column and two rows: two luminances, then Cb and Cr.
  @Test func blocksOfOneByTwo() throws {
    let stored: [UInt8] = [76, 100, 85, 255, 10, 20, 128, 128, 30, 0, 128, 128, 40, 0, 128, 128]
    #expect(
      try pixels(2, 3, stored, T.short(530, 1, 2)) == [254, 0, 0, 10, 10, 10, 255, 24, 24, 20, 20, 20, 30, 30, 30, 40, 40, 40])
  }

  /// Blocks of two columns and one row.
  @Test func blocksOfTwoByOne() throws {
    let stored: [UInt8] = [76, 100, 85, 255, 10, 0, 128, 128, 30, 20, 128, 128, 40, 0, 128, 128]
    #expect(
      try pixels(3, 2, stored, T.short(530, 2, 1)) == [254, 0, 0, 255, 24, 24, 10, 10, 10, 30, 30, 30, 20, 20, 20, 40, 40, 40])
  }

  /// By default blocks are two by two.
  @Test func blocksThatAreNotStated() throws {
    let page = T.page(
      T.gray(2, 2), with: T.short(258, 8, 8, 8), T.short(262, 6), T.short(277, 3), T.long(279, 6))
    #expect(try T.pixels(T.file([page], pixels: [1, 2, 3, 4, 128, 128])) == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4])
  }

  @Test func blocksOfFourByTwo() throws {
    let stored: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 128, 128]
    let rows = [1, 2, 3, 4, 5, 6, 7, 8].flatMap { [UInt8]([$0, $0, $0]) }
    #expect(try pixels(4, 2, stored, T.short(530, 4, 2)) == rows)
  }

  /// A block has no place for a fourth sample.
  @Test func blocksOfFourSamplesAreRefused() throws {
    let page = T.page(
      T.gray(2, 1), with: T.short(258, 8, 8, 8, 8), T.short(262, 6), T.short(277, 4), T.long(279, 4), T.short(530, 2, 1))
    let error = #expect(throws: IOLinkError.self) { try T.pixels(T.file([page], pixels: [76, 100, 85, 255])) }
    #expect(error?.code == .unsupported)
  }

  @Test func otherCoefficients() throws {
    // Those of Rec. 709.
    let luma = rationals(529, [2126, 7152, 722], over: 10_000)
    #expect(try pixels(2, 1, [100, 128, 138, 100, 138, 128], luma) == [116, 95, 100, 100, 98, 119])
  }

  @Test func referenceLevels() throws {
    let levels = rationals(532, [16, 235, 128, 240, 128, 240], over: 1)
    #expect(try pixels(4, 1, [16, 128, 128, 235, 128, 128, 126, 128, 128, 16, 128, 240], levels) == [0, 0, 0, 255, 255, 255, 128, 128, 128, 178, 0, 0])
  }

  @Test func separatePlanes() throws {
    let planes: [UInt8] = [76, 100, 85, 128, 255, 128]
    #expect(try pixels(2, 1, planes, T.long(273, 8, 10, 12), T.long(279, 2, 2, 2), T.short(284, 2)) == [254, 0, 0, 100, 100, 100])
  }

  @Test func anAlphaStaysAsItIs() throws {
    #expect(try pixels(2, 1, [76, 85, 255, 9, 100, 128, 128, 200], samples: 4, T.short(338, 2)) == [254, 0, 0, 9, 100, 100, 100, 200])
  }
}
