/// Bytes with a cursor; grows when written at its end. One user at a time.
public protocol StreamAccess: AnyObject, Sendable {
  /// READ, WRITE, SEEK, MEMORY_ACCESS, as far as the stream has them.
  var capabilities: StreamCapabilities { get }
  /// The cursor, in bytes from the beginning; for a stream without SEEK the bytes that passed so far.
  var position: Int { get }
  /// Present size in bytes; `nil` where it cannot be known.
  var byteCount: Int? { get }

  /// Reads at the cursor and moves it.
  ///
  /// - Returns: How many bytes came: fewer than asked, and 0, only at the end.
  /// - Throws: `unsupported` without READ; `io` when the system fails.
  func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int

  /// Writes all bytes at the cursor and moves it; the stream grows where needed.
  ///
  /// - Throws: `unsupported` without WRITE; `io` when the system fails, a full disk included.
  func write(_ bytes: RawSpan) throws(IOLinkError)

  /// Moves the cursor; it may pass the end, and a later write fills the gap with zeros.
  ///
  /// - Throws: `unsupported` without SEEK; `invalidArgument` when negative.
  func seek(to position: Int) throws(IOLinkError)

  /// Cuts or extends (with zeros) to this size; the cursor stays.
  ///
  /// - Throws: `unsupported` without WRITE and SEEK; `io` when the system fails.
  func truncate(to byteCount: Int) throws(IOLinkError)

  /// Hands everything written to the system.
  func flush() throws(IOLinkError)
}

extension StreamAccess {
  public func truncate(to byteCount: Int) throws(IOLinkError) {
    throw IOLinkError(.unsupported, "the stream cannot be resized")
  }

  public func flush() throws(IOLinkError) {}

  public func write(_ bytes: [UInt8]) throws(IOLinkError) {
    try write(unsafe bytes.span.bytes)  // bytes have no padding
  }

  /// Writes at `position`, where the stream has SEEK, and leaves the cursor behind what was written.
  public func write(_ bytes: RawSpan, at position: Int) throws(IOLinkError) {
    if self.position != position { try seek(to: position) }
    try write(bytes)
  }

  /// Fills all of `bytes` at the cursor.
  ///
  /// - Throws: `truncated` when the stream ends before.
  public func readAll(into bytes: inout MutableRawSpan) throws(IOLinkError) {
    let wanted = bytes.byteCount
    var done = 0
    while done < wanted {
      var rest = bytes._mutatingExtracting(done..<wanted)
      let count = try read(into: &rest)
      guard count > 0 else {
        throw IOLinkError(.truncated, "\(wanted) bytes expected, \(done) left", offset: position)
      }
      done += count
    }
  }
}
