/// What the numbers of an image mean. An open set.
public struct ImageInterpretation: Hashable, Sendable {
  /// Upper case: `GRAYSCALE`, `RGB`, …
  public let name: String
  public init(_ name: String) { self.name = name.uppercased() }

  public static let unknown = ImageInterpretation("UNKNOWN")
  public static let grayscale = ImageInterpretation("GRAYSCALE")
  /// Grayscale in which 0 is white; values are as stored, not inverted.
  public static let minIsWhite = ImageInterpretation("MIN_IS_WHITE")
  public static let rgb = ImageInterpretation("RGB")
  public static let cmyk = ImageInterpretation("CMYK")
  public static let cielab = ImageInterpretation("CIELAB")
  public static let label = ImageInterpretation("LABEL")
  public static let binary = ImageInterpretation("BINARY")
  /// Indices into a colour map that stands in the metadata.
  public static let palette = ImageInterpretation("PALETTE")
  public static let multispectral = ImageInterpretation("MULTISPECTRAL")
}

/// Whether the last component is opacity, and how the others relate to it.
public enum AlphaMode: String, Hashable, Sendable {
  case none
  /// Colours are not multiplied by opacity.
  case straight
  /// Colours are already multiplied by opacity.
  case premultiplied
  /// There is an opacity component, but the file does not say which kind.
  case unspecified
}

/// How the spatial axes lie in the world: three unit vectors, right-handed by default.
public struct SpatialDirections: Hashable, Sendable {
  public var column: [Double]
  public var row: [Double]
  public var slice: [Double]

  public init() {
    column = [1, 0, 0]
    row = [0, 1, 0]
    slice = [0, 0, 1]
  }

  /// The slice direction is column × row.
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

/// What is known about an image besides its pixels: axes with calibration, and what the numbers mean.
public struct ImageProperties: Hashable, Sendable {
  /// One per dimension, canonical order.
  public private(set) var axes: [Axis]
  /// The axis order of the file: indices into `axes`, slowest first.
  public private(set) var sourceOrder: AxisVector
  public var interpretation: ImageInterpretation
  /// Bits that carry information, where fewer than the type has (12 of a uint16); `nil` means all.
  public var significantBits: Int?
  public var alpha: AlphaMode
  public var spatialDirections: SpatialDirections?
  /// True when the file does not state its axes and they were chosen by rule.
  public var axesAreInferred: Bool

  /// Properties for axes given in canonical order.
  ///
  /// - Parameters:
  ///   - axes: Canonical order: by ``AxisRole/canonicalRank``; among other roles any order is kept, and unknown axes may stand
  ///     anywhere.
  ///   - sourceOrder: Indices into `axes`, slowest first; `nil` means the reverse of `axes`.
  /// - Throws: `invalidArgument` when a role other than unknown stands twice, a length is negative, the axes are not in
  ///   canonical order, there are more than 32, `sourceOrder` is not a permutation of their indices, or `significantBits` is not 1
  ///   to 64.
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
      throw IOLinkError(.invalidArgument, "significant bits are \(significantBits ?? 0), expected 1 to 64")
    }
    self.axes = axes
    self.sourceOrder = order
    self.interpretation = interpretation
    self.significantBits = significantBits
    self.alpha = alpha
    self.spatialDirections = spatialDirections
    self.axesAreInferred = axesAreInferred
  }

  /// Properties for axes as a file lists them: slowest first. The one way in which codecs reach canonical order.
  ///
  /// Roles are sorted into canonical order; other axes follow in file order; unknown axes keep the order of the file
  /// (axis 0 of the array is axis 0 of the image).
  ///
  /// - Parameter fileAxes: Slowest first.
  /// - Throws: as ``init(axes:sourceOrder:interpretation:significantBits:alpha:spatialDirections:axesAreInferred:)``.
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
      throw IOLinkError(.limitExceeded, "\(axes.count) axes, at most \(AxisVector.maximumRank) are supported")
    }
    var rank = 0
    for (position, axis) in axes.enumerated() {
      guard axis.length >= 0 else {
        throw IOLinkError(.invalidArgument, "axis \(axis.role) has length \(axis.length)")
      }
      guard axis.role == .unknown || !axes[..<position].contains(where: { $0.role == axis.role }) else {
        throw IOLinkError(.invalidArgument, "axis \(axis.role) is named twice")
      }
      guard axis.role != .unknown else { continue }
      guard axis.role.canonicalRank >= rank else {
        throw IOLinkError(.invalidArgument, "axis \(axis.role) does not stand in canonical order")
      }
      rank = axis.role.canonicalRank
    }
  }

  public var rank: Int { axes.count }
  /// The lengths of the axes, canonical order.
  public var shape: Shape { AxisVector(axes.map(\.length)) }
  /// IOLink's name for this combination of axes.
  public var imageType: ImageType { ImageType(axes: axes.map(\.role)) }
  public var hasUnknownAxes: Bool { axes.contains { $0.role == .unknown } }

  public func index(of role: AxisRole) -> Int? { axes.firstIndex { $0.role == role } }

  /// Where a new axis of this role is to stand: before the axes that canonical order puts behind it; else last.
  func place(ofNew role: AxisRole) -> Int {
    axes.firstIndex { $0.role != .unknown && $0.role.canonicalRank > role.canonicalRank } ?? axes.count
  }

  /// The axes as the file lists them, slowest first.
  public var fileAxes: [Axis] { sourceOrder.map { axes[$0] } }

  /// Changes calibration of one axis; role and length stay.
  public mutating func calibrate(_ axis: Int, spacing: Double?, origin: Double? = nil, unit: String? = nil) {
    axes[axis].calibration = Calibration(spacing: spacing, origin: origin, unit: unit)
  }

  /// The same axes with other lengths.
  ///
  /// - Precondition: as many lengths as axes, none negative.
  public func with(lengths: Shape) -> ImageProperties {
    precondition(lengths.count == axes.count && lengths.allSatisfy { $0 >= 0 }, "lengths \(lengths) for \(axes.count) axes")
    var properties = self
    for axis in axes.indices { properties.axes[axis].length = lengths[axis] }
    return properties
  }

  /// The same properties over other axes; `sourceOrder` as in the designated initialiser.
  public func with(axes: [Axis], sourceOrder: AxisVector) throws(IOLinkError) -> ImageProperties {
    try ImageProperties(
      axes: axes, sourceOrder: sourceOrder, interpretation: interpretation, significantBits: significantBits,
      alpha: alpha, spatialDirections: spatialDirections, axesAreInferred: axesAreInferred)
  }

  /// The same properties over axes that a caller names, slowest first; they are not inferred any more.
  ///
  /// - Throws: as ``init(fileAxes:interpretation:axesAreInferred:)``.
  public func with(fileAxes: [Axis]) throws(IOLinkError) -> ImageProperties {
    let named = try ImageProperties(fileAxes: fileAxes)
    var properties = try with(axes: named.axes, sourceOrder: named.sourceOrder)
    properties.axesAreInferred = false
    return properties
  }
}
