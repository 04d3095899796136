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
    let (status, unread, unwritten) = try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      unsafe decompress(source, inputCount, target)
    }
    switch status {
    case BZ_STREAM_END: return room - unwritten
    case BZ_OK where unread > 0: throw IOLinkError(.limitExceeded, "the bzip2 stream holds more than the expected \(room) bytes")
    case BZ_OK: throw IOLinkError(.truncated, "the bzip2 stream of \(bytes.byteCount) bytes ends early")
    case BZ_MEM_ERROR: throw IOLinkError(.limitExceeded, "bzip2: there is not enough memory")
    default: throw IOLinkError(.malformed, "the bzip2 stream of \(bytes.byteCount) bytes is damaged")
    }
  }

  /// Runs the library once.
  ///
  /// - Returns: What the library returned, and how many bytes of the input and of the output are left.
  private static func decompress(
    _ source: UnsafeRawBufferPointer, _ inputCount: UInt32, _ target: UnsafeMutableRawBufferPointer
  ) -> (status: Int32, unread: Int, unwritten: Int) {
    var stream = unsafe bz_stream()
    // The library keeps the address of the stream, which is the same until the end of the closure.
    return unsafe withUnsafeMutablePointer(to: &stream) { stream in
      let status = unsafe BZ2_bzDecompressInit(stream, 0, 0)
      guard status == BZ_OK else { return (status, 0, 0) }
      defer { unsafe _ = BZ2_bzDecompressEnd(stream) }
      // The library reads at most avail_in bytes, which it does not change, and writes at most avail_out bytes.
      unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress?.assumingMemoryBound(to: CChar.self))
      unsafe stream.pointee.avail_in = inputCount
      unsafe stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: CChar.self)
      unsafe stream.pointee.avail_out = UInt32(clamping: target.count)
      let result = unsafe BZ2_bzDecompress(stream)
      let written = unsafe UInt32(clamping: target.count) - stream.pointee.avail_out
      return unsafe (result, Int(stream.pointee.avail_in), target.count - Int(written))
    }
  }
}
