internal import IOLinkCore

/// An image of the file: which pages it is made of, along which axes, and what a description says about it.
struct TIFFSeries: Sendable {
  var name: String
  /// Of equal size and type. Positions in ``planes`` refer to it.
  var pages: [TIFFPage]
  /// Slowest first; the product of the lengths is the number of planes. Without an axis there is one plane.
  var pageAxes: [Axis]
  var planes: [TIFFPlane]
  var axesAreInferred = false
  /// Calibration of the axes of a page: column, row and, where samples are channels or depth is an axis, those.
  var pageCalibration: [AxisRole: TIFFCalibration] = [:]
  var significantBits: Int?
  /// ImageDescription is OME-XML, ImageJ's or tifffile's.
  var isDescribed = false
  /// What this library noted when it wrote the file.
  var note: TIFFNote?
  /// The image has no row axis: its pages are one row high.
  var isSingleRow = false
  /// What the rows and columns of pages are.
  var rowRole = AxisRole.row
  var columnRole = AxisRole.column
  /// Added to what the tags of the first page say.
  var metadata = MetadataNode()
  /// Coarser versions, finest first: each has as many pages.
  var levels: [[TIFFPage]] = []
  /// All planes lie behind the chunk of the only page, one behind the other (ImageJ, tifffile).
  var followsFirstPage = false
  /// Why it cannot be read.
  var failure: IOLinkError?

  /// One image of these pages along one axis; a single page has none.
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

/// Where samples lie along an axis.
struct TIFFCalibration: Hashable, Sendable {
  var spacing: Double?
  var origin: Double?
  var unit: String?
}

extension TIFFSeries {
  /// What TIFF itself says: pages of one layout are a volume, in the order of their first page.
  ///
  /// Reduced versions become levels of the image before them, masks are left out; both are images of their own only
  /// when there is nothing they belong to.
  ///
  /// - Returns: The images, and which one is the main one.
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

  /// The first that is neither reduced nor a mask; the first at all when there is none.
  private static func mainIndex(_ series: [TIFFSeries]) -> Int? {
    let readable = series.indices.filter { series[$0].failure == nil }
    return readable.first { !series[$0].pages[0].isReduced && !series[$0].pages[0].isMask } ?? readable.first
  }

  /// Whether a page is a coarser version of this image's pages.
  private func hasRoom(for page: TIFFPage) -> Bool {
    guard failure == nil, let first = pages.first else { return false }
    return page.format.isReduced(from: first.format)
  }

  /// Reduced pages come level after level, or page after page with all their levels: sizes tell.
  private mutating func addLevel(_ page: TIFFPage) {
    if let place = levels.firstIndex(where: { $0[0].format.volumeKey == page.format.volumeKey }) {
      levels[place].append(page)
    } else {
      levels.append([page])
    }
  }

  /// SubIFDs as levels, when all pages have them alike.
  ///
  /// - Returns: Those of the first page that are no coarser versions of it.
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
    levels.sort { $0[0].format.width * $0[0].format.height > $1[0].format.width * $1[0].format.height }
    return (all.first ?? []).filter { !isLevel($0, pages[0]) && !$0.isMask }
  }
}

extension TIFFPageFormat {
  /// Same samples, smaller in at least one direction, larger in none.
  func isReduced(from full: TIFFPageFormat) -> Bool {
    guard width <= full.width, height <= full.height, (width, height) != (full.width, full.height) else { return false }
    var (small, large) = (volumeKey, full.volumeKey)
    (small.width, small.height, small.depth) = (1, 1, 1)
    (large.width, large.height, large.depth) = (1, 1, 1)
    return small == large
  }
}
