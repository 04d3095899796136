/// The caller's bytes, lent to several workers that only read them.
@safe
struct SharedSource: @unchecked Sendable {  // read-only, and lent only while the owner waits
  private let base: UnsafeRawPointer?
  private let byteCount: Int

  /// Lends the span to the workers that `body` runs, all of which must have returned before `body` does.
  static func lend<Result>(
    _ span: RawSpan, _ body: (SharedSource) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    // The pointer is used only while the span is lent, by workers that have all returned before `body` does.
    try unsafe span.withUnsafeBytes { buffer throws(IOLinkError) in
      try unsafe body(SharedSource(base: buffer.baseAddress, byteCount: buffer.count))
    }
  }

  private init(base: UnsafeRawPointer?, byteCount: Int) {
    unsafe self.base = unsafe base
    self.byteCount = byteCount
  }

  /// Lends the bytes of `range`.
  ///
  /// - Precondition: `range` is inside the span.
  func withPart<Result>(
    _ range: Range<Int>, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "bytes \(range) are not inside a span of \(byteCount) bytes")
    guard let base = unsafe base else { return try body(RawSpan()) }
    // In bounds by the precondition.
    return try body(unsafe RawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count))
  }

  /// Lends all bytes.
  func withAll<Result>(_ body: (RawSpan) throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    try withPart(0..<byteCount, body)
  }
}
