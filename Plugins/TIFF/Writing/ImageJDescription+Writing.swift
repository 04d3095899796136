internal import IOLinkCore

/// Writes ImageJ's description.
///
/// ImageJ stores the spacing of columns and rows in the resolution tags, in its own units, and that of slices and frames in the text. It
/// does not store origins. Values that a reader would not get back unchanged are not written.
extension ImageJDescription {
  /// - Parameters:
  ///   - shape: The final shape of the image.
  ///   - others: Lines about something else than axes and calibration.
  static func text(_ properties: ImageProperties, shape: Shape, others: [(key: String, value: String)] = []) -> String {
    func length(_ role: AxisRole) -> Int { properties.index(of: role).map { shape[$0] } ?? 1 }
    let (channels, slices, frames) = (length(.channel), length(.slice), length(.sequence))
    var lines = ["ImageJ=1.53t", "images=\(channels * slices * frames)"]
    if channels > 1 { lines.append("channels=\(channels)") }
    if slices > 1 { lines.append("slices=\(slices)") }
    if frames > 1 { lines.append("frames=\(frames)") }
    if [channels, slices, frames].count(where: { $0 > 1 }) > 1 { lines.append("hyperstack=true") }
    func isStated(_ key: String) -> Bool { others.contains { $0.key == key } }
    if channels > 1, !isStated("mode") { lines.append("mode=grayscale") }
    lines += calibration(properties)
    lines += others.map { "\($0.key)=\($0.value)" }
    if !isStated("loop") { lines.append("loop=false") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Returns the pixels per unit of columns and rows; `nil` if one of them cannot be expressed.
  static func resolution(_ properties: ImageProperties) -> (x: TIFFRational, y: TIFFRational)? {
    func density(_ role: AxisRole) -> TIFFRational? {
      guard let axis = properties.axis(role), spelling(axis.unit) != nil else { return nil }
      return axis.spacing.flatMap { TIFFRational(1 / $0) }
    }
    guard let x = density(.column), let y = density(.row) else { return nil }
    return (x, y)
  }

  /// Returns the axes whose spacing and unit are kept: columns, rows, and other axes longer than 1.
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

  /// The unit of the resolution tags.
  private static func planeUnit(_ properties: ImageProperties) -> String? {
    resolution(properties) == nil ? nil : properties.axis(.column)?.unit
  }

  /// Returns the lines for the spacing of slices or frames, which are empty if a reader would not get the same spacing back.
  private static func lines(_ axis: Axis, in properties: ImageProperties) -> [String] {
    guard let spacing = axis.spacing, spacing.isFinite, spacing != 0 else { return [] }
    if axis.role == .sequence {
      guard let spelled = spelling(axis.unit) else { return [] }
      return ["finterval=\(spacing)"] + (axis.unit == "s" ? [] : ["tunit=\(spelled)"])
    }
    let unit = planeUnit(properties)
    guard axis.unit != nil else { return unit == nil ? ["spacing=\(spacing)"] : [] }
    guard let spelled = spelling(axis.unit) else { return [] }
    return (axis.unit == unit ? [] : ["zunit=\(spelled)"]) + ["spacing=\(spacing)"]
  }

  /// Returns a unit as ImageJ spells it; `nil` when ImageJ does not take the text as a unit or it would end the line.
  private static func spelling(_ unit: String?) -> String? {
    guard let unit, !unit.contains(where: \.isNewline), !unit.utf8.contains(0) else { return nil }
    guard unit.unicodeScalars.allSatisfy({ $0.value <= 0xFFFF }) else { return nil }
    let spelled = unit == "µm" ? "micron" : unit.unicodeScalars.map { $0.isASCII ? String($0) : escaped($0) }.joined()
    return AxisUnit.normalized(AxisUnit.decoded(spelled))?.utf8.elementsEqual(unit.utf8) == true ? spelled : nil
  }

  /// Returns a character as an escape of four digits, `\u00C5`.
  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

extension ImageProperties {
  fileprivate func axis(_ role: AxisRole) -> Axis? { index(of: role).map { axes[$0] } }
}
