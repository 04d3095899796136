/// The properties of an image that a format can hold.
public struct KeptProperties: OptionSet, Hashable, Sendable {
  /// The bits of the set.
  public let rawValue: Int
  /// Makes a set from its bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The spacing of every axis.
  public static let spacing = KeptProperties(rawValue: 1)
  /// The origin of every axis.
  public static let origin = KeptProperties(rawValue: 2)
  /// The unit of every axis.
  public static let unit = KeptProperties(rawValue: 4)
  /// What the values mean: ``ImageProperties/interpretation``.
  public static let interpretation = KeptProperties(rawValue: 8)
  /// How many bits carry information: ``ImageProperties/significantBits``.
  public static let significantBits = KeptProperties(rawValue: 16)
  /// Whether a component is alpha: ``ImageProperties/alpha``.
  public static let alpha = KeptProperties(rawValue: 32)
  /// The directions of the axes in space: ``ImageProperties/spatialDirections``.
  public static let directions = KeptProperties(rawValue: 64)
}

extension ImageDescription {
  /// Lists what a format loses of this image.
  ///
  /// - Parameters:
  ///   - kept: The properties that the format holds, for every axis that it holds.
  ///   - found: What a reader finds in the file without anything that `kept` names: its axes, interpretation, significant bits and alpha.
  ///     An axis that is not among them is lost, with its calibration. With `nil`, a reader finds all axes of the image.
  ///   - reason: Why the other properties are lost, as one phrase: `the format stores no calibration`.
  ///   - keepsAxis: Whether a property of an axis is kept although `kept` lacks it, for formats that hold the calibration of some
  ///     axes only.
  ///   - keepsMetadata: Whether the metadata value at a path is kept.
  /// - Returns: One item for each lost value, axes first, in canonical order: `/axes` where a reader finds axes of other roles or lengths,
  ///   `/axes/slice` where only that axis of length 1 is missing. A spacing or an origin that is not a finite number
  ///   counts as lost in every format; what says how the source file was stored (``MetadataBinding/Rule/storage``) in none.
  public func lost(
    keeping kept: KeptProperties, readAs found: ImageProperties? = nil, reason: String,
    keepsAxis: (Axis, KeptProperties) -> Bool = { _, _ in false },
    keepsMetadata: (_ path: String, MetadataValue) -> Bool = { _, _ in false }
  ) -> [LostItem] {
    let storage = metadata.storagePaths
    let values = lostAxes(kept, found, keepsAxis) + lostMeaning(kept, found)
      + metadata.leaves.filter { !storage.contains($0.path) && !keepsMetadata($0.path, $0.value) }.map { ($0.path, "\($0.value)") }
    return values.map { LostItem(path: $0.path, value: $0.value, reason: reason) }
  }

  private func lostAxes(
    _ kept: KeptProperties, _ found: ImageProperties?, _ keepsAxis: (Axis, KeptProperties) -> Bool
  ) -> [(path: String, value: String)] {
    var items: [(path: String, value: String)] = []
    let missing = found.map(missingRoles) ?? []
    let missesLength = properties.axes.contains { missing.contains($0.role) && $0.length != 1 }
    if missesLength { items.append(("/axes", properties.fileAxes.map(\.role.description).joined(separator: ", "))) }
    for axis in properties.axes {
      let path = "/axes/\(axis.role.name)"
      let isMissing = missing.contains(axis.role)
      if isMissing, !missesLength { items.append((path, "length \(axis.length)")) }
      func isKept(_ what: KeptProperties) -> Bool { !isMissing && (kept.contains(what) || keepsAxis(axis, what)) }
      if let spacing = axis.spacing, !spacing.isFinite || !isKept(.spacing) { items.append(("\(path)/spacing", "\(spacing)")) }
      if let origin = axis.origin, !origin.isFinite || !isKept(.origin) { items.append(("\(path)/origin", "\(origin)")) }
      if let unit = axis.unit, !isKept(.unit) { items.append(("\(path)/unit", unit)) }
    }
    return items
  }

  private func lostMeaning(_ kept: KeptProperties, _ found: ImageProperties?) -> [(path: String, value: String)] {
    var items: [(path: String, value: String)] = []
    if properties.interpretation != .unknown, !kept.contains(.interpretation), found?.interpretation != properties.interpretation {
      items.append(("/interpretation", properties.interpretation.name))
    }
    if let bits = properties.significantBits, !kept.contains(.significantBits), found?.significantBits != bits {
      items.append(("/significantBits", "\(bits)"))
    }
    if properties.alpha != .none, !kept.contains(.alpha), found?.alpha != properties.alpha {
      items.append(("/alpha", properties.alpha.rawValue))
    }
    if let directions = properties.spatialDirections, !kept.contains(.directions) {
      items.append(("/spatialDirections", "\(directions.column), \(directions.row), \(directions.slice)"))
    }
    return items
  }

  /// The roles of the axes that a reader does not find. Unknown axes cannot be missed.
  private func missingRoles(_ found: ImageProperties) -> Set<AxisRole> {
    let lengths = found.axes.reduce(into: [:]) { $0[$1.role] = $1.length }
    return Set(properties.axes.filter { $0.role != .unknown && lengths[$0.role] != $0.length }.map(\.role))
  }
}
