internal import CDeflate
public import IOLinkCore

/// Deflate over whole buffers: raw, in a zlib envelope or in a gzip envelope.
///
/// For streams too large to hold at once there are `InflateStream` and `DeflateStream`.
///
/// Source: RFC 1951 (deflate), RFC 1950 (zlib), RFC 1952 (gzip). Adapter of libdeflate.
public enum Deflate {
  /// What surrounds the compressed data.
  public enum Format: Hashable, Sendable {
    /// Nothing (ZIP and NPZ members).
    case raw
    /// A two byte header and an Adler-32 (TIFF, PNG, HDF5).
    case zlib
    /// A longer header, a CRC-32 and the size.
    case gzip
  }

  /// Compression levels: 0 stores, 1 is the fastest, 12 the smallest.
  public static let levels = 0...12

  private static let decompressors = HandlePool(idleLimit: 64) { _ in
    // A fresh object, owned by its handle from here on.
    unsafe libdeflate_alloc_decompressor().map { unsafe Handle($0) { unsafe libdeflate_free_decompressor($0) } }
  }

  private static let compressors = HandlePool(idleLimit: 32) { level in
    // A fresh object, owned by its handle from here on.
    unsafe libdeflate_alloc_compressor(Int32(level)).map { unsafe Handle($0) { unsafe libdeflate_free_compressor($0) } }
  }

  /// Decodes one complete stream.
  ///
  /// - Parameters:
  ///   - bytes: The stream; what follows its end is ignored.
  ///   - output: Where to; may be larger than the decoded size. Its content is undefined when this throws.
  /// - Returns: How much was written and how long the stream was.
  /// - Throws: `malformed` when the stream is damaged or ends early, `limitExceeded` when it holds more than `output` does (see
  ///   `decompressPrefix`).
  public static func decompress(
    _ bytes: RawSpan, into output: inout MutableRawSpan, format: Format
  ) throws(IOLinkError) -> Decoded {
    var written = 0
    var consumed = 0
    let status = try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      try unsafe decompressors.withHandle { handle throws(IOLinkError) in
        // libdeflate reads and writes inside the given sizes only.
        switch format {
        case .raw:
          unsafe libdeflate_deflate_decompress_ex(
            handle, source.baseAddress, source.count, target.baseAddress, target.count, &consumed, &written)
        case .zlib:
          unsafe libdeflate_zlib_decompress_ex(
            handle, source.baseAddress, source.count, target.baseAddress, target.count, &consumed, &written)
        case .gzip:
          unsafe libdeflate_gzip_decompress_ex(
            handle, source.baseAddress, source.count, target.baseAddress, target.count, &consumed, &written)
        }
      }
    }
    switch status {
    case LIBDEFLATE_SUCCESS: return Decoded(written: written, consumed: consumed)
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      throw IOLinkError(.limitExceeded, "deflate stream holds more than the expected \(output.byteCount) bytes")
    default: throw IOLinkError(.malformed, "deflate stream of at most \(bytes.byteCount) bytes is damaged or ends early")
    }
  }

  /// Decodes the first `output.byteCount` bytes of a stream that may hold more, as files with padded strips need it.
  ///
  /// Slower than `decompress`: use it when that threw `limitExceeded`.
  ///
  /// - Returns: How much was written, less than all of `output` only when the stream holds less.
  /// - Throws: `malformed` when the stream is damaged, `truncated` when it ends early.
  public static func decompressPrefix(
    _ bytes: RawSpan, into output: inout MutableRawSpan, format: Format
  ) throws(IOLinkError) -> Decoded {
    var stream = try InflateStream(format: format)
    let decoded = try stream.decompress(bytes, into: &output)
    guard stream.isFinished || decoded.written == output.byteCount else {
      throw IOLinkError(
        .truncated, "deflate stream ends after \(decoded.written) of \(output.byteCount) bytes", offset: bytes.byteCount)
    }
    return decoded
  }

  /// Encodes all of `bytes` as one stream.
  ///
  /// - Parameter level: One of `levels`; 1 is a good choice for noisy 16-bit images, where higher levels are slower and no smaller.
  /// - Throws: `invalidArgument` for another level, `limitExceeded` when there is no memory.
  public static func compress(_ bytes: RawSpan, level: Int, format: Format) throws(IOLinkError) -> [UInt8] {
    guard levels.contains(level) else {
      throw IOLinkError(.invalidArgument, "deflate level is \(level), expected 0 to 12")
    }
    return try unsafe compressors.withHandle(kind: level) { handle in
      let bound =
        switch format {
        case .raw: unsafe libdeflate_deflate_compress_bound(handle, bytes.byteCount)
        case .zlib: unsafe libdeflate_zlib_compress_bound(handle, bytes.byteCount)
        case .gzip: unsafe libdeflate_gzip_compress_bound(handle, bytes.byteCount)
        }
      return unsafe makeBytes(capacity: bound, from: bytes) { source, target in
        // libdeflate writes at most target.count bytes, which is its own bound: it cannot fail for want of space.
        switch format {
        case .raw:
          unsafe libdeflate_deflate_compress(handle, source.baseAddress, source.count, target.baseAddress, target.count)
        case .zlib: unsafe libdeflate_zlib_compress(handle, source.baseAddress, source.count, target.baseAddress, target.count)
        case .gzip: unsafe libdeflate_gzip_compress(handle, source.baseAddress, source.count, target.baseAddress, target.count)
        }
      }
    }
  }
}
