import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Chunks whose bytes are written by hand from the specification.
@Suite struct TIFFStoredPixelTests {
  private typealias T = TIFFBytes

  /// One strip, with fields that replace those of a gray page.
  private func file(_ width: Int, _ height: Int, _ stored: [UInt8], _ others: [T.Field], order: ByteOrder = .little) -> [UInt8] {
    var page = T.page(T.gray(width, height), with: T.long(279, stored.count))
    for field in others { page = T.page(page, with: field) }
    return T.file([page], pixels: stored + Array(repeating: 0, count: stored.count % 2), order: order)
  }

  private static let sixNumbers: [(compression: Int, stored: [UInt8])] = [
    // A packet of one literal, a run of three and a run of two.
    (32773, [0xFE, 7, 0xFF, 8, 0, 7]),
    // TIFF 6.0, section 13, in codes of 9 bits: clear, 7, 258, 8, 8, 7, end.
    (5, [0x80, 0x01, 0xE0, 0x40, 0x80, 0x40, 0x1E, 0x02]),
    // RFC 1950 and 1951: one stored block and its Adler-32.
    (8, [0x78, 0x01, 0x01, 0x06, 0x00, 0xF9, 0xFF, 7, 7, 7, 8, 8, 7, 0x00, 0x9E, 0x00, 0x2D]),
    (32946, [0x78, 0x01, 0x01, 0x06, 0x00, 0xF9, 0xFF, 7, 7, 7, 8, 8, 7, 0x00, 0x9E, 0x00, 0x2D]),
    // RFC 8878: one raw block.
    (50000, [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x06, 0x31, 0x00, 0x00, 7, 7, 7, 8, 8, 7]),
    (1, [7, 7, 7, 8, 8, 7]),
  ]

  private static func reversed(_ byte: UInt8) -> UInt8 {
    var result: UInt8 = 0
    for bit in 0..<8 where byte & (1 << bit) != 0 { result |= 0x80 >> bit }
    return result
  }

  /// FillOrder 2 reverses the bits of stored bytes, not those of pixels.
  @Test(arguments: sixNumbers)
  func bitsOfCompressedBytesInBothOrders(_ compression: Int, _ stored: [UInt8]) throws {
    let reversed = stored.map(Self.reversed)
    #expect(try T.pixels(file(3, 2, stored, [T.short(259, compression)])) == [7, 7, 7, 8, 8, 7])
    #expect(try T.pixels(file(3, 2, stored, [T.short(259, compression), T.short(266, 1)])) == [7, 7, 7, 8, 8, 7])
    #expect(try T.pixels(file(3, 2, reversed, [T.short(259, compression), T.short(266, 2)])) == [7, 7, 7, 8, 8, 7])
  }

  /// The same row of T.4 codes, eight black pixels, in both bit orders. libtiff reverses the bits itself.
  @Test func bitsOfLibTIFFsCompressionsInBothOrders() throws {
    let straight = try T.pixels(file(8, 1, [0x35, 0x14], [T.short(258, 1), T.short(259, 2), T.short(262, 0)]))
    let turned = try T.pixels(file(8, 1, [0xAC, 0x28], [T.short(258, 1), T.short(259, 2), T.short(262, 0), T.short(266, 2)]))
    #expect(straight == Array(repeating: 1, count: 8))
    #expect(turned == straight)
  }

  @Test(arguments: [
    (4, [0x7F, 0x80], 1, [7, -1, -8]),
    (12, [0x7F, 0xFF, 0xFF, 0x80, 0x00], 2, [2047, -1, -2048]),
    (20, [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0x80, 0x00, 0x00], 4, [524_287, -1, -524_288]),
    (40, [0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x80, 0, 0, 0, 0], 8, [549_755_813_887, -1, -549_755_813_888]),
  ])
  func packedSignedNumbersAreExtended(_ bits: Int, _ stored: [UInt8], _ width: Int, _ expected: [Int64]) throws {
    let bytes = file(3, 1, stored, [T.short(258, bits), T.short(339, 2)])
    #expect(try T.open(bytes).image().properties.significantBits == bits)
    var wanted: [UInt8] = []
    for value in expected {
      for byte in 0..<width { wanted.append(UInt8(truncatingIfNeeded: value >> Int64(8 * byte))) }
    }
    #expect(try T.pixels(bytes) == wanted)
  }

  @Test func signedNumbersOfThreeBytesInBigEndianFiles() throws {
    // Least significant byte first, as libtiff writes them: −2 and 1.
    let fields = [
      T.long(256, 2, order: .big), T.long(257, 1, order: .big), T.short(258, 24, order: .big), T.short(259, 1, order: .big),
      T.short(262, 1, order: .big), T.long(273, 8, order: .big), T.long(278, 1, order: .big), T.long(279, 6, order: .big),
      T.short(339, 2, order: .big),
    ]
    let bytes = T.file([fields], pixels: [0xFE, 0xFF, 0xFF, 1, 0, 0], order: .big)
    #expect(try T.pixels(bytes) == [0xFE, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0])
  }

  /// The real and the imaginary part, each with half of the bits.
  @Test(arguments: [
    (16, 5, [0xFF, 2]), (32, 5, [0xFF, 0xFF, 2, 0]), (32, 6, [0x00, 0xBC, 0x00, 0x40]),
    (64, 6, [0, 0, 0x80, 0xBF, 0, 0, 0, 0x40]),
  ])
  func complexNumbersOfIntegersAndHalves(_ bits: Int, _ format: Int, _ stored: [UInt8]) throws {
    let bytes = file(1, 1, stored, [T.short(258, bits), T.short(339, format)])
    #expect(try T.open(bytes).image().dataType == .complex64)
    #expect(try T.pixels(bytes) == [0, 0, 0x80, 0xBF, 0, 0, 0, 0x40])
  }

  @Test func complexNumbersOfLongIntegers() throws {
    let bytes = file(1, 1, [0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0], [T.short(258, 64), T.short(339, 5)])
    #expect(try T.open(bytes).image().dataType == .complex128)
    #expect(try T.pixels(bytes) == [0, 0, 0, 0, 0, 0, 0xF0, 0xBF, 0, 0, 0, 0, 0, 0, 0, 0x40])
  }

  /// In a big-endian file, the bytes of each part of a complex number are swapped separately.
  @Test func complexNumbersOfBigEndianFiles() throws {
    let fields = [
      T.long(256, 1, order: .big), T.long(257, 1, order: .big), T.short(258, 32, order: .big), T.long(273, 8, order: .big),
      T.long(279, 4, order: .big), T.short(339, 5, order: .big),
    ]
    #expect(try T.pixels(T.file([fields], pixels: [0xFF, 0xFF, 0, 2], order: .big)) == [0, 0, 0x80, 0xBF, 0, 0, 0, 0x40])
  }

  /// Tiles with ImageDepth and TileDepth: columns fastest, then rows, then planes. Each tile holds its number and positions in it.
  @Test(arguments: [1, 32773])
  func tilesOfVolumes(_ compression: Int) throws {
    let tiles = (0..<8).map { tile in (0..<8).map { UInt8(tile * 8 + $0) } }
    let stored = tiles.map { compression == 1 ? $0 : [7] + $0 }
    let size = stored[0].count
    let places = (0..<8).map { 8 + $0 * size }
    func table(_ tag: UInt16, _ values: [Int]) -> T.Field {
      T.Field(tag: tag, type: 4, count: values.count, bytes: values.flatMap { T.long(0, $0).bytes })
    }
    let page = [
      T.long(256, 3), T.long(257, 3), T.short(258, 8), T.short(259, compression), T.short(262, 1), T.short(277, 1), T.short(322, 2),
      T.short(323, 2), table(324, places), table(325, Array(repeating: size, count: 8)), T.long(32997, 3), T.long(32998, 2),
    ]
    let bytes = T.file([page], pixels: stored.flatMap { $0 })
    let image = try T.open(bytes).image()
    #expect(image.shape == [3, 3, 3])
    #expect(image.properties.axes.map(\.role) == [.column, .row, .slice])
    var expected: [UInt8] = []
    for z in 0..<3 {
      for y in 0..<3 {
        for x in 0..<3 {
          let tile = z / 2 * 4 + y / 2 * 2 + x / 2
          expected.append(UInt8(tile * 8 + z % 2 * 4 + y % 2 * 2 + x % 2))
        }
      }
    }
    #expect(try T.pixels(bytes) == expected)
  }

  /// A last strip that is padded with rows outside the image.
  @Test func lastStripsMayHoldMoreThanTheirRows() throws {
    let deflated: [UInt8] = [0x78, 0x01, 0x01, 0x06, 0x00, 0xF9, 0xFF, 7, 7, 7, 8, 8, 7, 0x00, 0x9E, 0x00, 0x2D]
    #expect(try T.pixels(file(3, 1, deflated, [T.short(259, 8), T.long(278, 2)])) == [7, 7, 7])
    #expect(T.failure(file(3, 3, deflated, [T.short(259, 8)]))?.code == .truncated)
    #expect(T.failure(file(3, 3, [0xFE, 7, 0xFF, 8, 0, 7], [T.short(259, 32773)]))?.code == .truncated)
  }

  /// Without StripByteCounts a compressed strip ends where the next one begins, and the last one at the end of the file.
  @Test func sizesThatAreNotStated() throws {
    let stored: [UInt8] = [0xFE, 7, 0xFF, 8, 0, 7]
    let page = [
      T.long(256, 3), T.long(257, 2), T.short(258, 8), T.short(259, 32773), T.short(262, 1), T.long(273, 10, 8), T.long(278, 1),
    ]
    #expect(try T.pixels(T.file([page], pixels: [0xFE, 7] + stored[2...].map { $0 })) == [8, 8, 7, 7, 7, 7])
    var plain = page
    plain[3] = T.short(259, 1)
    #expect(try T.pixels(T.file([plain], pixels: [1, 2, 3, 4, 5])) == [3, 4, 5, 1, 2, 3])
  }

  @Test func predictorsAreRefusedWhereTheyAreNotDefined() {
    func code(_ bits: Int, _ format: Int, _ predictor: Int) -> IOLinkError.Code? {
      T.failure(file(3, 2, Array(repeating: 0, count: 64), [T.short(258, bits), T.short(259, 32773), T.short(317, predictor), T.short(339, format)]))?.code
    }
    #expect(code(12, 1, 2) == .unsupported)
    #expect(code(64, 6, 2) == .unsupported)
    #expect(code(32, 1, 3) == .unsupported)
    #expect(code(128, 6, 3) == .unsupported)
    #expect(code(8, 1, 2) != .unsupported)
    #expect(code(24, 3, 3) != .unsupported)
  }
}
