internal import IOLinkCore

/// The directory of a ZIP archive, with ZIP64, which says where the bytes of each member are.
///
/// Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14 to 4.3.16 (end records),
/// 4.5.3 (ZIP64 extra field).
struct ZIPArchive {
  struct Member: Hashable {
    let name: String
    let method: Int
    let storedByteCount: Int
    let byteCount: Int
    let crc32: UInt32
    /// The offset of the member's bytes, which follow its local header.
    let dataOffset: Int
    let isEncrypted: Bool
    /// The offsets of the checksum in the directory and, unless it follows the member's bytes, in the local header.
    let crc32Offsets: [Int]

    /// Whether macOS has added the member to keep the attributes of another one.
    var isResourceFork: Bool {
      let parts = name.split(separator: "/")
      return parts.first == "__MACOSX" || parts.last?.hasPrefix("._") ?? false
    }
  }

  let members: [Member]

  static let localSignature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]
  static let emptySignature: [UInt8] = [0x50, 0x4B, 0x05, 0x06]

  /// Reads the directory at the end of the archive.
  ///
  /// - Throws: `malformed` or `truncated` when the directory is damaged; `limitExceeded` when it is larger than allowed.
  init(reading source: any RandomAccess, limits: ReadLimits) throws(IOLinkError) {
    let end = try End(searching: source)
    try limits.check(end.entryCount, atMost: \.imageCount, "archive members")
    try limits.check(end.directoryByteCount, atMost: \.metadataByteCount, "archive directory bytes")
    let directory = try source.bytes(at: end.directoryOffset, count: end.directoryByteCount)
    var members: [Member] = []
    var position = 0
    for _ in 0..<end.entryCount {
      members.append(try Self.member(in: directory, at: &position, directoryOffset: end.directoryOffset, source))
    }
    self.members = members
  }

  private static func member(
    in directory: [UInt8], at position: inout Int, directoryOffset: Int, _ source: any RandomAccess
  ) throws(IOLinkError) -> Member {
    let bytes = unsafe directory.span.bytes  // bytes have no padding
    let start = position
    guard try bytes.load(at: start, as: UInt32.self, order: .little) == 0x0201_4B50 else {
      throw .npz(.malformed, "the signature of a directory entry is missing", at: directoryOffset + start)
    }
    let nameLength = Int(try bytes.load(at: start + 28, as: UInt16.self, order: .little))
    let extraLength = Int(try bytes.load(at: start + 30, as: UInt16.self, order: .little))
    let commentLength = Int(try bytes.load(at: start + 32, as: UInt16.self, order: .little))
    let end = start + 46 + nameLength + extraLength + commentLength
    guard end <= directory.count else { throw .npz(.truncated, "the directory entry is cut off", at: directoryOffset + start) }
    var sizes = [
      UInt64(try bytes.load(at: start + 24, as: UInt32.self, order: .little)),
      UInt64(try bytes.load(at: start + 20, as: UInt32.self, order: .little)),
      UInt64(try bytes.load(at: start + 42, as: UInt32.self, order: .little)),
    ]
    let extra = (start + 46 + nameLength)..<(start + 46 + nameLength + extraLength)
    try widen(&sizes, extra, bytes)
    let localOffset = try Checked.int(sizes[2])
    let local = try source.bytes(at: localOffset, count: 30)
    let localBytes = unsafe local.span.bytes  // bytes have no padding
    guard local.starts(with: localSignature) else {
      throw .npz(.malformed, "the signature of a member's local header is missing", at: localOffset)
    }
    let skipped =
      Int(try localBytes.load(at: 26, as: UInt16.self, order: .little))
      + Int(try localBytes.load(at: 28, as: UInt16.self, order: .little))
    position = end
    let hasDescriptor = try localBytes.load(at: 6, as: UInt16.self, order: .little) & 8 != 0
    return Member(
      name: String(decoding: directory[(start + 46)..<(start + 46 + nameLength)], as: UTF8.self),
      method: Int(try bytes.load(at: start + 10, as: UInt16.self, order: .little)),
      storedByteCount: try Checked.int(sizes[1]), byteCount: try Checked.int(sizes[0]),
      crc32: try bytes.load(at: start + 16, as: UInt32.self, order: .little), dataOffset: localOffset + 30 + skipped,
      isEncrypted: try bytes.load(at: start + 8, as: UInt16.self, order: .little) & 1 != 0,
      crc32Offsets: [directoryOffset + start + 16] + (hasDescriptor ? [] : [localOffset + 14]))
  }

  /// Replaces each value of `sizes` that has all 32 bits set with the next value of the ZIP64 extra field.
  private static func widen(_ sizes: inout [UInt64], _ extra: Range<Int>, _ bytes: RawSpan) throws(IOLinkError) {
    var position = extra.lowerBound
    while position + 4 <= extra.upperBound {
      let kind = try bytes.load(at: position, as: UInt16.self, order: .little)
      let length = Int(try bytes.load(at: position + 2, as: UInt16.self, order: .little))
      if kind == 1 {
        var field = position + 4
        for index in sizes.indices where sizes[index] == 0xFFFF_FFFF && field + 8 <= extra.upperBound {
          sizes[index] = try bytes.load(at: field, as: UInt64.self, order: .little)
          field += 8
        }
      }
      position += 4 + length
    }
  }

  /// The record at the archive's end, which says where the directory is.
  private struct End {
    var entryCount: Int
    var directoryByteCount: Int
    var directoryOffset: Int

    init(searching source: any RandomAccess) throws(IOLinkError) {
      let count = min(source.byteCount, 22 + 65_535)
      let start = source.byteCount - count
      let tail = try source.bytes(at: start, count: count)
      guard let found = tail.indices.reversed().first(where: { tail[$0...].starts(with: emptySignature) }), found + 22 <= tail.count
      else { throw .npz(.truncated, "the archive is cut short: its directory, which is at its end, is missing", at: source.byteCount) }
      let bytes = unsafe tail.span.bytes  // bytes have no padding
      entryCount = Int(try bytes.load(at: found + 10, as: UInt16.self, order: .little))
      directoryByteCount = Int(try bytes.load(at: found + 12, as: UInt32.self, order: .little))
      directoryOffset = Int(try bytes.load(at: found + 16, as: UInt32.self, order: .little))
      let isWide = entryCount == 0xFFFF || directoryByteCount == 0xFFFF_FFFF || directoryOffset == 0xFFFF_FFFF
      guard isWide, found >= 20, try bytes.load(at: found - 20, as: UInt32.self, order: .little) == 0x0706_4B50 else { return }
      let wideOffset = try Checked.int(try bytes.load(at: found - 12, as: UInt64.self, order: .little))
      let wide = try source.bytes(at: wideOffset, count: 56)
      let wideBytes = unsafe wide.span.bytes  // bytes have no padding
      guard try wideBytes.load(at: 0, as: UInt32.self, order: .little) == 0x0606_4B50 else {
        throw .npz(.malformed, "the archive has no ZIP64 end-of-directory record here", at: wideOffset)
      }
      entryCount = try Checked.int(try wideBytes.load(at: 32, as: UInt64.self, order: .little))
      directoryByteCount = try Checked.int(try wideBytes.load(at: 40, as: UInt64.self, order: .little))
      directoryOffset = try Checked.int(try wideBytes.load(at: 48, as: UInt64.self, order: .little))
    }
  }
}
