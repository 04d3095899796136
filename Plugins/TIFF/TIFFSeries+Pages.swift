internal import IOLinkCore

extension TIFFSeries {
  /// Groups the pages as TIFF itself describes them. Pages with one layout form a volume, in the order of their first page.
  ///
  /// Reduced versions become levels of the image before them. Those that are not, and masks, become images of their own, which are named
  /// `thumbnail` and `mask`.
  ///
  /// - Returns: The images, and the index of the main one: the first that is neither a mask nor reduced. It is `nil` if that one cannot be read.
  static func plain(_ pages: [TIFFPageResult]) -> (series: [TIFFSeries], main: Int?) {
    let hasFull = pages.contains { $0.kind == .full }
    var groups = PageGroups()
    for (index, page) in pages.enumerated() {
      switch page {
      case .failure(let unreadable): groups.append(TIFFSeries(name: String(index), failure: unreadable.error), unreadable.kind)
      case .success(let page): groups.add(page, as: hasFull ? page.kind : .full, name: String(index))
      }
    }
    let main = groups.all.firstIndex { $0.kind == .full } ?? groups.all.firstIndex { $0.series.failure == nil }
    return (groups.finished(), main.flatMap { groups.all[$0].series.failure == nil ? $0 : nil })
  }

  /// Returns the masks and thumbnails among pages that belong to no image.
  static func companions(_ pages: [TIFFPage]) -> [TIFFSeries] {
    var groups = PageGroups()
    for page in pages where page.kind != .full { groups.add(page, as: page.kind, name: String(page.index)) }
    return groups.finished()
  }

  /// Whether a page is a coarser version of this image's pages.
  fileprivate func hasRoom(for page: TIFFPage) -> Bool {
    guard failure == nil, let first = pages.first else { return false }
    return page.form.isReduced(from: first.form)
  }

  /// Adds a reduced page to its level. Levels or pages may come first in the file; the size of the page identifies its level.
  fileprivate mutating func addLevel(_ page: TIFFPage) {
    if let place = levels.firstIndex(where: { $0[0].form.isVolume(with: page.form) }) {
      levels[place].append(page)
    } else {
      levels.append([page])
    }
  }

  /// Adds SubIFDs as levels, if all pages have corresponding ones. The other ones of the first page become images of their own.
  mutating func addSubPages() {
    guard let first = pages.first, pages.contains(where: \.form.hasSubIFDs) else { return }
    var reader = TIFFPageReader(first.file)
    let all = pages.map { page in
      if page.file.bytes !== reader.file.bytes { reader = TIFFPageReader(page.file) }
      return reader.subPages(of: page)
    }
    let isLevel = { (page: TIFFPage, parent: TIFFPage) in
      page.kind != .mask && page.form.isReduced(from: parent.form) && !page.isNamedThumbnail
    }
    let reduced = zip(all, pages).map { subs, page in subs.compactMap { try? $0.get() }.filter { isLevel($0, page) } }
    let count = reduced.map(\.count).min() ?? 0
    for level in 0..<count {
      let versions = reduced.map { $0[level] }
      if versions.allSatisfy({ $0.form.isVolume(with: versions[0].form) }) { levels.append(versions) }
    }
    levels = levels.ordered { $0[0].format.pixelCount > $1[0].format.pixelCount }
    for sub in all.first ?? [] {
      switch sub {
      case .success(let page):
        if isLevel(page, pages[0]) { continue }
        let name = page.kind == .mask ? ImageRole.mask.rawValue : "\(name).\(subImages.count)"
        var image = TIFFSeries(name: name, pages: [page], along: .slice)
        image.role = page.kind.role
        subImages.append(image)
      case .failure(let unreadable):
        subImages.append(TIFFSeries(name: "\(name).\(subImages.count)", failure: unreadable.error))
      }
    }
  }
}

extension TIFFPage {
  fileprivate var isNamedThumbnail: Bool { (try? file.text(directory, .pageName)) == ImageRole.thumbnail.rawValue }
}

/// Groups of pages that are becoming images.
private struct PageGroups {
  struct Key: Hashable {
    let kind: TIFFPageKind
    let format: TIFFPageFormat
  }

  private(set) var all: [(kind: TIFFPageKind, series: TIFFSeries)] = []
  private var position: [Key: Int] = [:]
  /// The positions of the volumes that have pages of a form already.
  private var known: [ObjectIdentifier: Int] = [:]

  mutating func append(_ series: TIFFSeries, _ kind: TIFFPageKind) { all.append((kind, series)) }

  /// Adds a page to the volume or level that it belongs to, or begins a volume.
  mutating func add(_ page: TIFFPage, as kind: TIFFPageKind, name: @autoclosure () -> String) {
    if kind == .reduced || kind == .mask && page.isReduced {
      let wanted: TIFFPageKind = kind == .reduced ? .full : .mask
      if let place = all.lastIndex(where: { $0.kind == wanted && $0.series.hasRoom(for: page) }) {
        return all[place].series.addLevel(page)
      }
    }
    if let place = known[ObjectIdentifier(page.form)] { return all[place].series.pages.append(page) }
    let key = Key(kind: kind, format: page.form.volumeKey)
    if let place = position[key] {
      all[place].series.pages.append(page)
      known[ObjectIdentifier(page.form)] = place
      return
    }
    position[key] = all.count
    known[ObjectIdentifier(page.form)] = all.count
    append(TIFFSeries(name: kind.imageName ?? name(), pages: [page], along: .slice), kind)
  }

  /// Returns the images. Levels that some pages of their image lack are thumbnails.
  func finished() -> [TIFFSeries] {
    var (series, thumbnails): ([TIFFSeries], [TIFFSeries]) = ([], [])
    for (kind, var group) in all {
      group.role = kind.role
      guard group.failure == nil else {
        series.append(group)
        continue
      }
      var image = TIFFSeries(name: group.name, pages: group.pages, along: .slice)
      image.role = group.role
      image.levels = group.levels.filter { $0.count == image.pages.count }
      for level in group.levels where level.count != image.pages.count {
        var thumbnail = TIFFSeries(name: ImageRole.thumbnail.rawValue, pages: level, along: .slice)
        thumbnail.role = .thumbnail
        thumbnails.append(thumbnail)
      }
      image.addSubPages()
      series.append(image)
    }
    return series + thumbnails
  }
}

extension TIFFPageFormat {
  /// The number of pixels, which does not always fit in an `Int`.
  fileprivate var pixelCount: Double { Double(width) * Double(height) }
}

extension TIFFPageForm {
  /// Whether this form has the same samples as `full` and is smaller in at least one direction and larger in none.
  func isReduced(from full: TIFFPageForm) -> Bool {
    let (width, height) = (format.width, format.height)
    guard width <= full.format.width, height <= full.format.height, (width, height) != (full.format.width, full.format.height) else {
      return false
    }
    var (small, large) = (volumeKey, full.volumeKey)
    (small.width, small.height, small.depth) = (1, 1, 1)
    (large.width, large.height, large.depth) = (1, 1, 1)
    return small == large
  }
}
