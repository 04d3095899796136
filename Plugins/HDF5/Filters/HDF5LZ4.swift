import IOLinkCompression
import IOLinkCore

/// HDF5's LZ4 filter (32004): LZ4 blocks behind a header with the total and the block size.
///
/// All numbers are big-endian: 8 bytes total size, 4 bytes block size, then for each block 4 bytes stored size and its bytes. A block
/// that is stored in as many bytes as it has is not compressed.
///
/// Source: the filter's registration with The HDF Group, "HDF5_LZ4" by M. Rissi, Dectris.
enum HDF5LZ4 {
  /// Bytes of a block unless the writer says otherwise.
  static let defaultBlockByteCount = 1 << 30

  /// Decodes a chunk.
  ///
  /// - Returns: How much was written and consumed.
  /// - Throws: `truncated` when a header or block lies outside, `limitExceeded` when the total is more than `output` holds, `malformed`
  ///   when a block is damaged.
  static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    let stated = try bytes.load(at: 0, as: UInt64.self, order: .big)
    let blockByteCount = Int(try bytes.load(at: 8, as: UInt32.self, order: .big))
    guard let total = Int(exactly: stated), total <= output.byteCount else {
      throw IOLinkError(.limitExceeded, "LZ4 chunk holds \(stated) bytes, expected at most \(output.byteCount)", offset: 0)
    }
    guard blockByteCount > 0 || total == 0 else { throw IOLinkError(.malformed, "LZ4 block size is 0", offset: 8) }
    var decoded = Decoded(written: 0, consumed: 12)
    while decoded.written < total {
      let offset = decoded.consumed
      let stored = Int(try bytes.load(at: offset, as: UInt32.self, order: .big))
      let expected = min(blockByteCount, total - decoded.written)
      guard stored <= bytes.byteCount - offset - 4 else {
        throw IOLinkError(.truncated, "LZ4 block of \(stored) bytes, \(bytes.byteCount - offset - 4) left", offset: offset)
      }
      let block = bytes.extracting((offset + 4)..<(offset + 4 + stored))
      if stored == expected {
        output.copy(from: block, at: decoded.written)
      } else {
        var target = output._mutatingExtracting(decoded.written..<(decoded.written + expected))
        guard try LZ4.decompress(block, into: &target) == expected else {
          throw IOLinkError(.malformed, "LZ4 block holds less than the expected \(expected) bytes", offset: offset)
        }
      }
      decoded.consumed = offset + 4 + stored
      decoded.written += expected
    }
    return decoded
  }

  /// Encodes a chunk.
  ///
  /// - Throws: `invalidArgument` unless the block size is 1 byte to `LZ4.maximumByteCount`.
  static func compress(
    _ bytes: RawSpan, blockByteCount: Int = defaultBlockByteCount
  ) throws(IOLinkError) -> [UInt8] {
    guard (1...LZ4.maximumByteCount).contains(blockByteCount) else {
      throw IOLinkError(.invalidArgument, "LZ4 block size is \(blockByteCount), expected 1 to \(LZ4.maximumByteCount)")
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
