internal import IOLinkCore

/// The first 8 (classic) or 16 (BigTIFF) bytes of a file: byte order, version and first directory.
///
/// Source: TIFF 6.0, section 2, Image File Header; BigTIFF as AWare Systems describe it.
struct TIFFHeader: Hashable, Sendable {
  let order: ByteOrder
  /// Whether offsets, counts and directory entries use 64 bits (BigTIFF).
  let isBig: Bool
  /// The offset of the first directory. It is 0 only in a file that is being written.
  let firstDirectory: Int

  var byteCount: Int { isBig ? 16 : 8 }
  /// The number of bytes in an offset, and in a value that lies inside a directory entry.
  var offsetByteCount: Int { isBig ? 8 : 4 }
  /// The number of bytes in the entry count with which a directory begins.
  var entryCountByteCount: Int { isBig ? 8 : 2 }
  /// The number of bytes in a directory entry.
  var entryByteCount: Int { isBig ? 20 : 12 }

  init(order: ByteOrder, isBig: Bool, firstDirectory: Int = 0) {
    self.order = order
    self.isBig = isBig
    self.firstDirectory = firstDirectory
  }

  /// - Parameter bytes: The beginning of the file.
  /// - Throws: `unrecognized` when the file is not a TIFF; `truncated` when it ends inside the header; `unsupported` when offsets do not
  ///   have 8 bytes in BigTIFF; `malformed` when the first directory lies inside the header.
  init(_ bytes: RawSpan) throws(IOLinkError) {
    guard let kind = Self.kind(bytes) else { throw .tiff(.unrecognized, "the file does not start with II or MM and 42 or 43", at: 0) }
    order = kind.order
    isBig = kind.isBig
    do throws(IOLinkError) {
      if isBig {
        let width = try bytes.load(at: 4, as: UInt16.self, order: order)
        guard width == 8 else { throw .tiff(.unsupported, "offsets have \(width) bytes, expected 8", at: 4) }
        firstDirectory = try Checked.int(bytes.load(at: 8, as: UInt64.self, order: order))
      } else {
        firstDirectory = try Checked.int(bytes.load(at: 4, as: UInt32.self, order: order))
      }
    } catch { throw error.located(format: "TIFF") }
    guard firstDirectory >= (isBig ? 16 : 8) else {
      throw .tiff(.malformed, "the first directory is at \(firstDirectory), expected it after the header", at: isBig ? 8 : 4)
    }
  }

  /// Returns the byte order and the version according to the first four bytes; `nil` when they are not those of a TIFF.
  static func kind(_ bytes: RawSpan) -> (order: ByteOrder, isBig: Bool)? {
    guard let mark = try? bytes.load(at: 0, as: UInt16.self, order: .big), mark == 0x4949 || mark == 0x4D4D else { return nil }
    let order: ByteOrder = mark == 0x4949 ? .little : .big
    switch try? bytes.load(at: 2, as: UInt16.self, order: order) {
    case 42: return (order, false)
    case 43: return (order, true)
    default: return nil
    }
  }

  /// Encodes the header.
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
