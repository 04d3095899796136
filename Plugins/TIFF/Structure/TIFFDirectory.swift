internal import IOLinkCore

/// An image file directory: the fields of one page.
///
/// Source: TIFF 6.0, section 2, Image File Directory.
struct TIFFDirectory: Sendable {
  /// The offset of the directory in the file.
  let offset: Int
  /// The fields in file order. If several have the same tag, the first one is used.
  let fields: [TIFFField]
  /// The offset of the next directory; 0 if this is the last one.
  let next: Int
  /// Whether offsets have 64 bits although the file is classic.
  var isWide = false
  /// The number of bytes of the directory in the file, without the values of fields that lie elsewhere.
  let byteCount: Int

  subscript(tag: TIFFTag) -> TIFFField? { fields.first { $0.tag == tag } }
}

/// A TIFF file as bytes, with methods that read directories and values.
struct TIFFFile: Sendable {
  let bytes: any RandomAccess
  private(set) var header: TIFFHeader
  let limits: ReadLimits

  var order: ByteOrder { header.order }

  /// - Throws: `unrecognized`, `truncated` or `malformed` when the header is not that of a TIFF; any error that reading throws.
  init(_ bytes: any RandomAccess, limits: ReadLimits) throws(IOLinkError) {
    self.bytes = bytes
    self.limits = limits
    let prefix = try bytes.prefix(16)
    header = try TIFFHeader(unsafe prefix.span.bytes)  // bytes have no padding
    if let first = hamamatsuFirstDirectory(prefix) { header = TIFFHeader(order: header.order, isBig: false, firstDirectory: first) }
  }

  /// Reads the directory at `offset`, in one read if it has the usual size.
  ///
  /// Fields of unknown type are skipped, as the specification demands.
  ///
  /// - Throws: `truncated` when the directory extends beyond the end of the file; `malformed` when it has no fields; `limitExceeded`
  ///   when it has more than 65535.
  func directory(at offset: Int) throws(IOLinkError) -> TIFFDirectory {
    guard offset > 0, offset <= bytes.byteCount - header.entryCountByteCount else {
      throw .tiff(.truncated, "a directory is at \(offset), but the file has \(bytes.byteCount) bytes", at: offset)
    }
    var window = try bytes.bytes(at: offset, count: min(Self.windowByteCount, bytes.byteCount - offset))
    let count = try entryCount(window, at: offset)
    let end = header.entryCountByteCount + count * header.entryByteCount
    guard end <= bytes.byteCount - offset else {
      throw .tiff(.truncated, "a directory of \(count) fields extends beyond the end of the file", at: offset)
    }
    // If the file ends before the link to the next directory, this is the last one.
    let whole = min(end + header.offsetByteCount, bytes.byteCount - offset)
    if whole > window.count { window = try bytes.bytes(at: offset, count: whole) }
    var fields: [TIFFField] = []
    fields.reserveCapacity(count)
    let span = unsafe window.span.bytes  // bytes have no padding
    let tail = try hamamatsuTail(span, count: count, end: offset + end)
    for index in 0..<count {
      let start = header.entryCountByteCount + index * header.entryByteCount
      guard let field = try field(span, at: start, directory: offset) else { continue }
      fields.append(field.extended(by: tail?.upperHalves[index] ?? 0))
    }
    guard let tail else { return TIFFDirectory(offset: offset, fields: fields, next: try link(span, at: end), byteCount: whole) }
    return TIFFDirectory(offset: offset, fields: fields, next: tail.next, isWide: true, byteCount: whole)
  }

  private static let windowByteCount = 512

  private func entryCount(_ window: [UInt8], at offset: Int) throws(IOLinkError) -> Int {
    let span = unsafe window.span.bytes  // bytes have no padding
    let count =
      header.isBig
      ? try Checked.int(span.load(at: 0, as: UInt64.self, order: order)) : Int(try span.load(at: 0, as: UInt16.self, order: order))
    guard count > 0 else { throw .tiff(.malformed, "a directory has no fields", at: offset) }
    guard count <= 0xFFFF else { throw .tiff(.limitExceeded, "a directory has \(count) fields, at most 65535 are supported", at: offset) }
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
    // A count that does not fit in an Int is kept as the largest one. Reading the values then fails with an error about the field.
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
