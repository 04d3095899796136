internal import IOLinkCore

/// The contents of IHDR: the size of the image and how a pixel is stored.
///
/// Source: PNG (third edition), section 11.2.1.
struct PNGHeader: Hashable {
  /// What the samples of a pixel mean.
  enum Color: UInt8 {
    case gray = 0
    case rgb = 2
    /// The sample is an index into PLTE.
    case palette = 3
    case grayAlpha = 4
    case rgba = 6

    var samplesPerPixel: Int {
      switch self {
      case .gray, .palette: 1
      case .grayAlpha: 2
      case .rgb: 3
      case .rgba: 4
      }
    }

    var hasAlpha: Bool { self == .grayAlpha || self == .rgba }

    /// The numbers of bits per sample that the specification allows.
    var depths: [Int] {
      switch self {
      case .gray: [1, 2, 4, 8, 16]
      case .palette: [1, 2, 4, 8]
      case .rgb, .grayAlpha, .rgba: [8, 16]
      }
    }
  }

  enum Interlacing: UInt8 { case none, adam7 }

  /// The number of columns.
  var width: Int
  /// The number of rows.
  var height: Int
  /// The number of bits per sample: 1, 2, 4, 8 or 16.
  var depth: Int
  var color: Color
  var interlacing = Interlacing.none

  static let byteCount = 13
  /// The largest width and height.
  static let maximumLength = Int(Int32.max)

  init(width: Int, height: Int, depth: Int, color: Color) {
    self.width = width
    self.height = height
    self.depth = depth
    self.color = color
  }

  /// Parses and validates the chunk's data.
  ///
  /// - Parameters:
  ///   - bytes: The chunk's data.
  ///   - offset: The offset of these bytes in the file.
  /// - Throws: `malformed` when a value is not one that the specification allows.
  init(_ bytes: [UInt8], at offset: Int) throws(IOLinkError) {
    guard bytes.count == Self.byteCount else {
      throw .png(.malformed, "IHDR has \(bytes.count) bytes, expected \(Self.byteCount)", at: offset)
    }
    let span = unsafe bytes.span.bytes  // bytes have no padding
    width = Int(try span.load(at: 0, as: UInt32.self, order: .big))
    height = Int(try span.load(at: 4, as: UInt32.self, order: .big))
    guard (1...Self.maximumLength).contains(width), (1...Self.maximumLength).contains(height) else {
      throw .png(.malformed, "the size is \(width) × \(height), expected 1 to \(Self.maximumLength) each", at: offset)
    }
    guard let color = Color(rawValue: bytes[9]) else {
      throw .png(.malformed, "the colour type is \(bytes[9]), expected 0, 2, 3, 4 or 6", at: offset + 9)
    }
    self.color = color
    depth = Int(bytes[8])
    guard color.depths.contains(depth) else {
      throw .png(.malformed, "the bit depth is \(depth), expected one of \(color.depths) for colour type \(bytes[9])", at: offset + 8)
    }
    guard bytes[10] == 0 else {
      throw .png(.malformed, "the compression method is \(bytes[10]), expected 0", at: offset + 10)
    }
    guard bytes[11] == 0 else { throw .png(.malformed, "the filter method is \(bytes[11]), expected 0", at: offset + 11) }
    guard let interlacing = Interlacing(rawValue: bytes[12]) else {
      throw .png(.malformed, "the interlace method is \(bytes[12]), expected 0 or 1", at: offset + 12)
    }
    self.interlacing = interlacing
  }

  /// The chunk's data, encoded from this header.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(UInt32(width), order: .big)
    bytes.append(UInt32(height), order: .big)
    return bytes + [UInt8(depth), color.rawValue, 0, 0, interlacing.rawValue]
  }

  var bitsPerPixel: Int { depth * color.samplesPerPixel }

  /// The distance in bytes that filters look back to find the same sample of the pixel to the left. It is at least 1.
  var filterDistance: Int { max(1, bitsPerPixel / 8) }

  /// The number of bytes in a row of `width` pixels, without the filter type. At most 2³¹ × 8.
  func rowByteCount(width: Int) -> Int { (width * bitsPerPixel + 7) / 8 }
}
