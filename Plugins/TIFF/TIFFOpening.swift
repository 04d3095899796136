internal import IOLinkCore

/// Opens a file: the header, the directories, the pages, and the description that says what the pages are.
struct TIFFOpening {
  let source: DataSource
  let context: OpenContext
  let siblings: TIFFSiblings

  init(_ source: DataSource, _ context: OpenContext) {
    self.source = source
    siblings = TIFFSiblings(source)
    self.context = context
  }

  /// - Throws: The error of the first image if none can be read; `malformed` when the file has no pages.
  func images() throws(IOLinkError) -> TIFFImages {
    let file: TIFFFile
    do throws(IOLinkError) { file = try TIFFFile(source.bytes, limits: context.limits) } catch {
      guard error.code == .unrecognized, let images = try documentImages() else { throw error }
      return images
    }
    var reader = TIFFPageReader(file)
    let chain = try reader.chain()
    let pages = chain.pages
    guard let first = chain.first else { throw .tiff(.malformed, "the file has no pages") }
    let (described, stated) = try series(pages, first, file)
    var (series, main) = Self.complete(described, main: stated, pages, file)
    if chain.outside != nil, let main, series[main].shortage == nil {
      series[main].shortage = "the directory of page \(pages.count) lies behind the end of the file"
    }
    return try images(series, main: main)
  }

  /// Returns the images, without a main one if that cannot be read.
  ///
  /// - Throws: The error of the first image if none can be read.
  func images(_ series: [TIFFSeries], main: Int?) throws(IOLinkError) -> TIFFImages {
    let images = TIFFImages(source.bytes, series, mainIndex: main, metadata: MetadataNode(), context: context)
    // Opening the main image now shows whether it can be read.
    guard main.map({ images.failure(at: $0) != nil }) ?? true else { return images }
    let failures = series.indices.map(images.failure)
    if !failures.contains(where: { $0 == nil }), let failure = failures[main ?? 0] { throw failure }
    return TIFFImages(source.bytes, series, mainIndex: nil, metadata: MetadataNode(), context: context)
  }

  /// Adds the images that the described ones leave: those of SubIFDs, masks and thumbnails. A remark names the pages of no image.
  static func complete(_ described: [TIFFSeries], main: Int?, _ pages: [TIFFPageResult], _ file: TIFFFile?) -> (
    series: [TIFFSeries], main: Int?
  ) {
    let unused = unused(pages, described, file)
    var all: [TIFFSeries] = []
    var mainIndex: Int?
    for (index, series) in described.enumerated() {
      if index == main { mainIndex = all.count }
      all.append(series)
      all += series.subImages
    }
    all += TIFFSeries.companions(unused)
    let others = unused.filter { $0.kind == .full }
    if let target = mainIndex ?? all.firstIndex(where: { $0.failure == nil }) {
      all[target].remarks += others.map { "page \($0.index) (\($0.format.width) × \($0.format.height)) belongs to no image" }
      all[target].remarks += unreadable(pages, described)
    }
    var taken: Set<String> = []
    for index in all.indices {
      let name = all[index].name
      var number = 2
      while !taken.insert(all[index].name).inserted {
        all[index].name = "\(name)-\(number)"
        number += 1
      }
    }
    return (all, mainIndex)
  }

  /// Returns the pages that no image has, neither as planes nor as levels.
  private static func unused(_ pages: [TIFFPageResult], _ described: [TIFFSeries], _ file: TIFFFile?) -> [TIFFPage] {
    var isUsed = Array(repeating: false, count: pages.count)
    for series in described {
      // The pages of SubIFDs, which may be levels, have the index of a page that the image has.
      for part in [series.pages] + series.levels {
        for page in part where page.form.file.bytes === file?.bytes { isUsed[page.index] = true }
      }
    }
    return pages.indices.compactMap { isUsed[$0] ? nil : try? pages[$0].get() }
  }

  /// Returns what is said about pages that cannot be read and that no image has, neither as a whole nor as a plane.
  private static func unreadable(_ pages: [TIFFPageResult], _ described: [TIFFSeries]) -> [String] {
    let failures = described.compactMap(\.failure)
    let missing = described.flatMap(\.planes).compactMap { if case .missing(let error) = $0 { error } else { nil } }
    let known = Set((failures + missing).map(\.description))
    return pages.enumerated().compactMap { index, page in
      guard case .failure(let unreadable) = page, !known.contains(unreadable.error.description) else { return nil }
      return "page \(index) belongs to no image and cannot be read: \(unreadable.error.reason)"
    }
  }

  /// Groups the pages by the description of the first one if it has one that fits, and otherwise as TIFF itself describes them.
  private func series(
    _ pages: [TIFFPageResult], _ first: TIFFDirectory, _ file: TIFFFile
  ) throws(IOLinkError) -> (series: [TIFFSeries], main: Int?) {
    if pages.count == 1, let page = try? pages[0].get(), let stack = MetaMorphStack(page) {
      return ([TIFFSeries.metaMorph(stack, page)], 0)
    }
    let description = (try? file.text(first, .imageDescription)) ?? ""
    if Self.isOME(description) {
      do throws(IOLinkError) {
        return try ome(OMEContent(description, limits: file.limits), pages, file)
      } catch {
        // A document that is not well-formed is ignored, because the pages can still be read.
        guard error.code == .malformed else { throw error }
      }
    }
    if let series = TIFFSeries.aperio(description, pages, file) { return (series, 0) }
    let imageJ = ImageJDescription(description)
    if let imageJ, let scifio = SCIFIODescription(imageJ), let series = TIFFSeries.scifio(scifio, imageJ, pages, file) {
      return ([series], 0)
    }
    if let imageJ, let series = TIFFSeries.imageJ(imageJ, pages, file) { return ([series], 0) }
    if ShapedDescription(description) != nil, let series = TIFFSeries.shaped(pages, file) {
      return (series, series.firstIndex { $0.role == .image })
    }
    return Self.plain(pages, file)
  }

  /// Groups the pages as TIFF itself describes them.
  static func plain(_ pages: [TIFFPageResult], _ file: TIFFFile) -> (series: [TIFFSeries], main: Int?) {
    let (series, main) = TIFFSeries.plain(pages)
    let calibrated = series.map { one in
      var one = one
      if let page = one.pages.first { one.pageCalibration = TIFFMetadata(file, page.directory).resolution() }
      return one
    }
    return (calibrated, main)
  }
}
