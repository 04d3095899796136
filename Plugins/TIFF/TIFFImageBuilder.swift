internal import IOLinkCore

/// Makes the view of one image. It is mapped if the pixels are stored uncompressed in one piece, and chunked otherwise.
struct TIFFImageBuilder {
  /// The file of the first page. Other files only occur in views of single pages.
  private let file: TIFFFile
  private let series: TIFFSeries
  private let context: OpenContext

  init(_ file: TIFFFile, _ series: TIFFSeries, _ context: OpenContext) {
    self.file = series.pages.first?.file ?? file
    self.series = series
    self.context = context
  }

  func image() throws(IOLinkError) -> any ImageView {
    let first = series.pages.first
    let isUniform = series.pages.allSatisfy { $0.format == first?.format && $0.file.bytes === first?.file.bytes }
    let view = isUniform ? try uniform() : try stacked()
    let image = series.isSingleRow ? try view.selecting(series.rowRole, 0) : view
    guard let note = series.note else { return image }
    return try image.with(properties: note.applied(to: image.properties))
  }

  /// Stacks a view of each page, because the pages differ in compression or chunks or lie in several files.
  private func stacked() throws(IOLinkError) -> any ImageView {
    var views: [any ImageView] = []
    for plane in series.planes {
      guard case .page(let page) = plane else { throw .tiff(.unsupported, "the pages have different layouts and some of them are missing") }
      var single = series
      single.name += "#\(page)"
      single.pages = [series.pages[page]]
      single.planes = [.page(0)]
      single.pageAxes = []
      views.append(try TIFFImageBuilder(file, single, context).uniform())
    }
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
    return try view.with(properties: properties)
  }

  /// Makes the view of pages that share a format.
  private func uniform() throws(IOLinkError) -> any ImageView {
    guard let first = series.pages.first else { throw .tiff(.malformed, "the image has no pages") }
    let library =
      first.format.compression.decoder == .libtiff
      ? LibTIFFPool(file, first.format, directories: series.pages.map(\.directory.offset)) : nil
    var format = first.format
    if format.compression == .oldJPEG, format.photometric == .yCbCr, !format.isPlanar, let library {
      format.subsampling = try library.subsampling(page: 0)
    }
    let layout = try TIFFLayout(format, limits: file.limits)
    let samples = try TIFFSamples(format, hasComponents: series.note?.hasComponents == true)
    let grid = try TIFFGrid(
      pageAxes: series.pageAxes, layout, samples, axesAreInferred: series.axesAreInferred, row: series.rowRole,
      column: series.columnRole)
    let properties = calibrated(grid.properties)
    var table = TIFFChunkTable()
    if series.followsFirstPage {
      try table.append(first.directory, layout, file)
      return try following(table, layout, samples, grid, properties)
    }
    for page in series.pages { try table.append(page.directory, layout, file) }
    let decoder = try TIFFChunkDecoder(layout, samples, order: file.order)
    if decoder.isDirect, let view = try contiguous(table, layout, samples, grid, properties) { return view }
    let source: any ChunkSource =
      layout.isStreamed
      ? TIFFStreamSource(file, grid: grid.grid, decoder: decoder, table: table, planes: series.planes)
      : try TIFFSource(file, grid: grid.grid, decoder: decoder, table: table, planes: series.planes, library: library)
    return try ChunkedImageView(
      source, properties: properties, metadata: metadata(first), identity: file.bytes.identity, image: series.name,
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
    TIFFMetadata(file, page.directory).node(adding: series.metadata, descriptionIsForMachines: series.isDescribed)
  }

  private func storage(_ layout: TIFFLayout) -> String {
    let format = layout.format
    let chunks =
      format.isTiled
      ? "tiles \(format.chunkWidth) × \(format.chunkHeight)"
      : layout.down == 1 ? "one strip per page" : "strips of \(format.chunkHeight) rows"
    let predictor = format.predictor == 1 ? "" : ", predictor \(format.predictor)"
    return "\(chunks), \(format.compression.name)\(predictor)\(format.isPlanar ? ", samples apart" : "")"
  }

  /// Makes a view of pixels that are stored at regular distances; `nil` when they are not.
  private func contiguous(
    _ table: TIFFChunkTable, _ layout: TIFFLayout, _ samples: TIFFSamples, _ grid: TIFFGrid, _ properties: ImageProperties
  ) throws(IOLinkError) -> (any ImageView)? {
    guard let run = TIFFContiguousRun(table, layout, grid, planes: series.planes, samples.dataType) else { return nil }
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
  /// Makes a view of consecutive planes that start with the chunks of the first page.
  private func following(
    _ table: TIFFChunkTable, _ layout: TIFFLayout, _ samples: TIFFSamples, _ grid: TIFFGrid, _ properties: ImageProperties
  ) throws(IOLinkError) -> any ImageView {
    guard layout.format.compression == .none, !layout.format.isTiled, !layout.format.reversesBits, let offset = table.offsets.first
    else { throw .tiff(.malformed, "planes follow the only page, which is not stored as uncompressed strips") }
    guard let run = TIFFContiguousRun(startingAt: offset, layout, grid, samples.dataType) else {
      throw .tiff(.unsupported, "planes follow the only page, but its samples have \(layout.format.bitsPerSample) bits")
    }
    return try view(run.layout, layout, samples, properties)
  }
}
