internal import CZlib
public import IOLinkCore

/// Decodes a deflate stream of any size piece by piece in bounded memory, about 40 KiB.
///
/// Pass input and take output in pieces of any size until ``isFinished`` is true:
///
///     var inflate = try InflateStream(format: .zlib)
///     let step = try inflate.decompress(input, into: &row)     // uses step.consumed of input, fills step.written of row
///
/// The `Sendable` conformance is unchecked. It is safe because the stream is not copyable, so it has only one owner at a time, and
/// zlib does not bind a stream to a thread.
///
/// Source: RFC 1951, RFC 1950, RFC 1952. Adapter of zlib, and of ISA-L for ``Speed/fast``.
@safe
public struct InflateStream: ~Copyable, @unchecked Sendable {
  /// How a stream is decoded.
  public enum Speed: Hashable, Sendable {
    /// Everything before damage is decoded, and no byte after the end of the stream is consumed.
    case exact
    /// Takes half of the time. Damage is found up to 64 KiB before its place, and a few bytes after the end may be consumed.
    case fast
  }

  @safe
  private enum Engine {
    // The structure is on the heap because zlib's state refers to its address.
    case zlib(UnsafeMutablePointer<z_stream>)
    case isal(IsalInflate)
  }

  private let engine: Engine

  /// Whether the stream has been decoded to its end and its checksum was correct. Further input is not consumed.
  public private(set) var isFinished = false
  /// The number of input bytes used since the beginning.
  public private(set) var consumedByteCount = 0
  /// The number of output bytes written since the beginning.
  public private(set) var writtenByteCount = 0

  /// - Throws: `limitExceeded` when there is not enough memory.
  public init(format: Deflate.Format, speed: Speed = .exact) throws(IOLinkError) {
    guard speed == .exact else {
      engine = .isal(IsalInflate(format: format))
      return
    }
    let fresh = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe fresh.initialize(to: z_stream())
    // The structure is zeroed, as zlib requires, and lives until deinit.
    let status = unsafe inflateInit2_(fresh, format.windowBits, zlibVersion(), Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else {
      unsafe fresh.deallocate()
      throw IOLinkError(.limitExceeded, "there is not enough memory for an inflate stream")
    }
    engine = unsafe .zlib(fresh)
  }

  // The structures were allocated in init and are freed only here.
  deinit {
    switch engine {
    case .zlib(let state):
      unsafe inflateEnd(state)
      unsafe state.deallocate()
    case .isal(let stream): stream.free()
    }
  }

  /// Decodes until the input is used up, the output is full or the stream ends.
  ///
  /// - Parameters:
  ///   - bytes: The next part of the stream. Pass bytes that were not consumed again in the next call.
  ///   - output: The buffer for the next decoded bytes.
  /// - Returns: The numbers of bytes written and consumed in this call. If both are 0, more input or more room is needed, or the
  ///   stream has ended.
  /// - Throws: `malformed` for damaged data, with the offset from the beginning of the stream; `unsupported` when the stream needs a
  ///   preset dictionary; `limitExceeded` when there is not enough memory. The stream cannot be used after an error.
  public mutating func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    guard !isFinished else { return Decoded(written: 0, consumed: 0) }
    let decoded =
      switch engine {
      case .zlib(let state): try unsafe decompress(bytes, into: &output, state)
      case .isal(let stream):
        try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
          try unsafe stream.decompress(source, target, before: consumedByteCount)
        }
      }
    if case .isal(let stream) = engine { isFinished = stream.isFinished }
    consumedByteCount += decoded.consumed
    writtenByteCount += decoded.written
    return decoded
  }

  private mutating func decompress(
    _ bytes: RawSpan, into output: inout MutableRawSpan, _ state: UnsafeMutablePointer<z_stream>
  ) throws(IOLinkError) -> Decoded {
    let (status, decoded) = try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      unsafe Self.inflateAll(state, source, target)
    }
    let end = consumedByteCount + decoded.consumed
    switch status {
    case Z_STREAM_END: isFinished = true
    // Z_BUF_ERROR says that input or room was missing, which is not an error here.
    case Z_OK, Z_BUF_ERROR: break
    case Z_MEM_ERROR: throw IOLinkError(.limitExceeded, "there is not enough memory for an inflate stream")
    case Z_NEED_DICT: throw IOLinkError(.unsupported, "the deflate stream needs a preset dictionary", offset: end)
    default: throw IOLinkError(.malformed, "the deflate stream is damaged", offset: end)
    }
    return decoded
  }

  /// Begins a new stream of the same format, which is cheaper than making a new object.
  public mutating func reset() {
    // The stream is initialised, so resetting it cannot fail.
    switch engine {
    case .zlib(let state): unsafe inflateReset(state)
    case .isal(let stream): stream.reset()
    }
    isFinished = false
    consumedByteCount = 0
    writtenByteCount = 0
  }

  /// Makes an independent stream at the same position, from which decoding can resume later. The copy takes about 45 KiB,
  /// and twice as much if the stream is fast.
  ///
  /// - Throws: `limitExceeded` when there is not enough memory.
  public func copy() throws(IOLinkError) -> InflateStream {
    try InflateStream(copying: self)
  }

  private init(copying other: borrowing InflateStream) throws(IOLinkError) {
    isFinished = other.isFinished
    consumedByteCount = other.consumedByteCount
    writtenByteCount = other.writtenByteCount
    switch other.engine {
    case .isal(let stream): engine = .isal(IsalInflate(copying: stream))
    case .zlib(let state): engine = try unsafe Self.copy(of: state)
    }
  }

  private static func copy(of state: UnsafeMutablePointer<z_stream>) throws(IOLinkError) -> Engine {
    let fresh = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe fresh.initialize(to: z_stream())
    // zlib reads the other stream, which is initialised, and fills this one.
    let status = unsafe inflateCopy(fresh, state)
    guard status == Z_OK else {
      unsafe fresh.deallocate()
      throw IOLinkError(.limitExceeded, "there is not enough memory for an inflate stream")
    }
    return unsafe .zlib(fresh)
  }

  /// Runs zlib until the input is used up, the output is full, or it has nothing more to do.
  private static func inflateAll(
    _ state: UnsafeMutablePointer<z_stream>, _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer
  ) -> (Int32, Decoded) {
    var decoded = Decoded(written: 0, consumed: 0)
    while true {
      let status: Int32
      (status, decoded) = unsafe state.step(source, target, after: decoded) { unsafe inflate($0, Z_NO_FLUSH) }
      guard status == Z_OK, decoded.consumed < source.count, decoded.written < target.count else { return (status, decoded) }
    }
  }
}

extension Deflate.Format {
  /// zlib's code for a window of 32 KiB in this envelope.
  var windowBits: Int32 {
    switch self {
    case .raw: -15
    case .zlib: 15
    case .gzip: 31
    }
  }
}
