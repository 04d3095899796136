public import IOLinkCore

/// PackBits: runs and literal stretches of up to 128 bytes, each behind a signed count.
///
/// Source: TIFF 6.0, section 9; Apple Technical Note TN1023.
public enum PackBits {
  /// Decodes until the input ends or the output is full; a run that does not fit is cut off.
  ///
  /// - Returns: How much was written and consumed.
  /// - Throws: `truncated` when the input ends inside a stretch although the output has room for it.
  public static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return Decoded(written: 0, consumed: 0) }
      var read = 0
      var written = 0
      while read < source.count, written < target.count {
        // read < source.count.
        let count = unsafe Int(from.load(fromByteOffset: read, as: Int8.self))
        read += 1
        // -128 is padding.
        guard count != -128 else { continue }
        if count >= 0 {
          let length = min(count + 1, target.count - written)
          guard length <= source.count - read else {
            throw IOLinkError(.truncated, "PackBits needs \(length) more bytes, \(source.count - read) left", offset: read)
          }
          // Both have `length` bytes left.
          unsafe (to + written).copyMemory(from: from + read, byteCount: length)
          read += length
          written += length
        } else {
          guard read < source.count else { throw IOLinkError(.truncated, "PackBits needs 1 more byte, 0 left", offset: read) }
          let length = min(1 - count, target.count - written)
          // The output has `length` bytes left, the input one.
          let value = unsafe from.load(fromByteOffset: read, as: UInt8.self)
          unsafe (to + written).initializeMemory(as: UInt8.self, repeating: value, count: length)
          read += 1
          written += length
        }
      }
      return Decoded(written: written, consumed: read)
    }
  }

  /// Encodes all of `bytes`. TIFF wants each row encoded by itself: call it once a row.
  ///
  /// - Returns: At most one byte in 128 more than the input.
  public static func compress(_ bytes: RawSpan) -> [UInt8] {
    let bound = bytes.byteCount + bytes.byteCount / 128 + 1
    return unsafe makeBytes(capacity: bound, from: bytes) { source, target in
      var read = 0
      var written = 0
      while read < source.count {
        let run = unsafe runLength(source, read)
        if run >= 2 {
          // A run takes two bytes for at least two of the input, of which the bound has room for as many.
          unsafe target[written] = UInt8(truncatingIfNeeded: 1 - run)
          unsafe target[written + 1] = source[read]
          written += 2
          read += run
        } else {
          var length = 1
          // Up to the next run of three: shorter ones are not worth the break.
          while length < 128, read + length < source.count, unsafe !beginsRun(source, read + length) { length += 1 }
          // One byte for the count, which the bound grants for 128 bytes or after a run of three.
          unsafe target[written] = UInt8(length - 1)
          for index in 0..<length { unsafe target[written + 1 + index] = source[read + index] }
          written += 1 + length
          read += length
        }
      }
      return written
    }
  }

  /// Whether the byte at `start` is there three times; `start` lies inside.
  @inline(__always)
  private static func beginsRun(_ source: UnsafeRawBufferPointer, _ start: Int) -> Bool {
    guard source.count - start >= 3, unsafe source[start] == source[start + 1] else { return false }
    return unsafe source[start] == source[start + 2]
  }

  /// How often the byte at `start` is repeated there, at most 128; `start` lies inside.
  @inline(__always)
  private static func runLength(_ source: UnsafeRawBufferPointer, _ start: Int) -> Int {
    let limit = min(source.count, start + 128)
    var end = start + 1
    while end < limit, unsafe source[end] == source[start] { end += 1 }
    return end - start
  }
}
