internal import IOLinkCore

/// The images of a file. Each is made when it is first requested, and kept.
final class TIFFImages: MultiImageView {
  private let opened: any RandomAccess
  private let series: [TIFFSeries]
  private let context: OpenContext
  private let made = Guarded<[Int: any ImageView]>([:])
  let mainIndex: Int?
  let metadata: MetadataNode

  /// - Parameter opened: The file that was opened. The pages may be in others.
  init(_ opened: any RandomAccess, _ series: [TIFFSeries], mainIndex: Int?, metadata: MetadataNode, context: OpenContext) {
    self.opened = opened
    self.series = series
    self.mainIndex = mainIndex
    self.metadata = metadata
    self.context = context
  }

  var names: [String] { series.map(\.name) }
  var roles: [ImageRole] { series.map(\.role) }

  /// Returns why an image cannot be read; `nil` when it can.
  func failure(at index: Int) -> IOLinkError? {
    do throws(IOLinkError) {
      _ = try image(at: index)
      return nil
    } catch { return error }
  }

  func image(at index: Int) throws(IOLinkError) -> any ImageView {
    guard series.indices.contains(index) else { throw .tiff(.notFound, "image \(index) does not exist, the file has \(series.count)") }
    if let image = made.withLock({ $0[index] }) { return image }
    if let failure = series[index].failure { throw failure }
    let image = try TIFFImageBuilder(series[index].complete, context).image()
    made.withLock { $0[index] = image }
    return image
  }

  func levels(at index: Int) throws(IOLinkError) -> (any LodImageView)? {
    let full = try image(at: index)
    guard !series[index].levels.isEmpty else { return nil }
    var images = [full]
    for (number, pages) in series[index].levels.enumerated() {
      var coarser = series[index]
      coarser.name += "/\(number + 1)"
      coarser.pages = pages
      coarser.levels = []
      coarser.background = series[index].pages.lazy.compactMap(\.background).first
      let (small, large) = (pages[0].format, series[index].pages[0].format)
      coarser.scale(.column, by: Self.factor(large.width, small.width))
      coarser.scale(.row, by: Self.factor(large.height, small.height))
      images.append(try TIFFImageBuilder(coarser.complete, context).image())
    }
    return ImagePyramid(images)
  }

  /// How many pixels of the image lie beside each other where the level has one. Lengths are whole, so a ratio close to an integer
  /// is one: of 1001 pixels, 501 or 500 are left when two become one.
  private static func factor(_ large: Int, _ small: Int) -> Double {
    let ratio = Double(large) / Double(small)
    let whole = ratio.rounded()
    return (Double(large) / whole - Double(small)).magnitude < 1 ? whole : ratio
  }

  func close() {
    var closed: Set<ObjectIdentifier> = []
    let all = [opened] + series.flatMap(\.pages).map(\.file.bytes)
    for bytes in all where closed.insert(ObjectIdentifier(bytes)).inserted { bytes.close() }
  }
}

extension TIFFSeries {
  /// The image with all its metadata. What a document says besides takes time and is only added to images that are opened.
  fileprivate var complete: TIFFSeries {
    guard let remainder else { return self }
    var series = self
    for leaf in remainder.metadata.leaves { series.metadata[leaf.path] = leaf.value }
    return series
  }

  /// Adapts the calibration to a coarser version of the image, whose pixels are larger.
  fileprivate mutating func scale(_ role: AxisRole, by factor: Double) {
    if let spacing = pageCalibration[role]?.spacing { pageCalibration[role]?.spacing = spacing * factor }
  }
}
