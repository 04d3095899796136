internal import IOLinkCore
internal import IOLinkCompression

/// The type of a chunk: four letters.
///
/// Source: PNG (third edition), sections 5.3, 5.4.
struct PNGChunkType: RawRepresentable, Hashable, CustomStringConvertible {
  /// The four letters as a big-endian integer.
  let rawValue: UInt32

  init(rawValue: UInt32) { self.rawValue = rawValue }

  init(_ letters: StaticString) {
    rawValue = "\(letters)".utf8.reduce(0) { $0 << 8 | UInt32($1) }
  }

  static let header = PNGChunkType("IHDR")
  static let palette = PNGChunkType("PLTE")
  static let data = PNGChunkType("IDAT")
  static let end = PNGChunkType("IEND")
  static let transparency = PNGChunkType("tRNS")
  static let appleHeader = PNGChunkType("CgBI")
  static let animationControl = PNGChunkType("acTL")
  static let frameControl = PNGChunkType("fcTL")
  static let frameData = PNGChunkType("fdAT")
  static let background = PNGChunkType("bKGD")
  static let chromaticities = PNGChunkType("cHRM")
  static let codingPoints = PNGChunkType("cICP")
  static let contentLight = PNGChunkType("cLLI")
  static let exif = PNGChunkType("eXIf")
  static let gamma = PNGChunkType("gAMA")
  static let profile = PNGChunkType("iCCP")
  static let masteringDisplay = PNGChunkType("mDCV")
  static let internationalText = PNGChunkType("iTXt")
  static let offset = PNGChunkType("oFFs")
  static let physicalSize = PNGChunkType("pHYs")
  static let significantBits = PNGChunkType("sBIT")
  static let subjectScale = PNGChunkType("sCAL")
  static let standardRGB = PNGChunkType("sRGB")
  static let text = PNGChunkType("tEXt")
  static let time = PNGChunkType("tIME")
  static let compressedText = PNGChunkType("zTXt")

  /// The four bytes in file order.
  var letters: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: rawValue >> $0) } }

  /// Whether all four bytes are ASCII letters.
  var isValid: Bool { letters.allSatisfy { (65...90).contains($0) || (97...122).contains($0) } }
  /// Whether a reader must understand the chunk to show the image.
  var isCritical: Bool { rawValue & 0x2000_0000 == 0 }

  /// The letters, or the values of the bytes if they are not letters.
  var description: String {
    isValid ? String(decoding: letters, as: UTF8.self) : letters.map(String.init).joined(separator: ".")
  }

  /// The CRC-32 of the letters, which is where the CRC of a chunk starts.
  var checksum: UInt32 { unsafe Checksum.crc32(letters.span.bytes) }  // bytes have no padding
}

/// The type, position and size of a chunk.
struct PNGChunk {
  let type: PNGChunkType
  /// The offset of the chunk's length field in the file.
  let offset: Int
  /// The number of bytes of data; of a chunk that is cut, only those that are there.
  let byteCount: Int
  /// Whether the file ends inside the chunk or its CRC.
  let isCut: Bool

  var dataOffset: Int { offset + 8 }
  /// The offset of the next chunk.
  var end: Int { dataOffset + byteCount + 4 }

  /// - Throws: `truncated` when the file ends inside the chunk; `malformed` when the type or the length is not valid.
  init(at offset: Int, in source: any RandomAccess) throws(IOLinkError) {
    guard offset <= source.byteCount - 12 else {
      throw .png(.truncated, "the file ends after \(source.byteCount - offset) more bytes, expected a chunk or IEND", at: offset)
    }
    let bytes = try source.bytes(at: offset, count: 8)
    let span = unsafe bytes.span.bytes  // bytes have no padding
    byteCount = Int(try span.load(at: 0, as: UInt32.self, order: .big))
    type = PNGChunkType(rawValue: try span.load(at: 4, as: UInt32.self, order: .big))
    self.offset = offset
    isCut = false
    guard type.isValid else { throw .png(.malformed, "\"\(type)\" is not a chunk type, expected four letters", at: offset + 4) }
    guard byteCount <= PNGHeader.maximumLength else {
      throw .png(.malformed, "chunk \(type) has \(byteCount) bytes, at most 2^31 − 1 are allowed", at: offset)
    }
    guard byteCount <= source.byteCount - offset - 12 else {
      throw .png(.truncated, "chunk \(type) of \(byteCount) bytes extends beyond the end of the file", at: offset)
    }
  }

  /// Reads the type and the size of a chunk that the file's end may cut.
  ///
  /// - Returns: `nil` when not even these are there, or they are not valid.
  init?(cutAt offset: Int, in source: any RandomAccess) throws(IOLinkError) {
    guard offset <= source.byteCount - 8 else { return nil }
    let bytes = try source.bytes(at: offset, count: 8)
    let span = unsafe bytes.span.bytes  // bytes have no padding
    let stated = Int(try span.load(at: 0, as: UInt32.self, order: .big))
    type = PNGChunkType(rawValue: try span.load(at: 4, as: UInt32.self, order: .big))
    guard type.isValid, stated <= PNGHeader.maximumLength else { return nil }
    self.offset = offset
    byteCount = min(stated, source.byteCount - offset - 8)
    isCut = true
  }

  /// Reads the chunk's data.
  ///
  /// - Throws: `malformed` when the CRC does not match; any error that reading throws.
  func data(in source: any RandomAccess) throws(IOLinkError) -> [UInt8] {
    var bytes = try source.bytes(at: dataOffset, count: byteCount + 4)
    let crc = try unsafe bytes.span.bytes.load(at: byteCount, as: UInt32.self, order: .big)  // bytes have no padding
    bytes.removeLast(4)
    let found = unsafe Checksum.crc32(bytes.span.bytes, after: type.checksum)  // bytes have no padding
    guard Checksum.fits(found, stored: crc) else { throw .png(.malformed, "the CRC of chunk \(type) does not match its data", at: offset) }
    return bytes
  }

  /// Encodes a complete chunk.
  static func bytes(_ type: PNGChunkType, _ data: [UInt8]) -> [UInt8] {
    var bytes = prologue(type, byteCount: data.count) + data
    bytes.append(unsafe Checksum.crc32(data.span.bytes, after: type.checksum), order: .big)  // bytes have no padding
    return bytes
  }

  /// Encodes the length and the type, which precede the data and the CRC.
  static func prologue(_ type: PNGChunkType, byteCount: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(UInt32(byteCount), order: .big)
    return bytes + type.letters
  }
}
