import IOLink

/// Parses and prints byte counts in units that a person would write.
enum ByteText {
  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

  /// The number of bytes that a text such as `512M`, `2G` or `65536` stands for. Units are powers of 1024.
  ///
  /// - Throws: `invalidArgument` when the text is not a positive size, and `limitExceeded` when the size overflows `Int`.
  static func parse(_ text: String) throws(IOLinkError) -> Int {
    let digits = text.prefix { $0.isNumber }
    let unit = text.dropFirst(digits.count).uppercased().prefix(1)
    let power = unit.isEmpty ? 0 : ["K": 1, "M": 2, "G": 3, "T": 4][String(unit)]
    guard let number = Int(digits), let power, number > 0 else {
      throw IOLinkError(.invalidArgument, "size \"\(text)\" is not valid, expected a positive number with a unit, such as 512M or 2G")
    }
    return try Checked.multiply(number, 1 << (10 * power))
  }

  /// The byte count in the largest unit that it fills, such as `640.0 MiB`.
  static func describe(_ byteCount: Int) -> String {
    var value = Double(byteCount)
    var unit = 0
    while value >= 1024, unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(byteCount) B" : "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
