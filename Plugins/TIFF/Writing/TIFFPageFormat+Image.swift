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
    bitsPerSample = componentType == .boolean ? 1 : componentType.byteCount * 8
    sampleFormat = componentType.isComplex ? .complexFloat : componentType.isFloatingPoint ? .float : componentType.isSignedInteger ? .signed : .unsigned
    compression = options.compression
    (photometric, extraSamples) = Self.meaning(image)
    predictor = try Self.predictor(options, componentType)
    chunkWidth = width
    // An image without rows is one strip: a tile would be mostly empty.
    if let tile = options.tile, row != nil {
      isTiled = true
      (chunkWidth, chunkHeight) = (tile, tile)
    } else {
      let bits = try Checked.multiply(try Checked.multiply(width, samplesPerPixel), bitsPerSample)
      chunkHeight = min(height, options.rows ?? max(1, Self.stripByteCount * 8 / max(1, bits)))
    }
  }

  private static let stripByteCount = 256 << 10

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

  private static func predictor(_ options: TIFFWriteOptions, _ componentType: ComponentType) throws(IOLinkError) -> Int {
    let isPacked = componentType == .boolean || componentType.isComplex
    let compresses = [TIFFCompression.lzw, .deflate, .zstd].contains(options.compression)
    guard let wanted = options.predictor else { return !compresses || isPacked ? 1 : componentType.isFloatingPoint ? 3 : 2 }
    guard wanted != 1, compresses else { return 1 }
    guard !isPacked, wanted == 2 || componentType.isFloatingPoint else {
      throw .tiff(.unsupported, "predictor \(wanted == 2 ? "horizontal" : "float") does not work with components of type \(componentType)")
    }
    return wanted
  }
}
