internal import IOLinkCore

extension TIFFSeries {
  /// Returns the only image of an ImageJ file; `nil` when its description does not match the pages.
  static func imageJ(
    _ description: ImageJDescription, _ pages: [Result<TIFFPage, IOLinkError>], _ file: TIFFFile
  ) -> TIFFSeries? {
    let readable = pages.compactMap { try? $0.get() }
    guard let first = readable.first, readable.count == pages.count,
      readable.allSatisfy({ $0.format.volumeKey == first.format.volumeKey })
    else { return nil }
    let follows = readable.count == 1 && description.imageCount > 1 && first.format.compression == .none
    let planeCount = follows ? description.imageCount : readable.count
    guard planeCount <= file.limits.imageCount, let (axes, areInferred) = description.axes(planes: planeCount) else { return nil }
    var series = TIFFSeries(name: "0", pages: readable, along: .slice)
    series.pageAxes = axes
    series.isDescribed = true
    series.axesAreInferred = areInferred
    series.followsFirstPage = follows
    let tags = TIFFMetadata(file, first.directory)
    series.pageCalibration = description.calibration((tags.number(.xResolution), tags.number(.yResolution)))
    _ = series.addSubPages(file)
    return series
  }

  /// Returns the images of a file that tifffile wrote. Each begins with a page that states the shape of its array.
  ///
  /// The result is `nil` when a description does not match the pages.
  static func shaped(_ pages: [Result<TIFFPage, IOLinkError>], _ file: TIFFFile) -> [TIFFSeries]? {
    var result: [TIFFSeries] = []
    var position = 0
    while position < pages.count {
      guard let first = try? pages[position].get() else { return nil }
      guard let text = try? file.text(first.directory, .imageDescription), let description = ShapedDescription(text) else {
        return nil
      }
      if first.isReduced, let full = result.last?.pages.first, first.format.isReduced(from: full.format) {
        guard let count = description.pageCount(first.format), pages.count - position >= count else { return nil }
        result[result.count - 1].levels.append(pages[position..<(position + count)].compactMap { try? $0.get() })
        position += count
        continue
      }
      guard let series = shaped(description, Array(pages[position...]), name: "\(result.count)", file) else { return nil }
      position += series.pages.count
      result.append(series)
    }
    return result
  }

  private static func shaped(
    _ description: ShapedDescription, _ pages: [Result<TIFFPage, IOLinkError>], name: String, _ file: TIFFFile
  ) -> TIFFSeries? {
    guard let first = try? pages.first?.get(), let count = description.pageCount(first.format) else { return nil }
    let follows = description.isTruncated && count > 1
    guard follows || count <= pages.count, count <= file.limits.imageCount else { return nil }
    let own = pages.prefix(follows ? 1 : count).compactMap { try? $0.get() }
    guard own.count == (follows ? 1 : count), own.allSatisfy({ $0.format.volumeKey == first.format.volumeKey }) else { return nil }
    let sample = description.sampleAxis(first.format)
    guard let (roles, areInferred) = description.roles(withoutSample: sample) else { return nil }
    var lengths = description.shape
    if let sample { lengths.remove(at: sample) }
    guard roles.count >= 1, roles.count == lengths.count else { return nil }
    var series = TIFFSeries(name: name, pages: own, along: .slice)
    series.pageAxes = zip(roles, lengths).dropLast(2).map { Axis($0, length: $1) }
    if roles.count > 1 { series.rowRole = roles[roles.count - 2] }
    series.isSingleRow = roles.count == 1
    series.note = description.note
    series.isDescribed = true
    series.columnRole = roles[roles.count - 1]
    series.axesAreInferred = areInferred
    series.followsFirstPage = follows
    if let title = description.title { series.metadata["/title"] = .text(title) }
    series.pageCalibration = TIFFMetadata(file, first.directory).resolution()
    _ = series.addSubPages(file)
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
