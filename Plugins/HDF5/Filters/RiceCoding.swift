import CAEC
import IOLinkCompression
import IOLinkCore

/// The parameters of adaptive entropy coding, with a decoder.
///
/// Source: CCSDS 121.0-B-2. Adapter of libaec.
struct RiceCoding: Hashable, Sendable {
  var bitsPerSample: Int
  var blockSize: Int
  /// The number of blocks between two samples that are stored unchanged.
  var blocksPerInterval: Int
  var isBigEndian: Bool
  /// Whether samples are stored as differences from the previous one.
  var isPreprocessed: Bool

  /// Decodes until the input is used up or the output is full.
  ///
  /// - Returns: The number of bytes written.
  /// - Throws: `malformed` when the data are damaged; `limitExceeded` when there is not enough memory.
  func decode(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    var stream = unsafe aec_stream()
    unsafe stream.bits_per_sample = UInt32(bitsPerSample)
    unsafe stream.block_size = UInt32(blockSize)
    unsafe stream.rsi = UInt32(blocksPerInterval)
    unsafe stream.flags = UInt32((isBigEndian ? AEC_DATA_MSB : 0) | (isPreprocessed ? AEC_DATA_PREPROCESS : 0))
    return try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard target.count > 0 else { return 0 }
      guard let from = unsafe source.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
      unsafe stream.next_in = from
      unsafe stream.avail_in = source.count
      unsafe stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_out = target.count
      // libaec reads and writes only within the given sizes. Every path after init calls end.
      let initialised = unsafe aec_decode_init(&stream)
      guard initialised == AEC_OK else {
        throw IOLinkError(
          initialised == AEC_MEM_ERROR ? .limitExceeded : .malformed, "the SZIP decoder refused the parameters (status \(initialised))")
      }
      let status = unsafe aec_decode(&stream, AEC_FLUSH)
      let written = unsafe target.count - stream.avail_out
      unsafe _ = aec_decode_end(&stream)
      guard status == AEC_OK else { throw IOLinkError(.malformed, "the SZIP data are damaged (status \(status))") }
      return written
    }
  }
}
