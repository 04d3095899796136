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
    var nothing: UInt8 = 0
    while !isFinished {
      let given = min(source.count - decoded.consumed, Int(UInt32.max))
      let room = min(target.count - decoded.written, Int(UInt32.max))
      // An empty buffer is represented by the address of a local byte and a count of 0.
      let status = unsafe withUnsafeMutablePointer(to: &nothing) { nothing in
        // `given` and `room` bytes lie behind the two pointers. The library only reads through next_in.
        unsafe state.pointee.next_in =
          source.baseAddress.map {
            unsafe UnsafeMutablePointer(mutating: ($0 + decoded.consumed).assumingMemoryBound(to: UInt8.self))
          } ?? nothing
        unsafe state.pointee.avail_in = UInt32(given)
        unsafe state.pointee.next_out =
          target.baseAddress.map { unsafe ($0 + decoded.written).assumingMemoryBound(to: UInt8.self) } ?? nothing
        unsafe state.pointee.avail_out = UInt32(room)
        return unsafe isal_inflate(state)
      }
      let end = before + decoded.consumed
      guard status != ISAL_NEED_DICT else { throw IOLinkError(.unsupported, "the deflate stream needs a preset dictionary", offset: end) }
      guard status >= 0 else { throw IOLinkError(.malformed, "the deflate stream is damaged", offset: end) }
      let step = unsafe Decoded(written: room - Int(state.pointee.avail_out), consumed: given - Int(state.pointee.avail_in))
      decoded.written += step.written
      decoded.consumed += step.consumed
      guard decoded.consumed < source.count, decoded.written < target.count, !isFinished else { break }
      guard step.written + step.consumed > 0 else { throw IOLinkError(.malformed, "the deflate stream is damaged", offset: end) }
    }
    return decoded
  }
}
