public import IOLinkCore

/// Where the bytes of a deflate stream come from, in order.
public protocol InflateFeed: Sendable {
  /// The next bytes of the stream, possibly none; `nil` behind the last.
  ///
  /// - Throws: What the source of the bytes throws.
  mutating func next() throws(IOLinkError) -> [UInt8]?

  /// Says of an error of the stream in which file it is, and where.
  ///
  /// - Parameter offset: How many bytes of the stream had been used before.
  func located(_ error: IOLinkError, at offset: Int) -> IOLinkError
}

/// Reads a deflate stream from its beginning on, in pieces of any size and in bounded memory.
public struct InflateReader<Feed: InflateFeed>: ~Copyable, Sendable {
  private var feed: Feed
  private var stream: InflateStream
  /// Compressed bytes that the feed gave; those from `used` on have not been decoded.
  private var input: [UInt8] = []
  private var used = 0

  /// - Throws: `limitExceeded` when there is not enough memory.
  public init(_ feed: Feed, format: Deflate.Format) throws(IOLinkError) {
    self.feed = feed
    stream = try InflateStream(format: format)
  }

  private init(copying other: borrowing InflateReader) throws(IOLinkError) {
    feed = other.feed
    stream = try other.stream.copy()
    input = Array(other.input.dropFirst(other.used))
  }

  /// A second reader at the position of this one.
  ///
  /// - Throws: `limitExceeded` when there is not enough memory.
  public func copy() throws(IOLinkError) -> InflateReader { try InflateReader(copying: self) }

  /// Begins a new stream of the same format.
  public mutating func restart(_ feed: Feed) {
    self.feed = feed
    stream.reset()
    (input, used) = ([], 0)
  }

  /// Whether the end of the stream was reached and its checksum was right.
  public var isFinished: Bool { stream.isFinished }

  /// Fills as much of `output` as the stream has bytes for.
  ///
  /// - Returns: How many bytes were written; fewer than `output` holds only when the stream or the feed has ended.
  /// - Throws: `malformed` when the stream is damaged, `unsupported` when it needs a dictionary, `limitExceeded` when there is
  ///   not enough memory, each as the feed locates it; what the feed throws.
  public mutating func read(into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    var written = 0
    while written < output.byteCount, !stream.isFinished {
      if used == input.count {
        guard let more = try feed.next() else { break }
        (input, used) = (more, 0)
        continue
      }
      var rest = output._mutatingExtracting(written..<output.byteCount)
      let pending = input
      do throws(IOLinkError) {
        // Bytes have no padding.
        let step = try unsafe stream.decompress(pending.span.bytes.extracting(used..<pending.count), into: &rest)
        used += step.consumed
        written += step.written
      } catch {
        throw feed.located(error, at: stream.consumedByteCount)
      }
    }
    return written
  }

  /// Takes the rest of the feed without decoding it, for feeds that verify their bytes.
  ///
  /// - Throws: What the feed throws.
  public mutating func drain() throws(IOLinkError) {
    while try feed.next() != nil {}
    (input, used) = ([], 0)
  }
}
