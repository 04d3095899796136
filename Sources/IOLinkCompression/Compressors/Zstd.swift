internal import CZstd
public import IOLinkCore

/// Zstandard over whole buffers.
///
/// Source: RFC 8878. Adapter of libzstd.
public enum Zstd {
  /// The compression levels: 1 is fastest, 22 is smallest.
  public static let levels = 1...22

  private static let decompressors = HandlePool(idleLimit: 64) { _ in
    // The object is new, and its handle owns it from here on.
    unsafe ZSTD_createDCtx().map { unsafe Handle($0) { unsafe _ = ZSTD_freeDCtx($0) } }
  }

  private static let compressors = HandlePool(idleLimit: 16) { _ in
    // The object is new, and its handle owns it from here on.
    unsafe ZSTD_createCCtx().map { unsafe Handle($0) { unsafe _ = ZSTD_freeCCtx($0) } }
  }

  /// Decodes one frame, or several consecutive frames. Bytes after them that are not a frame are ignored.
  ///
  /// - Returns: The number of bytes written, and the total length of the frames.
  /// - Throws: `malformed` when a frame is damaged; `truncated` when it ends early; `limitExceeded` when its content is larger than
  ///   the rest of `output` or there is not enough memory. The error has the offset of the frame.
  public static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      try unsafe decompressors.withHandle { context throws(IOLinkError) in
        var decoded = Decoded(written: 0, consumed: 0)
        repeat {
          let rest = unsafe UnsafeRawBufferPointer(rebasing: source[decoded.consumed...])
          // zstd reads only rest.count bytes. It returns the second largest number for bytes that are not a frame.
          if decoded.consumed > 0, unsafe ZSTD_getFrameContentSize(rest.baseAddress, rest.count) == .max - 1 { break }
          let frameByteCount = unsafe ZSTD_findFrameCompressedSize(rest.baseAddress, rest.count)
          try check(frameByteCount, at: decoded.consumed, room: target.count)
          let room = unsafe UnsafeMutableRawBufferPointer(rebasing: target[decoded.written...])
          // zstd reads the frame, which lies within `rest`, and writes at most room.count bytes.
          let written = unsafe ZSTD_decompressDCtx(context, room.baseAddress, room.count, rest.baseAddress, frameByteCount)
          try check(written, at: decoded.consumed, room: room.count)
          decoded.consumed += frameByteCount
          decoded.written += written
        } while decoded.consumed < source.count
        return decoded
      }
    }
  }

  /// Encodes all of `bytes` as one frame that contains the size of its content.
  ///
  /// - Parameter level: One of ``levels``.
  /// - Throws: `invalidArgument` for any other level; `limitExceeded` when there is not enough memory.
  public static func compress(_ bytes: RawSpan, level: Int = 3) throws(IOLinkError) -> [UInt8] {
    guard levels.contains(level) else { throw IOLinkError(.invalidArgument, "the zstd level is \(level), expected 1 to 22") }
    var status = 0
    let frame = try unsafe compressors.withHandle { context in
      unsafe makeBytes(capacity: ZSTD_compressBound(bytes.byteCount), from: bytes) { source, target in
        // zstd writes at most target.count bytes.
        status = unsafe ZSTD_compressCCtx(context, target.baseAddress, target.count, source.baseAddress, source.count, Int32(level))
        return ZSTD_isError(status) == 0 ? status : 0
      }
    }
    // The target is as large as zstd requires, so only a lack of memory can make this fail.
    guard ZSTD_isError(status) == 0 else { throw IOLinkError(.limitExceeded, "zstd: \(unsafe String(cString: ZSTD_getErrorName(status)))") }
    return frame
  }

  private static func check(_ status: Int, at offset: Int, room: Int) throws(IOLinkError) {
    guard ZSTD_isError(status) != 0 else { return }
    switch ZSTD_getErrorCode(status) {
    case ZSTD_error_dstSize_tooSmall:
      throw IOLinkError(.limitExceeded, "the zstd frame holds more than the expected \(room) bytes", offset: offset)
    case ZSTD_error_memory_allocation, ZSTD_error_frameParameter_windowTooLarge:
      // The name is a constant string.
      throw IOLinkError(.limitExceeded, "zstd: \(unsafe String(cString: ZSTD_getErrorName(status)))", offset: offset)
    case ZSTD_error_srcSize_wrong:
      throw IOLinkError(.truncated, "the zstd frame ends early", offset: offset)
    default:
      throw IOLinkError(.malformed, "zstd: \(unsafe String(cString: ZSTD_getErrorName(status)))", offset: offset)
    }
  }
}
