/// Which properties of an image a format can hold.
public struct KeptProperties: OptionSet, Hashable, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The names of the axes.
  public static let roles = KeptProperties(rawValue: 1)
  public static let spacing = KeptProperties(rawValue: 2)
  public static let origin = KeptProperties(rawValue: 4)
  public static let unit = KeptProperties(rawValue: 8)
  public static let interpretation = KeptProperties(rawValue: 16)
  public static let significantBits = KeptProperties(rawValue: 32)
  public static let alpha = KeptProperties(rawValue: 64)
  public static let directions = KeptProperties(rawValue: 128)
}

extension ImageDescription {
  /// What a format loses of this image.
  ///
  /// - Parameters:
  ///   - kept: What it holds for every axis of every image.
  ///   - reason: One phrase: `the format stores no calibration`.
  ///   - keepsAxis: For formats that hold calibration of some axes only: whether this value of this axis is kept.
  ///   - keepsMetadata: Whether the value at this path is kept.
  /// - Returns: One item per value, axes first, in canonical order. No format keeps a spacing or an origin that is no number.
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

  /// Whether a reader that infers axes by rank would name them otherwise.
  private var rolesDifferFromInference: Bool {
    let axes = properties.fileAxes
    return AxisInference.axes(axes.map(\.length)).map(\.role) != axes.map(\.role)
  }
}
