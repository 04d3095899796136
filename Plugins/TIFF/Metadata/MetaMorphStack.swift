internal import IOLinkCore

/// A stack by MetaMorph, whose planes all follow the strips of the only directory.
///
/// Source: "MetaMorph Stack (STK) Image File Format" by Universal Imaging: tag UIC2 has as many values as there are planes, but six integers
/// of 32 bits for each; UIC3 has a wavelength for each; UIC1 is a list of pairs of an identifier and a value or its offset.
struct MetaMorphStack: Sendable {
  let planeCount: Int
  /// The distance of each plane from the one before it; empty if the file does not state them.
  private(set) var distances: [Double] = []
  /// The time of each plane in seconds since the first one; empty if the file does not state them.
  private(set) var times: [Double] = []
  private(set) var wavelengths: [Double] = []
  /// The date and time of the first plane, as in ISO 8601.
  private(set) var date: String?
  private(set) var name: String?
  /// The calibration of columns, rows and, of which only the unit is known, slices.
  private(set) var calibration: [AxisRole: TIFFCalibration] = [:]

  /// Reads the tags of the first page; `nil` when the file is not a stack.
  init?(_ page: TIFFPage) {
    guard let planes = page.directory[.uic2], planes.inline == nil, planes.count > 0, planes.count <= page.file.limits.imageCount else {
      return nil
    }
    planeCount = planes.count
    readPlanes(page.file, at: planes.valueOffset)
    readWavelengths(page)
    readProperties(page)
  }

  private mutating func readPlanes(_ file: TIFFFile, at offset: Int) {
    guard let numbers = Self.integers(file, at: offset, count: 6 * planeCount) else { return }
    let planes = (0..<planeCount).map { Array(numbers[(6 * $0)..<(6 * $0 + 6)]) }
    distances = planes.map { Self.fraction($0[0], $0[1]) }
    if !distances.allSatisfy(\.isFinite) { distances = [] }
    let days = planes.map { Int($0[2]) - Int(planes[0][2]) }
    times = planes.indices.map { Double(days[$0] * 86_400_000 + Int(planes[$0][3]) - Int(planes[0][3])) / 1000 }
    date = Self.text(day: Int(planes[0][2]), millisecond: Int(planes[0][3]))
  }

  private mutating func readWavelengths(_ page: TIFFPage) {
    guard let field = page.directory[.uic3], field.count == planeCount, let values = try? page.file.reals(field),
      values.allSatisfy({ $0.isFinite && $0 > 0 })
    else { return }
    wavelengths = values
  }

  private mutating func readProperties(_ page: TIFFPage) {
    guard let field = page.directory[.uic1], field.type == .long, field.inline == nil,
      let count = Optional(field.count), count <= 4096, let pairs = Self.integers(page.file, at: field.valueOffset, count: 2 * count)
    else { return }
    var values: [UInt32: Int] = [:]
    for index in 0..<count where values[pairs[2 * index]] == nil { values[pairs[2 * index]] = Int(pairs[2 * index + 1]) }
    name = values[7].flatMap { Self.text(page.file, at: $0) }
    guard values[3] ?? 0 != 0 else { return }
    let unit = values[6].flatMap { Self.text(page.file, at: $0) }.flatMap(AxisUnit.normalized)
    for (identifier, role) in [(UInt32(4), AxisRole.column), (5, .row)] {
      guard let place = values[identifier], let pair = Self.integers(page.file, at: place, count: 2) else { continue }
      let spacing = Self.fraction(pair[0], pair[1])
      if spacing.isFinite, spacing > 0, unit != nil { calibration[role] = TIFFCalibration(spacing: spacing, unit: unit) }
    }
    if let unit { calibration[.slice] = TIFFCalibration(unit: unit) }
  }

  /// Returns the axis of the planes, and whether its role is only inferred.
  var axis: (axis: Axis, isInferred: Bool) {
    if !distances.isEmpty, distances.dropFirst().allSatisfy({ $0 != 0 }), planeCount > 1 {
      let spacing = Self.common(Array(distances.dropFirst()))
      return (Axis(.slice, length: planeCount, spacing: spacing, unit: spacing == nil ? nil : calibration[.slice]?.unit), false)
    }
    if wavelengths.count > 1, Set(wavelengths).count == wavelengths.count { return (Axis(.channel, length: planeCount), false) }
    let steps = zip(times, times.dropFirst()).map { $1 - $0 }
    guard !steps.isEmpty, steps.allSatisfy({ $0 != 0 }) else { return (Axis(.slice, length: planeCount), true) }
    let interval = Self.common(steps)
    return (Axis(.sequence, length: planeCount, spacing: interval, unit: interval == nil ? nil : "s"), false)
  }

  /// The name, the date, and the values that belong to planes, as arrays of SEQUENCE × SLICE × CHANNEL numbers.
  var metadata: MetadataNode {
    var node = MetadataNode()
    if let name, !name.isEmpty { node[MetadataKey.title.path] = .text(name) }
    if let date { node[MetadataKey.acquisitionDate.path] = .text(date) }
    let shape = [AxisRole.sequence, .slice, .channel].map { $0 == axis.axis.role ? planeCount : 1 }
    for (path, values) in [
      (MetadataKey.planeTime.path, times), ("/metamorph/z_distances", distances), ("/metamorph/wavelengths", wavelengths),
    ] where !values.isEmpty {
      node[path] = .reals(values, shape: shape)
    }
    return node
  }

  /// Returns the value that all numbers have; `nil` if they differ.
  private static func common(_ values: [Double]) -> Double? {
    guard let first = values.first, values.allSatisfy({ abs($0 - first) <= 1e-9 * abs(first) }) else { return nil }
    return first
  }

  private static func fraction(_ numerator: UInt32, _ denominator: UInt32) -> Double {
    denominator == 0 ? .nan : Double(numerator) / Double(denominator)
  }

  private static func integers(_ file: TIFFFile, at offset: Int, count: Int) -> [UInt32]? {
    guard (try? file.limits.check(4 * count, atMost: \.metadataByteCount, "bytes of a stack's tags")) != nil,
      let bytes = try? file.bytes.bytes(at: offset, count: 4 * count)
    else { return nil }
    let span = unsafe bytes.span.bytes  // bytes have no padding
    return (0..<count).compactMap { try? span.load(at: 4 * $0, as: UInt32.self, order: file.order) }
  }

  /// Reads a text that its length precedes.
  private static func text(_ file: TIFFFile, at offset: Int) -> String? {
    guard let length = integers(file, at: offset, count: 1)?[0], length <= 4096,
      let bytes = try? file.bytes.bytes(at: offset + 4, count: Int(length))
    else { return nil }
    return TIFFFile.text(bytes)
  }

  /// Returns a Julian day number and the milliseconds since midnight as a date of the Gregorian calendar.
  ///
  /// Source: E. G. Richards, "Calendars", in the Explanatory Supplement to the Astronomical Almanac, 3rd edition, 15.11.3.
  private static func text(day: Int, millisecond: Int) -> String? {
    guard (1_721_426...5_373_484).contains(day), (0..<86_400_000).contains(millisecond) else { return nil }
    let f = day + 1401 + (((4 * day + 274_277) / 146_097) * 3) / 4 - 38
    let e = 4 * f + 3
    let h = 5 * ((e % 1461) / 4) + 2
    let month = (h / 153 + 2) % 12 + 1
    let year = e / 1461 - 4716 + (14 - month) / 12
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let seconds = millisecond / 1000
    let clock = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { digits($0, 2) }.joined(separator: ":")
    return "\(digits(year, 4))-\(digits(month, 2))-\(digits((h % 153) / 5 + 1, 2))T\(clock).\(digits(millisecond % 1000, 3))"
  }
}
