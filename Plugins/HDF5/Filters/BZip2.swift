import CBZip2
import IOLinkCompression
import IOLinkCore

/// bzip2 streams, the chunks of HDF5's filter 307.
///
/// Source: the documentation of bzip2 1.0.8 by J. Seward. Adapter of libbz2.
enum BZip2 {
  /// Decodes a stream. Bytes after it are ignored.
  ///
  /// - Returns: The number of bytes written.
  /// - Throws: `truncated` when the stream ends early; `limitExceeded` when it holds more than `output`, has more than 4 GiB or there is
  ///   not enough memory; `malformed` when it is damaged.
  static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    guard let inputCount = UInt32(exactly: bytes.byteCount) else {
      throw IOLinkError(.limitExceeded, "the bzip2 stream has \(bytes.byteCount) bytes, expected less than 4 GiB")
    }
    let room = output.byteCount
    var written = UInt32(clamping: room)
    let status = try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) -> Int32 in
      guard let from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self) else { return BZ_UNEXPECTED_EOF }
      guard let to = unsafe target.baseAddress?.assumingMemoryBound(to: CChar.self) else { return BZ_OUTBUFF_FULL }
      // libbz2 reads inputCount bytes, which it does not change, and writes at most `written` bytes.
      return unsafe BZ2_bzBuffToBuffDecompress(to, &written, UnsafeMutablePointer(mutating: from), inputCount, 0, 0)
    }
    switch status {
    case BZ_OK: return Int(written)
    case BZ_OUTBUFF_FULL: throw IOLinkError(.limitExceeded, "the bzip2 stream holds more than the expected \(room) bytes")
    case BZ_UNEXPECTED_EOF: throw IOLinkError(.truncated, "the bzip2 stream of \(bytes.byteCount) bytes ends early")
    case BZ_MEM_ERROR: throw IOLinkError(.limitExceeded, "bzip2: there is not enough memory")
    default: throw IOLinkError(.malformed, "the bzip2 stream of \(bytes.byteCount) bytes is damaged")
    }
  }
}
