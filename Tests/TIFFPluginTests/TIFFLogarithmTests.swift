import IOLinkCore
import Testing

@testable import TIFFPlugin

/// LogL and LogLuv, which libtiff decodes to CIE XYZ, or ends the process by an assertion where the samples are not those that it expects.
@Suite struct TIFFLogarithmTests {
  /// A page as libtiff writes it: BitsPerSample 16 and SampleFormat 2, whatever it decodes to.
  private static func page(_ compression: Int, _ photometric: Int, samples: Int, rowsPerStrip: Int, stored: Int) -> [TIFFBytes.Field] {
    [
      TIFFBytes.long(256, 3), TIFFBytes.long(257, 2),
      TIFFBytes.Field(tag: 258, type: 3, count: samples, bytes: Array(repeating: [16, 0], count: samples).flatMap { $0 }),
      TIFFBytes.short(259, compression), TIFFBytes.short(262, photometric), TIFFBytes.long(273, 8), TIFFBytes.short(277, samples),
      TIFFBytes.long(278, rowsPerStrip), TIFFBytes.long(279, stored), TIFFBytes.short(284, 1),
      TIFFBytes.Field(tag: 339, type: 3, count: samples, bytes: Array(repeating: [2, 0], count: samples).flatMap { $0 }),
    ]
  }

  @Test(arguments: [34676, 34677], [(32844, 1), (32845, 3), (32845, 1), (2, 3)])
  func logarithmsAreRefused(compression: Int, samples: (photometric: Int, count: Int)) {
    let stored: [UInt8] = [3, 0x40, 0x40, 0x3F, 3, 0x00, 0x01, 0x80, 129, 0x41, 129, 0x00]
    for rowsPerStrip in [2, 100] {
      let page = Self.page(compression, samples.photometric, samples: samples.count, rowsPerStrip: rowsPerStrip, stored: stored.count)
      #expect(TIFFBytes.failure(TIFFBytes.file([page], pixels: stored))?.code == .unsupported)
    }
  }
}
