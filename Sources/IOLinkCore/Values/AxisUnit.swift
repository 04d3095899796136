/// The names of units: as files spell them, and as this library does.
///
/// Every reader and every writer goes through this table: a codec's writer receives units in the library's spelling, and a
/// reader normalises what its file states.
public enum AxisUnit {
  /// Returns the one spelling that this library uses for a unit: `micron`, `um` and `micrometer` become `µm`, and `seconds`
  /// becomes `s`.
  ///
  /// Words are compared without regard to case, symbols with it: `Mm` is not `mm`. Escapes such as ImageJ's `\u00B5m` are read,
  /// and the Greek letter mu and the angstrom sign stand for the micro sign and the letter Å.
  ///
  /// - Returns: `nil` when the text does not name a unit: it is empty, consists of spaces, or is a word such as `pixel` or
  ///   `none`. A unit that the library does not know keeps its spelling.
  public static func normalized(_ spelling: String) -> String? {
    let trimmed = trimmed(spelling)
    let decoded = decoded(trimmed)
    if let symbol = symbols[decoded] { return symbol }
    let word = decoded.lowercased()
    if word.isEmpty || nothing.contains(word) { return nil }
    // "M" does not mean metre, nor "S" second, so symbols of one letter keep their spelling.
    if decoded.utf8.count == 1 { return decoded == "\"" ? "in" : trimmed }
    // An abbreviation may end with a stop, as in "in." and "sec.".
    let bare = decoded.hasSuffix(".") ? String(decoded.dropLast()) : decoded
    return words[bare.lowercased()] ?? symbols[bare] ?? trimmed
  }

  /// Returns the length of one unit in metres, or `nil` when the unit is not a known unit of length.
  ///
  /// The known units are those of the OME schema: the metre with every prefix from `ym` to `Ym`, `Å`, `thou`, `li`, `in`, `ft`,
  /// `yd`, `mi`, `pt`, `ua`, `ly` and `pc`.
  ///
  /// - Parameter unit: A name in the spelling that ``normalized(_:)`` returns.
  public static func metres(per unit: String) -> Double? { exact(unit, in: lengths) }

  /// Returns the duration of one unit in seconds, or `nil` when the unit is not a known unit of time.
  ///
  /// The known units are those of the OME schema: the second with every prefix from `ys` to `Ys`, `min`, `h` and `d`.
  ///
  /// - Parameter unit: A name in the spelling that ``normalized(_:)`` returns.
  public static func seconds(per unit: String) -> Double? { exact(unit, in: times) }

  /// Looks a symbol up by its bytes. As strings, the angstrom sign equals the letter Å, but it is not the library's spelling.
  private static func exact(_ unit: String, in table: [String: Double]) -> Double? {
    guard let index = table.index(forKey: unit), table[index].key.utf8.elementsEqual(unit.utf8) else { return nil }
    return table[index].value
  }

  /// Removes white space and zero bytes from both ends.
  private static func trimmed(_ text: String) -> String {
    func isBlank(_ character: Character) -> Bool { character.isWhitespace || character == "\0" }
    return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }

  /// Replaces escapes of the form `\u00B5`, with which ImageJ writes characters beyond ASCII, by the characters.
  package static func decoded(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let first = rest.popFirst() {
      if first == "\\", rest.first == "u" || rest.first == "U", let scalar = scalar(rest.dropFirst().prefix(4)) {
        result.append(scalar)
        rest = rest.dropFirst(5)
      } else {
        result.append(first)
      }
    }
    return String(result)
  }

  private static func scalar(_ digits: Substring.UnicodeScalarView) -> Unicode.Scalar? {
    guard digits.count == 4, digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
    return UInt32(String(digits), radix: 16).flatMap(Unicode.Scalar.init)
  }
}
