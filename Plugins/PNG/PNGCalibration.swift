internal import IOLinkCore

/// The contents of pHYs: how many pixels there are per unit of length.
///
/// Source: PNG (third edition), section 11.3.4.3.
struct PNGPhysicalSize: Hashable {
  /// Pixels per metre, or numbers of which only the ratio matters if `isPerMetre` is false.
  var x: UInt32
  var y: UInt32
  var isPerMetre: Bool

  init(x: UInt32, y: UInt32, isPerMetre: Bool) {
    self.x = x
    self.y = y
    self.isPerMetre = isPerMetre
  }

  /// Parses the chunk's data; `nil` when they are not valid.
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

  /// Expresses the spacings in whole pixels per metre; `nil` when a spacing is unknown, is not a length, or would change by more
  /// than the tolerance.
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

  /// The largest relative error of a spacing that is accepted as rounding.
  private static let tolerance = 1e-6

  /// Makes the data of sCAL, the size of a pixel in metres as text; `nil` when a spacing is unknown or is not a length.
  ///
  /// Source: Extensions to the PNG 1.2 Specification 1.4, section 3.3.
  static func subjectScale(column: Axis, row: Axis) -> [UInt8]? {
    guard let x = metres(column), let y = metres(row) else { return nil }
    return [1] + Array("\(x)".utf8) + [0] + Array("\(y)".utf8)
  }

  /// The spacing in metres; `nil` unless it is a positive length that is representable without loss of precision.
  private static func metres(_ axis: Axis) -> Double? {
    guard let spacing = axis.spacing, let unit = axis.unit.flatMap(AxisUnit.metres) else { return nil }
    let length = spacing * unit
    return length >= .leastNormalMagnitude && length.isFinite ? length : nil
  }
}

/// The contents of oFFs: where the image lies on a page.
///
/// Source: Extensions to the PNG 1.2 Specification 1.4, section 3.1.
struct PNGOffset: Hashable {
  var x: Int32
  var y: Int32
  /// Whether the offset is in micrometres; otherwise it is in pixels.
  var isInMicrometres: Bool

  init(x: Int32, y: Int32, isInMicrometres: Bool) {
    self.x = x
    self.y = y
    self.isInMicrometres = isInMicrometres
  }

  /// Parses the chunk's data; `nil` when they are not valid.
  init?(_ bytes: [UInt8]) {
    let span = unsafe bytes.span.bytes  // bytes have no padding
    guard bytes.count == 9, bytes[8] <= 1, let x = try? span.load(at: 0, as: Int32.self, order: .big),
      let y = try? span.load(at: 4, as: Int32.self, order: .big)
    else { return nil }
    self.init(x: x, y: y, isInMicrometres: bytes[8] == 1)
  }

  /// Makes the offset for these origins; `nil` when no offset expresses them or only one axis has an origin.
  ///
  /// - Parameter keepsSpacing: Whether the file stores the spacings. An offset in pixels depends on them.
  init?(column: Axis, row: Axis, keepsSpacing: Bool) {
    guard let x = column.origin, let y = row.origin else { return nil }
    if let unitX = column.unit.flatMap(AxisUnit.metres), let unitY = row.unit.flatMap(AxisUnit.metres),
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

  /// The number of steps from zero to an origin; `nil` unless it is a whole number except for rounding.
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
