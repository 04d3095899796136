public import IOLink

/// Bit shuffle: in blocks of elements, all first bits, then all second bits, and so on; HDF5's filter 32008.
///
/// Elements that do not fill a multiple of eight at the very end are copied as they are. The filter's client data are: major and minor
/// version, element size, elements a block (0: the default), compression (0 none, 2 LZ4, 3 zstd), level.
///
/// Source: the documentation of bitshuffle by K. Masui and its HDF5 filter (bshuf_h5filter); Masui et al. 2015, arXiv:1503.00638.
public enum Bitshuffle {
  /// How the blocks of a chunk with a header are compressed.
  public enum Compression: Hashable, Sendable {
    case lz4
    case zstd
  }

  /// Elements of a block when a file or caller says 0: about 8 KiB, a multiple of 8, at least 128.
  public static func defaultBlockElementCount(elementByteCount: Int) -> Int {
    max(128, 8192 / max(1, elementByteCount) & ~7)
  }

  /// Bit planes to elements, without a header, as the filter stores them when it does not compress.
  ///
  /// - Throws: `invalidArgument` unless both sizes are equal and whole elements, and the block a multiple of 8.
  public static func unshuffle(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount: Int, blockElementCount: Int = 0
  ) throws(IOLinkError) {
    let blocks = try BitshuffleBlocks(bytes, output.byteCount, elementByteCount, blockElementCount)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      unsafe blocks.forEach { start, count, scratch in
        // count elements lie at `start` in both.
        unsafe BitshuffleKernel.join(from + start, to + start, count: count, size: elementByteCount, scratch)
      }
      unsafe (to + blocks.tailStart).copyMemory(from: from + blocks.tailStart, byteCount: source.count - blocks.tailStart)
    }
  }

  /// Elements to bit planes, without a header.
  ///
  /// Errors as of `unshuffle`.
  public static func shuffle(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount: Int, blockElementCount: Int = 0
  ) throws(IOLinkError) {
    let blocks = try BitshuffleBlocks(bytes, output.byteCount, elementByteCount, blockElementCount)
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return }
      unsafe blocks.forEach { start, count, scratch in
        // count elements lie at `start` in both.
        unsafe BitshuffleKernel.split(from + start, to + start, count: count, size: elementByteCount, scratch)
      }
      unsafe (to + blocks.tailStart).copyMemory(from: from + blocks.tailStart, byteCount: source.count - blocks.tailStart)
    }
  }

  /// Decodes a chunk of compressed blocks behind a header of 12 bytes (total size, block size in bytes, big-endian).
  ///
  /// - Returns: How much was written and consumed.
  /// - Throws: `truncated` when a block lies outside, `limitExceeded` when the total is more than `output` holds, `malformed` when the
  ///   header or a block is damaged, each with its offset; `invalidArgument` for an element size below 1.
  public static func decompress(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount size: Int, compression: Compression
  ) throws(IOLinkError) -> Decoded {
    let stated = try bytes.load(at: 0, as: UInt64.self, order: .big)
    let blockByteCount = Int(try bytes.load(at: 8, as: UInt32.self, order: .big))
    guard let total = Int(exactly: stated), total <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "bitshuffle chunk holds \(stated) bytes, expected at most \(output.byteCount)", offset: 0)
    }
    guard size >= 1 else { throw IOLinkError(.invalidArgument, "bitshuffle of elements of \(size) bytes") }
    let blockElements = blockByteCount / size
    guard total % size == 0, blockElements >= 8, blockElements % 8 == 0 else {
      throw IOLinkError(
        .malformed, "bitshuffle of \(total) bytes in blocks of \(blockByteCount), expected elements of \(size), blocks of 8 elements",
        offset: 8)
    }
    let tailByteCount = total / size % 8 * size
    var planes = [UInt8](repeating: 0, count: min(blockElements * size, total - tailByteCount))
    var decoded = Decoded(written: 0, consumed: 12)
    while decoded.written < total - tailByteCount {
      let count = min(blockElements * size, total - tailByteCount - decoded.written)
      decoded.consumed = try decodeBlock(bytes, at: decoded.consumed, compression, &planes, count)
      var target = output._mutatingExtracting(decoded.written..<(decoded.written + count))
      // The array lives and is not changed during the call.
      let block = unsafe planes.span.bytes.extracting(0..<count)
      try unshuffle(block, into: &target, elementByteCount: size, blockElementCount: count / size)
      decoded.written += count
    }
    guard tailByteCount <= bytes.byteCount - decoded.consumed else {
      throw IOLinkError(
        .truncated, "bitshuffle tail of \(tailByteCount) bytes, \(bytes.byteCount - decoded.consumed) left", offset: decoded.consumed)
    }
    output.copy(from: bytes.extracting(decoded.consumed..<(decoded.consumed + tailByteCount)), at: decoded.written)
    return Decoded(written: total, consumed: decoded.consumed + tailByteCount)
  }

  /// Encodes a chunk of compressed blocks behind a header.
  ///
  /// - Parameters:
  ///   - blockElementCount: A multiple of 8; 0 for the default.
  ///   - level: The level of zstd; LZ4 has none.
  /// - Throws: `invalidArgument` for bytes that are not whole elements, or another block or level.
  public static func compress(
    _ bytes: RawSpan, elementByteCount size: Int, compression: Compression, blockElementCount: Int = 0, level: Int = 3
  ) throws(IOLinkError) -> [UInt8] {
    let blocks = try BitshuffleBlocks(bytes, bytes.byteCount, size, blockElementCount)
    guard blocks.blockElementCount <= Int(UInt32.max) / size else {
      throw IOLinkError(
        .invalidArgument, "bitshuffle blocks of \(blocks.blockElementCount) elements of \(size) bytes, expected below 4 GiB")
    }
    let blockByteCount = blocks.blockElementCount * size
    var output: [UInt8] = []
    output.append(UInt64(bytes.byteCount), order: .big)
    output.append(UInt32(blockByteCount), order: .big)
    var planes = [UInt8](repeating: 0, count: min(blockByteCount, blocks.tailStart))
    var start = 0
    while start < blocks.tailStart {
      let count = min(blockByteCount, blocks.tailStart - start)
      var target = planes.mutableSpan
      // The array lives and is used by nothing else during the call.
      var block = unsafe target.mutableBytes
      var part = block._mutatingExtracting(0..<count)
      try shuffle(bytes.extracting(start..<(start + count)), into: &part, elementByteCount: size, blockElementCount: count / size)
      let packed =
        switch compression {
        case .lz4: try LZ4.compress(part.bytes)
        case .zstd: try Zstd.compress(part.bytes, level: level)
        }
      output.append(UInt32(packed.count), order: .big)
      output.append(contentsOf: packed)
      start += count
    }
    output.append(contentsOf: bytes.extracting(blocks.tailStart..<bytes.byteCount).byteArray())
    return output
  }

  /// Decompresses the block whose size is at `offset` into the first `count` bytes of `planes`; where the block ends.
  private static func decodeBlock(
    _ bytes: RawSpan, at offset: Int, _ compression: Compression, _ planes: inout [UInt8], _ count: Int
  ) throws(IOLinkError) -> Int {
    let stored = Int(try bytes.load(at: offset, as: UInt32.self, order: .big))
    guard stored <= bytes.byteCount - offset - 4 else {
      throw IOLinkError(.truncated, "bitshuffle block of \(stored) bytes, \(bytes.byteCount - offset - 4) left", offset: offset)
    }
    let block = bytes.extracting((offset + 4)..<(offset + 4 + stored))
    var span = planes.mutableSpan
    // The array lives and is used by nothing else during the call.
    var room = unsafe span.mutableBytes
    var target = room._mutatingExtracting(0..<count)
    let written =
      switch compression {
      case .lz4: try LZ4.decompress(block, into: &target)
      case .zstd: try Zstd.decompress(block, into: &target).written
      }
    guard written == count else {
      throw IOLinkError(.malformed, "bitshuffle block holds \(written) bytes, expected \(count)", offset: offset)
    }
    return offset + 4 + stored
  }
}
