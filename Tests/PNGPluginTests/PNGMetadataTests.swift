import IOLinkCore
import Testing

@testable import PNGPlugin

/// Chunks beside the pixels: section 11.3, and the Extensions to PNG 1.2.
@Suite struct PNGMetadataTests {
  private func open(_ chunks: [(String, [UInt8])], color: UInt8 = 0) throws -> any ImageView {
    let before = chunks.flatMap { PNGBytes.chunk($0.0, $0.1) } + (color == 3 ? PNGBytes.chunk("PLTE", [1, 2, 3]) : [])
    let row = [UInt8](repeating: 0, count: color == 2 ? 3 : 1)
    return try PNGBytes.open(PNGBytes.file(width: 1, depth: 8, color: color, rows: [row], before: before)).image()
  }

  private func warns(_ type: String, _ bytes: [UInt8], color: UInt8 = 0) throws -> Bool {
    try open([(type, bytes)], color: color).metadata["/png/warnings"] != nil
  }

  private func latin(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

  @Test func textsOfAllKinds() throws {
    let packed = PNGBytes.stored(latin("packed é"))
    let international = PNGBytes.stored(Array("作者".utf8))
    let image = try open([
      ("tEXt", latin("Comment\0plain é")), ("tEXt", latin("Comment\0again")), ("tEXt", latin("Comment\0third")),
      ("zTXt", latin("Packed\0\0") + packed), ("iTXt", latin("Other\0\u{1}\0zh\0") + Array("作\0".utf8) + international),
      ("tEXt", latin("Title\0first")), ("tEXt", latin("Title\0second")), ("iTXt", latin("Software\0\0\0\0\0") + Array("µ".utf8)),
      ("tEXt", latin("Creation Time\0now")), ("tEXt", latin("Empty\0")),
    ])
    let metadata = image.metadata
    #expect(metadata["/png/text/Comment"] == .texts(["plain é", "again", "third"]))
    #expect(metadata["/png/text/Packed"] == .text("packed é"))
    #expect(metadata["/png/text/Other"] == .text("作者"))
    #expect(metadata["/png/text/Other/language"] == .text("zh"))
    #expect(metadata["/png/text/Other/translated_keyword"] == .text("作"))
    #expect(metadata["/title"] == .text("first"))
    #expect(metadata["/png/text/Title"] == .text("second"))
    #expect(metadata["/software"] == .text("µ"))
    #expect(metadata["/date_time"] == .text("now"))
    #expect(metadata["/png/text/Empty"] == .text(""))
    #expect(metadata["/png/warnings"] == nil)
  }

  @Test func damagedTextsAreIgnored() throws {
    let long = String(repeating: "k", count: 79)
    #expect(try !warns("tEXt", latin(long + "\0a")))
    let packed = PNGBytes.stored(latin("a"))
    let wrong: [(String, [UInt8])] = [
      ("tEXt", latin(long + "k\0a")), ("tEXt", latin("\0a")), ("tEXt", latin("no end")), ("zTXt", latin("A\0\u{1}") + packed),
      ("zTXt", latin("A\0\0") + packed.dropLast(5)), ("zTXt", latin("A\0")), ("iTXt", latin("A\0\u{2}\0\0\0a")),
      ("iTXt", latin("A\0\0\0\0a")), ("iTXt", latin("A\0\0")), ("iTXt", latin("A\0\u{1}\u{1}\0\0") + packed),
    ]
    for (type, bytes) in wrong { #expect(try warns(type, bytes), "\(type) \(bytes)") }
    // The method of a text that is not compressed says nothing.
    #expect(try !warns("iTXt", latin("A\0\0\u{5}\0\0a")))
  }

  @Test func lengthsFitTheColorType() throws {
    let lengths: [(String, UInt8, Int)] = [
      ("gAMA", 0, 4), ("cHRM", 0, 32), ("sRGB", 0, 1), ("tIME", 0, 7), ("cICP", 0, 4), ("sBIT", 0, 1), ("sBIT", 2, 3), ("sBIT", 3, 3),
      ("bKGD", 0, 2), ("bKGD", 2, 6), ("bKGD", 3, 1), ("pHYs", 0, 9), ("oFFs", 0, 9),
    ]
    for (type, color, count) in lengths {
      for (length, isWrong) in [(count - 1, true), (count, false), (count + 1, true)] {
        let bytes = [UInt8](repeating: 1, count: length)
        #expect(try warns(type, bytes, color: color) == isWrong, "\(type) of \(length) bytes, colour type \(color)")
      }
    }
  }

  @Test func densityIsASpacingOnlyPerMetre() throws {
    func axes(_ chunks: (String, [UInt8])...) throws -> [Axis] { try open(chunks).properties.axes }
    let density = PNGBytes.big(4) + PNGBytes.big(8)
    let metric = try axes(("pHYs", density + [1]))
    #expect(metric.map(\.spacing) == [0.25, 0.125] && metric.map(\.unit) == ["m", "m"])
    let ratio = try open([("pHYs", density + [0])])
    #expect(ratio.properties.axes.map(\.spacing) == [nil, nil] && ratio.properties.axes.map(\.unit) == [nil, nil])
    #expect(ratio.metadata["/png/pixels_per_unit"]?.doubles == [4, 8])
    for wrong in [density + [2], PNGBytes.big(0) + PNGBytes.big(8) + [1], PNGBytes.big(4) + PNGBytes.big(0) + [1]] {
      #expect(try warns("pHYs", wrong))
    }
    // sCAL says it where pHYs does not, and is metadata where that does.
    let scale = latin("\u{1}0.5\u{0}3")
    #expect(try axes(("sCAL", scale), ("pHYs", density + [0])).map(\.spacing) == [0.5, 3])
    let both = try open([("sCAL", scale), ("pHYs", density + [1])])
    #expect(both.properties.axes.map(\.spacing) == [0.25, 0.125])
    #expect(both.metadata["/png/subject_scale"]?.doubles == [0.5, 3])
    #expect(both.metadata["/png/subject_scale/unit"] == .text("m"))
    #expect(try open([("sCAL", scale)]).metadata["/png/subject_scale"] == nil)
    let angle = try open([("sCAL", latin("\u{2}0.5\u{0}3"))])
    #expect(angle.properties.axes.map(\.spacing) == [nil, nil])
    #expect(angle.metadata["/png/subject_scale/unit"] == .text("rad"))
    for wrong in ["\u{1}0.5", "\u{1}0\u{0}3", "\u{1}-1\u{0}3", "\u{1}a\u{0}3", "\u{1}inf\u{0}3"] {
      #expect(try warns("sCAL", latin(wrong)))
    }
  }

  @Test func offsetsAreOrigins() throws {
    let place = PNGBytes.big(3) + [255, 255, 255, 252]
    let metric = try open([("oFFs", place + [1])]).properties.axes
    #expect(metric.map(\.origin) == [3e-6, -4e-6] && metric.map(\.unit) == ["m", "m"])
    #expect(try open([("oFFs", place + [0])]).properties.axes.map(\.origin) == [nil, nil])
    let pixels = try open([("oFFs", place + [0]), ("pHYs", PNGBytes.big(4) + PNGBytes.big(8) + [1])]).properties.axes
    #expect(pixels.map(\.origin) == [0.75, -0.5])
    #expect(try warns("oFFs", place + [2]))
  }

  @Test func profilesHaveANameAndAMethod() throws {
    let packed = PNGBytes.stored([1, 2, 3])
    let image = try open([("iCCP", latin("a name\0\0") + packed)])
    #expect(image.metadata["/png/icc_profile"] == .bytes([1, 2, 3]))
    #expect(image.metadata["/png/icc_profile/name"] == .text("a name"))
    #expect(try warns("iCCP", latin("a name\0\u{1}") + packed))
    #expect(try warns("iCCP", [UInt8](repeating: 65, count: 80) + [0, 0] + packed))
  }

  @Test func samplesOfTheBackgroundAreNumbers() throws {
    let image = try open([("bKGD", [0x01, 0x02, 0, 3, 0xff, 0xfe])], color: 2)
    #expect(image.metadata["/png/background"]?.doubles == [258, 3, 65534])
    #expect(try open([("bKGD", [0])], color: 3).metadata["/png/background"]?.doubles == [0])
    #expect(try open([("tIME", [0x07, 0xcf, 1, 2, 3, 4, 5])]).metadata["/png/time"] == .text("1999-01-02T03:04:05Z"))
    #expect(
      try open([("cHRM", (1...8).flatMap { PNGBytes.big($0 * 1000) })]).metadata["/png/chromaticities"]?.doubles
        == (1...8).map { Double($0 * 1000) / 100_000 })
  }
}
