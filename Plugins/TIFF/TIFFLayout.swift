internal import IOLinkCore
internal import IOLinkCompression

/// Where the chunks of one page are and what each holds. It is computed from the format alone and reads nothing.
///
/// The chunks of a page are numbered as TIFF numbers strips and tiles: columns fastest, then rows, then planes of ImageDepth. If
/// samples are stored separately, they are the slowest.
struct TIFFLayout: Hashable, Sendable {
  let format: TIFFPageFormat
  /// The number of stored chunks along each direction.
  let across: Int
  let down: Int
  let deep: Int
  /// 1, or the number of samples if they are stored separately.
  let planes: Int
  /// The decompressed size in bytes of one row of a chunk. In a subsampled page it is one row of blocks.
  let rowByteCount: Int
  /// The number of rows that are read at once. It is that of a chunk, or a divisor of it if large strips are uncompressed or deflated.
  let bandHeight: Int
  /// The number of bands along the rows of the page. It equals `down` if bands are chunks.
  let bandsDown: Int

  /// - Throws: `limitExceeded` when a size does not fit in an `Int` or a chunk exceeds ``ReadLimits/chunkByteCount``.
  init(_ format: TIFFPageFormat, limits: ReadLimits) throws(IOLinkError) {
    self.format = format
    across = Checked.ceilingDivide(format.width, format.chunkWidth)
    down = Checked.ceilingDivide(format.height, format.chunkHeight)
    deep = Checked.ceilingDivide(format.depth, format.chunkDepth)
    planes = format.isPlanar ? format.samplesPerPixel : 1
    rowByteCount = try Self.rowByteCount(format)
    bandHeight = Self.bandHeight(format, rowByteCount)
    bandsDown = bandHeight == format.chunkHeight ? down : Checked.ceilingDivide(format.height, bandHeight)
    let rows = try Checked.multiply(bandHeight, format.chunkDepth)
    let decoded = try Checked.multiply(try Checked.multiply(format.chunkWidth, rows), samplesPerChunk * 16)
    // The widest element has 16 bytes. The exact size follows from the type and is not larger.
    try limits.check(
      max(try Checked.multiply(rowByteCount, rows), decoded / 16 * Self.elementByteCount(format)), atMost: \.chunkByteCount,
      "bytes of a chunk")
    _ = try Checked.multiply(try Checked.multiply(across, down), try Checked.multiply(deep, planes))
    // A strip that is read in bands may be larger than the limit; its size is computed all the same.
    _ = try Checked.multiply(rowByteCount, try Checked.multiply(format.chunkHeight, format.chunkDepth))
  }

  /// The number of a pixel's samples that one chunk holds.
  var samplesPerChunk: Int { format.isPlanar ? 1 : format.samplesPerPixel }

  /// The number of stored chunks of a page. The product cannot overflow, because init has checked it.
  var chunkCount: Int { across * down * deep * planes }

  /// Whether three stored chunks, one per sample, are decoded as one. This is the case for YCbCr in separate planes.
  var joinsPlanes: Bool { format.isPlanar && format.isConvertedYCbCr && format.samplesPerPixel == 3 }

  /// The number of bands of a page, as the grid counts them.
  var bandCount: Int { across * bandsDown * deep * (joinsPlanes ? 1 : planes) }

  var isBanded: Bool { bandHeight != format.chunkHeight }

  /// Whether bands can only be decoded one after another.
  var isStreamed: Bool { isBanded && format.compression != .none }

  /// Returns the first band of the stored chunk that holds `band`.
  func firstBand(ofChunkWith band: Int) -> Int {
    let y = band / across % bandsDown
    let strip = y * bandHeight / format.chunkHeight
    return band - (y - strip * format.chunkHeight / bandHeight) * across
  }

  /// Returns a band's stored chunk, and the band's first row and number of rows in it.
  ///
  /// - Parameter band: The index of the band, below ``bandCount``.
  func place(ofBand band: Int) -> (chunk: Int, firstRow: Int, rowCount: Int) {
    let column = band % across
    let y = band / across % bandsDown
    let rest = band / across / bandsDown
    let top = y * bandHeight
    let rowCount = format.isTiled ? format.chunkHeight : min(bandHeight, format.height - top)
    let strip = top / format.chunkHeight
    return ((rest * down + strip) * across + column, top - strip * format.chunkHeight, rowCount)
  }

  /// Returns the number of rows in a stored chunk. The last strip may have fewer than the others.
  func rowCount(ofChunk chunk: Int) -> Int {
    format.isTiled ? format.chunkHeight : min(format.chunkHeight, format.height - chunk / across % down * format.chunkHeight)
  }

  /// Returns the decompressed size of `rowCount` rows of a chunk, including all its planes of ImageDepth.
  func decodedByteCount(rowCount: Int) -> Int {
    isSubsampled
      ? rowByteCount * Checked.ceilingDivide(rowCount, format.subsampling[1]) : rowByteCount * rowCount * format.chunkDepth
  }

  /// Whether chroma is stored once per block of pixels.
  var isSubsampled: Bool { !format.isPlanar && format.photometric == .yCbCr && format.subsampling != [1, 1] }

  private static func elementByteCount(_ format: TIFFPageFormat) -> Int {
    max(1, min(16, (format.bitsPerSample + 7) / 8 * 2))
  }

  private static func rowByteCount(_ format: TIFFPageFormat) throws(IOLinkError) -> Int {
    if !format.isPlanar, format.photometric == .yCbCr, format.subsampling != [1, 1] {
      let (h, v) = (format.subsampling[0], format.subsampling[1])
      // A block holds luminances, Cb and Cr, and has no place for a fourth sample.
      guard format.samplesPerPixel == 3 else {
        throw .tiff(.unsupported, "YCbCr with chroma in blocks and \(format.samplesPerPixel) samples per pixel is not supported")
      }
      let samples = try Checked.multiply(Checked.ceilingDivide(format.chunkWidth, h), h * v + 2)
      return Checked.ceilingDivide(try Checked.multiply(samples, format.bitsPerSample), 8)
    }
    let samples = try Checked.multiply(format.chunkWidth, format.isPlanar ? 1 : format.samplesPerPixel)
    return Checked.ceilingDivide(try Checked.multiply(samples, format.bitsPerSample), 8)
  }

  /// Chooses the height of bands. Only large strips are divided; uncompressed ones are read in parts and deflated ones as streams.
  private static func bandHeight(_ format: TIFFPageFormat, _ rowByteCount: Int) -> Int {
    let rows = format.chunkHeight
    let isStream = format.compression == .deflate || format.compression == .oldDeflate
    let largest = isStream ? streamByteCount : bandByteCount
    let byteCount = rows.multipliedReportingOverflow(by: rowByteCount)
    guard !format.isTiled, isStream || format.compression == .none, format.subsampling == [1, 1], format.depth == 1,
      !(format.isPlanar && format.isConvertedYCbCr), rowByteCount > 0, byteCount.overflow || byteCount.partialValue > largest
    else { return rows }
    let wanted = max(1, bandByteCount / rowByteCount)
    if rows == format.height { return wanted }
    return (1...wanted).last { rows % $0 == 0 } ?? 1
  }

  private static let bandByteCount = 1 << 20
  private static let streamByteCount = 64 << 20
}
