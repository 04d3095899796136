import IOLinkCompression
import IOLinkCore

/// HDF5's LZ4 filter (32004): LZ4 blocks after a header with the total size and the block size.
///
/// All integers are big-endian. The header has 8 bytes for the total size and 4 for the block size. Each block has 4 bytes for its stored
/// size, followed by its bytes. A block whose stored size equals its decoded size is not compressed.
///
/// Source: the filter's registration with The HDF Group, "HDF5_LZ4" by M. Rissi, Dectris.
enum HDF5LZ4 {
  /// The block size in bytes that writers use by default.
  static let defaultBlockByteCount = 1 << 30

  /// Decodes a chunk.
  ///
  /// - Returns: The number of bytes written and consumed.
  /// - Throws: `truncated` when the header or a block extends beyond the chunk; `limitExceeded` when the total is more than `output`
  ///   holds; `malformed` when a block is damaged.
  static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    let stated = try bytes.load(at: 0, as: UInt64.self, order: .big)
    let blockByteCount = Int(try bytes.load(at: 8, as: UInt32.self, order: .big))
    guard let total = Int(exactly: stated), total <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "the LZ4 chunk holds \(stated) bytes, expected at most \(output.byteCount)", offset: 0)
    }
    guard blockByteCount > 0 || total == 0 else { throw IOLinkError(.malformed, "the LZ4 block size is 0, expected at least 1", offset: 8) }
    var decoded = Decoded(written: 0, consumed: 12)
    while decoded.written < total {
      let offset = decoded.consumed
      let stored = Int(try bytes.load(at: offset, as: UInt32.self, order: .big))
      let expected = min(blockByteCount, total - decoded.written)
      guard stored <= bytes.byteCount - offset - 4 else {
        throw IOLinkError(.truncated, "an LZ4 block has \(stored) bytes, but \(bytes.byteCount - offset - 4) are left", offset: offset)
      }
      let block = bytes.extracting((offset + 4)..<(offset + 4 + stored))
      if stored == expected {
        output.copy(from: block, at: decoded.written)
      } else {
        var target = output._mutatingExtracting(decoded.written..<(decoded.written + expected))
        guard try LZ4.decompress(block, into: &target) == expected else {
          throw IOLinkError(.malformed, "an LZ4 block holds less than the expected \(expected) bytes", offset: offset)
        }
      }
      decoded.consumed = offset + 4 + stored
      decoded.written += expected
    }
    return decoded
  }

  /// Encodes a chunk.
  ///
  /// - Throws: `invalidArgument` unless the block size is 1 to `LZ4.maximumByteCount`.
  static func compress(
    _ bytes: RawSpan, blockByteCount: Int = defaultBlockByteCount
  ) throws(IOLinkError) -> [UInt8] {
    guard (1...LZ4.maximumByteCount).contains(blockByteCount) else {
      throw IOLinkError(.invalidArgument, "the LZ4 block size is \(blockByteCount), expected 1 to \(LZ4.maximumByteCount)")
    }
    var output: [UInt8] = []
    output.append(UInt64(bytes.byteCount), order: .big)
    output.append(UInt32(min(blockByteCount, bytes.byteCount)), order: .big)
    var start = 0
    while start < bytes.byteCount {
      let block = bytes.extracting(start..<min(bytes.byteCount, start + blockByteCount))
      let packed = try LZ4.compress(block)
      let stored = packed.count < block.byteCount ? packed : block.byteArray()
      output.append(UInt32(stored.count), order: .big)
      output.append(contentsOf: stored)
      start += block.byteCount
    }
    return output
  }
}
