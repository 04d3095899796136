internal import IOLinkCore
internal import IOLinkCompression

/// One zlib stream, cut into IDAT chunks or into the fdAT chunks of one frame.
struct PNGData: Sendable {
  /// The data of one chunk.
  struct Piece: Sendable {
    /// Without a frame's sequence number. The CRC stands behind.
    let offset: Int
    let byteCount: Int
    /// CRC of what precedes the data: type, sequence number.
    let checksum: UInt32

    var end: Int { offset + byteCount + 4 }
  }

  private(set) var pieces: [Piece] = []
  /// Compressed bytes.
  private(set) var byteCount = 0
  private(set) var isEmpty = true
  private var isClosed = false

  /// Adds an IDAT chunk. Its CRC is looked at when the pixels are read.
  ///
  /// - Throws: `malformed` when another chunk stood in between.
  mutating func append(_ chunk: PNGChunk, in source: any RandomAccess) throws(IOLinkError) {
    guard !isClosed else { throw .png(.malformed, "chunks stand between parts of the image data", at: chunk.offset) }
    try append(Piece(offset: chunk.dataOffset, byteCount: chunk.byteCount, checksum: chunk.type.checksum))
  }

  mutating func append(_ piece: Piece) throws(IOLinkError) {
    isEmpty = false
    guard piece.byteCount > 0 else { return }
    pieces.append(piece)
    byteCount = try Checked.add(byteCount, piece.byteCount)
  }

  /// Other chunks have begun.
  mutating func close() { isClosed = !isEmpty }

  /// Whether a deflate stream of this size can hold so much: it cannot expand more than 1032 times.
  func canHold(_ filteredByteCount: Int) -> Bool { filteredByteCount / 1032 <= byteCount }

  /// All compressed bytes, one behind the other.
  ///
  /// - Throws: `malformed` when a CRC differs.
  func read(from source: any RandomAccess) throws(IOLinkError) -> MemoryBlock {
    guard let first = pieces.first, let last = pieces.last else { return MemoryBlock(allocating: 0) }
    let span = last.end - first.offset
    // Chunks lie close together: one read for all, then the gaps are closed.
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
  /// Inflates all of it at once, by libdeflate.
  ///
  /// - Parameter filteredByteCount: How much the image needs; the stream may hold more.
  /// - Throws: `truncated` when the stream holds less; `malformed` when it, or the CRC of a chunk, is wrong.
  func inflate(_ filteredByteCount: Int, from source: any RandomAccess) throws(IOLinkError) -> MemoryBlock {
    let stored = try read(from: source)
    let rows = MemoryBlock(allocating: filteredByteCount, isZeroed: .uninitialized)
    do throws(IOLinkError) {
      let decoded = try rows.withMutableBytes { output throws(IOLinkError) in
        try stored.withBytes { bytes throws(IOLinkError) in try Self.inflate(bytes, into: &output) }
      }
      guard decoded.written == filteredByteCount else {
        throw IOLinkError(.truncated, "it holds \(decoded.written) bytes, expected \(filteredByteCount)")
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
      // Either there is more than the image needs, or zlib can say better what is wrong.
      let decoded = try Deflate.decompressPrefix(bytes, into: &output, format: .zlib)
      guard error.code == .limitExceeded else { throw error }
      return decoded
    }
  }
}

extension PNGData.Piece {
  /// - Parameter stored: Data and CRC.
  /// - Throws: `malformed` when they do not fit each other.
  func check(_ stored: RawSpan) throws(IOLinkError) {
    let crc = try stored.load(at: byteCount, as: UInt32.self, order: .big)
    try check(Checksum.crc32(stored.extracting(0..<byteCount), after: checksum), crc)
  }

  /// - Throws: `malformed` when they differ.
  func check(_ found: UInt32, _ stored: UInt32) throws(IOLinkError) {
    guard found == stored else { throw .png(.malformed, "the CRC of image data differs", at: offset) }
  }
}

extension MutableRawSpan {
  /// Moves bytes to an earlier place; the two may overlap.
  ///
  /// - Precondition: `range` lies inside, and `target` is not behind its beginning.
  fileprivate mutating func move(_ range: Range<Int>, to target: Int) {
    precondition(target >= 0 && target <= range.lowerBound && range.upperBound <= byteCount)
    guard target != range.lowerBound else { return }
    unsafe withUnsafeMutableBytes { buffer in
      // Both parts lie in the buffer by the precondition; copyMemory allows overlap.
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[target..<(target + range.count)])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[range]))
    }
  }
}
