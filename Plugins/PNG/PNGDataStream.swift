internal import IOLinkCore
internal import IOLinkCompression

/// Inflates a stream piece by piece, in order, in bounded memory.
struct PNGDataStream: ~Copyable, Sendable {
  private let data: PNGData
  /// Whether the stream is fast, or yields everything before damage.
  let speed: InflateStream.Speed
  private var reader: InflateReader<PNGDataFeed>

  /// - Throws: `limitExceeded` when there is not enough memory.
  init(_ data: PNGData, in source: any RandomAccess, _ speed: InflateStream.Speed) throws(IOLinkError) {
    self.data = data
    self.speed = speed
    reader = try InflateReader(PNGDataFeed(data, in: source), format: .zlib, speed: speed)
  }

  /// Makes an independent stream at the same position.
  func copy() throws(IOLinkError) -> PNGDataStream { try PNGDataStream(copying: self) }

  private init(copying other: borrowing PNGDataStream) throws(IOLinkError) {
    data = other.data
    speed = other.speed
    reader = try other.reader.copy()
  }

  /// Fills all of `output`.
  ///
  /// - Throws: `truncated` when the stream holds fewer bytes; `malformed` when it is damaged.
  mutating func read(into output: inout MutableRawSpan) throws(IOLinkError) {
    let wanted = output.byteCount
    let written = try readSome(into: &output)
    guard written == wanted else { throw short(wanted - written) }
  }

  /// Fills as much of `output` as the stream holds.
  ///
  /// - Returns: The number of bytes; smaller than the size of `output` only at the end of the stream.
  /// - Throws: `malformed` when the stream is damaged.
  mutating func readSome(into output: inout MutableRawSpan) throws(IOLinkError) -> Int { try reader.read(into: &output) }

  /// Checks what follows the pixels: the stream's checksum and the CRC of the remaining chunks. It is not an error if the
  /// stream holds more data than the image needs.
  ///
  /// - Throws: `truncated` when the stream ends too early; `malformed` when a checksum does not match.
  mutating func finish() throws(IOLinkError) {
    // Of a file that is cut short, all pixels may be there and the checksum may not.
    guard !data.isCutShort else { return }
    var beyond: UInt8 = 0
    // The span covers one byte on the stack and does not leave the closure.
    let isLong = try unsafe withUnsafeMutableBytes(of: &beyond) { bytes throws(IOLinkError) in
      var span = unsafe MutableRawSpan(_unsafeBytes: bytes)
      return try reader.read(into: &span) > 0
    }
    try reader.drain()
    guard isLong || reader.isFinished else { throw short(0) }
  }

  private func short(_ missing: Int) -> IOLinkError {
    .png(.truncated, "the image data end \(missing) bytes too early", at: data.pieces.last?.end)
  }
}

/// Reads the pieces of a stream one after another and checks the CRC of each at its end.
private struct PNGDataFeed: InflateFeed {
  private let source: any RandomAccess
  private let data: PNGData
  /// The index of the piece being read, how many of its bytes were read, and its checksum so far.
  private var piece = 0
  private var done = 0
  private var checksum: UInt32 = 0

  init(_ data: PNGData, in source: any RandomAccess) {
    self.data = data
    self.source = source
  }

  private static let windowByteCount = 64 << 10

  mutating func next() throws(IOLinkError) -> [UInt8]? {
    guard piece < data.pieces.count else { return nil }
    let current = data.pieces[piece]
    if done == 0 { checksum = current.checksum }
    let count = min(current.byteCount - done, Self.windowByteCount)
    let bytes = try source.bytes(at: current.offset + done, count: count)
    done += count
    checksum = unsafe Checksum.crc32(bytes.span.bytes, after: checksum)  // bytes have no padding
    if done == current.byteCount, !current.isCut {
      let crc = try source.bytes(at: current.offset + done, count: 4)
      try unsafe current.check(checksum, crc.span.bytes.load(at: 0, as: UInt32.self, order: .big))  // bytes have no padding
    }
    if done == current.byteCount {
      piece += 1
      done = 0
    }
    return bytes
  }

  func located(_ error: IOLinkError, at offset: Int) -> IOLinkError {
    .png(error.code, "image data: \(error.reason)", at: data.pieces.first?.offset)
  }
}
