/// The checksum that expectations state for pixels. It shares no code with the checksums of the codecs.
///
/// Source: ISO 3309, polynomial 0xEDB88320 reflected, as in zlib's `crc32`.
public enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { (index: UInt32) in
    (0..<8).reduce(index) { value, _ in value & 1 == 0 ? value >> 1 : 0xEDB8_8320 ^ (value >> 1) }
  }

  /// The CRC-32 of all bytes.
  ///
  /// - Complexity: O(n) in the number of bytes.
  public static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { Self.table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
  }
}
