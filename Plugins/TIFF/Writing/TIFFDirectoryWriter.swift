internal import IOLinkCore

/// Writes the directories of all pages of all images after the pixels, and then the header at the beginning.
struct TIFFDirectoryWriter {
  private let images: [TIFFWrittenImage]
  private let order = ByteOrder.native

  init(_ images: [TIFFWrittenImage]) { self.images = images }

  /// - Parameter end: The offset at which the pixels end.
  /// - Throws: `limitExceeded` when the file is too large for classic TIFF and BigTIFF was refused; `io` when writing fails.
  func write(end: Int, to stream: any StreamAccess) throws(IOLinkError) {
    let start = end + (8 - end % 8) % 8
    let header = TIFFHeader(order: order, isBig: try isBig(start: start), firstDirectory: start)
    var position = start
    var pending: [UInt8] = []
    for (index, image) in images.enumerated() {
      let fields = TIFFPageFields(image, isBig: header.isBig, order)
      for page in 0..<image.pages {
        let isLast = index == images.count - 1 && page == image.pages - 1
        pending += header.encoded(fields.entries(page), at: position + pending.count, isLast: isLast)
        guard pending.count >= Self.writeByteCount || isLast else { continue }
        try stream.write(unsafe pending.span.bytes, at: position)  // bytes have no padding
        position += pending.count
        pending.removeAll(keepingCapacity: true)
      }
    }
    var head = header.encoded()
    head += Array(repeating: 0, count: 64 - head.count)
    try stream.write(unsafe head.span.bytes, at: 0)  // bytes have no padding
  }

  private static let writeByteCount = 1 << 20

  private func isBig(start: Int) throws(IOLinkError) -> Bool {
    var bound = start
    for image in images { bound = try Checked.add(bound, TIFFPageFields(image, isBig: true, order).byteCountBound()) }
    let fits = bound < Int(UInt32.max)
    let asked = Set(images.map(\.plan.options.bigTIFF))
    if asked.contains(.yes) { return true }
    guard fits || !asked.contains(.no) else {
      throw .tiff(.limitExceeded, "the file is larger than 4 GiB, which bigtiff=no does not allow")
    }
    return !fits
  }
}

/// An image whose pixels are in the file, and where they are.
struct TIFFWrittenImage: Sendable {
  let plan: TIFFWritePlan
  /// The final shape of the image.
  let shape: Shape
  let pages: Int
  /// The offsets and sizes of all chunks, one page after another.
  let offsets, byteCounts: [Int]
  /// The offset at which the pixels end.
  let end: Int
  /// JPEGTables, if the pixels are JPEG.
  let tables: [UInt8]?
}

/// Makes the fields of the pages of an image.
private struct TIFFPageFields {
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
    (first, common) = (firstEntries(), pageEntries())
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
      .longs(.newSubfileType, [0], order), .longs(.imageWidth, [format.width], order), .longs(.imageLength, [format.height], order),
      .shorts(.bitsPerSample, Array(repeating: format.bitsPerSample, count: samples), order),
      .shorts(.compression, [format.compression.rawValue], order), .shorts(.photometric, [format.writtenPhotometric.rawValue], order),
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
    entries += compressionEntries()
    entries += resolution()
    return entries
  }

  /// Makes the fields that some compressions need.
  private func compressionEntries() -> [TIFFEntry] {
    let format = plan.format
    var entries: [TIFFEntry] = []
    if let tables = image.tables { entries.append(TIFFEntry(tag: .jpegTables, type: .undefined, bytes: tables)) }
    if format.writtenPhotometric == .yCbCr {
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
    if let text = plan.descriptionText(image.shape) { entries.append(.text(.imageDescription, text)) }
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
