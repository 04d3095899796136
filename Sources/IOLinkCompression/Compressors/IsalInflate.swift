internal import CISAL
internal import IOLinkCore

/// The steps of an ``InflateStream`` with the library ISA-L. Adapter of ISA-L.
@safe
struct IsalInflate {
  private let state: UnsafeMutablePointer<inflate_state>

  init(format: Deflate.Format) {
    unsafe state = .allocate(capacity: 1)
    // The library initialises the structure, apart from buffers, which it writes before it reads them.
    unsafe isal_inflate_init(state)
    unsafe state.pointee.crc_flag =
      switch format {
      case .raw: UInt32(ISAL_DEFLATE)
      case .zlib: UInt32(ISAL_ZLIB)
      case .gzip: UInt32(ISAL_GZIP)
      }
  }

  /// Makes an independent stream at the same position.
  init(copying other: IsalInflate) {
    unsafe state = .allocate(capacity: 1)
    // Both structures have this size. The pointers in them are set before each step.
    unsafe UnsafeMutableRawPointer(state).copyMemory(from: other.state, byteCount: MemoryLayout<inflate_state>.size)
  }

  /// Frees the state. Call it once, after the last use of the stream.
  func free() { unsafe state.deallocate() }

  /// Begins a new stream of the same format.
  func reset() { unsafe isal_inflate_reset(state) }

  /// Whether the stream has been decoded to its end and its checksum was correct.
  var isFinished: Bool { unsafe state.pointee.block_state == ISAL_BLOCK_FINISH }

  /// Decodes until the input is used up, the output is full or the stream ends.
  ///
  /// - Parameter before: The number of bytes consumed in earlier steps.
  /// - Throws: `malformed` for damaged data; `unsupported` when the stream needs a preset dictionary.
  func decompress(
    _ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer, before: Int
  ) throws(IOLinkError) -> Decoded {
    var decoded = Decoded(written: 0, consumed: 0)
    while !isFinished {
      let end = before + decoded.consumed
      let (status, next) = unsafe state.step(source, target, after: decoded) { unsafe isal_inflate($0) }
      guard status != ISAL_NEED_DICT else { throw IOLinkError(.unsupported, "the deflate stream needs a preset dictionary", offset: end) }
      guard status >= 0 else { throw IOLinkError(.malformed, "the deflate stream is damaged", offset: end) }
      let hasMoved = next != decoded
      decoded = next
      guard decoded.consumed < source.count, decoded.written < target.count, !isFinished else { break }
      guard hasMoved else { throw IOLinkError(.malformed, "the deflate stream is damaged", offset: end) }
    }
    return decoded
  }
}
