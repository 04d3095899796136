internal import IOLinkCore

/// The header of a binary PGM file: `P5`, the width, the height and the largest value, each followed by white space. A `#` starts
/// a comment.
struct PGMHeader {
  let columns: Int
  let rows: Int
  let maximum: Int
  /// The number of bytes before the first element.
  let byteCount: Int

  init(columns: Int, rows: Int, maximum: Int) {
    self.columns = columns
    self.rows = rows
    self.maximum = maximum
    byteCount = "P5\n\(columns) \(rows)\n\(maximum)\n".utf8.count
  }

  /// Parses a header.
  ///
  /// - Parameter bytes: The beginning of the file.
  /// - Throws: `unrecognized` if the bytes do not begin with `P5`, and `malformed`, with the offset, if the header is not valid.
  init(_ bytes: [UInt8]) throws(IOLinkError) {
    guard bytes.starts(with: Array("P5".utf8)) else {
      throw IOLinkError(.unrecognized, "the file does not begin with P5", format: "PGM", offset: 0)
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
        throw IOLinkError(
          .malformed, "the header lacks number \(numbers.count + 1) of 3, or it is not positive", format: "PGM", offset: position)
      }
      numbers.append(number)
      position += digits.count
    }
    guard position < bytes.count, Self.isSpace(bytes[position]), numbers[2] <= 65_535 else {
      throw IOLinkError(
        .malformed, "the largest value is \(numbers[2]), expected 1 to 65535 followed by white space", format: "PGM", offset: position)
    }
    columns = numbers[0]
    rows = numbers[1]
    maximum = numbers[2]
    byteCount = position + 1
  }

  /// What the header says about the image.
  var properties: ImageProperties {
    get throws(IOLinkError) {
      try ImageProperties(fileAxes: [Axis(.row, length: rows), Axis(.column, length: columns)], interpretation: .grayscale)
    }
  }

  func encoded() -> [UInt8] { Array("P5\n\(columns) \(rows)\n\(maximum)\n".utf8) }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
