import CCharLS
import IOLinkCompression
import IOLinkCore

/// JPEG-LS streams, the chunks of HDF5's filter 32018 (FCIDECOMP): images of the last two axes, one after another.
///
/// The stream states its own size; the parameters of the filter are needed for writing alone.
///
/// Source: ITU-T T.87; the documentation of CharLS 2.4. Adapter of libcharls.
enum JPEGLS {
  /// The largest number of samples after which counters are halved. With more, the library's sums may not fit in 32 bits, and then it ends
  /// the process.
  private static let maximumReset = 4096

  /// Decodes a stream. Samples of 9 to 16 bits have the byte order of the machine.
  ///
  /// - Returns: The number of bytes written.
  /// - Throws: `truncated` when the stream ends early; `limitExceeded` when it holds more than `output` or there is not enough memory;
  ///   `malformed` when it is damaged.
  static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    // At the end of the bytes the library would look for a bit for minutes. At a byte 255, which begins a marker, it stops at once.
    let ended = bytes.byteArray() + [0xff]
    try checkResets(in: ended)
    guard let decoder = unsafe charls_jpegls_decoder_create() else { throw notEnoughMemory }
    defer { unsafe charls_jpegls_decoder_destroy(decoder) }
    // The bytes of the array have no padding.
    return try unsafe withPointers(ended.span.bytes, &output) { source, target throws(IOLinkError) in
      func check(_ status: charls_jpegls_errc) throws(IOLinkError) { try self.check(status, byteCount: source.count - 1) }
      // The library reads only the source, which outlives its last call, and writes at most the bytes of the target.
      guard let start = source.baseAddress else { return 0 }
      try check(unsafe charls_jpegls_decoder_set_source_buffer(decoder, start, source.count))
      try check(unsafe charls_jpegls_decoder_read_header(decoder))
      var frame = charls_frame_info()
      try check(unsafe charls_jpegls_decoder_get_frame_info(decoder, &frame))
      let count = try byteCount(of: frame, room: target.count)
      guard let room = target.baseAddress else { return 0 }
      try check(unsafe charls_jpegls_decoder_decode_to_buffer(decoder, room, count, 0))
      return count
    }
  }

  /// Checks all segments with coding parameters. They may also stand between two components.
  ///
  /// A segment is the marker FF F8, its length of two bytes, the number 1, and five numbers of two bytes, of which RESET is the last. Elsewhere
  /// the bytes FF F8 cannot follow each other.
  private static func checkResets(in bytes: [UInt8]) throws(IOLinkError) {
    var rest = bytes[...]
    while let start = rest.firstIndex(of: 0xff) {
      rest = bytes[(start + 1)...]
      guard start + 14 < bytes.count, bytes[start + 1] == 0xf8, bytes[start + 4] == 1 else { continue }
      let reset = Int(bytes[start + 13]) << 8 | Int(bytes[start + 14])
      guard reset <= maximumReset else {
        throw IOLinkError(
          .malformed, "the JPEG-LS stream has the parameter RESET \(reset), expected at most \(maximumReset)", offset: start + 13)
      }
    }
  }

  /// Compares the decoded size with the room for it, before the library allocates anything for it.
  private static func byteCount(of frame: charls_frame_info, room: Int) throws(IOLinkError) -> Int {
    let pixels = try Checked.multiply(Int(frame.width), Int(frame.height))
    let count = try Checked.multiply(pixels, Int(frame.component_count) * (frame.bits_per_sample > 8 ? 2 : 1))
    guard count <= room else {
      throw IOLinkError(
        .limitExceeded,
        """
        the JPEG-LS stream has \(frame.width) × \(frame.height) pixels with \(frame.component_count) components of \
        \(frame.bits_per_sample) bits, expected at most \(room) bytes
        """)
    }
    return count
  }

  private static func check(_ status: charls_jpegls_errc, byteCount: Int) throws(IOLinkError) {
    switch status {
    case CHARLS_JPEGLS_ERRC_SUCCESS: return
    case CHARLS_JPEGLS_ERRC_NOT_ENOUGH_MEMORY: throw notEnoughMemory
    case CHARLS_JPEGLS_ERRC_SOURCE_BUFFER_TOO_SMALL, CHARLS_JPEGLS_ERRC_END_OF_IMAGE_MARKER_NOT_FOUND:
      throw IOLinkError(.truncated, "the JPEG-LS stream of \(byteCount) bytes ends early")
    default: throw IOLinkError(.malformed, "the JPEG-LS stream of \(byteCount) bytes is damaged (CharLS: error \(status.rawValue))")
    }
  }

  private static var notEnoughMemory: IOLinkError { IOLinkError(.limitExceeded, "JPEG-LS: there is not enough memory") }
}
