import IOLinkCompression
import IOLinkCore

/// LZF, h5py's filter 32000: literal stretches of up to 32 bytes, and copies from up to 8 KiB back.
///
/// Source: the format notes of liblzf by Marc Lehmann.
enum LZF {
  /// Decodes all of `bytes`.
  ///
  /// - Returns: The number of bytes written.
  /// - Throws: `truncated` when the input ends inside a stretch; `malformed` for a copy from before the beginning; `limitExceeded` when
  ///   the content is larger than `output`. All have the offset in the input.
  static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Int {
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = unsafe source.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
      guard let to = target.baseAddress else { throw tooLarge(target.count, 0) }
      var read = 0
      var written = 0
      while read < source.count {
        // The index is below source.count.
        let control = unsafe Int(from[read])
        if control < 32 {
          let length = control + 1
          guard length < source.count - read else { throw tooShort(read) }
          guard length <= target.count - written else { throw tooLarge(target.count, read) }
          // Both buffers have `length` bytes left.
          unsafe (to + written).copyMemory(from: from + read + 1, byteCount: length)
          read += 1 + length
          written += length
          continue
        }
        let hasLongLength = control >> 5 == 7
        guard source.count - read >= (hasLongLength ? 3 : 2) else { throw tooShort(read) }
        // It was checked that the two or three bytes from `read` on exist.
        let length = unsafe 2 + control >> 5 + (hasLongLength ? Int(from[read + 1]) : 0)
        let distance = unsafe (control & 31) << 8 + Int(from[read + (hasLongLength ? 2 : 1)]) + 1
        guard distance <= written else {
          throw IOLinkError(.malformed, "an LZF copy goes \(distance) bytes back after only \(written) bytes", offset: read)
        }
        guard length <= target.count - written else { throw tooLarge(target.count, read) }
        unsafe copy(to + written, distance: distance, length: length, room: target.count - written)
        read += hasLongLength ? 3 : 2
        written += length
      }
      return written
    }
  }

  /// Encodes all of `bytes`.
  ///
  /// - Returns: At most one byte in 32 more than the input. HDF5 does not store a chunk that did not shrink this way, so compare the sizes.
  static func compress(_ bytes: RawSpan) -> [UInt8] {
    unsafe makeBytes(capacity: bytes.byteCount + bytes.byteCount / 32 + 1, from: bytes) { source, target in
      unsafe LZFEncoder.encode(source, target)
    }
  }

  /// Copies `length` bytes from `distance` back. It copies forwards, so that a copy may run into itself. The caller has checked both.
  @inline(__always)
  private static func copy(_ to: UnsafeMutableRawPointer, distance: Int, length: Int, room: Int) {
    let from = unsafe to - distance
    if distance >= 8, length &+ 8 <= room {
      var done = 0
      // Steps of eight reach at most seven bytes beyond the copy. Those are inside the output and are overwritten later.
      repeat {
        let word = unsafe from.loadUnaligned(fromByteOffset: done, as: UInt64.self)
        unsafe to.storeBytes(of: word, toByteOffset: done, as: UInt64.self)
        done &+= 8
      } while done < length
    } else {
      // The byte at index - distance existed before or has just been written.
      for index in 0..<length {
        unsafe to.storeBytes(of: from.load(fromByteOffset: index, as: UInt8.self), toByteOffset: index, as: UInt8.self)
      }
    }
  }

  private static func tooShort(_ offset: Int) -> IOLinkError {
    IOLinkError(.truncated, "the LZF data end inside a stretch", offset: offset)
  }

  private static func tooLarge(_ room: Int, _ offset: Int) -> IOLinkError {
    IOLinkError(.limitExceeded, "the LZF data hold more than the expected \(room) bytes", offset: offset)
  }
}

/// The loop of the LZF encoder. It remembers the last place of every three bytes and takes matches greedily.
private enum LZFEncoder {
  private static let slotBits: UInt32 = 14
  private static let maximumDistance = 1 << 13
  private static let maximumLength = 264

  /// Encodes `source` and returns the number of bytes written. `target` has the size computed in `LZF.compress`.
  static func encode(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Int {
    let count = source.count
    var written = 0
    // The bytes from here on are still to be written as literals.
    var pending = 0
    unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 1 << slotBits) { slots in
      unsafe slots.initialize(repeating: -1)
      var read = 0
      while count - read >= 3 {
        // Three bytes exist at `read`, and the slot is below 2^slotBits.
        let key = unsafe UInt32(source[read]) &<< 16 | UInt32(source[read + 1]) &<< 8 | UInt32(source[read + 2])
        let slot = Int((key &* 0x9e37_79b1) &>> (32 - slotBits))
        let candidate = unsafe slots[slot]
        unsafe slots[slot] = read
        guard candidate >= 0, read - candidate <= maximumDistance else {
          read += 1
          continue
        }
        let length = unsafe matchLength(source, candidate, read)
        guard length >= 3 else {
          read += 1
          continue
        }
        unsafe putLiterals(source, pending..<read, target, &written)
        unsafe putMatch(length, distance: read - candidate - 1, target, &written)
        read += length
        pending = read
      }
    }
    unsafe putLiterals(source, pending..<count, target, &written)
    return written
  }

  /// Writes two or three bytes, for at least three of the input, so it stays within the bound.
  @inline(__always)
  private static func putMatch(_ length: Int, distance: Int, _ target: UnsafeMutableRawBufferPointer, _ written: inout Int) {
    let code = length - 2
    unsafe target[written] = UInt8(min(code, 7) << 5 | distance >> 8)
    if code >= 7 {
      written += 1
      unsafe target[written] = UInt8(code - 7)
    }
    unsafe target[written + 1] = UInt8(distance & 255)
    written += 2
  }

  private static func putLiterals(
    _ source: UnsafeRawBufferPointer, _ range: Range<Int>, _ target: UnsafeMutableRawBufferPointer, _ written: inout Int
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      let length = min(32, range.upperBound - start)
      // This writes one byte more than the literals. Copies in between save at least what the count bytes of the literals cost.
      unsafe target[written] = UInt8(length - 1)
      for index in 0..<length { unsafe target[written + 1 + index] = source[start + index] }
      written += 1 + length
      start += length
    }
  }

  private static func matchLength(_ source: UnsafeRawBufferPointer, _ earlier: Int, _ later: Int) -> Int {
    let limit = min(maximumLength, source.count - later)
    var length = 0
    // The indices are in bounds, because later + length < source.count and earlier < later.
    while length < limit, unsafe source[earlier + length] == source[later + length] { length += 1 }
    return length
  }
}
