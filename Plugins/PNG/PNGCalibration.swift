internal import IOLinkCore

/// pHYs: pixels along a unit of length.
///
/// Source: PNG (third edition), section 11.3.4.3.
struct PNGPhysicalSize: Hashable {
  /// Pixels per metre, or only their ratio.
  var x: UInt32
  var y: UInt32
  var isPerMetre: Bool

  init(x: UInt32, y: UInt32, isPerMetre: Bool) {
    self.x = x
    self.y = y
    self.isPerMetre = isPerMetre
  }

  /// `nil` when the chunk is not valid.
  init?(_ bytes: [UInt8]) {
    let span = unsafe bytes.span.bytes  // bytes have no padding
    guard bytes.count == 9, bytes[8] <= 1, let x = try? span.load(at: 0, as: UInt32.self, order: .big),
      let y = try? span.load(at: 4, as: UInt32.self, order: .big), x > 0, y > 0
    else { return nil }
    self.init(x: x, y: y, isPerMetre: bytes[8] == 1)
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(x, order: .big)
    bytes.append(y, order: .big)
    return bytes + [isPerMetre ? 1 : 0]
  }

  /// The whole pixels per metre of both axes; `nil` where a spacing is unknown, no length, or too far from whole.
  init?(column: Axis, row: Axis) {
    guard let x = Self.pixelsPerMetre(column), let y = Self.pixelsPerMetre(row) else { return nil }
    self.init(x: x, y: y, isPerMetre: true)
  }

  private static func pixelsPerMetre(_ axis: Axis) -> UInt32? {
    guard let spacing = metres(axis) else { return nil }
    let density = (1 / spacing).rounded()
    guard density >= 1, density <= Double(Int32.max), Swift.abs(density * spacing - 1) <= tolerance else { return nil }
    return UInt32(density)
  }

  /// Relative error of a spacing that rounding may cause.
  private static let tolerance = 1e-6

  /// sCAL: the metres of a pixel as text; `nil` where a spacing is unknown or no length.
  ///
  /// Source: Extensions to the PNG 1.2 Specification 1.4, section 3.3.
  static func subjectScale(column: Axis, row: Axis) -> [UInt8]? {
    guard let x = metres(column), let y = metres(row) else { return nil }
    return [1] + Array("\(x)".utf8) + [0] + Array("\(y)".utf8)
  }

  /// The spacing, where it is positive and a length that has all its digits in metres.
  private static func metres(_ axis: Axis) -> Double? {
    guard let spacing = axis.spacing, let unit = axis.unit.flatMap(metres(in:)) else { return nil }
    let length = spacing * unit
    return length >= .leastNormalMagnitude && length.isFinite ? length : nil
  }

  /// Length of a unit; `nil` for what is no length.
  static func metres(in unit: String) -> Double? { AxisUnit.normalized(unit).flatMap(AxisUnit.metres) }
}

/// oFFs: where the image lies on a page.
///
/// Source: Extensions to the PNG 1.2 Specification 1.4, section 3.1.
struct PNGOffset: Hashable {
  var x: Int32
  var y: Int32
  /// Micrometres; else pixels.
  var isInMicrometres: Bool

  init(x: Int32, y: Int32, isInMicrometres: Bool) {
    self.x = x
    self.y = y
    self.isInMicrometres = isInMicrometres
  }

  /// `nil` when the chunk is not valid.
  init?(_ bytes: [UInt8]) {
    let span = unsafe bytes.span.bytes  // bytes have no padding
    guard bytes.count == 9, bytes[8] <= 1, let x = try? span.load(at: 0, as: Int32.self, order: .big),
      let y = try? span.load(at: 4, as: Int32.self, order: .big)
    else { return nil }
    self.init(x: x, y: y, isInMicrometres: bytes[8] == 1)
  }

  /// The offset that gives these origins; `nil` when none does, or only one axis has an origin.
  ///
  /// - Parameter keepsSpacing: The file states the spacings, of which an offset in pixels is a multiple.
  init?(column: Axis, row: Axis, keepsSpacing: Bool) {
    guard let x = column.origin, let y = row.origin else { return nil }
    if let unitX = column.unit.flatMap(PNGPhysicalSize.metres(in:)), let unitY = row.unit.flatMap(PNGPhysicalSize.metres(in:)),
      let x = Self.steps(to: x, of: 1e-6 / unitX), let y = Self.steps(to: y, of: 1e-6 / unitY)
    {
      self.init(x: x, y: y, isInMicrometres: true)
    } else if keepsSpacing, let spacingX = column.spacing, let spacingY = row.spacing, let x = Self.steps(to: x, of: spacingX),
      let y = Self.steps(to: y, of: spacingY)
    {
      self.init(x: x, y: y, isInMicrometres: false)
    } else {
      return nil
    }
  }

  /// How many steps an origin is away, where these are whole but for rounding.
  private static func steps(to origin: Double, of step: Double) -> Int32? {
    let nearest = (origin / step).rounded()
    guard Swift.abs(nearest * step - origin) <= 1e-6 * Swift.abs(origin) else { return nil }
    return Int32(exactly: nearest)
  }

  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(x, order: .big)
    bytes.append(y, order: .big)
    return bytes + [isInMicrometres ? 1 : 0]
  }
}
