import IOLinkCore

/// An image that will be spread over datasets, one volume for each resolution, moment and channel. It is checked before anything is written.
struct HDF5PlannedPyramid: Sendable {
  let image: ImageDescription
  /// The image and its levels, the finest first.
  let levels: [Level]
  /// Those of the axes T, C, Z, Y and X that the image has, in this order.
  private let order: AxisVector
  /// The type of the numbers in the file, which has the size of that of the image.
  private let storedType: ComponentType

  struct Level: Sendable {
    let image: ImageDescription
    /// The numbers of slices, rows and columns.
    let size: [Int]
    /// How many slices, rows and columns of the image become one.
    let factors: [Int]
    /// The shape of a chunk: slices, rows and columns.
    let chunk: [Int]
    fileprivate let encoder: HDF5Encoder
  }

  private static let roles: [AxisRole] = [.sequence, .channel, .slice, .row, .column]
  private static let volumeRoles: [AxisRole] = [.slice, .row, .column]

  /// - Parameters:
  ///   - convention: Where the image will be written, which errors name.
  ///   - storedType: The type of the numbers in the file.
  /// - Throws: `unsupported` for axes and components that volumes cannot hold; `invalidArgument` for options that do not fit.
  init(_ image: ImageDescription, _ options: CodecOptions, _ convention: HDF5Convention, storedType: ComponentType) throws(IOLinkError) {
    try Self.check(image, options, convention)
    self.image = image
    self.storedType = storedType
    order = AxisVector(Self.roles.compactMap { image.properties.index(of: $0) })
    let whole = LevelDescription(image: image, factors: AxisVector(repeating: 1, count: image.shape.count))
    levels = try ([whole] + image.levels).map { level throws(IOLinkError) in
      guard [.sequence, .channel].allSatisfy({ Self.length($0, level.image) == Self.length($0, image) }) else {
        throw .hdf5(
          .unsupported,
          "convention=\(convention.rawValue) has levels with fewer slices, rows and columns, not with fewer channels or moments")
      }
      return try Level(level, options, storedType)
    }
  }

  private static func check(_ image: ImageDescription, _ options: CodecOptions, _ convention: HDF5Convention) throws(IOLinkError) {
    let name = "convention=\(convention.rawValue)"
    for option in ["dataset", "order", "growth", "scales"] where options.given[option] != nil {
      throw .hdf5(.invalidArgument, "option \(option) is given, but \(name) decides where and how volumes are stored")
    }
    guard options.text("layout") != "contiguous" else { throw .hdf5(.invalidArgument, "\(name) requires layout=chunked") }
    guard image.dataType.componentCount == 1 else {
      throw .hdf5(
        .unsupported,
        "\(name) has no place for elements of \(image.dataType.componentCount) components; make the components channels first")
    }
    guard !image.properties.hasUnknownAxes else {
      throw .hdf5(.unsupported, "the axes of the image have no names, which \(name) needs: name them (--axes ZYX, reinterpreted(axes:))")
    }
    if let other = image.properties.axes.first(where: { !roles.contains($0.role) }) {
      throw .hdf5(.unsupported, "\(name) has the axes T, C, Z, Y and X, and no place for \(other.role); select one position along it first")
    }
    guard image.properties.index(of: .column) != nil, image.properties.index(of: .row) != nil else {
      throw .hdf5(.unsupported, "\(name) has volumes of slices, rows and columns, but the image lacks rows or columns")
    }
    guard !image.shape.contains(0) else {
      throw .hdf5(.unsupported, "\(name) has no place for an image without elements, whose shape is \(image.shape)")
    }
  }

  private static func length(_ role: AxisRole, _ image: ImageDescription) -> Int {
    image.properties.index(of: role).map { image.properties.axes[$0].length } ?? 1
  }

  var momentCount: Int { Self.length(.sequence, image) }
  var channelCount: Int { Self.length(.channel, image) }

  /// The number of slowest axes by which a volume is chosen: those of T and C that the image has.
  var chosenCount: Int { order.count { !Self.volumeRoles.contains(image.properties.axes[$0].role) } }

  /// Returns the plans of the volumes of one level, by moment and channel.
  ///
  /// - Parameters:
  ///   - isPadded: Whether volumes consist of whole chunks.
  ///   - path: Returns the path of the volume of a moment and a channel.
  func plans(ofLevel index: Int, isPadded: Bool, _ path: (_ moment: Int, _ channel: Int) -> String) -> [HDF5WritePlan] {
    let level = levels[index]
    let shape = isPadded ? zip(level.size, level.chunk).map { Checked.ceilingDivide($0, $1) * $1 } : level.size
    return (0..<momentCount).flatMap { moment in
      (0..<channelCount).map { channel in
        var plan = HDF5WritePlan(
          path: path(moment, channel), componentType: storedType, shape: shape, storage: .chunked(level.chunk, level.encoder.filters),
          attributes: [])
        plan.growth = .none
        return plan
      }
    }
  }

  /// Makes the sink of one level.
  ///
  /// - Parameters:
  ///   - writers: The datasets that were made from its plans.
  ///   - completion: Called when all chunks are stored.
  func sink(
    ofLevel index: Int, _ writers: [HDF5DatasetWriter], completion: @escaping @Sendable () throws(IOLinkError) -> Void = {}
  ) throws(IOLinkError) -> HDF5Sink {
    let level = levels[index]
    var chunk = AxisVector(repeating: 1, count: image.shape.count)
    for (role, length) in zip(Self.volumeRoles, level.chunk) {
      if let axis = image.properties.index(of: role) { chunk[axis] = length }
    }
    let lengths = order.prefix(chosenCount).map { image.shape[$0] }
    let target = HDF5SinkTarget(writers, lengths: lengths, missingCount: 3 - (order.count - chosenCount))
    return try HDF5Sink(
      level.image.shape, image.dataType, order: order, chunk: chunk, filters: level.encoder, growth: .none, target: target,
      completion: completion)
  }
}

extension HDF5PlannedPyramid.Level {
  fileprivate init(_ level: LevelDescription, _ options: CodecOptions, _ storedType: ComponentType) throws(IOLinkError) {
    let axes = HDF5PlannedPyramid.volumeAxes(of: level.image)
    image = level.image
    size = axes.map(\.length)
    factors = axes.map { axis in level.image.properties.index(of: axis.role).map { level.factors[$0] } ?? 1 }
    // Volumes are never empty, so they always have chunks.
    let chosen = try HDF5Creation.chunkShape(axes, level.image, options, isFixed: true)
    chunk = chosen ?? size
    encoder = try HDF5Encoder(options, storedType, chunk: chunk)
  }
}

extension HDF5PlannedPyramid {
  /// The axes of the volumes of an image: slices, of which there is one if the image does not have this axis, rows and columns.
  static func volumeAxes(of image: ImageDescription) -> [Axis] {
    volumeRoles.map { role in image.properties.index(of: role).map { image.properties.axes[$0] } ?? Axis(role, length: 1) }
  }
}
