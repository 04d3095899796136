internal import CDeflate
internal import CZlib

/// General-purpose checksums.
///
/// Source: ISO 3309 and PNG, annex D (CRC-32); RFC 1950 (Adler-32). Adapter of libdeflate, and of zlib for combining checksums.
public enum Checksum {
  /// Returns the CRC-32 of `bytes`, continuing from the checksum of the bytes before them.
  public static func crc32(_ bytes: RawSpan, after previous: UInt32 = 0) -> UInt32 {
    // libdeflate reads `count` bytes. It is not called without bytes, because it takes a null pointer as a request for the initial value.
    unsafe bytes.withUnsafeBytes { $0.count == 0 ? previous : unsafe libdeflate_crc32(previous, $0.baseAddress, $0.count) }
  }

  /// Returns the Adler-32 of `bytes`, continuing from the checksum of the bytes before them.
  public static func adler32(_ bytes: RawSpan, after previous: UInt32 = 1) -> UInt32 {
    // libdeflate reads `count` bytes. It is not called without bytes, because it takes a null pointer as a request for the initial value.
    unsafe bytes.withUnsafeBytes { $0.count == 0 ? previous : unsafe libdeflate_adler32(previous, $0.baseAddress, $0.count) }
  }

  /// Whether the checksum of some bytes is the one that a file states for them.
  ///
  /// In builds for fuzzing every checksum fits. Otherwise almost all that the fuzzer tries would end here.
  public static func fits(_ found: UInt32, stored: UInt32) -> Bool {
    #if IOLINK_FUZZING
      true
    #else
      found == stored
    #endif
  }

  /// Returns the CRC-32 of two consecutive parts from the checksum of each and the size of the second.
  public static func combineCRC32(_ first: UInt32, _ second: UInt32, secondByteCount: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), secondByteCount))
  }

  /// Returns the Adler-32 of two consecutive parts from the checksum of each and the size of the second.
  public static func combineAdler32(_ first: UInt32, _ second: UInt32, secondByteCount: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: adler32_combine(UInt(first), UInt(second), secondByteCount))
  }
}
