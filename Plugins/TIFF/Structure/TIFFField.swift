internal import IOLinkCore

/// The type of a field's values.
///
/// Source: TIFF 6.0, section 2; Technical Note 1 (IFD); BigTIFF (16 to 18).
enum TIFFFieldType: UInt16, Sendable {
  case byte = 1, ascii, short, long, rational, sbyte, undefined, sshort, slong, srational, float, double, ifd
  case long8 = 16, slong8, ifd8

  /// The number of bytes of one value.
  var byteCount: Int {
    switch self {
    case .byte, .ascii, .sbyte, .undefined: 1
    case .short, .sshort: 2
    case .long, .slong, .float, .ifd: 4
    case .rational, .srational, .double, .long8, .slong8, .ifd8: 8
    }
  }
}

/// One entry of a directory. Its values may lie elsewhere in the file.
struct TIFFField: Sendable {
  let tag: TIFFTag
  let type: TIFFFieldType
  /// The number of values.
  let count: Int
  /// The offset of the values in the file. They are inside the entry if they fit there.
  let valueOffset: Int
  /// The last 4 or 8 bytes of the entry in file order, if they hold the values.
  let inline: UInt64?
}

/// Converts the values of fields to numbers, whatever their width in the file.
enum TIFFValues {
  /// - Throws: `malformed` when a value is not an integer; `limitExceeded` when it does not fit in an `Int`.
  static func integers(_ bytes: RawSpan, _ type: TIFFFieldType, _ order: ByteOrder) throws(IOLinkError) -> [Int] {
    var values: [Int] = []
    let count = bytes.byteCount / type.byteCount
    values.reserveCapacity(count)
    for index in 0..<count {
      values.append(try integer(bytes, at: index * type.byteCount, type, order))
    }
    return values
  }

  static func integer(_ bytes: RawSpan, at offset: Int, _ type: TIFFFieldType, _ order: ByteOrder) throws(IOLinkError) -> Int {
    switch type {
    case .byte, .undefined, .ascii: return Int(try bytes.load(at: offset, as: UInt8.self, order: order))
    case .sbyte: return Int(try bytes.load(at: offset, as: Int8.self, order: order))
    case .short: return Int(try bytes.load(at: offset, as: UInt16.self, order: order))
    case .sshort: return Int(try bytes.load(at: offset, as: Int16.self, order: order))
    case .long, .ifd: return Int(try bytes.load(at: offset, as: UInt32.self, order: order))
    case .slong: return Int(try bytes.load(at: offset, as: Int32.self, order: order))
    case .long8, .ifd8: return try Checked.int(bytes.load(at: offset, as: UInt64.self, order: order))
    case .slong8: return Int(try bytes.load(at: offset, as: Int64.self, order: order))
    case .float, .double, .rational, .srational:
      let value = try real(bytes, at: offset, type, order)
      guard let whole = Int(exactly: value) else { throw .tiff(.malformed, "a value is \(value), expected an integer") }
      return whole
    }
  }

  /// Returns a value as a floating point number. A rational with a zero denominator is not a number.
  static func real(_ bytes: RawSpan, at offset: Int, _ type: TIFFFieldType, _ order: ByteOrder) throws(IOLinkError) -> Double {
    switch type {
    case .float: return Double(Float(bitPattern: try bytes.load(at: offset, as: UInt32.self, order: order)))
    case .double: return Double(bitPattern: try bytes.load(at: offset, as: UInt64.self, order: order))
    case .rational:
      let denominator = try bytes.load(at: offset + 4, as: UInt32.self, order: order)
      let numerator = try bytes.load(at: offset, as: UInt32.self, order: order)
      return denominator == 0 ? .nan : Double(numerator) / Double(denominator)
    case .srational:
      let denominator = try bytes.load(at: offset + 4, as: Int32.self, order: order)
      let numerator = try bytes.load(at: offset, as: Int32.self, order: order)
      return denominator == 0 ? .nan : Double(numerator) / Double(denominator)
    default: return Double(try integer(bytes, at: offset, type, order))
    }
  }
}
