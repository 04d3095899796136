@testable import HDF5Plugin
import IOLinkCompression
import IOLinkCore

/// A piece of a file, written by hand from the specification: addresses and lengths have 8 bytes.
struct HDF5TestBytes {
  var bytes: [UInt8]
  /// The structures with a checksum, and where it is.
  private var seals: [(range: Range<Int>, at: Int)] = []

  init(count: Int) { bytes = [UInt8](repeating: 0, count: count) }

  /// Writes a structure without a checksum.
  mutating func put(_ address: Int, _ parts: [UInt8]...) {
    let all = parts.flatMap(\.self)
    bytes.replaceSubrange(address..<(address + all.count), with: all)
  }

  /// Writes a structure and its checksum behind it.
  mutating func putSealed(_ address: Int, _ parts: [UInt8]...) {
    let all = parts.flatMap(\.self)
    bytes.replaceSubrange(address..<(address + all.count), with: all)
    seals.append((address..<(address + all.count), address + all.count))
    seal()
  }

  /// Writes a structure in which the checksum is at `offset`, where `parts` has four zeros.
  mutating func putSealed(_ address: Int, checksumAt offset: Int, count: Int, _ parts: [UInt8]...) {
    let all = parts.flatMap(\.self)
    bytes.replaceSubrange(address..<(address + all.count), with: all)
    seals.append((address..<(address + count), address + offset))
    seal()
  }

  /// Computes all checksums again.
  mutating func seal() {
    for (range, at) in seals {
      var covered = Array(bytes[range])
      if range.contains(at) { covered.replaceSubrange((at - range.lowerBound)..<(at - range.lowerBound + 4), with: [0, 0, 0, 0]) }
      bytes.replaceSubrange(at..<(at + 4), with: little(Int(unsafe Checksum.lookup3(covered.span.bytes)), 4))
    }
  }

  var file: HDF5Bytes { Self.file(bytes) }

  static func file(_ bytes: [UInt8], limits: ReadLimits = ReadLimits()) -> HDF5Bytes {
    HDF5Bytes(source: MemoryRandomAccess(bytes), base: 0, offsetSize: 8, lengthSize: 8, limits: limits)
  }

  /// Calls `body` with the bytes cut at every length, and with every byte changed in several ways, checksums correct. `body` may throw an
  /// `IOLinkError`; nothing else may happen.
  func damaged(_ body: (HDF5Bytes) throws(IOLinkError) -> Void) -> Int {
    var count = 0
    func attempt(_ bytes: [UInt8]) {
      do throws(IOLinkError) { try body(Self.file(bytes)) } catch { count += 1 }
    }
    for length in bytes.indices { attempt(Array(bytes[..<length])) }
    for index in bytes.indices {
      for change: UInt8 in [0x01, 0x02, 0x08, 0x40, 0x80, 0xff] {
        var copy = self
        copy.bytes[index] ^= change
        copy.seal()
        attempt(copy.bytes)
      }
    }
    return count
  }
}

/// A number in `size` bytes, little-endian.
func little(_ value: Int, _ size: Int) -> [UInt8] {
  (0..<size).map { UInt8(truncatingIfNeeded: $0 < 8 ? value >> ($0 * 8) : value >> 63) }
}

func ascii(_ text: String) -> [UInt8] { Array(text.utf8) }

let undefined = [UInt8](repeating: 0xff, count: 8)

/// The code of the error that `body` throws; `nil` when it does not throw one.
func errorCode(_ body: () throws -> Void) -> IOLinkError.Code? {
  do {
    try body()
    return nil
  } catch {
    return (error as? IOLinkError)?.code
  }
}
