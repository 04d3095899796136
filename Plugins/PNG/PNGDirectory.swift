internal import IOLinkCore

/// The contents of a PNG file: all chunks except the pixels, and where the pixels are.
///
/// Source: PNG (third edition), section 5.6 (order of chunks).
struct PNGDirectory {
  let header: PNGHeader
  /// PLTE: the red, green and blue values of each entry.
  private(set) var palette: [UInt8]?
  /// The data of tRNS, whose length has been validated.
  private(set) var transparency: [UInt8]?
  /// Where the image data (IDAT) are.
  private(set) var data = PNGData()
  /// The chunks that describe the image, in file order.
  private(set) var ancillary: [(type: PNGChunkType, bytes: [UInt8])] = []
  private(set) var animation: PNGAnimation?
  /// Whether the file ends before IEND.
  private(set) var isCutShort = false
  /// What is wrong with parts of the file that the image does not need.
  private(set) var warnings: [String] = []

  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

  /// The ancillary chunks that are read.
  private static let known: Set<PNGChunkType> = [
    .background, .chromaticities, .codingPoints, .contentLight, .exif, .gamma, .profile, .internationalText, .masteringDisplay, .offset,
    .physicalSize, .significantBits, .subjectScale, .standardRGB, .text, .time, .compressedText,
  ]

  /// Reads the chunks up to IEND, or up to the end of a file that is cut short.
  ///
  /// - Throws: `malformed` when a critical chunk is damaged, missing, repeated or in the wrong place; `truncated` when the
  ///   file ends before the image data; `unsupported` for unknown critical chunks; `limitExceeded` when there are too many chunks.
  /// - Complexity: One small read per chunk. Pixels are not read.
  init(_ source: any RandomAccess, limits: ReadLimits) throws(IOLinkError) {
    let first = try PNGChunk(at: Self.signature.count, in: source)
    guard first.type != .appleHeader else {
      throw .png(.unsupported, "the file has a CgBI chunk: it is in Apple's variant of PNG, which is not supported", at: first.offset)
    }
    guard first.type == .header, first.byteCount == PNGHeader.byteCount else {
      throw .png(.malformed, "the first chunk is \(first.type) of \(first.byteCount) bytes, expected IHDR of 13", at: first.offset)
    }
    header = try PNGHeader(try first.data(in: source), at: first.dataOffset)
    var animation = PNGAnimationReader(header)
    var remaining = limits.metadataByteCount
    var count = 1
    var position = first.end
    while let chunk = try next(at: position, &animation, source) {
      count += 1
      try limits.check(count, atMost: \.entryCount, "chunks")
      if chunk.type == .end {
        _ = try chunk.data(in: source)
        break
      }
      try take(chunk, &animation, source, &remaining)
      position = chunk.end
    }
    guard !data.isEmpty else { throw .png(.malformed, "the file has no image data (IDAT)", at: position) }
    guard header.color != .palette || palette != nil else {
      throw .png(.malformed, "the image consists of palette indices, but the file has no palette", at: first.offset)
    }
    self.animation = animation.finish(&warnings)
    if isCutShort { warnings.append("the file is cut short: it ends before IEND") }
  }

  /// Returns the chunk at an offset; `nil` when the file ends there, but has some of the image data.
  ///
  /// - Throws: `truncated` when the file ends before the image data; `malformed` when no chunk is there.
  private mutating func next(
    at offset: Int, _ animation: inout PNGAnimationReader, _ source: any RandomAccess
  ) throws(IOLinkError) -> PNGChunk? {
    do throws(IOLinkError) { return try PNGChunk(at: offset, in: source) } catch {
      guard error.code == .truncated else { throw error }
      let last = try PNGChunk(cutAt: offset, in: source)
      if let last, last.type == .data { try data.append(last, in: source) }
      guard data.byteCount > 0 else { throw error }
      animation.end(in: last, source)
      if last.map({ $0.type == .data }) ?? !data.isClosed { data.endEarly() }
      isCutShort = true
      return nil
    }
  }

  private mutating func take(
    _ chunk: PNGChunk, _ animation: inout PNGAnimationReader, _ source: any RandomAccess, _ remaining: inout Int
  ) throws(IOLinkError) {
    switch chunk.type {
    case .data: try data.append(chunk, in: source)
    case .palette: try takePalette(chunk, source)
    case .animationControl, .frameControl, .frameData: try animation.take(chunk, source, afterImage: !data.isEmpty)
    case .transparency: try takeTransparency(chunk, source)
    default:
      guard !chunk.type.isCritical else {
        throw .png(.unsupported, "the critical chunk \(chunk.type) is unknown", at: chunk.offset)
      }
      try takeAncillary(chunk, source, &remaining)
    }
    if chunk.type != .data { data.close() }
  }

  private mutating func takePalette(_ chunk: PNGChunk, _ source: any RandomAccess) throws(IOLinkError) {
    guard palette == nil else { throw .png(.malformed, "the file has a second palette, expected at most one", at: chunk.offset) }
    guard header.color == .palette else {
      // It only suggests colours for screens that cannot show all of them.
      warnings.append("the palette was ignored: the image does not consist of palette indices")
      return
    }
    guard data.isEmpty else { throw .png(.malformed, "the palette follows the image data, expected it before them", at: chunk.offset) }
    guard chunk.byteCount % 3 == 0, (3...768).contains(chunk.byteCount) else {
      throw .png(.malformed, "the palette has \(chunk.byteCount) bytes, expected 3 for each of 1 to 256 entries", at: chunk.offset)
    }
    palette = try chunk.data(in: source)
  }

  private mutating func takeTransparency(_ chunk: PNGChunk, _ source: any RandomAccess) throws(IOLinkError) {
    let isValid =
      switch header.color {
      case .gray: chunk.byteCount == 2
      case .rgb: chunk.byteCount == 6
      case .palette: chunk.byteCount > 0 && chunk.byteCount <= (palette?.count ?? 0) / 3
      case .grayAlpha, .rgba: false
      }
    guard isValid, data.isEmpty, transparency == nil else {
      warnings.append("tRNS of \(chunk.byteCount) bytes was ignored: its place or its length is wrong")
      return
    }
    transparency = intact(chunk, try bytes(of: chunk, source))
  }

  private mutating func takeAncillary(
    _ chunk: PNGChunk, _ source: any RandomAccess, _ remaining: inout Int
  ) throws(IOLinkError) {
    guard Self.known.contains(chunk.type) else { return }
    guard chunk.byteCount <= remaining else {
      warnings.append("\(chunk.type) of \(chunk.byteCount) bytes was ignored: the limit for metadata is reached")
      return
    }
    guard let bytes = intact(chunk, try bytes(of: chunk, source)) else { return }
    remaining -= chunk.byteCount
    ancillary.append((chunk.type, bytes))
  }

  /// Reads the chunk's data; `nil` when the CRC does not match.
  private func bytes(of chunk: PNGChunk, _ source: any RandomAccess) throws(IOLinkError) -> [UInt8]? {
    do throws(IOLinkError) { return try chunk.data(in: source) } catch {
      guard error.code == .malformed else { throw error }
      return nil
    }
  }

  private mutating func intact(_ chunk: PNGChunk, _ bytes: [UInt8]?) -> [UInt8]? {
    if bytes == nil { warnings.append("\(chunk.type) was ignored: its CRC does not match") }
    return bytes
  }

  mutating func warn(_ text: String) { warnings.append(text) }
}
