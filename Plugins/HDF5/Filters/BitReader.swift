import IOLinkCompression
import IOLinkCore

/// Takes numbers off a string of bits, most significant bit first.
@safe
struct BitReader {
  // Valid as long as the buffer that the reader was made over, which its maker sees to.
  private let bytes: UnsafeRawBufferPointer
  private let bitCount: Int
  /// In bits; at most `bitCount`.
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    unsafe self.bytes = bytes
    bitCount = 8 * bytes.count
  }

  /// The next `count` bits as a number.
  ///
  /// - Parameter count: 0 to 128.
  /// - Throws: `truncated`, with the byte offset, when fewer are left.
  mutating func read(_ count: Int) throws(IOLinkError) -> UInt128 {
    let end = position + count
    guard end <= bitCount else {
      throw IOLinkError(.truncated, "\(count) bits expected, \(bitCount - position) left", offset: bitCount / 8)
    }
    var value: UInt128 = 0
    while position < end {
      // position < bitCount; of that byte, the bits from `position` to its end or to `end`.
      let byte = unsafe bytes[position / 8]
      let taken = min(8 - position % 8, end - position)
      let part = byte >> UInt8(8 - position % 8 - taken) & UInt8(truncatingIfNeeded: 1 << taken - 1)
      value = value << UInt128(taken) | UInt128(part)
      position += taken
    }
    return value
  }
}
