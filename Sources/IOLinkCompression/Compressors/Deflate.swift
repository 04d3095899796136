internal import CDeflate
public import IOLinkCore

/// Deflate over whole buffers: without an envelope, or in that of zlib or gzip.
///
/// Use ``InflateStream`` for streams that are too large to hold in memory, and ``compressPart(_:level:)`` to encode one in parts.
///
/// Source: RFC 1951 (deflate), RFC 1950 (zlib), RFC 1952 (gzip). Adapter of libdeflate.
public enum Deflate {
  /// What surrounds the compressed data.
  public enum Format: Hashable, Sendable {
    /// Nothing, as for members of ZIP and NPZ archives.
    case raw
    /// A header of two bytes and an Adler-32, as in TIFF, PNG and HDF5.
    case zlib
    /// A header of at least ten bytes, a CRC-32 and the decoded size.
    case gzip
  }

  /// The compression levels: 0 stores, 1 is fastest, 12 is smallest.
  public static let levels = 0...12

  private static let decompressors = HandlePool(idleLimit: 64) { _ in
    // The object is new, and its handle owns it from here on.
    unsafe libdeflate_alloc_decompressor().map { unsafe Handle($0) { unsafe libdeflate_free_decompressor($0) } }
  }

  private static let compressors = HandlePool(idleLimit: 32) { level in
    // The object is new, and its handle owns it from here on.
    unsafe libdeflate_alloc_compressor(Int32(level)).map { unsafe Handle($0) { unsafe libdeflate_free_compressor($0) } }
  }

  /// Decodes one complete stream.
  ///
  /// - Parameters:
  ///   - bytes: The stream. Bytes after its end are ignored.
  ///   - output: The buffer for the decoded bytes, which may be larger than needed. Its contents are undefined when this throws.
  /// - Returns: The number of bytes written, and the length of the stream.
  /// - Throws: `malformed` when the stream is damaged or ends early; `limitExceeded` when it holds more than fits into `output`
  ///   (see ``decompressPrefix(_:into:format:)``) or when there is not enough memory.
  public static func decompress(
    _ bytes: RawSpan, into output: inout MutableRawSpan, format: Format
  ) throws(IOLinkError) -> Decoded {
    var written = 0
    var consumed = 0
    let status = try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      try unsafe decompressors.withHandle { handle throws(IOLinkError) in
        // libdeflate reads and writes only within the given sizes.
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
      throw IOLinkError(.limitExceeded, "the deflate stream holds more than the expected \(output.byteCount) bytes")
    default: throw IOLinkError(.malformed, "the deflate stream of at most \(bytes.byteCount) bytes is damaged or ends early")
    }
  }

  /// Decodes the first `output.byteCount` bytes of a stream that may hold more, as in files with padded strips.
  ///
  /// This is slower than ``decompress(_:into:format:)``; call it after that method threw `limitExceeded`.
  ///
  /// - Returns: The number of bytes written and consumed. Fewer bytes than `output` has are written only if the stream holds fewer.
  /// - Throws: `malformed` when the stream is damaged; `truncated` when it ends early; `unsupported` when it needs a preset
  ///   dictionary; `limitExceeded` when there is not enough memory.
  public static func decompressPrefix(
    _ bytes: RawSpan, into output: inout MutableRawSpan, format: Format
  ) throws(IOLinkError) -> Decoded {
    var stream = try InflateStream(format: format)
    let decoded = try stream.decompress(bytes, into: &output)
    guard stream.isFinished || decoded.written == output.byteCount else {
      throw IOLinkError(
        .truncated, "the deflate stream ends after \(decoded.written) of \(output.byteCount) bytes", offset: bytes.byteCount)
    }
    return decoded
  }

  /// Encodes all of `bytes` as one stream.
  ///
  /// - Parameter level: One of ``levels``. For noisy 16-bit images, levels above 1 are slower and do not make the result smaller.
  /// - Throws: `invalidArgument` for any other level; `limitExceeded` when there is not enough memory.
  public static func compress(_ bytes: RawSpan, level: Int, format: Format) throws(IOLinkError) -> [UInt8] {
    guard levels.contains(level) else {
      throw IOLinkError(.invalidArgument, "the deflate level is \(level), expected 0 to 12")
    }
    return try unsafe compressors.withHandle(kind: level) { handle in
      let bound =
        switch format {
        case .raw: unsafe libdeflate_deflate_compress_bound(handle, bytes.byteCount)
        case .zlib: unsafe libdeflate_zlib_compress_bound(handle, bytes.byteCount)
        case .gzip: unsafe libdeflate_gzip_compress_bound(handle, bytes.byteCount)
        }
      return unsafe makeBytes(capacity: bound, from: bytes) { source, target in
        // libdeflate writes at most target.count bytes. That is the bound it computed itself, so the space is always sufficient.
        switch format {
        case .raw:
          unsafe libdeflate_deflate_compress(handle, source.baseAddress, source.count, target.baseAddress, target.count)
        case .zlib: unsafe libdeflate_zlib_compress(handle, source.baseAddress, source.count, target.baseAddress, target.count)
        case .gzip: unsafe libdeflate_gzip_compress(handle, source.baseAddress, source.count, target.baseAddress, target.count)
        }
      }
    }
  }

  /// Encodes all of `bytes` as a part of a raw stream, after which another part follows.
  ///
  /// Several cores can encode one stream together, each a part of it. The stream is all parts one after another; the last part is
  /// made with ``compress(_:level:format:)``. ``Checksum/combineAdler32(_:_:secondByteCount:)`` gives the checksum of the whole. A part
  /// does not refer to the one before it, which makes the stream a little longer: by less than 1 % for parts of 1 MiB.
  ///
  /// - Parameter level: One of ``levels``.
  /// - Throws: `invalidArgument` for any other level; `limitExceeded` when there is not enough memory.
  public static func compressPart(_ bytes: RawSpan, level: Int) throws(IOLinkError) -> [UInt8] {
    var part = try compress(bytes, level: level, format: .raw)
    let byteCount = part.count
    part.append(contentsOf: repeatElement(0, count: DeflateBlocks.padding))
    let blocks = DeflateBlocks(part)
    precondition((blocks.bitCount + 7) / 8 == byteCount, "the stream has \(byteCount) bytes, but its blocks end at bit \(blocks.bitCount)")
    // The last block is not the last of the whole stream. An empty stored block after it ends the part at a byte.
    part[blocks.lastBlock / 8] &= ~(1 << UInt8(blocks.lastBlock % 8))
    part.removeLast(part.count - (blocks.bitCount + 3 + 7) / 8)
    part.append(contentsOf: [0, 0, 0xFF, 0xFF])
    return part
  }
}
