internal import IOLinkCore

/// An image of the file: its pages, the axes that they form, and what a description says about it.
struct TIFFSeries: Sendable {
  var name: String
  /// The pages, which all have the same size and type. ``planes`` holds indices into this array.
  var pages: [TIFFPage]
  /// The axes that the pages form, slowest first. The product of their lengths is the number of planes, which is 1 without axes.
  var pageAxes: [Axis]
  var planes: [TIFFPlane]
  var axesAreInferred = false
  /// The calibration of the axes within a page: columns, rows and, if they are axes, samples and depth.
  var pageCalibration: [AxisRole: TIFFCalibration] = [:]
  var significantBits: Int?
  /// Whether ImageDescription is OME-XML, ImageJ's or tifffile's.
  var isDescribed = false
  /// The properties that this library recorded when it wrote the file.
  var note: TIFFNote?
  /// Whether the image has no row axis, because its pages are one row high.
  var isSingleRow = false
  /// The roles of rows and columns within a page.
  var rowRole = AxisRole.row
  var columnRole = AxisRole.column
  /// The metadata that are added to those from the tags of the first page.
  var metadata = MetadataNode()
  /// The coarser versions, finest first. Each has as many pages as the image.
  var levels: [[TIFFPage]] = []
  /// Whether all planes follow each other from the first page's data on, without directories of their own (ImageJ, tifffile).
  var followsFirstPage = false
  /// Why the image cannot be read.
  var failure: IOLinkError?

  /// Makes an image of these pages along one axis. A single page gets no axis.
  init(name: String, pages: [TIFFPage], along role: AxisRole) {
    self.name = name
    self.pages = pages
    pageAxes = pages.count > 1 ? [Axis(role, length: pages.count)] : []
    planes = pages.indices.map { .page($0) }
    axesAreInferred = pages.count > 1
  }

  init(name: String, failure: IOLinkError) {
    self.init(name: name, pages: [], along: .slice)
    self.failure = failure
  }
}

/// The positions of elements along an axis.
struct TIFFCalibration: Hashable, Sendable {
  var spacing: Double?
  var origin: Double?
  var unit: String?
}

extension TIFFSeries {
  /// Groups the pages as TIFF itself describes them. Pages with one layout form a volume, in the order of their first page.
  ///
  /// Reduced versions become levels of the image before them, and masks are left out. Both become images of their own only if they do not
  /// belong to another one.
  ///
  /// - Returns: The images, and the index of the main one.
  static func plain(_ pages: [Result<TIFFPage, IOLinkError>], _ file: TIFFFile) -> (series: [TIFFSeries], main: Int?) {
    var groups: [(key: TIFFPageFormat?, series: TIFFSeries)] = []
    var position: [TIFFPageFormat: Int] = [:]
    let hasFull = pages.contains { (try? $0.get()).map { !$0.isReduced && !$0.isMask } ?? false }
    for (index, page) in pages.enumerated() {
      let name = String(index)
      switch page {
      case .failure(let error): groups.append((nil, TIFFSeries(name: name, failure: error)))
      case .success(let page):
        let key = page.format.volumeKey
        if let place = position[key] {
          groups[place].series.pages.append(page)
        } else if hasFull, page.isMask {
          continue
        } else if hasFull, page.isReduced, let place = groups.lastIndex(where: { $0.series.hasRoom(for: page) }) {
          groups[place].series.addLevel(page)
        } else {
          position[key] = groups.count
          groups.append((key, TIFFSeries(name: name, pages: [page], along: .slice)))
        }
      }
    }
    var series: [TIFFSeries] = []
    for group in groups {
      guard group.series.failure == nil else {
        series.append(group.series)
        continue
      }
      var image = TIFFSeries(name: group.series.name, pages: group.series.pages, along: .slice)
      image.levels = group.series.levels.filter { $0.count == image.pages.count }
      let others = image.addSubPages(file)
      series.append(image)
      for (number, page) in others.enumerated() {
        series.append(TIFFSeries(name: "\(image.name).\(number)", pages: [page], along: .slice))
      }
    }
    return (series, mainIndex(series))
  }

  /// Returns the first readable image that is neither reduced nor a mask, or the first readable one if there is none.
  private static func mainIndex(_ series: [TIFFSeries]) -> Int? {
    let readable = series.indices.filter { series[$0].failure == nil }
    return readable.first { !series[$0].pages[0].isReduced && !series[$0].pages[0].isMask } ?? readable.first
  }

  /// Whether a page is a coarser version of this image's pages.
  private func hasRoom(for page: TIFFPage) -> Bool {
    guard failure == nil, let first = pages.first else { return false }
    return page.format.isReduced(from: first.format)
  }

  /// Adds a reduced page to its level. Levels or pages may come first in the file; the size of the page identifies its level.
  private mutating func addLevel(_ page: TIFFPage) {
    if let place = levels.firstIndex(where: { $0[0].format.volumeKey == page.format.volumeKey }) {
      levels[place].append(page)
    } else {
      levels.append([page])
    }
  }

  /// Adds SubIFDs as levels, if all pages have corresponding ones.
  ///
  /// - Returns: The sub-pages of the first page that are not coarser versions of it.
  mutating func addSubPages(_ file: TIFFFile) -> [TIFFPage] {
    guard pages.contains(where: { $0.directory[.subIFDs] != nil }) else { return [] }
    let all = pages.map { file.subPages(of: $0) }
    let isLevel = { (page: TIFFPage, parent: TIFFPage) in
      !page.isMask && page.format.isReduced(from: parent.format)
    }
    let reduced = zip(all, pages).map { subs, page in subs.filter { isLevel($0, page) } }
    let count = reduced.map(\.count).min() ?? 0
    for level in 0..<count {
      let versions = reduced.map { $0[level] }
      if versions.allSatisfy({ $0.format.volumeKey == versions[0].format.volumeKey }) { levels.append(versions) }
    }
    levels.sort { $0[0].format.pixelCount > $1[0].format.pixelCount }
    return (all.first ?? []).filter { !isLevel($0, pages[0]) && !$0.isMask }
  }
}

extension TIFFPageFormat {
  /// The number of pixels, which does not always fit in an `Int`.
  fileprivate var pixelCount: Double { Double(width) * Double(height) }

  /// Whether this format has the same samples as `full` and is smaller in at least one direction and larger in none.
  func isReduced(from full: TIFFPageFormat) -> Bool {
    guard width <= full.width, height <= full.height, (width, height) != (full.width, full.height) else { return false }
    var (small, large) = (volumeKey, full.volumeKey)
    (small.width, small.height, small.depth) = (1, 1, 1)
    (large.width, large.height, large.depth) = (1, 1, 1)
    return small == large
  }
}
