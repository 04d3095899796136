import CZFP
import IOLinkCompression
import IOLinkCore

/// Decodes HDF5's ZFP filter (32013): numbers of 32 or 64 bits on one to four axes, in blocks of four along each, exact or rounded.
///
/// The header of the stream is in the parameters of the filter, behind a word with versions. A machine of the other byte order writes
/// the bytes of the header's words in its own order, and so are the elements that HDF5 gets back.
///
/// The parameters are read with each chunk: a filter that could not be applied keeps those that the writer asked for, and all chunks are
/// stored without it.
///
/// Source: zfp 1.0, zfp.h and bitstream.h; H5Z-ZFP 1.1, docs/cd_vals.rst and docs/endian_issues.rst. Adapter of libzfp.
struct ZFP: Hashable, Sendable {
  private let clientData: [UInt32]

  /// The first three bytes of a header, as a number.
  private static let magic: UInt32 = 0x70667a
  /// The words of the longest header, of 148 bits.
  private static let headerWordCount = 5
  /// The bytes that the library reads at once.
  private static let wordByteCount = Int(stream_word_bits) / 8

  /// - Parameter clientData: The filter's parameters in the dataset's pipeline message.
  init(clientData: [UInt32]) { self.clientData = clientData }

  /// Decodes a chunk.
  ///
  /// - Returns: The number of bytes written.
  /// - Throws: `truncated` when the chunk ends early; `limitExceeded` when it holds more than `output` or there is not enough memory;
  ///   `malformed` when the header is impossible; `unsupported` when the chunk was written by a later version of zfp.
  func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    let (header, isSwapped) = try header()
    guard let stream = unsafe zfp_stream_open(nil) else { throw Self.notEnoughMemory }
    defer { unsafe zfp_stream_close(stream) }
    var field = unsafe zfp_field()
    // Both structures live until the end of the function.
    let bitCount = try unsafe Self.withBits(header, stream) { _ in unsafe zfp_read_header(stream, &field, UInt32(ZFP_HEADER_FULL)) }
    guard bitCount > 0 else { throw IOLinkError(.malformed, "the ZFP filter has a header that zfp does not know") }
    let count = unsafe zfp_field_size_bytes(&field)
    guard count <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "the ZFP chunk holds \(count) bytes, expected at most \(output.byteCount)")
    }
    let (padded, start) = try unsafe Self.padded(bytes, stream, &field, decodedByteCount: count)
    let width = unsafe zfp_type_size(field.type)
    var target = output._mutatingExtracting(0..<count)
    let end = try unsafe Self.withAligned(&target, width) { numbers throws(IOLinkError) in
      try unsafe Self.withBits(padded, stream) { bits in
        unsafe stream_rseek(bits, UInt64(8 * start))
        // The numbers are aligned, and `count` bytes is what the library writes.
        unsafe zfp_field_set_pointer(&field, numbers.baseAddress)
        return unsafe zfp_decompress(stream, &field)
      }
    }
    guard end > 0, end <= start + bytes.byteCount else {
      throw IOLinkError(.truncated, "the ZFP chunk of \(bytes.byteCount) bytes ends early")
    }
    if isSwapped { ByteSwapping.swap(&target, width: width) }
    return count
  }

  /// The bytes of the header, with zeros behind them, and whether the writer had the other byte order.
  private func header() throws(IOLinkError) -> (bytes: [UInt8], isSwapped: Bool) {
    guard (2...1 + Self.headerWordCount).contains(clientData.count) else {
      throw IOLinkError(.malformed, "the ZFP filter has \(clientData.count) parameters, expected 2 to \(1 + Self.headerWordCount)")
    }
    let isSwapped = clientData[1] & 0xff_ffff != Self.magic
    let words = clientData.dropFirst().map { isSwapped ? $0.byteSwapped : $0 }
    guard words[0] & 0xff_ffff == Self.magic else { throw IOLinkError(.malformed, "the ZFP filter has parameters without a header") }
    // The version of the coding, and that of the writer's library, which old filters leave at 0.
    let (version, writer) = (words[0] >> 24, clientData[0] >> 12 & 0xf)
    guard version == zfp_codec_version, writer <= version else {
      throw IOLinkError(
        .unsupported, "the chunks have version \(version) of ZFP's coding, from a writer of \(writer), expected \(zfp_codec_version)")
    }
    var bytes: [UInt8] = []
    for word in words { bytes.append(word, order: .little) }
    // The library reads whole words of its own.
    return (bytes + [UInt8](repeating: 0, count: 4 * Self.headerWordCount + Self.wordByteCount - bytes.count), isSwapped)
  }

  /// The chunk with zeros behind it, because the library does not notice the end of what it reads.
  ///
  /// The chunk begins at `start` and ends at the end of a word, so that whatever is read behind it is in the next word.
  ///
  /// - Throws: `truncated` when the chunk is shorter than any with its header; `malformed` when its blocks are smaller than their exponent, or
  ///   would be nearly empty.
  private static func padded(
    _ bytes: RawSpan, _ stream: UnsafeMutablePointer<zfp_stream>, _ field: UnsafePointer<zfp_field>, decodedByteCount: Int
  ) throws(IOLinkError) -> (bytes: [UInt8], start: Int) {
    // Both structures were filled by the library. Blocks of exact numbers state their own precision, whatever the header says.
    var precise = unsafe stream.pointee
    unsafe precise.maxprec = UInt32(ZFP_MAX_PREC)
    let maximum = unsafe zfp_stream_maximum_size(&precise, field)
    let minimum = unsafe zfp_field_blocks(field) * Int(stream.pointee.minbits) / 8
    guard bytes.byteCount >= minimum else {
      throw IOLinkError(.truncated, "the ZFP chunk has \(bytes.byteCount) bytes, expected at least \(minimum)")
    }
    // Before it counts, the library reads up to 20 bits of a block of exact numbers, and sign and exponent of one of rounded numbers.
    let isExact = unsafe stream.pointee.minexp < ZFP_MIN_EXP
    let head = unsafe isExact ? 20 : field.pointee.type == zfp_type_double ? 12 : field.pointee.type == zfp_type_float ? 9 : 1
    guard unsafe Int(stream.pointee.maxbits) >= head else {
      let bitCount = unsafe stream.pointee.maxbits
      throw IOLinkError(.malformed, "the ZFP filter has a header with blocks of \(bitCount) bits, expected at least \(head)")
    }
    // The filter leaves out axes of length 1, so at least one number in 16 of a block belongs to the chunk.
    guard maximum <= 20 * decodedByteCount + minimum + 4096 else {
      throw IOLinkError(.malformed, "the ZFP filter has a header with axes of length 1")
    }
    let content = bytes.extracting(0..<min(bytes.byteCount, maximum))
    let start = (wordByteCount - content.byteCount % wordByteCount) % wordByteCount
    var padded = [UInt8](repeating: 0, count: start + maximum + wordByteCount)
    var mutable = padded.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    span.copy(from: content, at: start)
    return (padded, start)
  }

  /// Lends bytes to the stream as its bits. They must be as many as the library reads.
  private static func withBits(
    _ bytes: [UInt8], _ stream: UnsafeMutablePointer<zfp_stream>, _ body: (OpaquePointer) -> Int
  ) throws(IOLinkError) -> Int {
    var result: Int?
    unsafe bytes.withUnsafeBytes { buffer in
      // The library only reads, and does not keep the address longer than the stream of bits, which ends with the closure.
      guard let bits = unsafe stream_open(UnsafeMutableRawPointer(mutating: buffer.baseAddress), buffer.count) else { return }
      unsafe zfp_stream_set_bit_stream(stream, bits)
      result = unsafe body(bits)
      unsafe stream_close(bits)
    }
    guard let result else { throw notEnoughMemory }
    return result
  }

  /// Lends memory for numbers of `width` bytes: the target, or an array of its size if it is not aligned to them.
  private static func withAligned(
    _ target: inout MutableRawSpan, _ width: Int, _ body: (UnsafeMutableRawBufferPointer) throws(IOLinkError) -> Int
  ) throws(IOLinkError) -> Int {
    let isAligned = unsafe target.withUnsafeMutableBytes { Int(bitPattern: $0.baseAddress) % width == 0 }
    if isAligned { return try unsafe target.withUnsafeMutableBytes(body) }
    var numbers = [UInt8](repeating: 0, count: target.byteCount)
    var mutable = numbers.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    let result = try unsafe span.withUnsafeMutableBytes(body)
    target.copy(from: span.bytes)
    return result
  }

  private static var notEnoughMemory: IOLinkError { IOLinkError(.limitExceeded, "ZFP: there is not enough memory") }
}
