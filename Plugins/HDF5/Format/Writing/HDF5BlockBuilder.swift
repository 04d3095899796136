import IOLinkCompression
import IOLinkCore

/// The bytes of a structure that is being written: the counterpart of ``HDF5Block``.
///
/// Integers are little-endian; addresses and lengths have eight bytes.
struct HDF5BlockBuilder: Sendable {
  private(set) var bytes: [UInt8] = []

  var count: Int { bytes.count }

  /// Appends an unsigned integer of 1 to 8 bytes.
  ///
  /// - Precondition: The value fits.
  mutating func integer(_ value: Int, _ size: Int) {
    precondition(value >= 0 && (size == 8 || value >> (size * 8) == 0), "\(value) does not fit in \(size) bytes")
    switch size {
    case 1: bytes.append(UInt8(value))
    case 2: bytes.append(UInt16(value), order: .little)
    case 4: bytes.append(UInt32(value), order: .little)
    case 8: bytes.append(UInt64(value), order: .little)
    default: for byte in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (byte * 8))) }
    }
  }

  /// Appends an address; all bits are set for `nil`, the undefined one.
  mutating func address(_ address: Int?) {
    if let address { integer(address, 8) } else { bytes.append(UInt64.max, order: .little) }
  }

  mutating func length(_ length: Int) { integer(length, 8) }

  /// Appends a length; all bits are set for `nil`, which is unlimited.
  mutating func optionalLength(_ length: Int?) { address(length) }

  mutating func append(_ more: [UInt8]) { bytes += more }
  mutating func zeros(_ count: Int) { bytes += [UInt8](repeating: 0, count: max(0, count)) }
  mutating func signature(_ letters: String) { bytes += Array(letters.utf8) }

  /// Appends zeros up to the next multiple of `alignment`.
  mutating func align(to alignment: Int = 8) { zeros((alignment - bytes.count % alignment) % alignment) }

  /// Appends zeros until there are `count` bytes.
  mutating func pad(to count: Int) { zeros(count - bytes.count) }

  /// Appends the checksum of all bytes so far.
  mutating func checksum() {
    bytes.append(unsafe Checksum.lookup3(bytes.span.bytes), order: .little)  // bytes have no padding
  }
}

extension [UInt8] {
  /// These bytes and zeros up to the next multiple of eight.
  var aligned: [UInt8] { self + [UInt8](repeating: 0, count: (8 - count % 8) % 8) }
}
