/// What the values of an image mean. The set is open.
public struct ImageInterpretation: Hashable, Sendable {
  /// The name in upper case, such as `GRAYSCALE` or `RGB`.
  public let name: String

  /// Creates the interpretation of the given name, in any case.
  public init(_ name: String) { self.name = name.uppercased() }

  /// The file does not say what the values mean.
  public static let unknown = ImageInterpretation("UNKNOWN")
  /// Intensities whose lowest value is black.
  public static let grayscale = ImageInterpretation("GRAYSCALE")
  /// Intensities whose lowest value is white. The values are as stored, not inverted.
  public static let minIsWhite = ImageInterpretation("MIN_IS_WHITE")
  /// Red, green and blue.
  public static let rgb = ImageInterpretation("RGB")
  /// Cyan, magenta, yellow and black.
  public static let cmyk = ImageInterpretation("CMYK")
  /// The colour space CIE L*a*b*.
  public static let cielab = ImageInterpretation("CIELAB")
  /// The numbers of the objects to which the pixels belong.
  public static let label = ImageInterpretation("LABEL")
  /// Two values: object and background.
  public static let binary = ImageInterpretation("BINARY")
  /// Indices into a colour map, which is in the metadata.
  public static let palette = ImageInterpretation("PALETTE")
  /// The bands of a spectrum.
  public static let multispectral = ImageInterpretation("MULTISPECTRAL")
}

/// Whether the last component is opacity, and how the others relate to it.
public enum AlphaMode: String, Hashable, Sendable {
  /// The last component is not opacity.
  case none
  /// The other components are not multiplied by opacity.
  case straight
  /// The other components are already multiplied by opacity.
  case premultiplied
  /// The last component is opacity, but the file does not say how the others relate to it.
  case unspecified
}

/// The directions of the spatial axes in the world: three unit vectors, by default those of a right-handed system.
public struct SpatialDirections: Hashable, Sendable {
  /// The direction of the COLUMN axis, as x, y and z.
  public var column: [Double]
  /// The direction of the ROW axis, as x, y and z.
  public var row: [Double]
  /// The direction of the SLICE axis, as x, y and z.
  public var slice: [Double]

  /// Creates the directions of an image whose axes are the x, y and z axes of the world.
  public init() {
    column = [1, 0, 0]
    row = [0, 1, 0]
    slice = [0, 0, 1]
  }

  /// Creates the directions of an image from two of them. The direction of SLICE is their cross product, column × row.
  ///
  /// - Precondition: Both vectors have three entries.
  public init(column: [Double], row: [Double]) {
    precondition(column.count == 3 && row.count == 3, "a direction has three entries")
    self.column = column
    self.row = row
    slice = [
      column[1] * row[2] - column[2] * row[1],
      column[2] * row[0] - column[0] * row[2],
      column[0] * row[1] - column[1] * row[0],
    ]
  }
}

/// What is known about an image besides its pixels: its axes with their calibration, and what its values mean.
public struct ImageProperties: Hashable, Sendable {
  /// The axes, in canonical order.
  public private(set) var axes: [Axis]
  /// The axis order of the file: indices into `axes`, slowest first.
  public private(set) var sourceOrder: AxisVector
  /// What the values mean.
  public var interpretation: ImageInterpretation
  /// The number of bits of a component that carry information, where that is less than the type has (12 of a `uint16`); `nil`
  /// stands for all of them.
  public var significantBits: Int?
  /// Whether the last component is opacity.
  public var alpha: AlphaMode
  /// The directions of the spatial axes in the world; `nil` when the file states none.
  public var spatialDirections: SpatialDirections?
  /// Whether the axes were chosen by a rule because the file does not state them.
  public var axesAreInferred: Bool

  /// Creates properties from axes in canonical order.
  ///
  /// - Parameters:
  ///   - axes: The axes by ascending ``AxisRole/canonicalRank``. Roles that are not canonical keep the order given here, and
  ///     unknown axes may stand anywhere.
  ///   - sourceOrder: Indices into `axes`, slowest first; `nil` means the reverse of `axes`.
  ///   - interpretation: What the values mean.
  ///   - significantBits: The number of bits of a component that carry information; `nil` means all of them.
  ///   - alpha: Whether the last component is opacity.
  ///   - spatialDirections: The directions of the spatial axes in the world.
  ///   - axesAreInferred: Whether the axes were chosen by a rule because the file does not state them.
  /// - Throws: `invalidArgument` when two axes have the same role other than unknown, a length is negative, the axes are not in
  ///   canonical order, `sourceOrder` is not a permutation of their indices, or `significantBits` is not 1 to 64;
  ///   `limitExceeded` when there are more than 32 axes.
  public init(
    axes: [Axis], sourceOrder: AxisVector? = nil, interpretation: ImageInterpretation = .unknown,
    significantBits: Int? = nil, alpha: AlphaMode = .none, spatialDirections: SpatialDirections? = nil,
    axesAreInferred: Bool = false
  ) throws(IOLinkError) {
    try Self.validate(axes)
    let rank = axes.count
    let order = sourceOrder ?? AxisVector((0..<rank).reversed())
    guard order.isPermutation(of: rank) else {
      throw IOLinkError(.invalidArgument, "source order \(order) is not a permutation of \(rank) axes")
    }
    guard significantBits.map((1...64).contains) ?? true else {
      throw IOLinkError(.invalidArgument, "the number of significant bits is \(significantBits ?? 0), expected 1 to 64")
    }
    self.axes = axes
    self.sourceOrder = order
    self.interpretation = interpretation
    self.significantBits = significantBits
    self.alpha = alpha
    self.spatialDirections = spatialDirections
    self.axesAreInferred = axesAreInferred
  }

  /// Creates properties from axes as a file lists them, slowest first. All codecs reach canonical order in this way.
  ///
  /// Axes with a canonical role are sorted into canonical order. The other axes follow in file order, unknown ones included:
  /// when all axes are unknown, axis 0 of the array is axis 0 of the image.
  ///
  /// - Parameters:
  ///   - fileAxes: The axes, slowest first.
  ///   - interpretation: What the values mean.
  ///   - axesAreInferred: Whether the axes were chosen by a rule because the file does not state them.
  /// - Throws: `invalidArgument` when two axes have the same role other than unknown, or a length is negative; `limitExceeded`
  ///   when there are more than 32 axes.
  public init(
    fileAxes: [Axis], interpretation: ImageInterpretation = .unknown, axesAreInferred: Bool = false
  ) throws(IOLinkError) {
    let canonical = fileAxes.indices.sorted {
      (fileAxes[$0].role.canonicalRank, $0) < (fileAxes[$1].role.canonicalRank, $1)
    }
    var sourceOrder = AxisVector(repeating: 0, count: fileAxes.count)
    for (position, fileIndex) in canonical.enumerated() { sourceOrder[fileIndex] = position }
    try self.init(
      axes: canonical.map { fileAxes[$0] }, sourceOrder: sourceOrder, interpretation: interpretation,
      axesAreInferred: axesAreInferred)
  }

  private static func validate(_ axes: [Axis]) throws(IOLinkError) {
    guard axes.count <= AxisVector.maximumRank else {
      throw IOLinkError(.limitExceeded, "the number of axes is \(axes.count), expected at most \(AxisVector.maximumRank)")
    }
    var rank = 0
    for (position, axis) in axes.enumerated() {
      guard axis.length >= 0 else {
        throw IOLinkError(.invalidArgument, "axis \(axis.role) has length \(axis.length), expected 0 or more")
      }
      guard axis.role == .unknown || !axes[..<position].contains(where: { $0.role == axis.role }) else {
        throw IOLinkError(.invalidArgument, "axis \(axis.role) appears twice, expected each role once")
      }
      guard axis.role != .unknown else { continue }
      guard axis.role.canonicalRank >= rank else {
        throw IOLinkError(.invalidArgument, "axis \(axis.role) is out of canonical order: COLUMN, ROW, SLICE, CHANNEL, SEQUENCE, others")
      }
      rank = axis.role.canonicalRank
    }
  }

  /// The number of axes.
  public var rank: Int { axes.count }
  /// The lengths of the axes, in canonical order.
  public var shape: Shape { AxisVector(axes.map(\.length)) }
  /// IOLink's name for this combination of axes.
  public var imageType: ImageType { ImageType(axes: axes.map(\.role)) }
  /// Whether any axis has no role.
  public var hasUnknownAxes: Bool { axes.contains { $0.role == .unknown } }

  /// Returns the index of the first axis that has this role, or `nil` when none has.
  public func index(of role: AxisRole) -> Int? { axes.firstIndex { $0.role == role } }

  /// Returns the index that a new axis of this role gets: before the axes that follow it in canonical order, or else last.
  func place(ofNew role: AxisRole) -> Int {
    axes.firstIndex { $0.role != .unknown && $0.role.canonicalRank > role.canonicalRank } ?? axes.count
  }

  /// The axes as the file lists them, slowest first.
  public var fileAxes: [Axis] { sourceOrder.map { axes[$0] } }

  /// Replaces the calibration of one axis. Its role and length stay.
  ///
  /// - Parameters:
  ///   - axis: The index of the axis.
  ///   - spacing: The distance between the centres of neighbouring elements, in `unit`; `nil` when it is not known.
  ///   - origin: The position of the centre of element 0, in `unit`; `nil` when it is not known.
  ///   - unit: The unit of both; `nil` when it is not known.
  public mutating func calibrate(_ axis: Int, spacing: Double?, origin: Double? = nil, unit: String? = nil) {
    axes[axis].calibration = Calibration(spacing: spacing, origin: origin, unit: unit)
  }

  /// The same properties with the units of all axes in the spelling of ``AxisUnit``.
  var withNormalizedUnits: ImageProperties {
    var properties = self
    for axis in axes.indices { properties.axes[axis].unit = axes[axis].unit.flatMap(AxisUnit.normalized) }
    return properties
  }

  /// Returns the same properties with other lengths of the axes.
  ///
  /// - Precondition: There are as many lengths as axes, and none is negative.
  public func with(lengths: Shape) -> ImageProperties {
    precondition(
      lengths.count == axes.count && lengths.allSatisfy { $0 >= 0 }, "lengths are \(lengths), expected \(axes.count) that are 0 or more")
    var properties = self
    for axis in axes.indices { properties.axes[axis].length = lengths[axis] }
    return properties
  }

  /// Returns the same properties with other axes, given in canonical order.
  ///
  /// - Parameters:
  ///   - axes: The axes by ascending ``AxisRole/canonicalRank``; unknown axes may stand anywhere.
  ///   - sourceOrder: Indices into `axes`, slowest first.
  /// - Throws: `invalidArgument` when two axes have the same role other than unknown, a length is negative, the axes are not in
  ///   canonical order, or `sourceOrder` is not a permutation of their indices; `limitExceeded` when there are more than 32 axes.
  public func with(axes: [Axis], sourceOrder: AxisVector) throws(IOLinkError) -> ImageProperties {
    try ImageProperties(
      axes: axes, sourceOrder: sourceOrder, interpretation: interpretation, significantBits: significantBits,
      alpha: alpha, spatialDirections: spatialDirections, axesAreInferred: axesAreInferred)
  }

  /// Returns the same properties with axes that the caller has named, slowest first. They no longer count as inferred.
  ///
  /// - Throws: `invalidArgument` when two axes have the same role other than unknown, or a length is negative; `limitExceeded`
  ///   when there are more than 32 axes.
  public func with(fileAxes: [Axis]) throws(IOLinkError) -> ImageProperties {
    let named = try ImageProperties(fileAxes: fileAxes)
    var properties = try with(axes: named.axes, sourceOrder: named.sourceOrder)
    properties.axesAreInferred = false
    return properties
  }
}
