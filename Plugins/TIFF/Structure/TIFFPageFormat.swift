internal import IOLinkCore

/// The validated properties that all chunks of a page have in common. Pages with equal formats form one volume.
struct TIFFPageFormat: Hashable, Sendable {
  var width = 0
  var height = 0
  /// ImageDepth: the number of planes within one page, which is nearly always 1.
  var depth = 1
  var samplesPerPixel = 1
  var bitsPerSample = 1
  var sampleFormat = TIFFSampleFormat.unsigned
  var photometric = TIFFPhotometric.minIsBlack
  /// Whether each sample has its own chunks.
  var isPlanar = false
  var compression = TIFFCompression.none
  /// 1 for none, 2 for horizontal, 3 for floating point.
  var predictor = 1
  /// Whether the bits of every stored byte are reversed (FillOrder 2).
  var reversesBits = false
  /// ExtraSamples as stored: 0 for unspecified, 1 for premultiplied alpha, 2 for straight alpha.
  var extraSamples: [Int] = []
  /// The number of inks of a separated image, if stated.
  var inkCount: Int?
  var isTiled = false
  /// For tiles, the stored size, which may extend beyond the image. For strips, the image's width and the rows per strip, at most the
  /// image's height.
  var chunkWidth = 0
  var chunkHeight = 0
  var chunkDepth = 1
  /// YCbCrSubSampling, horizontal and vertical; 1 and 1 for other images.
  var subsampling = [1, 1]
  /// YCbCrCoefficients and ReferenceBlackWhite, if stated.
  var lumaCoefficients: [Double] = []
  var referenceBlackWhite: [Double] = []

  /// The properties that pages of one volume must share. The others may differ from page to page.
  var volumeKey: TIFFPageFormat {
    var key = self
    key.compression = .none
    key.predictor = 1
    key.reversesBits = false
    (key.isTiled, key.chunkWidth, key.chunkHeight, key.chunkDepth) = (false, 0, 0, 1)
    key.subsampling = [1, 1]
    (key.lumaCoefficients, key.referenceBlackWhite) = ([], [])
    if key.isConvertedYCbCr { key.photometric = .rgb }
    return key
  }

  /// Whether Y, Cb and Cr are converted to red, green and blue.
  var isConvertedYCbCr: Bool {
    photometric == .yCbCr && samplesPerPixel >= 3 && bitsPerSample == 8 && (!isPlanar || samplesPerPixel == 3)
  }
}

/// The values of SampleFormat. Undefined samples are treated as unsigned.
enum TIFFSampleFormat: Int, Sendable {
  case unsigned = 1, signed, float, undefined, complexInteger, complexFloat
}

extension TIFFPageFormat {
  /// The tags whose values decide the format.
  static let valueTags: Set<TIFFTag> = [
    .imageWidth, .imageLength, .imageDepth, .compression, .samplesPerPixel, .predictor, .fillOrder, .planarConfiguration, .bitsPerSample,
    .sampleFormat, .extraSamples, .numberOfInks, .photometric, .yCbCrSubSampling, .yCbCrCoefficients, .referenceBlackWhite, .tileWidth,
    .tileLength, .tileDepth, .rowsPerStrip,
  ]
  /// The tags of which it matters whether the directory has them. In old JPEG their values matter as well.
  static let presenceTags: Set<TIFFTag> = [
    .stripOffsets, .tileOffsets, .colorMap, .jpegInterchangeFormat, .jpegQTables,
  ]

  /// Reads the fields of ``valueTags`` and ``presenceTags``.
  ///
  /// - Throws: `malformed` when a required field is missing or fields contradict each other; `unsupported` for samples of different
  ///   types and for compressions that cannot be decoded; `limitExceeded` when a length does not fit in 32 bits.
  init(_ file: TIFFFile, _ whole: TIFFDirectory) throws(IOLinkError) {
    let directory = whole.restricted(to: Self.valueTags.union(Self.presenceTags))
    func positive(_ tag: TIFFTag) throws(IOLinkError) -> Int {
      guard let value = try file.single(directory, tag) else {
        throw .tiff(.malformed, "the directory has no \(tag.name)", at: directory.offset)
      }
      guard value > 0 else {
        throw .tiff(.malformed, "\(tag.name) is \(value), expected a positive number", at: directory[tag]?.valueOffset)
      }
      guard value <= Int(UInt32.max) else {
        throw .tiff(.limitExceeded, "\(tag.name) is \(value), expected at most 2^32 − 1", at: directory[tag]?.valueOffset)
      }
      return value
    }
    width = try positive(.imageWidth)
    height = try positive(.imageLength)
    if directory[.imageDepth] != nil { depth = try positive(.imageDepth) }
    compression = TIFFCompression(rawValue: max(1, try file.integer(directory, .compression) ?? 1))
    let implied = compression == .oldJPEG && directory[.samplesPerPixel] == nil ? JPEGStream.componentCount(file, directory) : nil
    samplesPerPixel = try file.single(directory, .samplesPerPixel) ?? implied ?? 1
    guard (1...65_535).contains(samplesPerPixel) else {
      throw .tiff(.malformed, "SamplesPerPixel is \(samplesPerPixel), expected 1 to 65535", at: directory[.samplesPerPixel]?.valueOffset)
    }
    predictor = compression == .none ? 1 : try file.single(directory, .predictor) ?? 1
    reversesBits = try file.single(directory, .fillOrder) == 2
    isPlanar = try file.single(directory, .planarConfiguration) == 2 && samplesPerPixel > 1
    try readSamples(file, directory)
    try readChunks(file, directory)
    guard compression.decoder != .nobody else {
      throw .tiff(.unsupported, "\(compression.name) is not supported", at: directory[.compression]?.valueOffset)
    }
    guard [1, 2, 3].contains(predictor) else {
      throw .tiff(.unsupported, "Predictor is \(predictor), expected 1 to 3", at: directory[.predictor]?.valueOffset)
    }
  }

  private mutating func readSamples(_ file: TIFFFile, _ directory: TIFFDirectory) throws(IOLinkError) {
    let bits = try file.integers(directory, .bitsPerSample, maximum: samplesPerPixel) ?? [compression == .oldJPEG ? 8 : 1]
    guard let first = bits.first, (1...128).contains(first) else {
      throw .tiff(.malformed, "BitsPerSample is \(bits), expected 1 to 128", at: directory[.bitsPerSample]?.valueOffset)
    }
    let formats = try file.integers(directory, .sampleFormat, maximum: samplesPerPixel) ?? [1]
    guard bits.allSatisfy({ $0 == first }), formats.allSatisfy({ $0 == formats[0] }) else {
      throw .tiff(
        .unsupported, "the samples have different types: bits \(bits), formats \(formats)", at: directory[.bitsPerSample]?.valueOffset)
    }
    bitsPerSample = first
    guard let format = TIFFSampleFormat(rawValue: formats.first ?? 1) else {
      throw .tiff(.malformed, "SampleFormat is \(formats), expected 1 to 6", at: directory[.sampleFormat]?.valueOffset)
    }
    sampleFormat = format == .undefined ? .unsigned : format
    extraSamples = try file.integers(directory, .extraSamples, maximum: samplesPerPixel) ?? []
    inkCount = try file.integer(directory, .numberOfInks)
    let stated = try file.single(directory, .photometric)
    photometric = stated.map { TIFFPhotometric(rawValue: $0) } ?? guessedPhotometric(hasMap: directory[.colorMap] != nil)
    // Old JPEG stores Y, Cb and Cr whatever the tag says, as libtiff assumes as well.
    if compression == .oldJPEG {
      if samplesPerPixel == 3, photometric == .rgb || directory[.samplesPerPixel] == nil { photometric = .yCbCr }
      if samplesPerPixel == 1, photometric == .rgb || photometric == .yCbCr { photometric = .minIsBlack }
    }
    if photometric == .yCbCr, samplesPerPixel >= 3 {
      let stored = try file.integers(directory, .yCbCrSubSampling, maximum: 2) ?? [2, 2]
      guard stored.count == 2, stored.allSatisfy({ [1, 2, 4].contains($0) }) else {
        throw .tiff(.malformed, "YCbCrSubSampling is \(stored), expected 1, 2 or 4", at: directory[.yCbCrSubSampling]?.valueOffset)
      }
      subsampling = stored
      // The JPEG library converts the colours to red, green and blue.
      if compression == .jpeg, !isPlanar { (photometric, subsampling) = (.rgb, [1, 1]) }
      guard !isPlanar || subsampling == [1, 1] else {
        throw .tiff(.unsupported, "YCbCr in separate planes of different sizes is not supported", at: directory.offset)
      }
      if let field = directory[.yCbCrCoefficients] { lumaCoefficients = try file.reals(field) }
      if let field = directory[.referenceBlackWhite] { referenceBlackWhite = try file.reals(field) }
    }
  }

  /// The interpretation of files that do not state the required PhotometricInterpretation.
  private func guessedPhotometric(hasMap: Bool) -> TIFFPhotometric {
    if compression.isCCITT { return .minIsWhite }
    if hasMap, samplesPerPixel == 1 { return .palette }
    let colors = samplesPerPixel - extraSamples.count
    return colors == 3 ? .rgb : colors == 4 ? .separated : .minIsBlack
  }

  private mutating func readChunks(_ file: TIFFFile, _ directory: TIFFDirectory) throws(IOLinkError) {
    isTiled = directory[.tileWidth] != nil || (directory[.tileOffsets] != nil && directory[.stripOffsets] == nil)
    if isTiled {
      guard let tileWidth = try file.single(directory, .tileWidth), let tileLength = try file.single(directory, .tileLength),
        tileWidth > 0, tileLength > 0, tileWidth <= Int(UInt32.max), tileLength <= Int(UInt32.max)
      else { throw .tiff(.malformed, "the tiles have no valid width and length", at: directory.offset) }
      (chunkWidth, chunkHeight) = (tileWidth, tileLength)
      chunkDepth = max(1, try file.single(directory, .tileDepth) ?? 1)
      guard chunkDepth <= Int(UInt32.max) else {
        throw .tiff(.malformed, "TileDepth is \(chunkDepth), expected at most 2^32 − 1", at: directory.offset)
      }
    } else {
      let rows = try file.single(directory, .rowsPerStrip) ?? height
      (chunkWidth, chunkHeight) = (width, rows > 0 ? min(rows, height) : height)
    }
  }
}
