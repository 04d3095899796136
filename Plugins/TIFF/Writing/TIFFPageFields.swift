internal import IOLinkCore

/// Makes the fields of the pages of an image.
struct TIFFPageFields {
  private let plan: TIFFWritePlan
  private let image: TIFFWrittenImage
  private let isBig: Bool
  private let order: ByteOrder
  private var first: [TIFFEntry] = []
  private var common: [TIFFEntry] = []

  init(_ image: TIFFWrittenImage, isBig: Bool, _ order: ByteOrder) {
    self.image = image
    self.isBig = isBig
    self.order = order
    plan = image.plan
    // What describes an image is not said again about its levels and its thumbnail.
    (first, common) = (plan.role.isReduced ? [] : firstEntries(), pageEntries())
  }

  func entries(_ page: Int) -> [TIFFEntry] {
    let count = image.offsets.count / image.pages
    let range = page * count..<(page + 1) * count
    return common + (page == 0 ? first : []) + chunkEntries(Array(image.offsets[range]), Array(image.byteCounts[range]))
  }

  /// An upper bound for all directories with their fields, tables and texts.
  func byteCountBound() throws(IOLinkError) -> Int {
    let text = first.reduce(0) { $0 + $1.bytes.count + 32 }
    let fixed = common.reduce(0) { $0 + $1.bytes.count + 32 } + 256
    return try Checked.add(text, try Checked.add(try Checked.multiply(image.offsets.count, 16), try Checked.multiply(image.pages, fixed)))
  }

  /// Makes the fields that say where the chunks of a page are.
  private func chunkEntries(_ offsets: [Int], _ byteCounts: [Int]) -> [TIFFEntry] {
    let (places, sizes): (TIFFTag, TIFFTag) = plan.format.isTiled ? (.tileOffsets, .tileByteCounts) : (.stripOffsets, .stripByteCounts)
    return [
      isBig ? .long8s(places, offsets, order) : .longs(places, offsets, order),
      isBig ? .long8s(sizes, byteCounts, order) : .longs(sizes, byteCounts, order),
    ]
  }

  /// Makes the fields about pixels that every page has.
  private func pageEntries() -> [TIFFEntry] {
    let format = plan.format
    let samples = format.samplesPerPixel
    var entries: [TIFFEntry] = [
      .longs(.newSubfileType, [plan.role.subfileType], order),
      .longs(.imageWidth, [format.width], order), .longs(.imageLength, [format.height], order),
      .shorts(.bitsPerSample, Array(repeating: format.bitsPerSample, count: samples), order),
      .shorts(.compression, [format.compression.rawValue], order),
      .shorts(.photometric, [plan.options.library.photometric(of: format).rawValue], order),
      .shorts(.samplesPerPixel, [samples], order), .shorts(.planarConfiguration, [1], order),
      .shorts(.sampleFormat, Array(repeating: format.sampleFormat.rawValue, count: samples), order),
    ]
    if format.isTiled {
      entries += [.longs(.tileWidth, [format.chunkWidth], order), .longs(.tileLength, [format.chunkHeight], order)]
    } else {
      entries.append(.longs(.rowsPerStrip, [format.chunkHeight], order))
    }
    if format.predictor != 1 { entries.append(.shorts(.predictor, [format.predictor], order)) }
    if !format.extraSamples.isEmpty { entries.append(.shorts(.extraSamples, format.extraSamples, order)) }
    if format.photometric == .separated { entries.append(.shorts(.inkSet, [1], order)) }
    if format.photometric == .palette, let map = TIFFPageFormat.colorMap(plan.image) { entries.append(.shorts(.colorMap, map, order)) }
    // Its name tells a thumbnail from a level.
    if plan.role == .thumbnail { entries.append(.text(.pageName, ImageRole.thumbnail.rawValue)) }
    entries += compressionEntries()
    entries += resolution()
    return entries
  }

  /// Makes the fields that some compressions need.
  private func compressionEntries() -> [TIFFEntry] {
    let format = plan.format
    var entries: [TIFFEntry] = []
    if let tables = image.tables { entries.append(TIFFEntry(tag: .jpegTables, type: .undefined, bytes: tables)) }
    if plan.options.library.photometric(of: format) == .yCbCr {
      entries.append(.shorts(.yCbCrSubSampling, format.subsampling, order))
      // JFIF's range: black is 0, white 255, and colours lie around 128.
      entries.append(.rationals(.referenceBlackWhite, [0, 255, 128, 255, 128, 255], order))
    }
    // The version of LERC, and that no other compression comes after it.
    if format.compression == .lerc { entries.append(.longs(.lercParameters, [4, 0], order)) }
    return entries
  }

  private func resolution() -> [TIFFEntry] {
    if plan.description == .imagej {
      guard let (x, y) = ImageJDescription.resolution(plan.image.properties) else { return [] }
      return [.rational(.xResolution, x, order), .rational(.yResolution, y, order), .shorts(.resolutionUnit, [1], order)]
    }
    guard let resolution = TIFFResolution(plan.image.properties) else { return [] }
    return [
      .rational(.xResolution, resolution.x, order), .rational(.yResolution, resolution.y, order),
      .shorts(.resolutionUnit, [resolution.unit], order),
    ]
  }

  /// Makes the fields that only the first page has.
  private func firstEntries() -> [TIFFEntry] {
    let metadata = plan.image.metadata
    var entries: [TIFFEntry] = []
    if let text = image.description { entries.append(.text(.imageDescription, text)) }
    for (tag, key) in TIFFMetadata.coreKeys where tag != .imageDescription {
      if let text = metadata["/" + key]?.text { entries.append(.text(tag, text)) }
    }
    let blocks = plan.imageJ(image.shape).blocks
    if !blocks.isEmpty {
      let (counts, bytes) = ImageJBlocks(blocks).encoded(order)
      entries += [.longs(.imageJMetadataCounts, counts, order), TIFFEntry(tag: .imageJMetadata, type: .byte, bytes: bytes)]
    }
    for leaf in metadata.leaves {
      if let entry = TIFFKeptTags.entry(path: leaf.path, leaf.value, order) { entries.append(entry) }
    }
    return entries
  }
}
