/// The caller's memory, lent to several workers that write disjoint parts of it.
///
/// This is the only place in the core where several threads get the same destination. It is sound because `read` rejects layouts
/// in which two elements overlap, and each worker writes only the elements of its own chunk.
@safe
struct SharedDestination: @unchecked Sendable {  // see above
  private let base: UnsafeMutableRawPointer?
  private let byteCount: Int

  /// - Precondition: The value is used only inside `body` of ``lend(_:_:)``.
  private init(base: UnsafeMutableRawPointer?, byteCount: Int) {
    unsafe self.base = unsafe base
    self.byteCount = byteCount
  }

  /// Lends the span to the workers that `body` runs, all of which must have returned before `body` does.
  static func lend(
    _ span: inout MutableRawSpan, _ body: (SharedDestination) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    // The pointer is used only while the span is lent, by workers that have all returned before `body` does.
    try unsafe span.withUnsafeMutableBytes { buffer throws(IOLinkError) in
      try unsafe body(SharedDestination(base: buffer.baseAddress, byteCount: buffer.count))
    }
  }

  /// Lends the bytes of `range` to one worker.
  ///
  /// - Precondition: `range` is inside the span, and no other worker uses any of its bytes at the same time.
  func withPart<Failure: Error>(
    _ range: Range<Int>, _ body: (inout MutableRawSpan) throws(Failure) -> Void
  ) throws(Failure) {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "bytes \(range) are not inside a span of \(byteCount) bytes")
    guard let base = unsafe base else { return }
    // In bounds by the precondition; disjoint from what other workers write.
    var part = unsafe MutableRawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count)
    try body(&part)
  }

  /// Lends all bytes to a worker that writes only scattered elements of its own.
  func withAll<Failure: Error>(_ body: (inout MutableRawSpan) throws(Failure) -> Void) throws(Failure) {
    try withPart(0..<byteCount, body)
  }
}
