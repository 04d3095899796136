internal import IOLinkCore

/// Makes the view of one image. It is mapped if the pixels are stored uncompressed in one piece, and chunked otherwise.
struct TIFFImageBuilder {
  /// The file of the first page. Other files only occur in views of single pages.
  private let file: TIFFFile
  private let first: TIFFPage
  private let series: TIFFSeries
  private let context: OpenContext

  /// - Throws: `malformed` when the image has no pages.
  init(_ series: TIFFSeries, _ context: OpenContext) throws(IOLinkError) {
    guard let first = series.pages.first else { throw .tiff(.malformed, "the image has no pages") }
    file = first.file
    self.first = first
    self.series = series
    self.context = context
  }

  func image() throws(IOLinkError) -> any ImageView {
    let isUniform = series.pages.allSatisfy { $0.form.isUniform(with: first.form) }
    let view = isUniform ? try uniform() : try stacked()
    let image = series.isSingleRow ? try view.selecting(series.rowRole, 0) : view
    guard let note = series.note else { return image }
    return try image.with(properties: note.applied(to: image.properties))
  }

  /// Stacks a view of each page, because the pages differ in compression or chunks or lie in several files.
  private func stacked() throws(IOLinkError) -> any ImageView {
    var views: [any ImageView] = []
    var single = series
    single.pageAxes = []
    single.background = series.pages.lazy.compactMap(\.background).first ?? series.background
    for (number, plane) in series.planes.enumerated() {
      single.name = "\(series.name)#\(number)"
      // A plane without a page has the format of the first one.
      (single.pages, single.planes) = ([first], [plane])
      if case .page(let page) = plane { (single.pages, single.planes) = ([series.pages[page]], [.page(0)]) }
      let view = try TIFFImageBuilder(single, context).uniform()
      if let first = views.first, view.shape != first.shape || view.dataType != first.dataType {
        throw .tiff(
          .malformed, "plane \(number) has shape \(view.shape) and type \(view.dataType), expected \(first.shape) and \(first.dataType)")
      }
      views.append(view)
    }
    let metadata = views.first?.metadata
    // Starting with the fastest page axis, each step combines neighbouring views into one.
    for axis in series.pageAxes.reversed() {
      var next: [any ImageView] = []
      for start in stride(from: 0, to: views.count, by: max(1, axis.length)) {
        let part = Array(views[start..<min(views.count, start + axis.length)])
        next.append(try StackedImageView(part, along: axis.role, spacing: axis.spacing, origin: axis.origin, unit: axis.unit))
      }
      views = next
    }
    guard views.count == 1, let view = views.first else { throw .tiff(.malformed, "the pages form \(views.count) images, expected 1") }
    var properties = view.properties
    properties.axesAreInferred = series.axesAreInferred
    // The view of each plane has the metadata of all planes, which the stack may take for those of its part.
    return try view.with(properties: properties).with(metadata: metadata ?? view.metadata)
  }

  /// Makes the view of pages that share a format.
  private func uniform() throws(IOLinkError) -> any ImageView {
    let library =
      first.format.compression.decoder == .libtiff
      ? try LibTIFFPool(file, first.format, series.pages.map(\.directory)) : nil
    var format = first.format
    if format.compression == .oldJPEG, format.photometric == .yCbCr, !format.isPlanar, let library {
      format.subsampling = try library.subsampling(page: 0)
    }
    let layout = try TIFFLayout(format, limits: file.limits)
    let (series, table) = try placed(layout, first)
    return try TIFFImageBuilder(series, context).view(of: table, layout, library)
  }

  /// Returns the image with all its planes, and where their chunks lie. An image of which the file holds a part has a remark about that.
  private func placed(_ layout: TIFFLayout, _ first: TIFFPage) throws(IOLinkError) -> (series: TIFFSeries, table: TIFFChunkTable) {
    var series = series
    var table = TIFFChunkTable()
    var ahead = TIFFReadAhead(file.bytes)
    for page in series.pages { try table.append(page.directory, layout, file, &ahead) }
    if let followers = series.followers {
      let count = try AxisVector(series.pageAxes.map(\.length)).elementCount()
      let (all, complete) = try table.followed(by: followers, planes: count, layout, file)
      let whole = complete < count ? TIFFSeries.axes(series.pageAxes, holding: complete) : nil
      if complete < count { series.shortage = TIFFSeries.shortage(complete: complete, of: count, isBox: whole != nil) }
      if let whole { series.pageAxes = whole }
      series.planes = (0..<(whole == nil ? count : complete)).map { .page($0) }
      return (series, all)
    }
    if !series.pages.contains(where: \.directory.isWide) { try table.validate(file) }
    let (all, present) = table.presence(in: file.bytes.byteCount)
    if present < all { series.shortage = "\(present) of \(all) chunks are complete" }
    return (series, table)
  }

  private func view(of table: TIFFChunkTable, _ layout: TIFFLayout, _ library: LibTIFFPool?) throws(IOLinkError) -> any ImageView {
    let samples = try TIFFSamples(layout.format, hasComponents: series.note?.hasComponents == true)
    let grid = try TIFFGrid(
      pageAxes: series.pageAxes, layout, samples, axesAreInferred: series.axesAreInferred, row: series.rowRole,
      column: series.columnRole)
    let properties = calibrated(grid.properties)
    let decoder = try TIFFChunkDecoder(layout, samples, order: file.order)
    if decoder.isDirect, let view = try contiguous(table, layout, samples, grid, properties) { return view }
    let background = TIFFBackground(series.pages, orElse: series.background, samples.dataType.componentType)
    let source: any ChunkSource =
      layout.isStreamed
      ? TIFFStreamSource(file, grid: grid.grid, decoder: decoder, table: table, planes: series.planes, background: background)
      : try TIFFSource(
        file, grid: grid.grid, decoder: decoder, table: table, pages: series.pages, planes: series.planes, background: background,
        library: library)
    return try ChunkedImageView(
      source, properties: properties, metadata: metadata(series.pages[0]), identity: file.bytes.identity, image: series.name,
      runtime: context.runtime, storage: storage(layout))
  }

  private func calibrated(_ properties: ImageProperties) -> ImageProperties {
    var properties = properties
    for (index, axis) in properties.axes.enumerated() {
      guard let calibration = series.pageCalibration[axis.role], !series.pageAxes.contains(where: { $0.role == axis.role })
      else { continue }
      properties.calibrate(index, spacing: calibration.spacing, origin: calibration.origin, unit: calibration.unit)
    }
    if let bits = series.significantBits { properties.significantBits = bits }
    return properties
  }

  private func metadata(_ page: TIFFPage) -> MetadataNode {
    var node = TIFFMetadata(file, page.directory)
      .node(adding: series.metadata, descriptionIsForMachines: series.isDescribed, without: series.modelledTags)
    if !series.remarks.isEmpty { node["/tiff/notes"] = .texts(series.remarks) }
    return node
  }

  private func storage(_ layout: TIFFLayout) -> String {
    let format = layout.format
    let chunks =
      format.isTiled
      ? "tiles \(format.chunkWidth) × \(format.chunkHeight)"
      : layout.down == 1 ? "one strip per page" : "strips of \(format.chunkHeight) rows"
    let predictor = format.predictor == 1 ? "" : ", predictor \(format.predictor)"
    return "\(chunks), \(format.compression.name)\(predictor)\(format.isPlanar ? ", samples apart" : "")"
      + (series.shortage.map { ", cut short: \($0)" } ?? "")
  }

  /// Makes a view of pixels that are stored at regular distances; `nil` when they are not, or when the file ends before their end.
  private func contiguous(
    _ table: TIFFChunkTable, _ layout: TIFFLayout, _ samples: TIFFSamples, _ grid: TIFFGrid, _ properties: ImageProperties
  ) throws(IOLinkError) -> (any ImageView)? {
    guard let run = TIFFContiguousRun(table, layout, grid, planes: series.planes, samples.dataType),
      try run.layout.byteRange(of: grid.properties.shape, samples.dataType).upperBound <= file.bytes.byteCount
    else { return nil }
    return try view(run.layout, layout, samples, properties)
  }

  private func view(
    _ strides: StridedLayout, _ layout: TIFFLayout, _ samples: TIFFSamples, _ properties: ImageProperties
  ) throws(IOLinkError) -> any ImageView {
    do throws(IOLinkError) {
      return try ContiguousImageView(
        file.bytes, layout: strides, dataType: samples.dataType, byteOrder: file.order, properties: properties,
        metadata: metadata(series.pages[0]), runtime: context.runtime, access: context.access, storage: storage(layout))
    } catch { throw error.located(format: "TIFF", offset: strides.byteOffset) }
  }
}
