internal import IOLinkCore

/// What the JPEG data of a page say where the directory of old JPEG (compression 6) is incomplete.
///
/// Source: ITU-T T.81, annex B; TIFF 6.0, section 22.
enum JPEGStream {
  private static let windowByteCount = 64 << 10

  /// Returns the number of components; `nil` when neither a frame header nor the tables of the directory tell it.
  static func componentCount(_ file: TIFFFile, _ directory: TIFFDirectory) -> Int? {
    for tag in [TIFFTag.jpegInterchangeFormat, .stripOffsets, .tileOffsets] {
      guard let field = directory[tag], let offset = try? file.integers(field, maximum: 1).first, offset > 0, offset < file.bytes.byteCount,
        let bytes = try? file.bytes.bytes(at: offset, count: min(windowByteCount, file.bytes.byteCount - offset)),
        let count = componentCount(bytes)
      else { continue }
      return count
    }
    // There is one quantisation table for each component.
    return directory[.jpegQTables].flatMap { (1...4).contains($0.count) ? $0.count : nil }
  }

  /// Returns the number of components according to the first frame header.
  static func componentCount(_ bytes: [UInt8]) -> Int? {
    var position = 2
    guard bytes.starts(with: [0xFF, 0xD8]) else { return nil }
    while position + 9 < bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      // Fill bytes, and markers without a segment.
      if marker == 0xFF || (0xD0...0xD8).contains(marker) || marker == 0x01 {
        position += marker == 0xFF ? 1 : 2
        continue
      }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      if (0xC0...0xCF).contains(marker), marker != 0xC4, marker != 0xC8, marker != 0xCC {
        let count = Int(bytes[position + 9])
        return (1...4).contains(count) ? count : nil
      }
      guard marker != 0xDA, marker != 0xD9, length >= 2 else { return nil }
      position += 2 + length
    }
    return nil
  }
}
