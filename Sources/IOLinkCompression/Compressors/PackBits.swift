public import IOLinkCore

/// PackBits: runs and literal stretches of up to 128 bytes, each preceded by a signed count.
///
/// Source: TIFF 6.0, section 9; Apple Technical Note TN1023.
public enum PackBits {
  /// Decodes until the input ends or the output is full; a run that does not fit is cut off.
  ///
  /// - Returns: The number of bytes written and consumed.
  /// - Throws: `truncated` when the input ends inside a run or stretch for which the output still has room.
  public static func decompress(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    try unsafe withPointers(bytes, &output) { source, target throws(IOLinkError) in
      guard let from = source.baseAddress, let to = target.baseAddress else { return Decoded(written: 0, consumed: 0) }
      var read = 0
      var written = 0
      while read < source.count, written < target.count {
        // The offset is below source.count.
        let count = unsafe Int(from.load(fromByteOffset: read, as: Int8.self))
        read += 1
        // The specification gives -128 no meaning; the byte is skipped.
        guard count != -128 else { continue }
        if count >= 0 {
          let length = min(count + 1, target.count - written)
          guard length <= source.count - read else {
            throw IOLinkError(.truncated, "PackBits needs \(length) more bytes, \(source.count - read) left", offset: read)
          }
          // Both buffers have `length` bytes left.
          unsafe (to + written).copyMemory(from: from + read, byteCount: length)
          read += length
          written += length
        } else {
          guard read < source.count else { throw IOLinkError(.truncated, "PackBits needs 1 more byte, 0 left", offset: read) }
          let length = min(1 - count, target.count - written)
          // The output has `length` bytes left and the input has one.
          let value = unsafe from.load(fromByteOffset: read, as: UInt8.self)
          unsafe (to + written).initializeMemory(as: UInt8.self, repeating: value, count: length)
          read += 1
          written += length
        }
      }
      return Decoded(written: written, consumed: read)
    }
  }

  /// Encodes all of `bytes`. TIFF requires each row to be encoded separately, so call this once per row.
  ///
  /// - Returns: The encoded bytes, at most one more for every 128 bytes of the input or part thereof.
  public static func compress(_ bytes: RawSpan) -> [UInt8] {
    let bound = bytes.byteCount + bytes.byteCount / 128 + 1
    return unsafe makeBytes(capacity: bound, from: bytes) { source, target in
      var read = 0
      var written = 0
      while read < source.count {
        let run = unsafe runLength(source, read)
        if run >= 2 {
          // A run takes two bytes for at least two bytes of the input, so it stays within the bound.
          unsafe target[written] = UInt8(truncatingIfNeeded: 1 - run)
          unsafe target[written + 1] = source[read]
          written += 2
          read += run
        } else {
          var length = 1
          // The stretch extends to the next run of three. Ending it for a shorter run would not save anything.
          while length < 128, read + length < source.count, unsafe !beginsRun(source, read + length) { length += 1 }
          // The count takes one byte, which the bound allows for every 128 bytes and after a run of three.
          unsafe target[written] = UInt8(length - 1)
          for index in 0..<length { unsafe target[written + 1 + index] = source[read + index] }
          written += 1 + length
          read += length
        }
      }
      return written
    }
  }

  /// Whether the byte at `start` occurs three times in a row. `start` is inside the buffer.
  @inline(__always)
  private static func beginsRun(_ source: UnsafeRawBufferPointer, _ start: Int) -> Bool {
    guard source.count - start >= 3, unsafe source[start] == source[start + 1] else { return false }
    return unsafe source[start] == source[start + 2]
  }

  /// How often the byte at `start` occurs in a row, at most 128. `start` is inside the buffer.
  @inline(__always)
  private static func runLength(_ source: UnsafeRawBufferPointer, _ start: Int) -> Int {
    let limit = min(source.count, start + 128)
    var end = start + 1
    while end < limit, unsafe source[end] == source[start] { end += 1 }
    return end - start
  }
}
