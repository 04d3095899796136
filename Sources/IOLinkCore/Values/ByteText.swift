/// Parses and prints byte counts in units that a person would write.
public enum ByteText {
  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
  private static let powers = ["": 0, "K": 1, "M": 2, "G": 3, "T": 4]

  /// The number of bytes that a text such as `512M`, `2G` or `65536` stands for. Units are powers of 1024, in either case, and may
  /// end in `B` or `iB`.
  ///
  /// - Throws: `invalidArgument` when the text is not a positive size, and `limitExceeded` when the size overflows `Int`.
  public static func parse(_ text: String) throws(IOLinkError) -> Int {
    let digits = text.prefix { $0.isNumber }
    var unit = text.dropFirst(digits.count).uppercased()
    if unit.count == 3, unit.hasSuffix("IB") { unit.removeLast(2) } else if unit.hasSuffix("B") { unit.removeLast() }
    guard let number = Int(digits), let power = powers[unit], number > 0 else {
      throw IOLinkError(.invalidArgument, "size \"\(text)\" is not valid, expected a positive number with a unit, such as 512M or 2G")
    }
    return try Checked.multiply(number, 1 << (10 * power))
  }

  /// The byte count in the largest unit that it fills, such as `640.0 MiB`.
  public static func describe(_ byteCount: Int) -> String {
    var value = Double(byteCount)
    var unit = 0
    while value >= 1024, unit + 1 < units.count {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(byteCount) B" : "\((value * 10).rounded() / 10) \(units[unit])"
  }
}
