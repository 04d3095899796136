import IOLinkCompression
import IOLinkCore

/// Reads integers from a sequence of bits, most significant bit first.
@safe
struct BitReader {
  // The code that makes a reader ensures that the buffer outlives it.
  private let bytes: UnsafeRawBufferPointer
  private let bitCount: Int
  /// The position in bits, at most `bitCount`.
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
    bitCount = 8 * bytes.count
  }

  /// Reads the next `count` bits as an integer.
  ///
  /// - Parameter count: 0 to 128.
  /// - Throws: `truncated`, with the byte offset, when fewer bits are left.
  mutating func read(_ count: Int) throws(IOLinkError) -> UInt128 {
    let end = position + count
    guard end <= bitCount else {
      throw IOLinkError(.truncated, "\(bitCount - position) bits are left, expected \(count)", offset: bitCount / 8)
    }
    var value: UInt128 = 0
    while position < end {
      // The byte exists because position < bitCount. This takes its bits from `position` to the end of the byte or to `end`.
      let byte = unsafe bytes[position / 8]
      let taken = min(8 - position % 8, end - position)
      let part = byte >> UInt8(8 - position % 8 - taken) & UInt8(truncatingIfNeeded: 1 << taken - 1)
      value = value << UInt128(taken) | UInt128(part)
      position += taken
    }
    return value
  }
}
