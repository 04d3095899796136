internal import IOLinkCore

/// The first 8 (classic) or 16 (BigTIFF) bytes of a file: byte order, version, first directory.
///
/// Source: TIFF 6.0, section 2, Image File Header; BigTIFF as AWare Systems describe it.
struct TIFFHeader: Hashable, Sendable {
  let order: ByteOrder
  /// Offsets, counts and directory entries are 64 bits wide.
  let isBig: Bool
  /// Offset of the first directory; 0 only in a file that is being written.
  let firstDirectory: Int

  var byteCount: Int { isBig ? 16 : 8 }
  /// Bytes of an offset, and of a value that lies inside a directory entry.
  var offsetByteCount: Int { isBig ? 8 : 4 }
  /// Bytes of the number of entries that begins a directory.
  var entryCountByteCount: Int { isBig ? 8 : 2 }
  /// Bytes of one directory entry.
  var entryByteCount: Int { isBig ? 20 : 12 }

  init(order: ByteOrder, isBig: Bool, firstDirectory: Int = 0) {
    self.order = order
    self.isBig = isBig
    self.firstDirectory = firstDirectory
  }

  /// - Parameter bytes: The beginning of the file.
  /// - Throws: `unrecognized` when it is no TIFF; `truncated`; `malformed` when the first directory lies in the header.
  init(_ bytes: RawSpan) throws(IOLinkError) {
    guard let kind = Self.kind(bytes) else { throw .tiff(.unrecognized, "the file does not begin as a TIFF does", at: 0) }
    order = kind.order
    isBig = kind.isBig
    do throws(IOLinkError) {
      if isBig {
        let width = try bytes.load(at: 4, as: UInt16.self, order: order)
        guard width == 8 else { throw .tiff(.unsupported, "offsets of \(width) bytes, expected 8", at: 4) }
        firstDirectory = try Checked.int(bytes.load(at: 8, as: UInt64.self, order: order))
      } else {
        firstDirectory = try Checked.int(bytes.load(at: 4, as: UInt32.self, order: order))
      }
    } catch { throw error.located(format: "TIFF") }
    guard firstDirectory >= (isBig ? 16 : 8) else {
      throw .tiff(.malformed, "the first directory is at \(firstDirectory), inside the header", at: isBig ? 8 : 4)
    }
  }

  /// Byte order and version from the first four bytes; `nil` when it is no TIFF.
  static func kind(_ bytes: RawSpan) -> (order: ByteOrder, isBig: Bool)? {
    guard let mark = try? bytes.load(at: 0, as: UInt16.self, order: .big), mark == 0x4949 || mark == 0x4D4D else { return nil }
    let order: ByteOrder = mark == 0x4949 ? .little : .big
    switch try? bytes.load(at: 2, as: UInt16.self, order: order) {
    case 42: return (order, false)
    case 43: return (order, true)
    default: return nil
    }
  }

  /// The header's bytes.
  func encoded() -> [UInt8] {
    let letter: UInt8 = order == .little ? 0x49 : 0x4D
    var bytes = [letter, letter]
    bytes.append(UInt16(isBig ? 43 : 42), order: order)
    if isBig {
      bytes.append(UInt16(8), order: order)
      bytes.append(UInt16(0), order: order)
      bytes.append(UInt64(firstDirectory), order: order)
    } else {
      bytes.append(UInt32(truncatingIfNeeded: firstDirectory), order: order)
    }
    return bytes
  }
}
