internal import IOLinkCore

/// ImageJ holds the spacing of columns and rows in the resolution tags, in units of its own; that of slices and frames in
/// the text; no origin. What would come back as something else is not written.
extension ImageJDescription {
  /// - Parameter shape: Of the image, after growing.
  static func text(_ properties: ImageProperties, shape: Shape) -> String {
    func length(_ role: AxisRole) -> Int { properties.index(of: role).map { shape[$0] } ?? 1 }
    let (channels, slices, frames) = (length(.channel), length(.slice), length(.sequence))
    var lines = ["ImageJ=1.53t", "images=\(channels * slices * frames)"]
    if channels > 1 { lines.append("channels=\(channels)") }
    if slices > 1 { lines.append("slices=\(slices)") }
    if frames > 1 { lines.append("frames=\(frames)") }
    if [channels, slices, frames].count(where: { $0 > 1 }) > 1 { lines.append("hyperstack=true") }
    if channels > 1 { lines.append("mode=grayscale") }
    lines += calibration(properties)
    lines.append("loop=false")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Pixels per unit of columns and rows; `nil` where one of them cannot be said.
  static func resolution(_ properties: ImageProperties) -> (x: TIFFRational, y: TIFFRational)? {
    func density(_ role: AxisRole) -> TIFFRational? {
      guard let axis = properties.axis(role), spelling(axis.unit) != nil else { return nil }
      return axis.spacing.flatMap { TIFFRational(1 / $0) }
    }
    guard let x = density(.column), let y = density(.row) else { return nil }
    return (x, y)
  }

  /// The axes whose spacing and unit come back: those longer than 1, columns and rows always.
  static func calibratedRoles(_ properties: ImageProperties, shape: Shape) -> Set<AxisRole> {
    var roles: Set<AxisRole> = resolution(properties) == nil ? [] : [.column, .row]
    for role in [AxisRole.slice, .sequence] {
      guard let index = properties.index(of: role), shape[index] > 1 else { continue }
      if !lines(properties.axes[index], in: properties).isEmpty { roles.insert(role) }
    }
    return roles
  }

  private static func calibration(_ properties: ImageProperties) -> [String] {
    var lines: [String] = []
    if let unit = planeUnit(properties), let spelled = spelling(unit) {
      lines.append("unit=\(spelled)")
      if let other = properties.axis(.row)?.unit, other != unit, let spelled = spelling(other) { lines.append("yunit=\(spelled)") }
    }
    for role in [AxisRole.slice, .sequence] {
      if let axis = properties.axis(role) { lines += Self.lines(axis, in: properties) }
    }
    return lines
  }

  /// The unit that the resolution tags are in.
  private static func planeUnit(_ properties: ImageProperties) -> String? {
    resolution(properties) == nil ? nil : properties.axis(.column)?.unit
  }

  /// The spacing of slices or frames; empty where it would come back as another.
  private static func lines(_ axis: Axis, in properties: ImageProperties) -> [String] {
    guard let spacing = axis.spacing, spacing.isFinite, spacing != 0 else { return [] }
    if axis.role == .sequence { return axis.unit == "s" ? ["finterval=\(spacing)"] : [] }
    let unit = planeUnit(properties)
    guard axis.unit != nil else { return unit == nil ? ["spacing=\(spacing)"] : [] }
    guard let spelled = spelling(axis.unit) else { return [] }
    return (axis.unit == unit ? [] : ["zunit=\(spelled)"]) + ["spacing=\(spacing)"]
  }

  /// A unit as ImageJ writes it; `nil` for what is no unit to it, or would end the line.
  private static func spelling(_ unit: String?) -> String? {
    guard let unit, !unit.contains(where: \.isNewline), !unit.utf8.contains(0) else { return nil }
    let spelled = unit == "µm" ? "micron" : unit
    return TIFFUnit.normalized(spelled)?.utf8.elementsEqual(unit.utf8) == true ? spelled : nil
  }
}

extension ImageProperties {
  fileprivate func axis(_ role: AxisRole) -> Axis? { index(of: role).map { axes[$0] } }
}
