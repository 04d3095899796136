internal import IOLinkCore

extension TIFFSeries {
  /// Returns the only image of an ImageJ file; `nil` when its description does not match the pages.
  static func imageJ(_ description: ImageJDescription, _ pages: [TIFFPageResult], _ file: TIFFFile) -> TIFFSeries? {
    // A file that is cut short has fewer pages than it states.
    let count = max(pages.count, description.imageCount)
    guard let (axes, areInferred) = description.axes(planes: count), var series = stack(pages, axes, count: count, file) else { return nil }
    series.axesAreInferred = areInferred
    let tags = TIFFMetadata(file, series.pages[0].directory)
    series.pageCalibration = description.calibration((tags.number(.xResolution), tags.number(.yResolution)))
    series.addImageJ(description, file)
    return series
  }

  /// Adds the lines of ImageJ's description and its private metadata. If these are damaged, they remain as they are stored.
  private mutating func addImageJ(_ description: ImageJDescription, _ file: TIFFFile) {
    modelledTags = [.imageDescription]
    var blocks = ImageJBlocks()
    if let page = pages.first, let field = page.directory[.imageJMetadata], field.type.byteCount == 1,
      let bytes = try? file.storedBytes(field), let counts = try? file.integers(page.directory, .imageJMetadataCounts), let found = ImageJBlocks(counts, bytes, file.order)
    {
      blocks = found
      modelledTags.formUnion([.imageJMetadata, .imageJMetadataCounts])
    }
    metadata = ImageJMetadata.tree(description, blocks, pageAxes, file.order)
  }

  /// Returns the only image of a file by SCIFIO; `nil` when its description does not match the pages.
  static func scifio(
    _ description: SCIFIODescription, _ text: ImageJDescription, _ pages: [TIFFPageResult], _ file: TIFFFile
  ) -> TIFFSeries? {
    guard let first = pages.lazy.compactMap({ try? $0.get() }).first, let axes = description.pageAxes(first.format),
      let count = try? AxisVector(axes.map(\.length)).elementCount(), count >= pages.count
    else { return nil }
    var series = stack(pages, axes, count: count, file)
    series?.pageCalibration = description.calibration
    series?.addImageJ(text, file)
    return series
  }

  /// Returns an image whose planes are all pages, or follow the only one; `nil` when the pages differ in size or type.
  private static func stack(_ pages: [TIFFPageResult], _ axes: [Axis], count: Int, _ file: TIFFFile) -> TIFFSeries? {
    let readable = pages.compactMap { try? $0.get() }
    guard count <= file.limits.imageCount, let first = readable.first,
      readable.allSatisfy({ $0.form.isVolume(with: first.form) })
    else { return nil }
    var series = TIFFSeries(name: "0", pages: [first], along: .slice)
    series.pageAxes = axes
    series.axesAreInferred = false
    series.isDescribed = true
    if pages.count == 1, count > 1, first.format.compression == .none {
      series.followers = .dense
    } else {
      series.assign(pages, count: count)
    }
    series.addSubPages()
    return series
  }

  /// Returns the image of a MetaMorph stack, whose only page is `page`.
  static func metaMorph(_ stack: MetaMorphStack, _ page: TIFFPage) -> TIFFSeries {
    var series = TIFFSeries(name: "0", pages: [page], along: .slice)
    let (axis, isInferred) = stack.axis
    if axis.length > 1 { (series.pageAxes, series.axesAreInferred, series.followers) = ([axis], isInferred, .repeatedStrips) }
    series.pageCalibration = TIFFMetadata(page.file, page.directory).resolution().merging(stack.calibration) { $1 }
    series.metadata = stack.metadata
    series.addSubPages()
    return series
  }

  /// Returns the images of a file that tifffile wrote. Each begins with a page that states the shape of its array.
  ///
  /// The result is `nil` when a description does not match the pages.
  static func shaped(_ pages: [TIFFPageResult], _ file: TIFFFile) -> [TIFFSeries]? {
    var result: [TIFFSeries] = []
    var position = 0
    while position < pages.count {
      guard let first = try? pages[position].get() else { return nil }
      guard let text = try? file.text(first.directory, .imageDescription), let description = ShapedDescription(text) else {
        return nil
      }
      if first.isReduced, let full = result.last?.pages.first, first.form.isReduced(from: full.form) {
        guard let count = description.pageCount(first.format), pages.count - position >= count else { return nil }
        result[result.count - 1].levels.append(pages[position..<(position + count)].compactMap { try? $0.get() })
        position += count
        continue
      }
      let name = description.note?.name ?? "\(result.count)"
      guard let series = shaped(description, Array(pages[position...]), name: name, file) else { return nil }
      position += series.followers == nil ? min(series.planes.count, pages.count - position) : 1
      result.append(series)
    }
    // What describes nothing is an image.
    if !result.contains(where: { $0.role == .image }) { for index in result.indices { result[index].role = .image } }
    return result
  }

  private static func shaped(
    _ description: ShapedDescription, _ pages: [TIFFPageResult], name: String, _ file: TIFFFile
  ) -> TIFFSeries? {
    guard let first = try? pages.first?.get(), let count = description.pageCount(first.format) else { return nil }
    let follows = description.isTruncated && count > 1
    guard count <= file.limits.imageCount else { return nil }
    let own = pages.prefix(follows ? 1 : count)
    guard own.allSatisfy({ (try? $0.get())?.form.isVolume(with: first.form) ?? true }) else { return nil }
    let sample = description.sampleAxis(first.format)
    guard let (roles, areInferred) = description.roles(withoutSample: sample) else { return nil }
    var lengths = description.shape
    if let sample { lengths.remove(at: sample) }
    guard roles.count >= 1, roles.count == lengths.count else { return nil }
    var series = TIFFSeries(name: first.kind.imageName ?? name, pages: [first], along: .slice)
    series.role = first.kind.role
    series.pageAxes = zip(roles, lengths).dropLast(2).map { Axis($0, length: $1) }
    series.note = description.note
    if follows { series.followers = .dense } else { series.assign(Array(own), count: count) }
    if roles.count > 1 { series.rowRole = roles[roles.count - 2] }
    series.isSingleRow = roles.count == 1
    series.isDescribed = true
    series.columnRole = roles[roles.count - 1]
    series.axesAreInferred = areInferred
    if let title = description.title { series.metadata["/title"] = .text(title) }
    if let text = description.description { series.metadata["/description"] = .text(text) }
    if !description.others.isEmpty { series.metadata[child: ShapedMetadata.name] = description.others }
    series.modelledTags = [.imageDescription]
    series.pageCalibration = TIFFMetadata(file, first.directory).resolution()
    series.addSubPages()
    return series
  }
}

extension ShapedDescription {
  /// Returns the index in ``shape`` of the axis of samples; `nil` if a pixel has one sample or the shape does not include them.
  func sampleAxis(_ format: TIFFPageFormat) -> Int? {
    guard format.samplesPerPixel > 1 else { return nil }
    let place = format.isPlanar ? shape.count - 3 : shape.count - 1
    return place >= 0 && shape[place] == format.samplesPerPixel ? place : nil
  }

  /// Returns the number of pages of this format that the shape needs; `nil` when its last lengths are not those of a page.
  func pageCount(_ format: TIFFPageFormat) -> Int? {
    var tail = format.samplesPerPixel == 1 ? [] : [format.samplesPerPixel]
    tail = format.isPlanar ? tail + [format.height, format.width] : [format.height, format.width] + tail
    // An array with one axis is stored as a page of one row.
    if shape.count == tail.count - 1, format.height == 1, !format.isPlanar { tail.removeFirst() }
    guard format.depth == 1, shape.count >= tail.count, Array(shape.suffix(tail.count)) == tail else { return nil }
    return try? AxisVector(shape.dropLast(tail.count)).elementCount()
  }
}
