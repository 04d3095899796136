internal import CZlib
public import IOLinkCore

/// Encodes a deflate stream piece by piece in bounded memory (about 260 KiB).
///
/// Segments of one stream can be made on several cores: raw streams, each ended with `.sync` (the last with `.finish`), put one
/// behind the other; `prime(with:)` gives each the 32 KiB before it; `Checksum.combineAdler32` gives the whole's checksum.
///
/// Sendable without a check: the stream is not copyable, so whoever has it is alone with it; zlib binds none to a thread.
///
/// Source: RFC 1951, RFC 1950, RFC 1952. Adapter of zlib.
@safe
public struct DeflateStream: ~Copyable, @unchecked Sendable {
  /// What to do with data that zlib still holds back at the end of a call.
  public enum Flush: Hashable, Sendable {
    /// Keep it: more comes.
    case none
    /// Write all of it and align to a byte, so that everything so far can be decoded.
    case sync
    /// Write all of it and end the stream.
    case finish
  }

  /// What kind of data is compressed.
  public enum Strategy: Hashable, Sendable {
    case standard
    /// Filtered image rows: fewer short matches.
    case filtered
    /// Matches of distance one only: fast, good for PNG.
    case runLength
    /// No matches at all.
    case huffmanOnly
  }

  /// Compression levels: 0 stores, 1 is the fastest, 9 the smallest.
  public static let levels = 0...9

  // On the heap because zlib's state refers to the address of the structure.
  private let state: UnsafeMutablePointer<z_stream>

  /// Whether the stream was ended with `.finish`.
  public private(set) var isFinished = false

  /// - Throws: `invalidArgument` for a level outside `levels`, `limitExceeded` when there is no memory.
  public init(level: Int, format: Deflate.Format, strategy: Strategy = .standard) throws(IOLinkError) {
    guard Self.levels.contains(level) else {
      throw IOLinkError(.invalidArgument, "deflate level is \(level), expected 0 to 9")
    }
    let fresh = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe fresh.initialize(to: z_stream())
    // The structure is zeroed, as zlib asks for, and lives until deinit; 8 is zlib's default memory level.
    let status = unsafe deflateInit2_(
      fresh, Int32(level), Z_DEFLATED, format.windowBits, 8, strategy.code, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      unsafe fresh.deallocate()
      throw IOLinkError(.limitExceeded, "no memory for a deflate stream")
    }
    unsafe state = fresh
  }

  // Allocated in init, freed nowhere else.
  deinit {
    unsafe deflateEnd(state)
    unsafe state.deallocate()
  }

  /// Lets the stream refer to bytes that precede it: the end of the segment before, of which the last 32 KiB count.
  ///
  /// - Throws: `invalidArgument` unless the format is raw and nothing was compressed yet.
  public mutating func prime(with preceding: RawSpan) throws(IOLinkError) {
    let used = min(preceding.byteCount, 32_768)
    guard used > 0 else { return }
    let status = unsafe preceding.withUnsafeBytes { bytes in
      // The last `used` bytes of the buffer; zlib copies them.
      unsafe deflateSetDictionary(
        state, UnsafeRawBufferPointer(rebasing: bytes.suffix(used)).assumingMemoryBound(to: UInt8.self).baseAddress, UInt32(used))
    }
    guard status == Z_OK else { throw IOLinkError(.invalidArgument, "only a raw deflate stream at its beginning can be primed") }
  }

  /// Encodes the next bytes and appends what is ready to `output`.
  ///
  /// - Throws: `invalidArgument` when the stream has been finished.
  public mutating func compress(
    _ bytes: RawSpan, flush: Flush = .none, appendingTo output: inout [UInt8]
  ) throws(IOLinkError) {
    guard !isFinished else { throw IOLinkError(.invalidArgument, "the deflate stream has been finished") }
    unsafe bytes.withUnsafeBytes { source in
      unsafe Self.deflateAll(state, source, flush.code, &output)
    }
    isFinished = flush == .finish
  }

  /// Begins a new stream with the same settings; cheaper than a new object.
  public mutating func reset() {
    // An initialised stream; resetting one cannot fail.
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
          // given and room bytes lie behind the two pointers; zlib only reads through next_in.
          unsafe state.pointee.next_in =
            source.baseAddress.map {
              unsafe UnsafeMutablePointer(mutating: ($0 + consumed).assumingMemoryBound(to: UInt8.self))
            } ?? nothing
          unsafe state.pointee.avail_in = UInt32(given)
          unsafe state.pointee.next_out = buffer.baseAddress
          unsafe state.pointee.avail_out = UInt32(room)
          // Cannot fail: the stream is valid, and Z_BUF_ERROR only says that there was nothing to do.
          unsafe deflate(state, isLast ? flush : Z_NO_FLUSH)
        }
        unsafe count = room - Int(state.pointee.avail_out)
      }
      unsafe consumed += given - Int(state.pointee.avail_in)
      output.append(contentsOf: piece)
      // Room left over means that zlib has written all it was asked for.
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
