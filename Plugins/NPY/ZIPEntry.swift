internal import IOLinkCompression
internal import IOLinkCore

/// A member of an archive that is being written, and its two headers.
///
/// Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.5.3 (ZIP64 extra field).
struct ZIPEntry {
  let name: [UInt8]
  /// 0 for stored, 8 for deflated bytes.
  let method: Int
  /// The offset of the local header in the archive.
  let localOffset: Int
  /// The checksum of the content.
  private(set) var crc32: UInt32 = 0
  private(set) var storedByteCount = 0
  private(set) var byteCount = 0

  init(name: [UInt8], method: Int, localOffset: Int) { (self.name, self.method, self.localOffset) = (name, method, localOffset) }

  /// Counts bytes that were added to the content.
  ///
  /// - Parameters:
  ///   - sum: Their CRC-32.
  ///   - stored: The number of bytes that they take in the archive.
  mutating func add(_ sum: UInt32, byteCount count: Int, stored: Int) {
    crc32 = Checksum.combineCRC32(crc32, sum, secondByteCount: count)
    byteCount += count
    storedByteCount += stored
  }

  /// The size of the local header. It is padded so that stored bytes, which follow it, begin at a multiple of 64 and can be mapped.
  var localHeaderByteCount: Int {
    let least = 30 + name.count + Self.wideByteCount + Self.paddingByteCount
    return Checked.ceilingDivide(localOffset + least, Self.alignment) * Self.alignment - localOffset
  }

  /// The local header. Sizes have 64 bits, because the room for them is there before they are known.
  func localHeader() -> [UInt8] {
    let padding = localHeaderByteCount - 30 - name.count - Self.wideByteCount - Self.paddingByteCount
    var bytes = ZIPArchive.localSignature
    appendCommon(to: &bytes, sizes: [.max, .max])
    bytes.append(UInt16(Self.wideByteCount + Self.paddingByteCount + padding), order: .little)
    bytes += name
    appendWide([byteCount, storedByteCount], to: &bytes)
    bytes.append(Self.paddingField, order: .little)
    bytes.append(UInt16(2 + padding), order: .little)
    bytes.append(UInt16(Self.alignment), order: .little)
    return bytes + Array(repeating: 0, count: padding)
  }

  /// The entry in the directory at the end of the archive, with 64 bits for the numbers that need them.
  func directoryEntry() -> [UInt8] {
    let wide = [byteCount, storedByteCount, localOffset].filter { UInt32.max <= $0 }
    var bytes: [UInt8] = [0x50, 0x4B, 0x01, 0x02]
    bytes.append(UInt16(3 << 8 | Self.version), order: .little)  // made on a system with the file attributes of Unix
    appendCommon(to: &bytes, sizes: [storedByteCount, byteCount].map { UInt32(clamping: $0) })
    bytes.append(UInt16(wide.isEmpty ? 0 : 4 + wide.count * 8), order: .little)
    bytes += [UInt8](repeating: 0, count: 2 + 2 + 2)  // no comment, the first disk, no internal attributes
    bytes.append(UInt32(0o100_600) << 16, order: .little)
    bytes.append(UInt32(clamping: localOffset), order: .little)
    bytes += name
    if !wide.isEmpty { appendWide(wide, to: &bytes) }
    return bytes
  }

  /// Adds the fields from the version to the length of the name, which both headers have.
  private func appendCommon(to bytes: inout [UInt8], sizes: [UInt32]) {
    bytes.append(UInt16(Self.version), order: .little)
    bytes.append(Self.isUTF8, order: .little)
    bytes.append(UInt16(method), order: .little)
    bytes.append(UInt32(Self.date), order: .little)
    bytes.append(crc32, order: .little)
    for size in sizes { bytes.append(size, order: .little) }
    bytes.append(UInt16(name.count), order: .little)
  }

  private func appendWide(_ numbers: [Int], to bytes: inout [UInt8]) {
    bytes.append(UInt16(1), order: .little)
    bytes.append(UInt16(numbers.count * 8), order: .little)
    for number in numbers { bytes.append(UInt64(number), order: .little) }
  }

  private static let version = 45  // that of ZIP64
  private static let isUTF8: UInt16 = 1 << 11
  private static let date = (1 << 5 | 1) << 16  // 1 January 1980, so that equal images give equal archives
  private static let alignment = 64
  private static let wideByteCount = 4 + 2 * 8
  /// The extra field that Android's tools use to align members, without its padding.
  private static let paddingField: UInt16 = 0xD935
  private static let paddingByteCount = 4 + 2
}

extension ZIPArchive {
  /// The directory of an archive and the records that end it.
  ///
  /// - Parameter offset: The offset of the directory, where the last member ends.
  static func directory(of entries: [ZIPEntry], at offset: Int) -> [UInt8] {
    var bytes = entries.flatMap { $0.directoryEntry() }
    let byteCount = bytes.count
    if entries.count >= UInt16.max || byteCount >= UInt32.max || offset >= UInt32.max {
      let wideOffset = offset + byteCount
      bytes += [0x50, 0x4B, 0x06, 0x06]
      bytes.append(UInt64(44), order: .little)
      bytes.append(UInt16(3 << 8 | 45), order: .little)
      bytes.append(UInt16(45), order: .little)
      bytes.append(UInt64(0), order: .little)  // the disks of this record and of the directory
      for number in [entries.count, entries.count, byteCount, offset] { bytes.append(UInt64(number), order: .little) }
      bytes += [0x50, 0x4B, 0x06, 0x07]
      bytes.append(UInt32(0), order: .little)
      bytes.append(UInt64(wideOffset), order: .little)
      bytes.append(UInt32(1), order: .little)
    }
    bytes += emptySignature
    bytes.append(UInt32(0), order: .little)
    for _ in 0..<2 { bytes.append(UInt16(clamping: entries.count), order: .little) }
    for number in [byteCount, offset] { bytes.append(UInt32(clamping: number), order: .little) }
    bytes.append(UInt16(0), order: .little)
    return bytes
  }
}
