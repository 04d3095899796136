internal import IOLinkCore
internal import IOLinkCompression

/// One zlib stream, split into IDAT chunks or into the fdAT chunks of one frame.
struct PNGData: Sendable {
  /// The data of one chunk.
  struct Piece: Sendable {
    /// The offset of the compressed bytes, after the sequence number if there is one. The CRC follows them.
    let offset: Int
    let byteCount: Int
    /// The CRC of what precedes the compressed bytes: the type, and the sequence number if there is one.
    let checksum: UInt32
    /// Whether the file ends inside the chunk or its CRC, which is then not checked.
    var isCut = false

    var end: Int { offset + byteCount + 4 }
  }

  private(set) var pieces: [Piece] = []
  /// The number of compressed bytes.
  private(set) var byteCount = 0
  private(set) var isEmpty = true
  private(set) var isClosed = false
  /// Whether the file ends before the last chunk does, or before it says that this was the last one.
  private(set) var isCutShort = false

  /// Records that the file ends here.
  mutating func endEarly() { isCutShort = true }

  /// Adds an IDAT chunk. Its CRC is checked when the pixels are read.
  ///
  /// - Throws: `malformed` when other chunks lie between this one and the IDAT chunk before it.
  mutating func append(_ chunk: PNGChunk, in source: any RandomAccess) throws(IOLinkError) {
    guard !isClosed else { throw .png(.malformed, "other chunks lie between the IDAT chunks, which must be consecutive", at: chunk.offset) }
    try append(Piece(offset: chunk.dataOffset, byteCount: chunk.byteCount, checksum: chunk.type.checksum, isCut: chunk.isCut))
  }

  mutating func append(_ piece: Piece) throws(IOLinkError) {
    isEmpty = false
    guard piece.byteCount > 0 else { return }
    pieces.append(piece)
    byteCount = try Checked.add(byteCount, piece.byteCount)
  }

  /// Records that another chunk follows, after which no IDAT chunk may be added.
  mutating func close() { isClosed = !isEmpty }

  /// Whether a stream of this size can expand to that many bytes. Deflate's best ratio is 1032 to 1.
  func canHold(_ filteredByteCount: Int) -> Bool { filteredByteCount / 1032 <= byteCount }
}

extension PNGData.Piece {
  /// - Throws: `malformed` when the two checksums differ.
  func check(_ found: UInt32, _ stored: UInt32) throws(IOLinkError) {
    guard Checksum.fits(found, stored: stored) else { throw .png(.malformed, "the CRC of image data does not match", at: offset) }
  }
}
