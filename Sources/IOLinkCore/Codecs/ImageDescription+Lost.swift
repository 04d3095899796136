/// The properties of an image that a format can hold.
public struct KeptProperties: OptionSet, Hashable, Sendable {
  /// The bits of the set.
  public let rawValue: Int
  /// Makes a set from its bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The roles of the axes.
  public static let roles = KeptProperties(rawValue: 1)
  /// The spacing of every axis.
  public static let spacing = KeptProperties(rawValue: 2)
  /// The origin of every axis.
  public static let origin = KeptProperties(rawValue: 4)
  /// The unit of every axis.
  public static let unit = KeptProperties(rawValue: 8)
  /// What the values mean: ``ImageProperties/interpretation``.
  public static let interpretation = KeptProperties(rawValue: 16)
  /// How many bits carry information: ``ImageProperties/significantBits``.
  public static let significantBits = KeptProperties(rawValue: 32)
  /// Whether a component is alpha: ``ImageProperties/alpha``.
  public static let alpha = KeptProperties(rawValue: 64)
  /// The directions of the axes in space: ``ImageProperties/spatialDirections``.
  public static let directions = KeptProperties(rawValue: 128)
}

extension ImageDescription {
  /// Lists what a format loses of this image.
  ///
  /// - Parameters:
  ///   - kept: The properties that the format holds, for every axis of every image.
  ///   - reason: Why the other properties are lost, as one phrase: `the format stores no calibration`.
  ///   - keepsAxis: Whether a property of an axis is kept although `kept` lacks it, for formats that hold the calibration of some
  ///     axes only.
  ///   - keepsMetadata: Whether the metadata value at a path is kept.
  /// - Returns: One item for each lost value, axes first, in canonical order. A spacing or an origin that is not a finite number
  ///   counts as lost in every format.
  public func lost(
    keeping kept: KeptProperties, reason: String,
    keepsAxis: (Axis, KeptProperties) -> Bool = { _, _ in false },
    keepsMetadata: (_ path: String, MetadataValue) -> Bool = { _, _ in false }
  ) -> [LostItem] {
    var items: [LostItem] = []
    func add(_ path: String, _ value: String) { items.append(LostItem(path: path, value: value, reason: reason)) }

    if !kept.contains(.roles), !properties.hasUnknownAxes, rolesDifferFromInference {
      add("/axes", properties.fileAxes.map(\.role.description).joined(separator: ", "))
    }
    for axis in properties.axes {
      let path = "/axes/\(axis.role.name)"
      func isLost(_ value: Double, _ what: KeptProperties) -> Bool {
        !value.isFinite || !kept.contains(what) && !keepsAxis(axis, what)
      }
      if let spacing = axis.spacing, isLost(spacing, .spacing) { add("\(path)/spacing", "\(spacing)") }
      if let origin = axis.origin, isLost(origin, .origin) { add("\(path)/origin", "\(origin)") }
      if let unit = axis.unit, !kept.contains(.unit), !keepsAxis(axis, .unit) { add("\(path)/unit", unit) }
    }
    if properties.interpretation != .unknown, !kept.contains(.interpretation) {
      add("/interpretation", properties.interpretation.name)
    }
    if let bits = properties.significantBits, !kept.contains(.significantBits) { add("/significantBits", "\(bits)") }
    if properties.alpha != .none, !kept.contains(.alpha) { add("/alpha", properties.alpha.rawValue) }
    if let directions = properties.spatialDirections, !kept.contains(.directions) {
      add("/spatialDirections", "\(directions.column), \(directions.row), \(directions.slice)")
    }
    for leaf in metadata.leaves where !keepsMetadata(leaf.path, leaf.value) { add(leaf.path, "\(leaf.value)") }
    return items
  }

  /// Whether a reader that infers the axes from the shape would give them other roles.
  private var rolesDifferFromInference: Bool {
    let axes = properties.fileAxes
    return AxisInference.axes(axes.map(\.length)).map(\.role) != axes.map(\.role)
  }
}
