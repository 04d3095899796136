internal import CDeflate
internal import CZlib

/// Checksums of general use.
///
/// Source: ISO 3309 and PNG, annex D (CRC-32); RFC 1950 (Adler-32). Adapter of libdeflate, and of zlib for the combinations.
public enum Checksum {
  /// CRC-32 of `bytes`, going on from the checksum of what precedes them.
  public static func crc32(_ bytes: RawSpan, after previous: UInt32 = 0) -> UInt32 {
    // libdeflate reads count bytes; a null pointer would mean the initial value.
    unsafe bytes.withUnsafeBytes { $0.count == 0 ? previous : unsafe libdeflate_crc32(previous, $0.baseAddress, $0.count) }
  }

  /// Adler-32 of `bytes`, going on from the checksum of what precedes them.
  public static func adler32(_ bytes: RawSpan, after previous: UInt32 = 1) -> UInt32 {
    // libdeflate reads count bytes; a null pointer would mean the initial value.
    unsafe bytes.withUnsafeBytes { $0.count == 0 ? previous : unsafe libdeflate_adler32(previous, $0.baseAddress, $0.count) }
  }

  /// CRC-32 of two parts put one behind the other, from the checksum of each and the size of the second.
  public static func combineCRC32(_ first: UInt32, _ second: UInt32, secondByteCount: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), secondByteCount))
  }

  /// Adler-32 of two parts put one behind the other, from the checksum of each and the size of the second.
  public static func combineAdler32(_ first: UInt32, _ second: UInt32, secondByteCount: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: adler32_combine(UInt(first), UInt(second), secondByteCount))
  }
}
