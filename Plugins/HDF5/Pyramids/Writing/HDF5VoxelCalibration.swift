import IOLinkCore

/// The calibration of columns, rows and slices as formats state it that have one unit for all three.
///
/// Lengths in other units are converted. Where one axis has a unit of length, numbers of the others without one have no place.
struct HDF5VoxelCalibration: Sendable {
  /// The unit of all numbers; `nil` where no axis has a unit of length.
  let unit: String?
  /// What is kept of columns, rows and slices.
  var axes: [Calibration]

  static let roles: [AxisRole] = [.column, .row, .slice]

  /// - Parameters:
  ///   - units: The units that the format has; `nil` for any.
  ///   - fallback: The unit to use instead of one that the format does not have.
  init(_ image: ImageDescription, units: Set<String>? = nil, fallback: String = "µm") {
    let axes = Self.roles.map { role in image.properties.index(of: role).map { image.properties.axes[$0] } ?? Axis(role, length: 1) }
    let first = axes.lazy.compactMap(\.unit).first { AxisUnit.metres(per: $0) != nil }
    let unit = first.map { units?.contains($0) ?? true ? $0 : fallback }
    self.unit = unit
    self.axes = axes.map { axis in
      guard let unit else { return Calibration(spacing: Self.usable(axis.spacing, positive: true), origin: Self.usable(axis.origin)) }
      guard let own = axis.unit, let metres = AxisUnit.metres(per: own), let target = AxisUnit.metres(per: unit) else { return .none }
      let factor = own == unit ? 1 : metres / target
      let spacing = Self.usable(axis.spacing.map { $0 * factor }, positive: true)
      let origin = Self.usable(axis.origin.map { $0 * factor })
      return Calibration(spacing: spacing, origin: origin, unit: own == unit || spacing != nil || origin != nil ? unit : nil)
    }
  }

  private static func usable(_ number: Double?, positive: Bool = false) -> Double? {
    number.flatMap { $0.isFinite && (!positive || $0 >= .leastNormalMagnitude) ? $0 : nil }
  }

  /// Whether a property of an axis is kept.
  func keeps(_ axis: Axis, _ what: KeptProperties) -> Bool {
    guard let index = Self.roles.firstIndex(of: axis.role) else { return false }
    switch what {
    case .spacing: return axes[index].spacing != nil
    case .origin: return axes[index].origin != nil
    case .unit: return axes[index].unit != nil
    default: return false
    }
  }
}
