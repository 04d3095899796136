import CLZ4
import IOLinkCompression
import IOLinkCore

/// LZ4 blocks without a frame.
///
/// Source: LZ4 Block Format Description. Adapter of liblz4.
enum LZ4 {
  /// The largest input of `compress`, 2,113,929,216 bytes.
  static let maximumByteCount = 0x7e00_0000

  /// Decodes a block, which must be all of `bytes`.
  ///
  /// - Returns: The number of bytes written.
  /// - Throws: `malformed` when the block is damaged, ends early or holds more than `output` (the format does not distinguish these);
  ///   `limitExceeded` for more than 2 GiB of input.
  static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    guard let inputCount = Int32(exactly: bytes.byteCount) else {
      throw IOLinkError(.limitExceeded, "the LZ4 block has \(bytes.byteCount) bytes, expected less than 2 GiB")
    }
    // If the output is larger, it cannot be filled, because a block cannot hold more.
    let room = Int32(clamping: output.byteCount)
    var nothing: UInt8 = 0
    let written = try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      // liblz4 reads and writes only within the given sizes. It refuses null, so an empty buffer is a local byte with size 0.
      unsafe withUnsafeMutablePointer(to: &nothing) { nothing in
        let from = unsafe source.baseAddress?.assumingMemoryBound(to: CChar.self)
        let to = unsafe target.baseAddress?.assumingMemoryBound(to: CChar.self)
        let spare = unsafe UnsafeMutableRawPointer(nothing).assumingMemoryBound(to: CChar.self)
        return unsafe LZ4_decompress_safe(from ?? UnsafePointer(spare), to ?? spare, inputCount, room)
      }
    }
    guard written >= 0 else {
      throw IOLinkError(.malformed, "the LZ4 block of \(bytes.byteCount) bytes is damaged or holds more than \(output.byteCount)")
    }
    return Int(written)
  }

  /// Encodes all of `bytes` as one block.
  ///
  /// - Parameter acceleration: 1 or more. Larger values are faster and compress less.
  /// - Throws: `limitExceeded` for more than ``maximumByteCount`` bytes.
  static func compress(_ bytes: RawSpan, acceleration: Int = 1) throws(IOLinkError) -> [UInt8] {
    guard bytes.byteCount <= maximumByteCount else {
      throw IOLinkError(.limitExceeded, "the LZ4 block has \(bytes.byteCount) bytes, expected at most \(maximumByteCount)")
    }
    let bound = Int(LZ4_compressBound(Int32(bytes.byteCount)))
    return unsafe makeBytes(capacity: bound, from: bytes) { source, target in
      // liblz4 writes at most target.count bytes. That is the bound it computed itself, so this cannot fail.
      Int(
        unsafe LZ4_compress_fast(
          source.baseAddress?.assumingMemoryBound(to: CChar.self), target.baseAddress?.assumingMemoryBound(to: CChar.self),
          Int32(source.count), Int32(target.count), Int32(clamping: acceleration)))
    }
  }
}
