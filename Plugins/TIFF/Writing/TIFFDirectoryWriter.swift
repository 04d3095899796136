internal import IOLinkCore

/// Writes the directories of all pages after the pixels, and then the header at the beginning.
struct TIFFDirectoryWriter {
  private let plan: TIFFWritePlan
  private let shape: Shape
  private let chunksPerPage: Int
  private let order = ByteOrder.native

  init(_ plan: TIFFWritePlan, shape: Shape, chunksPerPage: Int) {
    self.plan = plan
    self.shape = shape
    self.chunksPerPage = chunksPerPage
  }

  /// - Parameters:
  ///   - offsets: The offsets of all chunks, one page after another.
  ///   - end: The offset at which the pixels end.
  /// - Throws: `limitExceeded` when the file is too large for classic TIFF and BigTIFF was refused; `io` when writing fails.
  func write(
    pages: Int, _ offsets: [Int], _ byteCounts: [Int], end: Int, to stream: any StreamAccess
  ) throws(IOLinkError) {
    let start = end + (8 - end % 8) % 8
    let isBig = try isBig(pages: pages, start: start)
    let header = TIFFHeader(order: order, isBig: isBig, firstDirectory: start)
    let (first, common) = (firstEntries(), pageEntries())
    var position = start
    var pending: [UInt8] = []
    for page in 0..<pages {
      let range = (page * chunksPerPage)..<((page + 1) * chunksPerPage)
      let entries = common + (page == 0 ? first : []) + chunkEntries(Array(offsets[range]), Array(byteCounts[range]), isBig)
      pending += header.encoded(entries, at: position + pending.count, isLast: page == pages - 1)
      if pending.count >= Self.writeByteCount || page == pages - 1 {
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

  private func isBig(pages: Int, start: Int) throws(IOLinkError) -> Bool {
    // This is an upper bound for all directories with their fields, tables and texts.
    let text = firstEntries().reduce(0) { $0 + $1.bytes.count + 32 }
    let fixed = pageEntries().reduce(0) { $0 + $1.bytes.count + 32 }
    let perPage = try Checked.multiply(pages, try Checked.add(try Checked.multiply(chunksPerPage, 16), fixed + 256))
    let bound = try Checked.add(try Checked.add(start, text), perPage)
    let fits = bound < Int(UInt32.max)
    switch plan.options.bigTIFF {
    case .yes: return true
    case .auto: return !fits
    case .no:
      guard fits else { throw .tiff(.limitExceeded, "the file is larger than 4 GiB, which bigtiff=no does not allow") }
      return false
    }
  }

  /// Makes the fields that say where the chunks of a page are.
  private func chunkEntries(_ offsets: [Int], _ byteCounts: [Int], _ isBig: Bool) -> [TIFFEntry] {
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
      .shorts(.compression, [format.compression.rawValue], order), .shorts(.photometric, [format.photometric.rawValue], order),
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
    entries += resolution()
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
    if let text = plan.descriptionText(shape) { entries.append(.text(.imageDescription, text)) }
    for (tag, key) in TIFFMetadata.coreKeys where tag != .imageDescription {
      if let text = metadata["/" + key]?.text { entries.append(.text(tag, text)) }
    }
    let blocks = plan.imageJ(shape).blocks
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
