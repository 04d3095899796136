internal import IOLink

/// Opens a file: header, directories, pages, then the description that tells what the pages are.
struct TIFFOpening {
  private let source: DataSource
  private let context: OpenContext

  init(_ source: DataSource, _ context: OpenContext) {
    self.source = source
    self.context = context
  }

  /// - Throws: what is wrong with the main image, if there is no other.
  func images() throws(IOLinkError) -> TIFFImages {
    let file = try TIFFFile(source.bytes, limits: context.limits)
    let directories = try file.chain()
    let pages = directories.enumerated().map { index, directory -> Result<TIFFPage, IOLinkError> in
      do throws(IOLinkError) { return .success(try file.page(index, directory)) } catch { return .failure(error) }
    }
    guard case .success(let first)? = pages.first else {
      if case .failure(let error)? = pages.first { throw error }
      throw .tiff(.malformed, "the file has no pages")
    }
    let (series, main) = TIFFSeries.plain(pages, file)
    let resolution = TIFFMetadata(file, first.directory).resolution()
    let calibrated = series.map { one in
      var one = one
      if let page = one.pages.first {
        one.pageCalibration = page.index == 0 ? resolution : TIFFMetadata(file, page.directory).resolution()
      }
      return one
    }
    let images = TIFFImages(file, calibrated, mainIndex: main, metadata: MetadataNode(), context: context)
    if let main { _ = try images.image(at: main) }
    return images
  }
}
