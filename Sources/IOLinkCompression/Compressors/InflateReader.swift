public import IOLinkCore

/// A source of the bytes of a deflate stream, in order.
public protocol InflateFeed: Sendable {
  /// Returns the next bytes of the stream, possibly none, or `nil` after the last.
  ///
  /// - Throws: Any error that the source of the bytes throws.
  mutating func next() throws(IOLinkError) -> [UInt8]?

  /// Returns an error of the stream with the format and the position in the file added.
  ///
  /// - Parameter offset: The number of bytes of the stream that had been used before the error.
  func located(_ error: IOLinkError, at offset: Int) -> IOLinkError
}

/// Reads a deflate stream from its beginning, in pieces of any size and in bounded memory.
public struct InflateReader<Feed: InflateFeed>: ~Copyable, Sendable {
  private var feed: Feed
  private var stream: InflateStream
  /// The compressed bytes that the feed returned last. Those from `used` on have not been decoded.
  private var input: [UInt8] = []
  private var used = 0

  /// - Throws: `limitExceeded` when there is not enough memory.
  public init(_ feed: Feed, format: Deflate.Format, speed: InflateStream.Speed = .exact) throws(IOLinkError) {
    self.feed = feed
    stream = try InflateStream(format: format, speed: speed)
  }

  private init(copying other: borrowing InflateReader) throws(IOLinkError) {
    feed = other.feed
    stream = try other.stream.copy()
    input = Array(other.input.dropFirst(other.used))
  }

  /// Makes an independent reader at the same position.
  ///
  /// - Throws: `limitExceeded` when there is not enough memory.
  public func copy() throws(IOLinkError) -> InflateReader { try InflateReader(copying: self) }

  /// Begins a new stream of the same format with another feed.
  public mutating func restart(_ feed: Feed) {
    self.feed = feed
    stream.reset()
    (input, used) = ([], 0)
  }

  /// Whether the stream has been decoded to its end and its checksum was correct.
  public var isFinished: Bool { stream.isFinished }

  /// Fills `output` with as many bytes as the stream has.
  ///
  /// - Returns: The number of bytes written. It is smaller than the size of `output` only if the stream or the feed has ended.
  /// - Throws: `malformed` when the stream is damaged; `unsupported` when it needs a preset dictionary; `limitExceeded` when there is
  ///   not enough memory, each located by the feed; any error that the feed throws.
  public mutating func read(into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    var written = 0
    var hasEnded = false
    while written < output.byteCount, !stream.isFinished {
      if used == input.count, !hasEnded {
        let more = try feed.next()
        hasEnded = more == nil
        (input, used) = (more ?? [], 0)
        if !hasEnded { continue }
      }
      var rest = output._mutatingExtracting(written..<output.byteCount)
      let pending = input
      do throws(IOLinkError) {
        // Bytes have no padding.
        let step = try unsafe stream.decompress(pending.span.bytes.extracting(used..<pending.count), into: &rest)
        used += step.consumed
        written += step.written
        // A fast stream may hold bytes back that it has decoded.
        if hasEnded, step.written == 0 { break }
      } catch {
        throw feed.located(error, at: stream.consumedByteCount)
      }
    }
    return written
  }

  /// Reads the rest of the feed without decoding it, so that a feed that verifies its bytes can do so.
  ///
  /// - Throws: Any error that the feed throws.
  public mutating func drain() throws(IOLinkError) {
    while try feed.next() != nil {}
    (input, used) = ([], 0)
  }
}
