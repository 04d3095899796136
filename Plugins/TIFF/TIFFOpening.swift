internal import IOLinkCore

/// Opens a file: the header, the directories, the pages, and the description that says what the pages are.
struct TIFFOpening {
  private let source: DataSource
  private let context: OpenContext

  init(_ source: DataSource, _ context: OpenContext) {
    self.source = source
    self.context = context
  }

  /// - Throws: The error of the main image if it cannot be read; `malformed` when the file has no pages.
  func images() throws(IOLinkError) -> TIFFImages {
    let file = try TIFFFile(source.bytes, limits: context.limits)
    let pages = try pages(file)
    guard case .success(let first)? = pages.first else {
      if case .failure(let error)? = pages.first { throw error }
      throw .tiff(.malformed, "the file has no pages")
    }
    let (series, main) = try series(pages, first, file)
    let images = TIFFImages(file, series, mainIndex: main, metadata: MetadataNode(), context: context)
    // Opening the main image now reports what is wrong with it.
    if let main { _ = try images.image(at: main) } else if let failure = series.first?.failure { throw failure }
    return images
  }

  /// Groups the pages by the description of the first one if it has one that fits, and otherwise as TIFF itself describes them.
  private func series(
    _ pages: [Result<TIFFPage, IOLinkError>], _ first: TIFFPage, _ file: TIFFFile
  ) throws(IOLinkError) -> (series: [TIFFSeries], main: Int?) {
    let description = (try? file.text(first.directory, .imageDescription)) ?? ""
    if Self.isOME(description) {
      do throws(IOLinkError) {
        let series = try TIFFSeries.ome(description, pages, file, fileName: source.name) { name throws(IOLinkError) in try otherPages(name)
        }
        return (series, series.firstIndex { $0.failure == nil })
      } catch {
        // A document that is not well-formed is ignored, because the pages can still be read.
        guard error.code == .malformed else { throw error }
      }
    }
    if let imageJ = ImageJDescription(description), let series = TIFFSeries.imageJ(imageJ, pages, file) { return ([series], 0) }
    if ShapedDescription(description) != nil, let series = TIFFSeries.shaped(pages, file) {
      return (series, series.isEmpty ? nil : 0)
    }
    let (series, main) = TIFFSeries.plain(pages, file)
    let calibrated = series.map { one in
      var one = one
      if let page = one.pages.first { one.pageCalibration = TIFFMetadata(file, page.directory).resolution() }
      return one
    }
    return (calibrated, main)
  }

  private static func isOME(_ description: String) -> Bool {
    description.hasOccurrence(of: "<OME") || description.hasOccurrence(of: ":OME ")
      ? description.suffix(64).hasOccurrence(of: "OME>") : false
  }

  /// Returns the pages of a file next to this one.
  ///
  /// - Throws: `unsupported` when the caller has not permitted this; any error that ``DataSource/sibling(named:)`` throws.
  private func otherPages(_ name: String) throws(IOLinkError) -> [Result<TIFFPage, IOLinkError>] {
    guard context.permissions.contains(.siblings) else {
      throw .tiff(.unsupported, "files next to this one are only opened with the permission of the caller")
    }
    let file = try TIFFFile(source.sibling(named: name).bytes, limits: context.limits)
    return try pages(file)
  }

  private func pages(_ file: TIFFFile) throws(IOLinkError) -> [Result<TIFFPage, IOLinkError>] {
    try file.chain().enumerated().map { index, directory -> Result<TIFFPage, IOLinkError> in
      do throws(IOLinkError) { return .success(try file.page(index, directory)) } catch { return .failure(error) }
    }
  }
}
