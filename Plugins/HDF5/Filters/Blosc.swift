import CBlosc
import IOLinkCompression
import IOLinkCore

/// Blosc buffers, the chunks of HDF5's filter 32001: a header of 16 bytes, and blocks that are shuffled and compressed.
///
/// Only the functions with a context of their own are used, with one thread, so that there is neither global state nor a pool of threads.
///
/// Source: c-blosc, README_CHUNK_FORMAT. Adapter of libblosc.
enum Blosc {
  /// How the blocks of a buffer are compressed.
  enum Codec: String, CaseIterable, Sendable {
    case blosclz, lz4, lz4hc, snappy, zlib, zstd

    /// The number by which the parameters of the filter name it.
    var code: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// How elements are sorted before they are compressed. The raw value is the number in the parameters of the filter.
  enum Order: Int, Sendable {
    case asTheyAre, byBytes, byBits
  }

  /// The compression levels: 0 only copies, 9 is smallest.
  static let levels = 0...9
  /// The largest input of `compress`, 2,147,483,631 bytes.
  static let maximumByteCount = Int(Int32.max) - headerByteCount

  private static let headerByteCount = 16
  /// The compressed formats by the number in the header. LZ4 and its slower variant have one format.
  private static let formats: [Codec] = [.blosclz, .lz4, .snappy, .zlib, .zstd]

  /// Decodes a buffer. Bytes after it are ignored.
  ///
  /// - Returns: The number of bytes written.
  /// - Throws: `truncated` when the buffer ends early; `limitExceeded` when it holds more than `output`; `malformed` when the header or a
  ///   block is damaged; `unsupported` for a codec that the library was built without.
  static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    let (total, stored) = try checkedSizes(bytes, room: output.byteCount)
    guard total > 0 else { return 0 }
    let status = try unsafe withPointers(bytes.extracting(0..<stored), &output) { source, target throws(IOLinkError) in
      var validated = 0
      // The library reads only the `stored` bytes of the source.
      guard unsafe blosc_cbuffer_validate(source.baseAddress, stored, &validated) == 0, validated == total else { return Int32(-1) }
      // It writes only the `total` bytes that were validated, which the target has.
      return unsafe blosc_decompress_ctx(source.baseAddress, target.baseAddress, total, 1)
    }
    guard Int(status) == total else { throw IOLinkError(.malformed, "the blosc buffer of \(stored) bytes is damaged") }
    return total
  }

  /// Encodes all of `bytes` as one buffer.
  ///
  /// - Parameters:
  ///   - level: One of ``levels``.
  ///   - elementByteCount: The size of the elements that are sorted. Elements of more than 255 bytes are sorted as bytes.
  /// - Throws: `limitExceeded` for more than ``maximumByteCount`` bytes; `unsupported` for a codec that the library was built without.
  static func compress(
    _ bytes: RawSpan, _ codec: Codec, level: Int, _ order: Order, elementByteCount: Int
  ) throws(IOLinkError) -> [UInt8] {
    guard bytes.byteCount <= maximumByteCount else {
      throw IOLinkError(.limitExceeded, "the blosc buffer has \(bytes.byteCount) bytes, expected at most \(maximumByteCount)")
    }
    guard isAvailable(codec) else { throw missing(codec) }
    var status: Int32 = 0
    let buffer = unsafe makeBytes(capacity: bytes.byteCount + headerByteCount, from: bytes) { source, target in
      // The library writes at most target.count bytes. That is as much as it can need, so only a lack of memory can make this fail.
      status = unsafe blosc_compress_ctx(
        Int32(level), Int32(order.rawValue), elementByteCount, source.count, source.baseAddress, target.baseAddress, target.count,
        codec.rawValue, 0, 1)
      return max(0, Int(status))
    }
    guard status > 0 else { throw IOLinkError(.limitExceeded, "blosc: there is not enough memory") }
    return buffer
  }

  /// Compares the sizes in the header with those of the buffers, before anything is allocated for them.
  ///
  /// - Returns: The size of the content, and the size of the buffer with its header.
  private static func checkedSizes(_ bytes: RawSpan, room: Int) throws(IOLinkError) -> (total: Int, stored: Int) {
    let flags = try bytes.load(at: 2, as: UInt8.self, order: .little)
    let total = Int(try bytes.load(at: 4, as: UInt32.self, order: .little))
    let block = Int(try bytes.load(at: 8, as: UInt32.self, order: .little))
    let stored = Int(try bytes.load(at: 12, as: UInt32.self, order: .little))
    guard total <= room else {
      throw IOLinkError(.limitExceeded, "the blosc buffer holds \(total) bytes, expected at most \(room)", offset: 4)
    }
    // The library allocates three times the size of a block.
    guard block <= max(total, 1), total == 0 || block > 0 else {
      throw IOLinkError(.malformed, "the blosc buffer has blocks of \(block) bytes, expected 1 to \(total)", offset: 8)
    }
    guard stored >= headerByteCount else {
      throw IOLinkError(.malformed, "the blosc buffer states \(stored) bytes, expected at least \(headerByteCount)", offset: 12)
    }
    guard stored <= bytes.byteCount else {
      throw IOLinkError(.truncated, "the blosc buffer has \(stored) bytes, but only \(bytes.byteCount) are there", offset: 12)
    }
    let format = Int(flags >> 5)
    guard formats.indices.contains(format) else {
      throw IOLinkError(.malformed, "the blosc buffer has format \(format), expected 0 to \(formats.count - 1)", offset: 2)
    }
    guard isAvailable(formats[format]) else { throw missing(formats[format]) }
    return (total, stored)
  }

  private static func isAvailable(_ codec: Codec) -> Bool {
    // The name is a literal that ends with a zero byte during the call.
    unsafe blosc_compname_to_compcode(codec.rawValue) >= 0
  }

  private static func missing(_ codec: Codec) -> IOLinkError {
    IOLinkError(.unsupported, "blosc's codec \(codec.rawValue) is not part of the installed libblosc")
  }
}
