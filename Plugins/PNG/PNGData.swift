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

  /// Reads all compressed bytes into one block.
  ///
  /// - Throws: `malformed` when a CRC does not match; any error that reading throws.
  func read(from source: any RandomAccess) throws(IOLinkError) -> MemoryBlock {
    guard let first = pieces.first, let last = pieces.last else { return MemoryBlock(allocating: 0) }
    let span = last.end - first.offset
    // If the chunks lie close together, one read fetches all of them, and the gaps are closed afterwards.
    let isTight = span - byteCount <= 64 * pieces.count
    let block = MemoryBlock(allocating: isTight ? span : byteCount + 4, isZeroed: .uninitialized)
    try block.withMutableBytes { bytes throws(IOLinkError) in
      if isTight { try source.read(at: first.offset, into: &bytes) }
      var end = 0
      for piece in pieces {
        var start = piece.offset - first.offset
        if !isTight {
          start = end
          var part = bytes._mutatingExtracting(start..<(start + piece.byteCount + 4))
          try source.read(at: piece.offset, into: &part)
        }
        try piece.check(bytes.bytes.extracting(start..<(start + piece.byteCount + 4)))
        bytes.move(start..<(start + piece.byteCount), to: end)
        end += piece.byteCount
      }
    }
    return block.part(0..<byteCount)
  }
}

extension PNGData {
  /// Inflates the whole stream at once, with libdeflate.
  ///
  /// - Parameter filteredByteCount: The number of bytes that the image needs; the stream may hold more.
  /// - Throws: `truncated` when the stream holds fewer bytes; `malformed` when the stream or the CRC of a chunk is wrong.
  func inflate(_ filteredByteCount: Int, from source: any RandomAccess) throws(IOLinkError) -> MemoryBlock {
    let stored = try read(from: source)
    let rows = MemoryBlock(allocating: filteredByteCount, isZeroed: .uninitialized)
    do throws(IOLinkError) {
      let decoded = try rows.withMutableBytes { output throws(IOLinkError) in
        try stored.withBytes { bytes throws(IOLinkError) in try Self.inflate(bytes, into: &output) }
      }
      guard decoded.written == filteredByteCount else {
        throw IOLinkError(.truncated, "the stream holds \(decoded.written) bytes, expected \(filteredByteCount)")
      }
    } catch {
      throw .png(error.code, "image data: \(error.reason)", at: pieces.first?.offset)
    }
    return rows
  }

  private static func inflate(_ bytes: RawSpan, into output: inout MutableRawSpan) throws(IOLinkError) -> Decoded {
    do throws(IOLinkError) {
      return try Deflate.decompress(bytes, into: &output, format: .zlib)
    } catch {
      // Either the stream holds more than the image needs, or zlib can report more precisely what is wrong.
      let decoded = try Deflate.decompressPrefix(bytes, into: &output, format: .zlib)
      guard error.code == .limitExceeded else { throw error }
      return decoded
    }
  }
}

extension PNGData.Piece {
  /// - Parameter stored: The compressed bytes and their CRC.
  /// - Throws: `malformed` when the CRC does not match.
  func check(_ stored: RawSpan) throws(IOLinkError) {
    let crc = try stored.load(at: byteCount, as: UInt32.self, order: .big)
    try check(Checksum.crc32(stored.extracting(0..<byteCount), after: checksum), crc)
  }

  /// - Throws: `malformed` when the two checksums differ.
  func check(_ found: UInt32, _ stored: UInt32) throws(IOLinkError) {
    guard Checksum.fits(found, stored: stored) else { throw .png(.malformed, "the CRC of image data does not match", at: offset) }
  }
}

extension MutableRawSpan {
  /// Moves bytes towards the beginning; source and target may overlap.
  ///
  /// - Precondition: `range` lies inside the span, and `target` is not greater than its lower bound.
  fileprivate mutating func move(_ range: Range<Int>, to target: Int) {
    precondition(target >= 0 && target <= range.lowerBound && range.upperBound <= byteCount)
    guard target != range.lowerBound else { return }
    unsafe withUnsafeMutableBytes { buffer in
      // Both parts lie in the buffer by the precondition, and copyMemory allows overlap.
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[target..<(target + range.count)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[range]))
    }
  }
}
