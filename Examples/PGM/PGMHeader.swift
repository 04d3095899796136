internal import IOLinkCore

/// The header of a binary PGM file: `P5`, width, height, largest value, each followed by white space; `#` starts a comment.
struct PGMHeader {
  let columns: Int
  let rows: Int
  let maximum: Int
  /// Bytes before the first number.
  let byteCount: Int

  init(columns: Int, rows: Int, maximum: Int) {
    self.columns = columns
    self.rows = rows
    self.maximum = maximum
    byteCount = "P5\n\(columns) \(rows)\n\(maximum)\n".utf8.count
  }

  /// - Parameter bytes: The beginning of the file.
  /// - Throws: `malformed` when it is no header; the offset says where.
  init(_ bytes: [UInt8]) throws(IOLinkError) {
    guard bytes.starts(with: Array("P5".utf8)) else {
      throw IOLinkError(.unrecognized, "no P5 at the beginning", format: "PGM", offset: 0)
    }
    var position = 2
    var numbers: [Int] = []
    while numbers.count < 3 {
      while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
      if position < bytes.count, bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
        continue
      }
      let digits = bytes[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let number = Int(String(decoding: digits, as: UTF8.self)), number > 0 else {
        throw IOLinkError(.malformed, "no positive number in the header", format: "PGM", offset: position)
      }
      numbers.append(number)
      position += digits.count
    }
    guard position < bytes.count, Self.isSpace(bytes[position]), numbers[2] <= 65_535 else {
      throw IOLinkError(.malformed, "largest value is \(numbers[2]), expected 1 to 65535 and white space", format: "PGM", offset: position)
    }
    columns = numbers[0]
    rows = numbers[1]
    maximum = numbers[2]
    byteCount = position + 1
  }

  func encoded() -> [UInt8] { Array("P5\n\(columns) \(rows)\n\(maximum)\n".utf8) }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
