internal import IOLinkCore

extension TIFFPageFormat {
  /// Makes the format of the pages that hold an image.
  ///
  /// - Throws: `unsupported` when a page would be too large or the predictor does not fit the type.
  init(_ image: ImageDescription, row: Int?, column: Int, _ options: TIFFWriteOptions) throws(IOLinkError) {
    let componentType = image.dataType.componentType
    width = image.shape[column]
    height = row.map { image.shape[$0] } ?? 1
    guard width <= Int(Int32.max), height <= Int(Int32.max) else {
      throw .tiff(.unsupported, "a TIFF page has at most 2147483647 rows and columns, the image has the shape \(image.shape)")
    }
    samplesPerPixel = image.dataType.componentCount
    bitsPerSample = try Self.bitsPerSample(image, options)
    sampleFormat =
      componentType.isComplex ? .complexFloat : componentType.isFloatingPoint ? .float : componentType.isSignedInteger ? .signed : .unsigned
    compression = options.compression
    (photometric, extraSamples) = Self.meaning(image)
    predictor = try Self.predictor(options, componentType, isPacked: bitsPerSample < componentType.byteCount * 8 || componentType.isComplex)
    try checkLibrary(componentType, options)
    chunkWidth = width
    // An image without rows is one strip: a tile would be mostly empty.
    if let chunk = options.chunk, row != nil {
      (isTiled, chunkWidth, chunkHeight) = (chunk.isTiled, chunk.width, chunk.height)
    } else if let tile = options.tile, row != nil {
      isTiled = true
      (chunkWidth, chunkHeight) = (tile, tile)
    } else {
      let bits = try Checked.multiply(try Checked.multiply(width, samplesPerPixel), bitsPerSample)
      chunkHeight = min(height, options.rows ?? max(1, Self.stripByteCount * 8 / max(1, bits)))
      // Rows of 8 × 8 blocks, or of two of them where colours are shared, must be whole.
      if compression == .jpeg, chunkHeight < height { chunkHeight = min(height, Checked.ceilingDivide(chunkHeight, 16) * 16) }
    }
    if compression == .jpeg, photometric == .rgb { subsampling = options.library.kept?.subsampling ?? options.library.subsampling }
  }

  private static let stripByteCount = 256 << 10

  private static func bitsPerSample(_ image: ImageDescription, _ options: TIFFWriteOptions) throws(IOLinkError) -> Int {
    let type = image.dataType.componentType
    if type == .boolean { return 1 }
    let whole = type.byteCount * 8
    guard options.packsBits, let significant = image.properties.significantBits, significant < whole else { return whole }
    // With fewer bits, samples would be read as a smaller type.
    let allowed = (type == .uint8 ? 2 : whole / 2 + 1)..<whole
    guard type.isUnsignedInteger, whole <= 32, allowed.contains(significant) else {
      throw .tiff(
        .unsupported,
        "bits=significant packs uint8 of 2 to 7, uint16 of 9 to 15 and uint32 of 17 to 31 bits, but the components are \(type) of "
          + "\(significant) bits: convert the type first")
    }
    return significant
  }

  /// Checks that libtiff can compress such samples.
  private func checkLibrary(_ type: ComponentType, _ options: TIFFWriteOptions) throws(IOLinkError) {
    let held: String
    switch compression {
    case .jpeg where !(type == .uint8 && bitsPerSample == 8 && [1, 3, 4].contains(samplesPerPixel)): held = "uint8 of 1, 3 or 4 components"
    case .jpeg where samplesPerPixel == 4 && photometric != .separated: held = "uint8 of 1 or 3 components, or of 4 if they are inks"
    case .jpeg where photometric == .palette || photometric == .cieLab: held = "gray and colours, but not indices or CIELab"
    case .webP where !(type == .uint8 && bitsPerSample == 8 && photometric == .rgb): held = "uint8 of 3 or 4 components"
    case .lerc where type.isComplex || type == .boolean || type == .float16 || [.uint64, .int64].contains(type) || bitsPerSample % 8 != 0:
      held = "integers of up to 32 bits and floating point of 32 and 64 bits, in whole bytes"
    case .ccittGroup4 where bitsPerSample != 1 || samplesPerPixel != 1: held = "bool of one component"
    default: return
    }
    throw .tiff(.unsupported, "\(compression.name) holds \(held), but the components are \(type) (\(samplesPerPixel) per element)")
  }

  /// Returns the photometric interpretation, and the meaning of the samples that do not belong to the colour.
  private static func meaning(_ image: ImageDescription) -> (TIFFPhotometric, [Int]) {
    let count = image.dataType.componentCount
    let properties = image.properties
    let extra = [AlphaMode.none: 0, .unspecified: 0, .premultiplied: 1, .straight: 2][properties.alpha] ?? 0
    switch (properties.interpretation, count) {
    case (.cmyk, 4): return (.separated, [])
    case (.cielab, 3): return (.cieLab, [])
    case (.rgb, 3), (.unknown, 3): return (.rgb, [])
    case (.rgb, 4), (.unknown, 4): return (.rgb, [extra])
    case (.minIsWhite, 1): return (.minIsWhite, [])
    case (.palette, 1) where colorMap(image) != nil: return (.palette, [])
    case (_, 1): return (.minIsBlack, [])
    case (_, 2): return (.minIsBlack, [extra])
    default: return (.minIsBlack, Array(repeating: 0, count: count - 1))
    }
  }

  /// Returns the map of a palette image, with an entry for every value of a sample; `nil` when no map fits.
  static func colorMap(_ image: ImageDescription) -> [Int]? {
    let bits = image.dataType.componentType == .boolean ? 1 : image.dataType.componentType.byteCount * 8
    guard bits <= 16, image.dataType.componentType == .boolean || image.dataType.componentType.isUnsignedInteger,
      case .numbers(let numbers)? = image.metadata["/tiff/ColorMap"], let entries = numbers.integers, entries.count % 3 == 0
    else { return nil }
    let (given, wanted) = (entries.count / 3, 1 << bits)
    guard given > 0, given <= wanted, entries.allSatisfy({ (0...65_535).contains($0) }) else { return nil }
    // The map consists of three tables, each of which is padded.
    return (0..<3).flatMap { entries[($0 * given)..<(($0 + 1) * given)] + Array(repeating: 0, count: wanted - given) }
  }

  private static func predictor(
    _ options: TIFFWriteOptions, _ componentType: ComponentType, isPacked: Bool
  ) throws(IOLinkError) -> Int {
    let compresses = [TIFFCompression.lzw, .deflate, .zstd, .lzma].contains(options.compression)
    guard let wanted = options.predictor else { return !compresses || isPacked ? 1 : componentType.isFloatingPoint ? 3 : 2 }
    guard wanted != 1, compresses else { return 1 }
    guard !isPacked, wanted == 2 || componentType.isFloatingPoint else {
      let kind = isPacked ? "packed or complex components" : "components"
      throw .tiff(.unsupported, "predictor \(wanted == 2 ? "horizontal" : "float") does not work with \(kind) of type \(componentType)")
    }
    return wanted
  }
}
