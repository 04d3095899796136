internal import IOLinkCore

/// Reads the values of fields.
extension TIFFFile {
  /// Returns the error of a chunk that cannot be decoded. If the file ends inside the chunk, that is what is wrong with it.
  func damage(_ error: IOLinkError, ofChunkAt offset: Int, byteCount: Int) -> IOLinkError {
    let present = bytes.byteCount - offset
    guard error.isAboutContent, error.code != .limitExceeded, error.code != .truncated, byteCount > present else {
      return IOLinkError(error.code, error.reason, format: "TIFF", offset: error.offset ?? offset, cause: error.cause)
    }
    return .tiff(.truncated, "the file ends after \(max(0, present)) of the \(byteCount) bytes of a chunk", at: offset)
  }

  /// Reads the stored bytes of the first values, at most `maximum` of them.
  ///
  /// - Throws: `truncated` when they extend beyond the end of the file, before anything is allocated; `limitExceeded` when they take
  ///   more than ``ReadLimits/metadataByteCount``. With a `maximum`, only the size of the file and `maximum` limit them.
  func storedBytes(_ field: TIFFField, maximum: Int = Int.max) throws(IOLinkError) -> [UInt8] {
    let count = min(field.count, maximum)
    if let inline = field.inline {
      let whole = unsafe withUnsafeBytes(of: inline) { unsafe Array($0) }  // a copy of a local value's bytes
      return Array(whole.prefix(count * field.type.byteCount))
    }
    let byteCount = try checkedByteCount(field, count)
    if maximum == Int.max { try limits.check(byteCount, atMost: \.metadataByteCount, "bytes of \(field.tag.name)") }
    return try bytes.bytes(at: field.valueOffset, count: byteCount)
  }

  /// Reads the first values as integers, at most `maximum` of them.
  ///
  /// - Throws: `malformed` when a value is not an integer; `limitExceeded` when it does not fit in an `Int`; what
  ///   ``storedBytes(_:maximum:)`` throws.
  func integers(_ field: TIFFField, maximum: Int = Int.max) throws(IOLinkError) -> [Int] {
    let stored = try storedBytes(field, maximum: maximum)
    var values: [Int] = []
    values.reserveCapacity(stored.count / field.type.byteCount)
    do throws(IOLinkError) {
      try TIFFValues.append(unsafe stored.span.bytes, field.type, order, to: &values)  // bytes have no padding
    } catch { throw error.located(format: "TIFF", offset: field.valueOffset) }
    return values
  }

  /// Appends the first values as integers.
  ///
  /// - Throws: `truncated` when they extend beyond the end of the file; `malformed` when a value is not an integer; `limitExceeded` when it
  ///   does not fit in an `Int`.
  func append(
    _ field: TIFFField, first count: Int, to values: inout [Int], _ ahead: inout TIFFReadAhead
  ) throws(IOLinkError) {
    do throws(IOLinkError) {
      if let inline = field.inline {
        let stored = InlineArray<1, UInt64>(repeating: inline)
        let span = unsafe stored.span.bytes.extracting(first: count * field.type.byteCount)  // an integer has no padding
        return try TIFFValues.append(span, field.type, order, to: &values)
      }
      let byteCount = try checkedByteCount(field, count)
      try ahead.withBytes(at: field.valueOffset, count: byteCount) { span throws(IOLinkError) in
        try TIFFValues.append(span, field.type, order, to: &values)
      }
    } catch { throw error.located(format: "TIFF", offset: field.valueOffset) }
  }

  /// Returns the number of bytes of the first `count` values, which lie outside the directory.
  ///
  /// - Throws: `truncated` when they extend beyond the end of the file.
  private func checkedByteCount(_ field: TIFFField, _ count: Int) throws(IOLinkError) -> Int {
    let size = count.multipliedReportingOverflow(by: field.type.byteCount)
    guard !size.overflow, field.valueOffset <= bytes.byteCount, size.partialValue <= bytes.byteCount - field.valueOffset else {
      throw .tiff(
        .truncated, "\(field.tag.name) has \(count) values at \(field.valueOffset), but the file has \(bytes.byteCount) bytes",
        at: field.valueOffset)
    }
    return size.partialValue
  }

  /// Reads the first value as an integer; `nil` when the directory does not have the field, or the field has no values.
  func integer(_ directory: TIFFDirectory, _ tag: TIFFTag) throws(IOLinkError) -> Int? {
    guard let field = directory[tag], field.count > 0 else { return nil }
    return try integers(field, maximum: 1).first
  }

  /// Reads the value of a field that must have exactly one; `nil` when the directory does not have the field.
  ///
  /// - Throws: `malformed` when the field has no value or several.
  func single(_ directory: TIFFDirectory, _ tag: TIFFTag) throws(IOLinkError) -> Int? {
    guard let field = directory[tag] else { return nil }
    guard field.count == 1 else {
      throw .tiff(.malformed, "\(tag.name) has \(field.count) values, expected 1", at: field.valueOffset)
    }
    return try integers(field).first
  }

  func integers(_ directory: TIFFDirectory, _ tag: TIFFTag, maximum: Int = Int.max) throws(IOLinkError) -> [Int]? {
    guard let field = directory[tag] else { return nil }
    return try integers(field, maximum: maximum)
  }

  /// Reads all values as floating point numbers. A rational with a zero denominator is not a number.
  func reals(_ field: TIFFField) throws(IOLinkError) -> [Double] {
    let stored = try storedBytes(field)
    let span = unsafe stored.span.bytes  // bytes have no padding
    var values: [Double] = []
    for index in 0..<(stored.count / field.type.byteCount) {
      values.append(try TIFFValues.real(span, at: index * field.type.byteCount, field.type, order))
    }
    return values
  }

  /// Reads the text of a field up to its first zero byte. If it is not valid UTF-8, it is read as Latin-1.
  func text(_ field: TIFFField) throws(IOLinkError) -> String {
    guard field.type.byteCount == 1 else { throw .tiff(.malformed, "\(field.tag.name) is not a text", at: field.valueOffset) }
    return Self.text(try storedBytes(field))
  }

  func text(_ directory: TIFFDirectory, _ tag: TIFFTag) throws(IOLinkError) -> String? {
    guard let field = directory[tag] else { return nil }
    return try text(field)
  }

  static func text(_ stored: [UInt8]) -> String {
    let bytes = stored.prefix { $0 != 0 }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }
}
