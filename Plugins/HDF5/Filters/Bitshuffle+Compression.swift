import IOLinkCompression
import IOLinkCore

/// The bit shuffle with compressed blocks, as HDF5's filter 32008 stores them.
extension Bitshuffle {
  /// How the blocks of a chunk are compressed.
  enum Compression: Hashable, Sendable {
    case lz4
    case zstd
  }

  /// Decodes a chunk of compressed blocks with a header of 12 bytes: the total size and the block size in bytes, both big-endian.
  ///
  /// - Returns: The number of bytes written and consumed.
  /// - Throws: `truncated` when a block extends beyond the chunk; `limitExceeded` when the total is more than `output` holds; `malformed`
  ///   when the header or a block is damaged, all with their offset; `invalidArgument` for an element size below 1.
  static func decompress(
    _ bytes: RawSpan, into output: inout MutableRawSpan, elementByteCount size: Int, compression: Compression
  ) throws(IOLinkError) -> Decoded {
    let stated = try bytes.load(at: 0, as: UInt64.self, order: .big)
    let blockByteCount = Int(try bytes.load(at: 8, as: UInt32.self, order: .big))
    guard let total = Int(exactly: stated), total <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "the bitshuffle chunk holds \(stated) bytes, expected at most \(output.byteCount)", offset: 0)
    }
    guard size >= 1 else { throw IOLinkError(.invalidArgument, "bitshuffle has elements of \(size) bytes, expected at least 1") }
    let blockElements = blockByteCount / size
    guard total % size == 0, blockElements >= 8, blockElements % 8 == 0 else {
      throw IOLinkError(
        .malformed,
        "the bitshuffle chunk has \(total) bytes in blocks of \(blockByteCount), expected elements of \(size) and blocks of 8 elements",
        offset: 8)
    }
    let tailByteCount = total / size % 8 * size
    var planes = [UInt8](repeating: 0, count: min(blockElements * size, total - tailByteCount))
    var decoded = Decoded(written: 0, consumed: 12)
    while decoded.written < total - tailByteCount {
      let count = min(blockElements * size, total - tailByteCount - decoded.written)
      decoded.consumed = try decodeBlock(bytes, at: decoded.consumed, compression, &planes, count)
      var target = output._mutatingExtracting(decoded.written..<(decoded.written + count))
      // The array exists and is not changed during the call.
      let block = unsafe planes.span.bytes.extracting(0..<count)
      try unshuffle(block, into: &target, elementByteCount: size, blockElementCount: count / size)
      decoded.written += count
    }
    guard tailByteCount <= bytes.byteCount - decoded.consumed else {
      throw IOLinkError(
        .truncated, "the bitshuffle tail has \(tailByteCount) bytes, but \(bytes.byteCount - decoded.consumed) are left",
        offset: decoded.consumed)
    }
    output.copy(from: bytes.extracting(decoded.consumed..<(decoded.consumed + tailByteCount)), at: decoded.written)
    return Decoded(written: total, consumed: decoded.consumed + tailByteCount)
  }

  /// Encodes a chunk of compressed blocks with a header.
  ///
  /// - Parameters:
  ///   - blockElementCount: The block size, a multiple of 8, or 0 for the default.
  ///   - level: The level of zstd. LZ4 does not have levels.
  /// - Throws: `invalidArgument` for bytes that are not whole elements and for other block sizes or levels.
  static func compress(
    _ bytes: RawSpan, elementByteCount size: Int, compression: Compression, blockElementCount: Int = 0, level: Int = 3
  ) throws(IOLinkError) -> [UInt8] {
    let blocks = try BitshuffleBlocks(bytes, bytes.byteCount, size, blockElementCount)
    guard blocks.blockElementCount <= Int(UInt32.max) / size else {
      throw IOLinkError(
        .invalidArgument, "bitshuffle blocks have \(blocks.blockElementCount) elements of \(size) bytes, expected less than 4 GiB")
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
      // The array exists and is not used elsewhere during the call.
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

  /// Decompresses the block whose size is at `offset` into the first `count` bytes of `planes`, and returns the end of the block.
  private static func decodeBlock(
    _ bytes: RawSpan, at offset: Int, _ compression: Compression, _ planes: inout [UInt8], _ count: Int
  ) throws(IOLinkError) -> Int {
    let stored = Int(try bytes.load(at: offset, as: UInt32.self, order: .big))
    guard stored <= bytes.byteCount - offset - 4 else {
      throw IOLinkError(.truncated, "a bitshuffle block has \(stored) bytes, but \(bytes.byteCount - offset - 4) are left", offset: offset)
    }
    let block = bytes.extracting((offset + 4)..<(offset + 4 + stored))
    var span = planes.mutableSpan
    // The array exists and is not used elsewhere during the call.
    var room = unsafe span.mutableBytes
    var target = room._mutatingExtracting(0..<count)
    let written =
      switch compression {
      case .lz4: try LZ4.decompress(block, into: &target)
      case .zstd: try Zstd.decompress(block, into: &target).written
      }
    guard written == count else {
      throw IOLinkError(.malformed, "a bitshuffle block holds \(written) bytes, expected \(count)", offset: offset)
    }
    return offset + 4 + stored
  }
}
