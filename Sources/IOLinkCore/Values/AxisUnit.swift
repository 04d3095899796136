/// The names of units: as files spell them, and as this library does.
public enum AxisUnit {
  /// Returns the one spelling that this library uses for a unit: `micron`, `um` and `micrometer` become `µm`, and `seconds`
  /// becomes `s`.
  ///
  /// - Returns: `nil` when the text does not name a unit: it is empty, consists of spaces, or is a word such as `pixel` or
  ///   `none`. A unit that the library does not know keeps its spelling.
  public static func normalized(_ spelling: String) -> String? {
    let trimmed = String(spelling.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "\0" }.reversed())
    let lower = trimmed.lowercased()
    if lower.isEmpty || ["pixel", "pixels", "px", "none", "unknown"].contains(lower) { return nil }
    // "M" does not mean metre, nor "S" second, so symbols of one letter keep their spelling.
    if trimmed.utf8.count == 1 { return trimmed }
    return symbols[lower] ?? trimmed
  }

  /// Returns the length of one unit in metres, or `nil` when the unit is not a known unit of length.
  ///
  /// - Parameter unit: A name in the spelling that ``normalized(_:)`` returns.
  public static func metres(per unit: String) -> Double? {
    [
      "pm": 1e-12, "Å": 1e-10, "nm": 1e-9, "µm": 1e-6, "mm": 1e-3, "cm": 1e-2, "dm": 1e-1, "m": 1, "km": 1e3, "in": 0.0254,
      "ft": 0.3048,
    ][unit]
  }

  private static let symbols: [String: String] = {
    var symbols: [String: String] = [:]
    let prefixes = [("pico", "p"), ("nano", "n"), ("micro", "µ"), ("milli", "m"), ("centi", "c"), ("deci", "d"), ("kilo", "k"), ("", "")]
    for (prefix, symbol) in prefixes {
      for name in ["meter", "meters", "metre", "metres"] { symbols[prefix + name] = symbol + "m" }
      for name in ["second", "seconds", "sec", "secs"] { symbols[prefix + name] = symbol + "s" }
    }
    let others = [
      "µm": ["um", "µm", "\u{3bc}m", "micron", "microns", "\\u00b5m"], "Å": ["angstrom", "angstroms", "å", "\u{212b}".lowercased()],
      "in": ["inch", "inches"], "ft": ["foot", "feet"], "ms": ["msec"], "µs": ["us", "usec", "\u{3bc}s"], "ns": ["nsec"],
      "min": ["minute", "minutes"], "h": ["hour", "hours", "hr", "hrs"], "degree": ["degrees", "deg"],
    ]
    for (symbol, names) in others { for name in names { symbols[name] = symbol } }
    return symbols
  }()
}
