internal import IOLinkCore
internal import IOLinkCompression

/// Inflates a stream piece by piece, in order, in bounded memory.
struct PNGDataStream: ~Copyable, Sendable {
  private let source: any RandomAccess
  private let data: PNGData
  private var inflate: InflateStream
  /// The index of the piece being read, how many of its bytes were read, and its checksum so far.
  private var piece = 0
  private var done = 0
  private var checksum: UInt32 = 0
  /// Compressed bytes that were read but not yet used.
  private var input: [UInt8] = []
  private var used = 0

  /// - Throws: `limitExceeded` when there is not enough memory.
  init(_ data: PNGData, in source: any RandomAccess) throws(IOLinkError) {
    self.data = data
    self.source = source
    inflate = try InflateStream(format: .zlib)
  }

  /// Makes an independent stream at the same position.
  func copy() throws(IOLinkError) -> PNGDataStream { try PNGDataStream(copying: self) }

  private init(copying other: borrowing PNGDataStream) throws(IOLinkError) {
    source = other.source
    data = other.data
    inflate = try other.inflate.copy()
    piece = other.piece
    done = other.done
    checksum = other.checksum
    input = Array(other.input.dropFirst(other.used))
  }

  /// Fills all of `output`.
  ///
  /// - Throws: `truncated` when the stream holds fewer bytes; `malformed` when it is damaged.
  mutating func read(into output: inout MutableRawSpan) throws(IOLinkError) {
    var written = 0
    while written < output.byteCount {
      if used == input.count {
        let hasMore = try refill()
        guard hasMore else { throw short(output.byteCount - written) }
      }
      var rest = output._mutatingExtracting(written..<output.byteCount)
      let step = try decompress(&rest)
      written += step.written
      if inflate.isFinished, written < output.byteCount { throw short(output.byteCount - written) }
    }
  }

  /// Checks what follows the pixels: the stream's checksum and the CRC of the remaining chunks. It is not an error if the
  /// stream holds more data than the image needs.
  ///
  /// - Throws: `truncated` when the stream ends too early; `malformed` when a checksum does not match.
  mutating func finish() throws(IOLinkError) {
    var beyond = [UInt8](repeating: 0, count: 256)
    var mutable = beyond.mutableSpan
    var isLong = false
    while true {
      if isLong || inflate.isFinished { used = input.count }
      if used == input.count {
        let hasMore = try refill()
        guard hasMore else { break }
        continue
      }
      var rest = unsafe mutable.mutableBytes  // bytes have no padding
      isLong = try decompress(&rest).written > 0
    }
    guard isLong || inflate.isFinished else { throw short(0) }
  }

  private mutating func decompress(_ output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    do throws(IOLinkError) {
      let stored = input
      // Bytes have no padding.
      let step = try unsafe inflate.decompress(stored.span.bytes.extracting(used..<stored.count), into: &output)
      used += step.consumed
      return step
    } catch {
      throw .png(error.code, "image data: \(error.reason)", at: data.pieces.first?.offset)
    }
  }

  private func short(_ missing: Int) -> IOLinkError {
    .png(.truncated, "the image data end \(missing) bytes too early", at: data.pieces.last?.end)
  }

  /// Reads the next part; returns false after the last piece.
  private mutating func refill() throws(IOLinkError) -> Bool {
    guard piece < data.pieces.count else { return false }
    let current = data.pieces[piece]
    if done == 0 { checksum = current.checksum }
    let count = Swift.min(current.byteCount - done, Self.windowByteCount)
    input = try source.bytes(at: current.offset + done, count: count)
    used = 0
    done += count
    checksum = unsafe Checksum.crc32(input.span.bytes, after: checksum)  // bytes have no padding
    if done == current.byteCount {
      let crc = try source.bytes(at: current.offset + done, count: 4)
      try unsafe current.check(checksum, crc.span.bytes.load(at: 0, as: UInt32.self, order: .big))  // bytes have no padding
      piece += 1
      done = 0
    }
    return true
  }

  private static let windowByteCount = 64 << 10
}
