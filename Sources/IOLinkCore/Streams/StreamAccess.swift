/// Bytes with a cursor. The stream grows when it is written at its end. Only one user at a time may use a stream.
public protocol StreamAccess: AnyObject, Sendable {
  /// Those of READ, WRITE, SEEK and MEMORY_ACCESS that the stream has.
  var capabilities: StreamCapabilities { get }
  /// The cursor, in bytes from the beginning; for a stream without SEEK, the number of bytes that have passed.
  var position: Int { get }
  /// The present size in bytes; `nil` when it cannot be known.
  var byteCount: Int? { get }
  /// Makes temporary streams where this one is stored, on the same disk; `nil` where that is impossible.
  var storageBeside: (any TemporaryStorage)? { get }
  /// Takes the files that belong beside the one that this stream writes; `nil` where nothing can be beside it.
  var companions: (any CompanionTarget)? { get }

  /// Reads at the cursor and moves the cursor past what was read.
  ///
  /// - Returns: The number of bytes read. It is less than the size of `bytes`, or 0, only at the end of the stream.
  /// - Throws: `unsupported` without READ; `io` when the system fails; `invalidArgument` when the stream is closed.
  func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int

  /// Writes all bytes at the cursor and moves the cursor past them. The stream grows where needed.
  ///
  /// - Throws: `unsupported` without WRITE; `io` when the system fails, for example because the disk is full; `limitExceeded` when
  ///   a stream in memory cannot grow; `invalidArgument` when the stream is closed.
  func write(_ bytes: RawSpan) throws(IOLinkError)

  /// Moves the cursor. It may move past the end; a later write then fills the gap with zeros.
  ///
  /// - Throws: `unsupported` without SEEK; `invalidArgument` when `position` is negative, or the stream is closed; `io` when the
  ///   system fails.
  func seek(to position: Int) throws(IOLinkError)

  /// Cuts the stream to this size, or extends it with zeros. The cursor stays where it is.
  ///
  /// - Throws: `unsupported` when the stream cannot be resized, which takes WRITE and SEEK; `invalidArgument` when `byteCount` is
  ///   negative, or the stream is closed; `limitExceeded` when a stream in memory cannot grow; `io` when the system fails.
  func truncate(to byteCount: Int) throws(IOLinkError)

  /// Says that this range, which may lie past the end, will be written soon, so that the system can find room for it. The size stays.
  func reserve(_ range: Range<Int>)

  /// Writes a range of a source at `position` in the way that is fastest for the system, and leaves the cursor after it. Where the
  /// source has no bytes but a hole, which reads as zeros, the stream may get one, too; in the end it must be extended to its final size
  /// with ``truncate(to:)``.
  ///
  /// - Parameters:
  ///   - range: A range inside `source`.
  ///   - source: Where the bytes are.
  ///   - position: Where they go; there must be nothing at this place yet.
  ///   - context: The threads that copy where the bytes pass through this process, and what stops them.
  /// - Returns: `false` when the system cannot do this; nothing may have been written then, or a part.
  /// - Throws: `truncated` when the source has become shorter; `io` when the system fails; `invalidArgument` when the stream is closed.
  func copy(
    _ range: Range<Int>, of source: any RandomAccess, to position: Int, _ context: OperationContext
  ) throws(IOLinkError) -> Bool

  /// Hands everything that was written to the system.
  ///
  /// - Throws: `io` when the system fails.
  func flush() throws(IOLinkError)
}

extension StreamAccess {
  public var storageBeside: (any TemporaryStorage)? { nil }
  public var companions: (any CompanionTarget)? { nil }

  public func truncate(to byteCount: Int) throws(IOLinkError) {
    throw IOLinkError(.unsupported, "the stream cannot be resized")
  }

  public func reserve(_ range: Range<Int>) {}

  public func copy(
    _ range: Range<Int>, of source: any RandomAccess, to position: Int, _ context: OperationContext
  ) throws(IOLinkError) -> Bool { false }

  public func flush() throws(IOLinkError) {}

  /// Writes all bytes at the cursor and moves the cursor past them.
  ///
  /// - Throws: `unsupported` without WRITE; `io` when the system fails, for example because the disk is full; `limitExceeded` when
  ///   a stream in memory cannot grow; `invalidArgument` when the stream is closed.
  public func write(_ bytes: [UInt8]) throws(IOLinkError) {
    try write(unsafe bytes.span.bytes)  // bytes have no padding
  }

  /// Writes all bytes at `position` and leaves the cursor after them.
  ///
  /// - Throws: `unsupported` without WRITE, or without SEEK when the cursor is elsewhere; `invalidArgument` when `position` is
  ///   negative, or the stream is closed; `io` when the system fails; `limitExceeded` when a stream in memory cannot grow.
  public func write(_ bytes: RawSpan, at position: Int) throws(IOLinkError) {
    if self.position != position { try seek(to: position) }
    try write(bytes)
  }

  /// Writes all bytes at `position`, but no zeros at or after the present end: what is written later leaves a gap there that reads as
  /// zeros. In the end the stream must be extended to its final size with ``truncate(to:)``.
  ///
  /// - Throws: The same errors as ``write(_:at:)``.
  public func writeSparsely(_ bytes: RawSpan, at position: Int) throws(IOLinkError) {
    if let present = byteCount, present <= position, bytes.isZero { return }
    try write(bytes, at: position)
  }

  /// Fills all of `bytes` with what follows the cursor, and moves the cursor past it.
  ///
  /// - Throws: `truncated` when the stream ends before `bytes` is full; `unsupported` without READ; `io` when the system fails;
  ///   `invalidArgument` when the stream is closed.
  public func readAll(into bytes: inout MutableRawSpan) throws(IOLinkError) {
    let wanted = bytes.byteCount
    var done = 0
    while done < wanted {
      var rest = bytes._mutatingExtracting(done..<wanted)
      let count = try read(into: &rest)
      guard count > 0 else {
        throw IOLinkError(.truncated, "the stream ended after \(done) bytes, expected \(wanted)", offset: position)
      }
      done += count
    }
  }
}
