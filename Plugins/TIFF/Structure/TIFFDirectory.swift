internal import IOLinkCore

/// An image file directory: the fields of one page.
///
/// Source: TIFF 6.0, section 2, Image File Directory.
struct TIFFDirectory: Sendable {
  /// Where it begins in the file.
  let offset: Int
  /// As they stand in the file; of fields with one tag the first counts.
  let fields: [TIFFField]
  /// Where the next directory begins; 0 when this is the last.
  let next: Int

  subscript(tag: TIFFTag) -> TIFFField? { fields.first { $0.tag == tag } }
}

/// The file as its structure sees it: bytes by position, and how to read directories and values from them.
struct TIFFFile: Sendable {
  let bytes: any RandomAccess
  let header: TIFFHeader
  let limits: ReadLimits

  var order: ByteOrder { header.order }

  /// - Throws: `unrecognized`, `truncated`, `malformed` when the header is not that of a TIFF.
  init(_ bytes: any RandomAccess, limits: ReadLimits) throws(IOLinkError) {
    self.bytes = bytes
    self.limits = limits
    let prefix = try bytes.prefix(16)
    header = try TIFFHeader(unsafe prefix.span.bytes)  // bytes have no padding
  }

  /// The directory at `offset`. One read of the file for directories of usual size.
  ///
  /// Fields of unknown type are passed over, as the specification asks.
  ///
  /// - Throws: `truncated` when it passes the end of the file; `malformed` when it has no fields.
  func directory(at offset: Int) throws(IOLinkError) -> TIFFDirectory {
    guard offset > 0, offset <= bytes.byteCount - header.entryCountByteCount else {
      throw .tiff(.truncated, "a directory at \(offset), the file has \(bytes.byteCount) bytes", at: offset)
    }
    var window = try bytes.bytes(at: offset, count: min(Self.windowByteCount, bytes.byteCount - offset))
    let count = try entryCount(window, at: offset)
    let end = header.entryCountByteCount + count * header.entryByteCount
    guard end <= bytes.byteCount - offset else {
      throw .tiff(.truncated, "a directory of \(count) fields passes the end of the file", at: offset)
    }
    // The link to the next directory may be cut off: then there is none.
    let whole = min(end + header.offsetByteCount, bytes.byteCount - offset)
    if whole > window.count { window = try bytes.bytes(at: offset, count: whole) }
    var fields: [TIFFField] = []
    fields.reserveCapacity(count)
    let span = unsafe window.span.bytes  // bytes have no padding
    for index in 0..<count {
      let start = header.entryCountByteCount + index * header.entryByteCount
      if let field = try field(span, at: start, directory: offset) { fields.append(field) }
    }
    return TIFFDirectory(offset: offset, fields: fields, next: try link(span, at: end))
  }

  private static let windowByteCount = 512

  private func entryCount(_ window: [UInt8], at offset: Int) throws(IOLinkError) -> Int {
    let span = unsafe window.span.bytes  // bytes have no padding
    let count =
      header.isBig
      ? try Checked.int(span.load(at: 0, as: UInt64.self, order: order)) : Int(try span.load(at: 0, as: UInt16.self, order: order))
    guard count > 0 else { throw .tiff(.malformed, "a directory without fields", at: offset) }
    guard count <= 0xFFFF else { throw .tiff(.limitExceeded, "a directory of \(count) fields, the limit is 65535", at: offset) }
    return count
  }

  private func link(_ span: RawSpan, at end: Int) throws(IOLinkError) -> Int {
    guard end + header.offsetByteCount <= span.byteCount else { return 0 }
    if header.isBig {
      let next = try span.load(at: end, as: UInt64.self, order: order)
      return Int(exactly: next) ?? Int.max
    }
    return Int(try span.load(at: end, as: UInt32.self, order: order))
  }

  private func field(_ span: RawSpan, at start: Int, directory: Int) throws(IOLinkError) -> TIFFField? {
    let tag = TIFFTag(rawValue: try span.load(at: start, order: order))
    guard let type = TIFFFieldType(rawValue: try span.load(at: start + 2, order: order)) else { return nil }
    let place = start + 4 + header.offsetByteCount
    let rawCount: UInt64
    let inline: UInt64
    if header.isBig {
      rawCount = try span.load(at: start + 4, as: UInt64.self, order: order)
      inline = try span.load(at: place, as: UInt64.self, order: .native)
    } else {
      rawCount = UInt64(try span.load(at: start + 4, as: UInt32.self, order: order))
      inline = UInt64(try span.load(at: place, as: UInt32.self, order: .native))
    }
    // A count that is no Int is kept as the largest one: reading the values then fails, naming the field.
    let count = Int(exactly: rawCount) ?? Int.max
    let size = count.multipliedReportingOverflow(by: type.byteCount)
    if !size.overflow, size.partialValue <= header.offsetByteCount {
      return TIFFField(tag: tag, type: type, count: count, valueOffset: directory + place, inline: inline)
    }
    let offset =
      header.isBig
      ? Int(exactly: try span.load(at: place, as: UInt64.self, order: order)) ?? Int.max
      : Int(try span.load(at: place, as: UInt32.self, order: order))
    return TIFFField(tag: tag, type: type, count: count, valueOffset: offset, inline: nil)
  }
}
