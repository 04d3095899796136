internal import IOLinkCore

/// The distances between pixels, expressed as resolution tags.
///
/// Source: TIFF 6.0, section 8, tags 282, 283, 296.
struct TIFFResolution: Hashable, Sendable {
  let x: TIFFRational
  let y: TIFFRational
  /// ResolutionUnit: 2 for inches, 3 for centimetres.
  let unit: Int

  /// Makes the tags; `nil` when columns and rows do not both have a spacing in a known unit of length.
  init?(_ properties: ImageProperties) {
    guard let column = properties.index(of: .column).map({ properties.axes[$0] }),
      let row = properties.index(of: .row).map({ properties.axes[$0] }),
      let x = Self.spacing(column), let y = Self.spacing(row), x.unit == y.unit, let first = TIFFRational(1 / x.value),
      let second = TIFFRational(1 / y.value)
    else { return nil }
    (self.x, self.y, unit) = (first, second, x.unit)
  }

  private static func spacing(_ axis: Axis) -> (value: Double, unit: Int)? {
    guard let spacing = axis.spacing, let unit = axis.unit else { return nil }
    if unit == "in" { return (spacing, 2) }
    // The quotient is exact for more units than the product with the number of centimetres.
    return AxisUnit.metres(per: unit).map { (spacing / (0.01 / $0), 3) }
  }

  /// Whether the tags alone reproduce what the image says about columns and rows.
  static func isExact(_ properties: ImageProperties) -> Bool {
    let axes = properties.axes.filter { $0.role == .column || $0.role == .row }
    if axes.allSatisfy({ $0.spacing == nil && $0.unit == nil }) { return true }
    guard let resolution = TIFFResolution(properties) else { return false }
    let unit = resolution.unit == 2 ? "in" : "cm"
    return axes.allSatisfy { $0.unit == unit && $0.spacing == 1 / ($0.role == .column ? resolution.x : resolution.y).value }
  }
}
