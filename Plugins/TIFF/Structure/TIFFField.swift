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

extension TIFFField {
  /// Parses an entry; `nil` when its type is unknown.
  ///
  /// - Parameters:
  ///   - entries: The entries of a directory.
  ///   - place: Where this one begins in `entries`.
  ///   - header: The header of the file.
  ///   - start: The offset in the file of `entries`.
  /// - Throws: `truncated` when the entry does not lie inside `entries`.
  init?(_ entries: RawSpan, at place: Int, _ header: TIFFHeader, start: Int) throws(IOLinkError) {
    tag = TIFFTag(rawValue: try entries.load(at: place, order: header.order))
    guard let type = TIFFFieldType(rawValue: try entries.load(at: place + 2, order: header.order)) else { return nil }
    self.type = type
    let value = place + 4 + header.offsetByteCount
    let rawCount: UInt64
    if header.isBig {
      rawCount = try entries.load(at: place + 4, as: UInt64.self, order: header.order)
    } else {
      rawCount = UInt64(try entries.load(at: place + 4, as: UInt32.self, order: header.order))
    }
    // A count that does not fit in an Int is kept as the largest one. Reading the values then fails with an error about the field.
    count = Int(exactly: rawCount) ?? Int.max
    let size = count.multipliedReportingOverflow(by: type.byteCount)
    if !size.overflow, size.partialValue <= header.offsetByteCount {
      valueOffset = start + value
      inline = header.isBig ? try entries.load(at: value, order: .native) : UInt64(try entries.load(at: value, as: UInt32.self, order: .native))
      return
    }
    inline = nil
    valueOffset =
      header.isBig
      ? Int(exactly: try entries.load(at: value, as: UInt64.self, order: header.order)) ?? Int.max
      : Int(try entries.load(at: value, as: UInt32.self, order: header.order))
  }
}

/// Converts the values of fields to numbers, whatever their width in the file.
enum TIFFValues {
  /// - Throws: `malformed` when a value is not an integer; `limitExceeded` when it does not fit in an `Int`.
  static func append(_ bytes: RawSpan, _ type: TIFFFieldType, _ order: ByteOrder, to values: inout [Int]) throws(IOLinkError) {
    for place in stride(from: 0, to: bytes.byteCount / type.byteCount * type.byteCount, by: type.byteCount) {
      values.append(try integer(bytes, at: place, type, order))
    }
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
