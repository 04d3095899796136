import IOLinkCore
import Testing

@testable import TIFFPlugin

/// LogL and LogLuv: every byte of the codes of a row is stored as a plane, most significant first, in runs. A number below 128 is followed
/// by as many bytes; a larger one, less 126, says how often the byte after it is repeated.
///
/// The expected values follow from Greg Ward's "LogLuv Encoding for TIFF Images": Y = 2^((Le + ½) / 256 − 64), u = (ue + ½) / 410,
/// v = (ve + ½) / 410, x = 9u / (6u − 16v + 12), y = 4v / (6u − 16v + 12).
@Suite struct TIFFLogarithmTests {
  /// A page as libtiff writes it: BitsPerSample 16 and SampleFormat 2, whatever it decodes to.
  private static func page(
    _ photometric: Int, samples: Int, height: Int = 2, rowsPerStrip: Int = 2, planar: Int = 1, stored: Int
  ) -> [TIFFBytes.Field] {
    [
      TIFFBytes.long(256, 3), TIFFBytes.long(257, height),
      TIFFBytes.Field(tag: 258, type: 3, count: samples, bytes: Array(repeating: [16, 0], count: samples).flatMap { $0 }),
      TIFFBytes.short(259, 34676), TIFFBytes.short(262, photometric), TIFFBytes.long(273, 8), TIFFBytes.short(277, samples),
      TIFFBytes.long(278, rowsPerStrip), TIFFBytes.long(279, stored), TIFFBytes.short(284, planar),
      TIFFBytes.Field(tag: 339, type: 3, count: samples, bytes: Array(repeating: [2, 0], count: samples).flatMap { $0 }),
    ]
  }

  private static func numbers(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count, by: 4).map { start in
      Float(bitPattern: bytes[start..<(start + 4)].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }

  private static func expectClose(_ found: [Float], _ expected: [Double]) {
    #expect(found.count == expected.count)
    for (number, wanted) in zip(found, expected) { #expect(abs(Double(number) - wanted) <= abs(wanted) * 1e-5, "\(number), \(wanted)") }
  }

  private static func luminance(_ code: Double) -> Double { code == 0 ? 0 : exp2((code + 0.5) / 256 - 64) }

  private static func exp2(_ exponent: Double) -> Double {
    // 2^(whole + part), with the series of e^(part · ln 2).
    let whole = exponent.rounded(.down)
    let part = (exponent - whole) * 0.693_147_180_559_945_3
    var (sum, term) = (1.0, 1.0)
    for number in 1...20 {
      term *= part / Double(number)
      sum += term
    }
    return Double(sign: .plus, exponent: Int(whole), significand: sum)
  }

  @Test(arguments: [2, 100]) func luminances(rowsPerStrip: Int) throws {
    // Two rows of codes: 0x4000, 0x4001, 0x3F80; three times 0x4100.
    let stored: [UInt8] = [3, 0x40, 0x40, 0x3F, 3, 0x00, 0x01, 0x80, 129, 0x41, 129, 0x00]
    let bytes = TIFFBytes.file([Self.page(32844, samples: 1, rowsPerStrip: rowsPerStrip, stored: stored.count)], pixels: stored)
    let image = try TIFFBytes.open(bytes).image()
    #expect(image.dataType.componentType == .float32)
    #expect(image.properties.significantBits == nil)
    Self.expectClose(
      Self.numbers(try TIFFBytes.pixels(bytes)),
      [0x4000, 0x4001, 0x3F80, 0x4100, 0x4100, 0x4100].map { Self.luminance(Double($0)) })
  }

  /// RowsPerStrip beyond the image and an odd number of bytes per row, from the buffer's point of view: such a file ended the process.
  @Test(arguments: [1, 100]) func colours(rowsPerStrip: Int) throws {
    // Codes 0x4000_60_C0, 0x4100_60_C0 and 0: luminance, u and v.
    let stored: [UInt8] = [3, 0x40, 0x41, 0, 3, 0, 0, 0, 3, 0x60, 0x60, 0, 3, 0xC0, 0xC0, 0]
    let bytes = TIFFBytes.file(
      [Self.page(32845, samples: 3, height: 1, rowsPerStrip: rowsPerStrip, stored: stored.count)], pixels: stored)
    let image = try TIFFBytes.open(bytes).image()
    #expect(image.dataType == (try DataType(.float32, componentCount: 3)))
    let (u, v) = ((0x60 + 0.5) / 410, (0xC0 + 0.5) / 410)
    let scale = 1 / (6 * u - 16 * v + 12)
    let (x, y) = (9 * u * scale, 4 * v * scale)
    let luminances = [Self.luminance(0x4000), Self.luminance(0x4100), 0]
    let expected: [Double] = luminances.flatMap { [x / y * $0, $0, (1 - x - y) / y * $0] }
    Self.expectClose(Self.numbers(try TIFFBytes.pixels(bytes)), expected)
  }

  /// What libtiff checks with assertions, or would decode to something else.
  @Test(arguments: [(32844, 3, 1), (32845, 1, 1), (32845, 4, 1), (32845, 3, 2), (2, 3, 1), (1, 1, 1)])
  func otherSamplesAreRefused(photometric: Int, samples: Int, planar: Int) {
    let stored = [UInt8](repeating: 1, count: 48)
    let page = Self.page(photometric, samples: samples, planar: planar, stored: stored.count)
    #expect(TIFFBytes.failure(TIFFBytes.file([page], pixels: stored))?.code == .unsupported)
  }
}
