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
  /// What an OME-XML document says besides, which is added to the metadata when the image is opened.
  var remainder: OMERemainder?
  /// The tags whose values are in ``metadata`` in another form.
  var modelledTags: Set<TIFFTag> = []
  /// Whether the image has no row axis, because its pages are one row high.
  var isSingleRow = false
  /// The roles of rows and columns within a page.
  var rowRole = AxisRole.row
  var columnRole = AxisRole.column
  /// The metadata that are added to those from the tags of the first page.
  var metadata = MetadataNode()
  /// What a user should know about the file, such as pages that belong to no image. It is metadata at `/tiff/notes`.
  var remarks: [String] = []
  /// How much of the image is in the file if the file is cut short, as part of ``remarks`` and of the description of the storage.
  var shortage: String? { didSet { shortage.map { remarks.append("the file is cut short: " + $0) } } }
  /// The coarser versions, finest first. Each has as many pages as the image.
  var levels: [[TIFFPage]] = []
  /// The images in SubIFDs that are not levels.
  var subImages: [TIFFSeries] = []
  /// How the planes follow the first page's data, if they have no directories of their own. ``planes`` then holds the first one only.
  var followers: Followers?
  /// The text of GDAL's tag for missing pixels that applies if no page has the tag, such as that of the finest level.
  var background: String?
  /// Whether this is an image, or a mask or a thumbnail of another one.
  var role = ImageRole.image
  /// Why the image cannot be read.
  var failure: IOLinkError?

  /// How planes without directories lie behind the data of the first page.
  enum Followers: Sendable {
    /// All pixels form a single run (ImageJ, tifffile).
    case dense
    /// Every plane has strips at the same distances from each other (MetaMorph).
    case repeatedStrips
  }

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

  /// Assigns the pages of a stack to its planes in order. Planes of pages that cannot be read, or that are not there, are missing.
  ///
  /// If the pages that are there form a box, such as some whole frames, the image is that box.
  mutating func assign(_ available: [TIFFPageResult], count: Int) {
    pages = available.prefix(count).compactMap { try? $0.get() }
    var position = 0
    planes = (0..<count).map { index in
      guard available.indices.contains(index) else {
        return .missing(.tiff(.truncated, "the plane is on page \(index), but the file has \(available.count) pages"))
      }
      if case .failure(let unreadable) = available[index] { return .missing(unreadable.error) }
      defer { position += 1 }
      return .page(position)
    }
    guard available.count < count else { return }
    let whole = Self.axes(pageAxes, holding: available.count)
    shortage = Self.shortage(complete: available.count, of: count, isBox: whole != nil)
    guard let whole else { return }
    pageAxes = whole
    planes = Array(planes.prefix(available.count))
  }

  /// Returns what is said about a stack that the file holds in part.
  static func shortage(complete: Int, of count: Int, isBox: Bool) -> String {
    "\(complete) of \(count) planes are complete" + (isBox ? ", and the image consists of these" : "")
  }

  /// Returns the axes of the first `count` planes, without those that become 1 long; `nil` when these planes do not form a box.
  static func axes(_ axes: [Axis], holding count: Int) -> [Axis]? {
    guard var slowest = axes.first else { return count == 1 ? [] : nil }
    guard let inner = try? AxisVector(axes.dropFirst().map(\.length)).elementCount(), inner > 0, count > 0 else { return nil }
    if count < inner { return Self.axes(Array(axes.dropFirst()), holding: count) }
    guard count % inner == 0 else { return nil }
    slowest.length = count / inner
    return (slowest.length > 1 ? [slowest] : []) + axes.dropFirst()
  }
}

/// The positions of elements along an axis.
struct TIFFCalibration: Hashable, Sendable {
  var spacing: Double?
  var origin: Double?
  var unit: String?
}
