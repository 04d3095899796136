/// A compression of the bytes of chunks. The set of values is open.
///
/// Source: TIFF 6.0, section 3 and further; Technical Note 2; libtiff's list of registered and private codes.
struct TIFFCompression: RawRepresentable, Hashable, Sendable {
  let rawValue: Int

  static let none = TIFFCompression(rawValue: 1)
  static let ccittRLE = TIFFCompression(rawValue: 2)
  static let ccittGroup3 = TIFFCompression(rawValue: 3)
  static let ccittGroup4 = TIFFCompression(rawValue: 4)
  static let lzw = TIFFCompression(rawValue: 5)
  static let oldJPEG = TIFFCompression(rawValue: 6)
  static let jpeg = TIFFCompression(rawValue: 7)
  static let deflate = TIFFCompression(rawValue: 8)
  static let next = TIFFCompression(rawValue: 32766)
  static let ccittRLEWord = TIFFCompression(rawValue: 32771)
  static let packBits = TIFFCompression(rawValue: 32773)
  static let thunderScan = TIFFCompression(rawValue: 32809)
  static let pixarLog = TIFFCompression(rawValue: 32909)
  static let oldDeflate = TIFFCompression(rawValue: 32946)
  static let lerc = TIFFCompression(rawValue: 34887)
  static let lzma = TIFFCompression(rawValue: 34925)
  static let zstd = TIFFCompression(rawValue: 50000)
  static let webP = TIFFCompression(rawValue: 50001)

  /// What decodes a compression: this library, libtiff, or nothing.
  enum Decoder: Sendable { case own, libtiff, nobody }

  var decoder: Decoder {
    switch self {
    case .none, .lzw, .deflate, .oldDeflate, .packBits, .zstd: .own
    case .ccittRLE, .ccittGroup3, .ccittGroup4, .ccittRLEWord, .oldJPEG, .jpeg, .next, .thunderScan, .pixarLog, .lerc,
      .lzma, .webP:
      .libtiff
    default: .nobody
    }
  }

  /// The largest number of bytes that one stored byte can decode to, if there is such a bound. It is checked before decoding.
  var largestRatio: Int? {
    switch self {
    case .none: 1
    case .packBits: 64
    case .lzw: 4096
    case .deflate, .oldDeflate: 1040
    default: nil
    }
  }

  var isCCITT: Bool { self == .ccittRLE || self == .ccittGroup3 || self == .ccittGroup4 || self == .ccittRLEWord }

  /// A human-readable name, such as `deflate`; it contains the code if the compression is unknown.
  var name: String { Self.names[rawValue] ?? "compression \(rawValue)" }

  private static let names: [Int: String] = [
    1: "uncompressed", 2: "CCITT RLE", 3: "CCITT group 3", 4: "CCITT group 4", 5: "LZW", 6: "old JPEG", 7: "JPEG", 8: "deflate",
    9: "JBIG", 10: "JBIG", 32766: "NeXT", 32771: "CCITT RLE", 32773: "PackBits", 32809: "ThunderScan", 32895: "IT8 CT padding",
    32896: "IT8 line work", 32897: "IT8 monochrome", 32898: "IT8 binary", 32908: "PixarFilm", 32909: "PixarLog", 32946: "deflate",
    32947: "DCS", 33003: "JPEG 2000", 33004: "JPEG 2000", 33005: "JPEG 2000", 33007: "alternative JPEG", 34661: "JBIG",
    34676: "SGI LogLuv", 34677: "SGI LogLuv 24", 34712: "JPEG 2000", 34713: "Nikon NEF", 34715: "JBIG2", 34718: "MDI binary",
    34719: "MDI progressive", 34720: "MDI vector", 34887: "LERC", 34892: "lossy JPEG", 34925: "LZMA", 34933: "PNG",
    34934: "JPEG XR", 50000: "zstd", 50001: "WebP", 50002: "JPEG XL", 50013: "PixTIFF", 52546: "JPEG XL",
  ]
}

/// The meaning of a pixel's samples. The set of values is open.
///
/// Source: TIFF 6.0, PhotometricInterpretation; Technical Notes; SGI for LogL and LogLuv.
struct TIFFPhotometric: RawRepresentable, Hashable, Sendable {
  let rawValue: Int

  static let minIsWhite = TIFFPhotometric(rawValue: 0)
  static let minIsBlack = TIFFPhotometric(rawValue: 1)
  static let rgb = TIFFPhotometric(rawValue: 2)
  static let palette = TIFFPhotometric(rawValue: 3)
  static let mask = TIFFPhotometric(rawValue: 4)
  static let separated = TIFFPhotometric(rawValue: 5)
  static let yCbCr = TIFFPhotometric(rawValue: 6)
  static let cieLab = TIFFPhotometric(rawValue: 8)
  static let iccLab = TIFFPhotometric(rawValue: 9)
  static let ituLab = TIFFPhotometric(rawValue: 10)
  static let logL = TIFFPhotometric(rawValue: 32844)
  static let logLuv = TIFFPhotometric(rawValue: 32845)

  /// Returns the number of samples of the colour itself; `nil` if this is not a colour space.
  func colorCount(inks: Int?) -> Int? {
    switch self {
    case .rgb, .yCbCr, .cieLab, .iccLab, .ituLab, .logLuv: 3
    case .separated: inks ?? 4
    default: nil
    }
  }
}
