import IOLinkCore
import Testing

@testable import TIFFPlugin

/// Deflated strips that are too large to be decoded at once.
@Suite struct TIFFStreamTests {
  private static let width = 1 << 16
  private static let height = 1025

  /// RFC 1950 and 1951: sevens, in one block of fixed codes: a literal, then copies of 258 bytes from one byte before.
  private static let stored: [UInt8] = {
    var (bytes, buffer, used): ([UInt8], UInt32, UInt32) = ([0x78, 0x9C], 0, 0)
    func append(_ code: UInt32, _ count: UInt32) {
      buffer |= code << used
      used += count
      while used >= 8 {
        bytes.append(UInt8(truncatingIfNeeded: buffer))
        buffer >>= 8
        used -= 8
      }
    }
    let count = width * height
    append(0b011, 3)
    // Codes are stored from their most significant bit on: 00110111 for a seven; 11000101 and 00000 for a copy.
    let (copies, literals) = ((count - 1) / 258, (count - 1) % 258)
    for _ in 0...literals { append(0b1110_1100, 8) }
    for _ in 0..<copies { append(0b1010_0011, 13) }
    append(0, 7)
    append(0, 7)
    let adler = ((count + 7 * (count * (count + 1) / 2)) % 65_521) << 16 | (1 + 7 * count) % 65_521
    bytes.append(UInt32(adler), order: .big)
    return bytes
  }()

  @Test(arguments: [1, 2])
  func bandsOfStreams(_ fillOrder: Int) throws {
    let table = (0..<256).map { byte in UInt8((0..<8).reduce(0) { $0 | (byte >> $1 & 1) << (7 - $1) }) }
    var stored = Self.stored
    if fillOrder == 2 { for index in stored.indices { stored[index] = table[Int(stored[index])] } }
    let page = TIFFBytes.page(
      TIFFBytes.gray(Self.width, Self.height), with: TIFFBytes.short(259, 8), TIFFBytes.short(266, fillOrder), TIFFBytes.long(279, stored.count))
    let image = try TIFFBytes.open(TIFFBytes.file([page], pixels: stored)).image()
    #expect(image.chunkShape?[1] == 16)
    for row in [Self.height - 1, 0, 500] {
      #expect(try image.bytes(of: Region(origin: [Self.width - 2, row], size: [2, 1])) == [7, 7])
    }
  }
}
