internal import IOLinkCore
internal import IOLinkCompression

/// Where the chunks of one page are, and what each holds. Pure: no bytes are touched.
///
/// Chunks of a page are numbered as TIFF numbers strips and tiles: columns fastest, then rows, then planes of ImageDepth,
/// then, where samples are stored separately, samples.
struct TIFFLayout: Hashable, Sendable {
  let format: TIFFPageFormat
  /// Stored chunks along each direction.
  let across: Int
  let down: Int
  let deep: Int
  /// 1, or one per sample where they are stored separately.
  let planes: Int
  /// Bytes of one row of a chunk, decompressed; of a subsampled page one row of blocks.
  let rowByteCount: Int
  /// Rows that are read as one: a whole chunk, or, where strips are large and uncompressed or deflated, a divisor of its rows.
  let bandHeight: Int
  /// Bands along the rows of the page; `down` where bands are chunks.
  let bandsDown: Int

  /// - Throws: `limitExceeded` when sizes pass the largest integer or a chunk ``ReadLimits/chunkByteCount``.
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
    // The widest element is 16 bytes; the exact size follows from the type and is no larger.
    try limits.check(
      max(try Checked.multiply(rowByteCount, rows), decoded / 16 * Self.elementByteCount(format)), atMost: \.chunkByteCount,
      "bytes of a chunk")
    _ = try Checked.multiply(try Checked.multiply(across, down), try Checked.multiply(deep, planes))
  }

  /// Samples of a pixel that one chunk holds.
  var samplesPerChunk: Int { format.isPlanar ? 1 : format.samplesPerPixel }

  /// Stored chunks of a page. Cannot overflow: checked in init.
  var chunkCount: Int { across * down * deep * planes }

  /// Three stored chunks, one a sample, make one: YCbCr in separate planes.
  var joinsPlanes: Bool { format.isPlanar && format.isConvertedYCbCr && format.samplesPerPixel == 3 }

  /// Bands of a page, as the grid counts them.
  var bandCount: Int { across * bandsDown * deep * (joinsPlanes ? 1 : planes) }

  var isBanded: Bool { bandHeight != format.chunkHeight }

  /// Bands can only be decoded one after the other.
  var isStreamed: Bool { isBanded && format.compression != .none }

  /// The first band of the stored chunk that holds a band.
  func firstBand(ofChunkWith band: Int) -> Int {
    let y = band / across % bandsDown
    let strip = y * bandHeight / format.chunkHeight
    return band - (y - strip * format.chunkHeight / bandHeight) * across
  }

  /// A band's stored chunk, and where in it the band begins, in rows.
  ///
  /// - Parameter band: 0 ..< bandCount.
  func place(ofBand band: Int) -> (chunk: Int, firstRow: Int, rowCount: Int) {
    let column = band % across
    let y = band / across % bandsDown
    let rest = band / across / bandsDown
    let top = y * bandHeight
    let rowCount = format.isTiled ? format.chunkHeight : min(bandHeight, format.height - top)
    let strip = top / format.chunkHeight
    return ((rest * down + strip) * across + column, top - strip * format.chunkHeight, rowCount)
  }

  /// Rows of a stored chunk: fewer in the last strip.
  func rowCount(ofChunk chunk: Int) -> Int {
    format.isTiled ? format.chunkHeight : min(format.chunkHeight, format.height - chunk / across % down * format.chunkHeight)
  }

  /// Bytes of `rowCount` rows of a chunk, decompressed, all its planes of ImageDepth included.
  func decodedByteCount(rowCount: Int) -> Int {
    isSubsampled
      ? rowByteCount * Checked.ceilingDivide(rowCount, format.subsampling[1]) : rowByteCount * rowCount * format.chunkDepth
  }

  /// Chroma is stored once per block of pixels.
  var isSubsampled: Bool { !format.isPlanar && format.photometric == .yCbCr && format.subsampling != [1, 1] }

  private static func elementByteCount(_ format: TIFFPageFormat) -> Int {
    format.compression.isSGILog ? 4 : max(1, min(16, (format.bitsPerSample + 7) / 8 * 2))
  }

  private static func rowByteCount(_ format: TIFFPageFormat) throws(IOLinkError) -> Int {
    if !format.isPlanar, format.photometric == .yCbCr, format.subsampling != [1, 1] {
      let (h, v) = (format.subsampling[0], format.subsampling[1])
      let samples = try Checked.multiply(Checked.ceilingDivide(format.chunkWidth, h), h * v + 2)
      return Checked.ceilingDivide(try Checked.multiply(samples, format.bitsPerSample), 8)
    }
    let samples = try Checked.multiply(format.chunkWidth, format.isPlanar ? 1 : format.samplesPerPixel)
    return Checked.ceilingDivide(try Checked.multiply(samples, format.bitsPerSample), 8)
  }

  /// Uncompressed strips can be read in parts, and deflated ones as a stream, which is done with large ones only.
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
