internal import IOLinkCore

/// How an image is written: the format of its pages, the axes that pages enumerate, and the description of the rest.
struct TIFFWritePlan: Sendable {
  let image: ImageDescription
  let format: TIFFPageFormat
  /// The indices of the image's axes that pages enumerate, slowest first.
  private(set) var pageAxes: [Int]
  private(set) var description: TIFFWriteOptions.Description
  let options: TIFFWriteOptions
  /// The name of the image in a file of several; `nil` in a file of one.
  let name: String?
  /// How a reader would interpret the samples if there were only pages, without a description.
  let samples: TIFFSamples
  /// What the image is.
  private(set) var role = Role.image

  /// What an image is among those of a file.
  enum Role: Sendable {
    case image, mask, level, thumbnail

    /// NewSubfileType.
    var subfileType: Int {
      switch self {
      case .image: 0
      case .level, .thumbnail: 1
      case .mask: 4
      }
    }

    /// Whether the image is a smaller version of another one, and needs no description of its own.
    var isReduced: Bool { self == .level || self == .thumbnail }
  }

  /// - Parameter name: The name of the image in a file of several, which are described by tifffile's JSON.
  /// - Throws: `unsupported` for images that TIFF or the description cannot hold; the message says what it can hold. `invalidArgument` for
  ///   another description of several images.
  init(_ image: ImageDescription, _ given: TIFFWriteOptions, name: String? = nil) throws(IOLinkError) {
    var options = given
    if name != nil {
      guard [.auto, .shaped, .ome].contains(given.description) else {
        throw .tiff(.invalidArgument, "option metadata is \(given.description.rawValue), but several images are written with shaped or ome")
      }
      if given.description == .auto { options.description = .shaped }
    }
    self.name = name
    let properties = image.properties
    guard !properties.hasUnknownAxes else {
      throw .tiff(
        .unsupported,
        "the axes of the image have no names, which TIFF needs: name them, for example with --axes ZYX or reinterpreted(axes:)")
    }
    guard let column = properties.index(of: .column), properties.rank == 1 || properties.index(of: .row) != nil else {
      let names = properties.axes.map(\.role.description).joined(separator: ", ")
      throw .tiff(
        .unsupported, "TIFF pages consist of rows and columns, but the image has \(names.isEmpty ? "no axes" : "the axes " + names)")
    }
    let row = properties.index(of: .row)
    guard image.shape[column] > 0, row.map({ image.shape[$0] > 0 }) ?? true else {
      throw .tiff(.unsupported, "the image has the shape \(image.shape), but a TIFF page has at least one row and one column")
    }
    options.keepChunks(of: image, row: row, column: column)
    self.image = image
    self.options = options
    var pageAxes = Array(properties.sourceOrder.filter { $0 != column && $0 != row })
    for axis in pageAxes.dropFirst() where image.shape[axis] == 0 {
      throw .tiff(.unsupported, "an image of shape \(image.shape) has no pages")
    }
    let isNamedMask = name.map { $0.drop { $0 == "/" }.prefix { $0 != "-" } == ImageRole.mask.rawValue[...] } ?? false
    if isNamedMask, image.dataType == .boolean, options.description == .shaped { role = .mask }
    format = try TIFFPageFormat(image, row: row, column: column, options)
    samples = try TIFFSamples(format)
    description = try Self.description(image, pageAxes, row, options, samples)
    // ImageJ has only one order of axes.
    let imageJAxes = [AxisRole.sequence, .slice, .channel].compactMap { properties.index(of: $0) }
    if description == .imagej { pageAxes = imageJAxes }
    self.pageAxes = pageAxes
    if options.description == .auto, imageJAxes == pageAxes { try stayWithImageJ() }
  }

  /// Plans a coarser level of this image: pages in the same order, without a description.
  ///
  /// - Throws: `unsupported` when it has other pages than the image.
  func level(_ level: LevelDescription, number: Int) throws(IOLinkError) -> TIFFWritePlan {
    var options = options
    options.description = .none
    var plan = try TIFFWritePlan(level.image, options)
    (plan.role, plan.pageAxes) = (.level, pageAxes)
    guard pageAxes.allSatisfy({ level.shape[$0] == image.shape[$0] }) else {
      throw .tiff(
        .unsupported,
        "level \(number) has the shape \(level.shape) and the image \(image.shape), but a level has as many pages as its image; levels=auto "
          + "makes levels of columns and rows")
    }
    return plan
  }

  /// The plan of the picture beside the image; `nil` without one.
  ///
  /// - Throws: `unsupported` for an image of several pages; what making a plan throws.
  var thumbnail: TIFFWritePlan? {
    get throws(IOLinkError) {
      guard let picture = image.thumbnail else { return nil }
      let pages = try pageCount(image.shape)
      // Several readers take the SubIFDs of the first page for levels that all pages have.
      guard pages == 1 else {
        throw .tiff(
          .unsupported, "a thumbnail is stored with a single plane, but the image has \(pages) pages; levels=auto makes smaller versions of all")
      }
      var options = TIFFWriteOptions()
      options.description = .none
      options.compression = format.compression == .none || format.compression == .jpeg ? format.compression : .deflate
      let holdsJPEG = picture.dataType.componentType == .uint8 && [1, 3].contains(picture.dataType.componentCount)
      if options.compression == .jpeg, !holdsJPEG { options.compression = .deflate }
      options.bigTIFF = self.options.bigTIFF
      var plan = try TIFFWritePlan(ImageDescription(dataType: picture.dataType, properties: picture.properties), options)
      plan.role = .thumbnail
      return plan
    }
  }

  /// Chooses ImageJ's description for an image that comes from ImageJ if no other one keeps more of it.
  ///
  /// - Throws: What ``lost`` throws.
  private mutating func stayWithImageJ() throws(IOLinkError) {
    guard image.metadata[child: "imagej"] != nil, Self.fitsImageJ(image), pageAxes.allSatisfy({ image.shape[$0] > 1 }) else { return }
    var other = self
    other.description = .imagej
    let (lostWithout, lostWith) = (try lost.map(\.path), try other.lost.map(\.path))
    if Set(lostWith).isSubset(of: lostWithout) { self = other }
  }

  /// The axes in the order in which the file stores them, slowest first, with rows and columns last.
  var writtenAxes: [Axis] {
    let axes = image.properties.axes
    return pageAxes.map { axes[$0] } + axes.filter { $0.role == .row } + axes.filter { $0.role == .column }
  }

  /// Chooses a description that can express the axes and properties of the image.
  private static func description(
    _ image: ImageDescription, _ pageAxes: [Int], _ row: Int?, _ options: TIFFWriteOptions, _ samples: TIFFSamples
  ) throws(IOLinkError) -> TIFFWriteOptions.Description {
    let axes = image.properties.axes
    let fitsOME = row != nil && axes.allSatisfy { $0.role.canonicalRank < 5 } && OMEDocument.typeName(image.dataType.componentType) != nil
    switch options.description {
    case .none, .shaped: return options.description
    case .ome:
      guard fitsOME else {
        let types = ComponentType.allCases.filter { OMEDocument.typeName($0) != nil }.map(\.numpyName).joined(separator: ", ")
        let roles = axes.map(\.role.description).joined(separator: ", ")
        throw .tiff(
          .unsupported,
          "OME-XML holds the axes X, Y, Z, C and T of the types \(types), but the image has the axes \(roles) and the type "
            + "\(image.dataType.componentType.numpyName); metadata=shaped holds any")
      }
      return .ome
    case .imagej:
      guard fitsImageJ(image) else {
        throw .tiff(.unsupported, "ImageJ only reads uint8, uint16, float32 and RGB of uint8 along X, Y, C, Z and T")
      }
      return .imagej
    case .auto:
      // Levels in SubIFDs are found by readers of OME-TIFF.
      let needsNone = image.levels.isEmpty || options.layout == .cloud
      if pageAxes.isEmpty, row != nil, needsNone, isPlain(image, samples) { return .none }
      let hasGenericComponents = image.dataType.componentCount > 1 && samples.arrangement != .components
      return fitsOME && !hasGenericComponents ? .ome : .shaped
    }
  }

  /// Whether ImageJ has the type and the axes of an image.
  private static func fitsImageJ(_ image: ImageDescription) -> Bool {
    let types: [ComponentType] = [.uint8, .uint16, .float32]
    let axes = image.properties.axes
    let components = image.dataType.componentCount
    return axes.contains { $0.role == .row } && axes.allSatisfy { $0.role.canonicalRank < 5 }
      && types.contains(image.dataType.componentType) && (components == 1 || components == 3 && image.dataType.componentType == .uint8)
  }

  /// Whether the tags alone express everything about a single page.
  private static func isPlain(_ image: ImageDescription, _ samples: TIFFSamples) -> Bool {
    let properties = image.properties
    let agrees =
      (properties.interpretation == .unknown || properties.interpretation == samples.interpretation)
      && properties.alpha == samples.alpha && properties.significantBits == nil && properties.spatialDirections == nil
      && (image.dataType.componentCount > 1) == (samples.arrangement == .components)
    let isObeyed = image.metadata["/description"]?.text.map(StructuralText.isObeyed) ?? false
    let described = ["channels", "planes", "title", "objective", "acquisition_date", "ome"]
    return agrees && !isObeyed && described.allSatisfy { image.metadata[child: $0] == nil }
      && properties.axes.allSatisfy { $0.origin == nil } && TIFFResolution.isExact(properties)
  }

  /// Returns the number of pages once the image has grown to `shape`.
  func pageCount(_ shape: Shape) throws(IOLinkError) -> Int {
    try AxisVector(pageAxes.map { shape[$0] }).elementCount()
  }

  /// Returns the chunks of the image once it has grown to `shape`.
  func grid(_ shape: Shape) throws(IOLinkError) -> ChunkGrid {
    let hasComponents = image.dataType.componentCount > 1
    var chunk = AxisVector(repeating: 1, count: shape.count + (hasComponents ? 1 : 0))
    var order = pageAxes
    for role in [AxisRole.row, .column] {
      guard let axis = image.properties.index(of: role) else { continue }
      chunk[axis] = role == .row ? format.chunkHeight : format.chunkWidth
      order.append(axis)
    }
    if hasComponents {
      chunk[shape.count] = image.dataType.componentCount
      order.append(shape.count)
    }
    return try ChunkGrid(
      image: shape, dataType: image.dataType, chunkShape: chunk, order: AxisVector(order), edges: format.isTiled ? .padded : .clipped)
  }
}
