/// The units that descriptions use, in their various spellings.
enum TIFFUnit {
  /// Returns the usual spelling; `nil` when the text is not a unit, such as `pixel`.
  ///
  /// For example, `micron`, `um` and `\u00B5m` become `µm`.
  static func normalized(_ text: String) -> String? {
    let trimmed = text.split(separator: " ").joined(separator: " ")
    switch trimmed.lowercased() {
    case "", "pixel", "pixels", "none", "reference frame": return nil
    case "micron", "microns", "micrometer", "micrometre", "um", "\\u00b5m", "\u{B5}m", "\u{3BC}m": return "µm"
    case "inch", "inches", "\"": return "in"
    case "sec", "second", "seconds": return "s"
    case "msec": return "ms"
    case "å", "angstrom", "\u{212B}": return "Å"
    default: return trimmed
    }
  }
}
