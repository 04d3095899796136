/// The table of units: the symbols that this library uses, what they measure, and how other programs spell them.
///
/// Source: OME Data Model 2016-06, UnitsLength, UnitsTime, UnitsFrequency and UnitsAngle, whose symbols this library uses.
extension AxisUnit {
  /// The prefixes of the International System by name and symbol, with their factors.
  private static let prefixes: [(name: String, symbol: String, factor: Double)] = [
    ("yotta", "Y", 1e24), ("zetta", "Z", 1e21), ("exa", "E", 1e18), ("peta", "P", 1e15), ("tera", "T", 1e12), ("giga", "G", 1e9),
    ("mega", "M", 1e6), ("kilo", "k", 1e3), ("hecto", "h", 1e2), ("deca", "da", 1e1), ("", "", 1), ("deci", "d", 1e-1),
    ("centi", "c", 1e-2), ("milli", "m", 1e-3), ("micro", "µ", 1e-6), ("nano", "n", 1e-9), ("pico", "p", 1e-12),
    ("femto", "f", 1e-15), ("atto", "a", 1e-18), ("zepto", "z", 1e-21), ("yocto", "y", 1e-24),
  ]

  private static func prefixed(_ symbol: String) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: prefixes.map { ($0.symbol + symbol, $0.factor) })
  }

  /// The units of length in metres.
  static let lengths: [String: Double] = prefixed("m").merging([
    "Å": 1e-10, "thou": 2.54e-5, "li": 0.0254 / 12, "in": 0.0254, "ft": 0.3048, "yd": 0.9144, "mi": 1609.344, "pt": 0.0254 / 72,
    "ua": 149_597_870_700, "ly": 9.4607304725808e15, "pc": 3.085677581491367e16,
  ]) { $1 }

  /// The units of time in seconds.
  static let times: [String: Double] = prefixed("s").merging(["min": 60, "h": 3600, "d": 86_400]) { $1 }

  /// The symbols, each with itself in the library's own characters. The Greek letter mu is found as the micro sign is.
  static let symbols: [String: String] = {
    let others = ["degree", "rad", "grad", "eV", "keV", "MeV"] + prefixes.map { $0.symbol + "Hz" }
    var symbols: [String: String] = [:]
    for symbol in Array(lengths.keys) + Array(times.keys) + others {
      symbols[symbol] = symbol
      if symbol.hasPrefix("µ") { symbols["\u{3BC}" + symbol.dropFirst()] = symbol }
    }
    return symbols
  }()

  /// Texts in lower case that stand where a unit would, but name none.
  static let nothing: Set<String> = [
    "pixel", "pixels", "px", "voxel", "voxels", "none", "unknown", "undefined", "<undefined>", "reference frame",
  ]

  /// The symbols by words in lower case.
  static let words: [String: String] = {
    var words: [String: String] = [:]
    for (name, symbol, _) in prefixes {
      for unit in ["meter", "meters", "metre", "metres"] { words[name + unit] = symbol + "m" }
      for unit in ["second", "seconds", "sec", "secs"] { words[name + unit] = symbol + "s" }
      words[name + "hertz"] = symbol + "Hz"
    }
    for (symbol, names) in others { for name in names { words[name] = symbol } }
    return words
  }()

  /// Further spellings, in lower case. "âµ" is a micro sign in UTF-8 that was read as Latin-1.
  private static let others: [String: [String]] = [
    "µm": ["um", "µ", "\u{3BC}", "micron", "microns", "mikron", "âµm", "\u{339B}"], "nm": ["\u{339A}"], "mm": ["\u{339C}"],
    "cm": ["\u{339D}"], "km": ["\u{339E}"], "Å": ["å", "angstrom", "angstroms", "ångström", "ångströms", "ångstrom", "angstroem", "ang"],
    "in": ["inch", "inches", "\u{2033}"], "ft": ["foot", "feet"], "yd": ["yard", "yards"], "mi": ["mile", "miles"],
    "thou": ["mil", "mils", "thous"], "pc": ["parsec", "parsecs"],
    "ly": ["lightyear", "lightyears", "light year", "light years"], "ua": ["astronomical unit", "astronomical units"],
    "ms": ["msec", "msecs"], "µs": ["us", "usec", "usecs", "âµs"], "ns": ["nsec", "nsecs"], "ps": ["psec", "psecs"],
    "min": ["minute", "minutes", "mins"], "h": ["hour", "hours", "hr", "hrs"], "d": ["day", "days"],
    "degree": ["degrees", "deg", "degs", "°"], "rad": ["radian", "radians"], "grad": ["gradian", "gradians"], "Hz": ["hz"],
    "kHz": ["khz"], "GHz": ["ghz"], "eV": ["electronvolt", "electronvolts"], "keV": ["kiloelectronvolt", "kiloelectronvolts"],
  ]
}
