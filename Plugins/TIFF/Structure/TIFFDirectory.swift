internal import IOLinkCore

/// An image file directory: the fields of one page, as they are stored.
///
/// Source: TIFF 6.0, section 2, Image File Directory.
struct TIFFDirectory: Sendable {
  /// The header of the file, which says how entries are stored.
  let header: TIFFHeader
  /// The offset of the directory in the file.
  let offset: Int
  /// The bytes of all entries.
  private(set) var entries: [UInt8]
  /// The offset of the next directory; 0 if this is the last one.
  let next: Int
  /// The upper halves of the values or offsets of all entries; `nil` if the file is not by Hamamatsu.
  let upperHalves: [UInt32]?

  /// Whether offsets have 64 bits although the file is classic.
  var isWide: Bool { upperHalves != nil }
  /// The number of bytes of the directory in the file, without the values of fields that lie elsewhere.
  var byteCount: Int { header.entryCountByteCount + entries.count + header.offsetByteCount }
  /// The places of all entries in ``entries``.
  var places: StrideTo<Int> { stride(from: 0, to: entries.count, by: header.entryByteCount) }
  /// The fields in file order, without those of unknown type, which are skipped as the specification demands.
  var fields: [TIFFField] { places.compactMap(field) }

  /// The field with a tag. If several have it, this is the first one.
  subscript(tag: TIFFTag) -> TIFFField? {
    let stored = header.order == .native ? tag.rawValue : tag.rawValue.byteSwapped
    let span = unsafe entries.span.bytes  // bytes have no padding
    for place in places {
      // Every place is followed by a whole entry, which begins with its tag.
      guard unsafe span.unsafeLoadUnaligned(fromUncheckedByteOffset: place, as: UInt16.self) == stored else { continue }
      if let field = field(at: place) { return field }
    }
    return nil
  }

  /// The tag of the entry at one of the ``places``.
  func tag(at place: Int) -> TIFFTag? {
    let span = unsafe entries.span.bytes  // bytes have no padding
    return (try? span.load(at: place, as: UInt16.self, order: header.order)).map { TIFFTag(rawValue: $0) }
  }

  /// The field at one of the ``places``; `nil` if its type is unknown.
  func field(at place: Int) -> TIFFField? {
    let span = unsafe entries.span.bytes  // bytes have no padding
    guard let field = try? TIFFField(span, at: place, header, start: offset + header.entryCountByteCount) else { return nil }
    guard let upperHalves else { return field }
    return field.extended(by: upperHalves[place / header.entryByteCount])
  }

  /// Returns the directory with the fields of these tags only. The others get an unknown type.
  func restricted(to tags: Set<TIFFTag>) -> TIFFDirectory {
    var result = self
    for place in places where tag(at: place).map({ !tags.contains($0) }) ?? true {
      (result.entries[place + 2], result.entries[place + 3]) = (0, 0)
    }
    return result
  }
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

  /// Reads the directory at `offset`, in one read if it has the usual size and is not in memory yet.
  ///
  /// - Throws: `truncated` when the directory extends beyond the end of the file; `malformed` when it has no fields; `limitExceeded`
  ///   when it has more than 65535.
  func directory(at offset: Int, _ ahead: inout TIFFReadAhead) throws(IOLinkError) -> TIFFDirectory {
    guard offset > 0, offset <= bytes.byteCount - header.entryCountByteCount else {
      throw .tiff(.truncated, "a directory is at \(offset), but the file has \(bytes.byteCount) bytes", at: offset)
    }
    let count = try ahead.withBytes(at: offset, count: header.entryCountByteCount) { span throws(IOLinkError) in
      try entryCount(span, at: offset)
    }
    let end = header.entryCountByteCount + count * header.entryByteCount
    guard end <= bytes.byteCount - offset else {
      throw .tiff(.truncated, "a directory of \(count) fields extends beyond the end of the file", at: offset)
    }
    // If the file ends before the link to the next directory, this is the last one.
    let whole = min(end + header.offsetByteCount, bytes.byteCount - offset)
    return try ahead.withBytes(at: offset, count: whole) { span throws(IOLinkError) in
      let entries = span.extracting(header.entryCountByteCount..<end).byteArray()
      if let tail = try hamamatsuTail(span, count: count, end: offset + end) {
        return TIFFDirectory(header: header, offset: offset, entries: entries, next: tail.next, upperHalves: tail.upperHalves)
      }
      return TIFFDirectory(header: header, offset: offset, entries: entries, next: try link(span, at: end), upperHalves: nil)
    }
  }

  private func entryCount(_ span: RawSpan, at offset: Int) throws(IOLinkError) -> Int {
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
}
