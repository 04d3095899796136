internal import CZlib
public import IOLinkCore

/// Encodes a deflate stream piece by piece in bounded memory, about 260 KiB.
///
/// Several cores can encode one stream together, each a segment of it. Encode the segments as raw streams, end each with
/// ``Flush/sync`` and the last with ``Flush/finish``, and concatenate them. Use ``prime(with:)`` to give each segment the 32 KiB
/// before it, and ``Checksum/combineAdler32(_:_:secondByteCount:)`` to compute the checksum of the whole.
///
/// The `Sendable` conformance is unchecked. It is safe because the stream is not copyable, so it has only one owner at a time, and
/// zlib does not bind a stream to a thread.
///
/// Source: RFC 1951, RFC 1950, RFC 1952. Adapter of zlib.
@safe
public struct DeflateStream: ~Copyable, @unchecked Sendable {
  /// What a call does with data that zlib still holds back at its end.
  public enum Flush: Hashable, Sendable {
    /// Keeps the data, because more follows.
    case none
    /// Writes all data and aligns to a byte, so that everything up to here can be decoded.
    case sync
    /// Writes all data and ends the stream.
    case finish
  }

  /// The kind of data to be compressed, which guides the search for matches.
  public enum Strategy: Hashable, Sendable {
    /// Data of any kind.
    case standard
    /// Filtered image rows. zlib uses fewer short matches.
    case filtered
    /// Only matches at distance one, which is fast and suits PNG.
    case runLength
    /// No matches, only Huffman coding.
    case huffmanOnly
  }

  /// The compression levels: 0 stores, 1 is fastest, 9 is smallest.
  public static let levels = 0...9

  // The structure is on the heap because zlib's state refers to its address.
  private let state: UnsafeMutablePointer<z_stream>

  /// Whether the stream has been ended with ``Flush/finish``.
  public private(set) var isFinished = false

  /// - Throws: `invalidArgument` for a level outside ``levels``; `limitExceeded` when there is not enough memory.
  public init(level: Int, format: Deflate.Format, strategy: Strategy = .standard) throws(IOLinkError) {
    guard Self.levels.contains(level) else {
      throw IOLinkError(.invalidArgument, "the deflate level is \(level), expected 0 to 9")
    }
    let fresh = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe fresh.initialize(to: z_stream())
    // The structure is zeroed, as zlib requires, and lives until deinit. 8 is zlib's default memory level.
    let status = unsafe deflateInit2_(
      fresh, Int32(level), Z_DEFLATED, format.windowBits, 8, strategy.code, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      unsafe fresh.deallocate()
      throw IOLinkError(.limitExceeded, "there is not enough memory for a deflate stream")
    }
    unsafe state = fresh
  }

  // The structure was allocated in init and is freed only here.
  deinit {
    unsafe deflateEnd(state)
    unsafe state.deallocate()
  }

  /// Lets the stream refer to the bytes that precede it, which are the end of the segment before. Only the last 32 KiB are used.
  ///
  /// Call this on a raw stream before anything is compressed.
  ///
  /// - Throws: `invalidArgument` when zlib does not accept the bytes at this point, as for gzip streams and in the middle of a
  ///   segment.
  public mutating func prime(with preceding: RawSpan) throws(IOLinkError) {
    let used = min(preceding.byteCount, 32_768)
    guard used > 0 else { return }
    let status = unsafe preceding.withUnsafeBytes { bytes in
      // These are the last `used` bytes of the buffer. zlib copies them.
      unsafe deflateSetDictionary(
        state, UnsafeRawBufferPointer(rebasing: bytes.suffix(used)).assumingMemoryBound(to: UInt8.self).baseAddress, UInt32(used))
    }
    guard status == Z_OK else {
      throw IOLinkError(.invalidArgument, "the deflate stream cannot be primed, expected a raw stream at its beginning")
    }
  }

  /// Encodes the next bytes and appends what is ready to `output`.
  ///
  /// - Throws: `invalidArgument` when the stream has already been finished.
  public mutating func compress(
    _ bytes: RawSpan, flush: Flush = .none, appendingTo output: inout [UInt8]
  ) throws(IOLinkError) {
    guard !isFinished else { throw IOLinkError(.invalidArgument, "the deflate stream has been finished") }
    unsafe bytes.withUnsafeBytes { source in
      unsafe Self.deflateAll(state, source, flush.code, &output)
    }
    isFinished = flush == .finish
  }

  /// Begins a new stream with the same settings, which is cheaper than making a new object.
  public mutating func reset() {
    // The stream is initialised, so resetting it cannot fail.
    unsafe deflateReset(state)
    isFinished = false
  }

  private static func deflateAll(
    _ state: UnsafeMutablePointer<z_stream>, _ source: UnsafeRawBufferPointer, _ flush: Int32, _ output: inout [UInt8]
  ) {
    var consumed = 0
    var nothing: UInt8 = 0
    var isDone = false
    while !isDone {
      let given = min(source.count - consumed, 1 << 30)
      let isLast = consumed + given == source.count
      let room = max(4096, min(given / 2, 1 << 20))
      let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        unsafe withUnsafeMutablePointer(to: &nothing) { nothing in
          // `given` and `room` bytes lie behind the two pointers. zlib only reads through next_in.
          unsafe state.pointee.next_in =
            source.baseAddress.map {
              unsafe UnsafeMutablePointer(mutating: ($0 + consumed).assumingMemoryBound(to: UInt8.self))
            } ?? nothing
          unsafe state.pointee.avail_in = UInt32(given)
          unsafe state.pointee.next_out = buffer.baseAddress
          unsafe state.pointee.avail_out = UInt32(room)
          // This cannot fail: the stream is valid, and Z_BUF_ERROR only says that there was nothing to do.
          unsafe deflate(state, isLast ? flush : Z_NO_FLUSH)
        }
        unsafe count = room - Int(state.pointee.avail_out)
      }
      unsafe consumed += given - Int(state.pointee.avail_in)
      output.append(contentsOf: piece)
      // If room is left over, zlib has written everything it was asked for.
      isDone = consumed == source.count && piece.count < room
    }
  }
}

extension DeflateStream.Flush {
  fileprivate var code: Int32 {
    switch self {
    case .none: Z_NO_FLUSH
    case .sync: Z_SYNC_FLUSH
    case .finish: Z_FINISH
    }
  }
}

extension DeflateStream.Strategy {
  fileprivate var code: Int32 {
    switch self {
    case .standard: Z_DEFAULT_STRATEGY
    case .filtered: Z_FILTERED
    case .runLength: Z_RLE
    case .huffmanOnly: Z_HUFFMAN_ONLY
    }
  }
}
