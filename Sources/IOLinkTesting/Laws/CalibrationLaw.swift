internal import IOLinkCore

extension CodecConformance {
  private static let imagesPerChoice = 16

  /// Writes and reads images with random axes and calibrations, under every choice of every writing option.
  func checkCalibration(_ findings: inout Findings) {
    guard let writing = codec.descriptor.writing else {
      findings.expect(true, name, "cannot write")
      return
    }
    for options in [[:]] + optionChoices {
      var comparisons = 0
      for _ in 0..<Self.imagesPerChoice where calibrationRoundTrip(writing, options, &findings) { comparisons += 1 }
      // A choice may fit none of the images, but without options at least one must be writable.
      findings.expect(comparisons > 0 || !options.isEmpty, "\(options)", "refuses all \(Self.imagesPerChoice) images")
    }
  }

  /// Returns whether an image was written and compared; false if the codec refused it.
  private func calibrationRoundTrip(
    _ writing: CodecDescriptor.Writing, _ options: [String: String], _ findings: inout Findings
  ) -> Bool {
    var isCompared = false
    findings.attempt("\(options)") { (findings: inout Findings) throws(IOLinkError) in
      let pattern = try calibratedPattern(writing, &findings.random)
      let image = ImageDescription(pattern)
      let subject = "\(options) \(Self.text(image.properties.fileAxes))"
      let stream = MemoryStream()
      let lost: [LostItem]
      do throws(IOLinkError) {
        lost = try registry.write(pattern, to: stream, format: name, options: options).lost
      } catch {
        let isRefusal = [.unsupported, .invalidArgument].contains(error.code)
        findings.expect(isRefusal, subject, "is refused with \(error), expected unsupported or invalidArgument")
        return
      }
      let source = DataSource(MemoryRandomAccess(stream.bytes), name: "written." + (codec.descriptor.extensions.first ?? ""))
      let found = try written(image.properties, in: registry.open(source, format: name, options: readOptions(image, options)))
      let isExact = options.isEmpty && writing.features.contains(.calibration)
      let comparison = CalibrationComparison(lost: Set(lost.map(\.path)), isExact: isExact)
      for text in comparison.faults(image.properties.axes, found.properties.axes) { findings.add(subject, text) }
      isCompared = true
    }
    return isCompared
  }

  /// An image that the codec claims to write, with calibrated axes in random order.
  private func calibratedPattern(
    _ writing: CodecDescriptor.Writing, _ random: inout SeededGenerator
  ) throws(IOLinkError) -> PatternView {
    let others = [AxisRole.slice, .channel, .sequence, AxisRole("angle"), AxisRole("width")].filter { _ in
      Int.random(in: 0..<3, using: &random) == 0
    }
    var budget = writing.maximumRank
    var axes: [Axis] = []
    for role in [AxisRole.column, .row] + others {
      let length = budget > 0 ? Int.random(in: role.canonicalRank < 2 ? 2...4 : 1...3, using: &random) : 1
      if length > 1 { budget -= 1 }
      axes.append(
        Axis(
          role, length: length, spacing: RandomCalibration.number(&random), origin: RandomCalibration.number(&random),
          unit: RandomCalibration.unit(&random)))
    }
    // Half of the images have one unit for all axes, as real images often do.
    if Bool.random(using: &random) { for index in axes.indices { axes[index].unit = axes[0].unit } }
    let componentType: ComponentType = writing.componentTypes.contains(.uint8) ? .uint8 : writing.componentTypes.first ?? .uint8
    let counts = [1, 3].filter(writing.componentCounts.contains)
    let type = try DataType(componentType, componentCount: counts.randomElement(using: &random) ?? writing.componentCounts.lowerBound)
    return PatternView(type, properties: try ImageProperties(fileAxes: axes.shuffled(using: &random)), seed: seed)
  }

  private static func text(_ axes: [Axis]) -> String {
    axes.map { axis in
      let unit = axis.unit.map { " \"\($0.prefix(30))\"" } ?? ""
      return "\(axis.role) \(axis.length) × \(axis.spacing.map { "\($0)" } ?? "–") from \(axis.origin.map { "\($0)" } ?? "–")\(unit)"
    }.joined(separator: ", ")
  }
}

/// Draws spacings, origins and units: common ones, and unusual ones that a file can nevertheless hold.
enum RandomCalibration {
  static func number(_ random: inout SeededGenerator) -> Double? {
    switch Int.random(in: 0..<8, using: &random) {
    case 0...1: nil
    case 2: oddNumbers.randomElement(using: &random)
    case 3: Double(bitPattern: random.next())
    case 4: Double(Int.random(in: -20...20, using: &random))
    default: Double.random(in: 1e-4...1000, using: &random)
    }
  }

  static func unit(_ random: inout SeededGenerator) -> String? {
    switch Int.random(in: 0..<8, using: &random) {
    case 0...1: nil
    case 2...3: oddUnits.randomElement(using: &random)
    default: usualUnits.randomElement(using: &random)
    }
  }

  private static let oddNumbers: [Double] = [
    0, -0.0, .leastNonzeroMagnitude, .leastNormalMagnitude / 10, 1e-300, 4e-10, 5e9, 1e300, .greatestFiniteMagnitude,
    .nan, .infinity, -.infinity, 1 / 3, 0.1, 1e-7,
  ]

  private static let usualUnits = ["µm", "µm", "mm", "nm", "cm", "in", "m", "km", "s", "ms", "degree"]

  private static let oddUnits: [String] = [
    "", "pixel", "px", "none", "um", "micron", "\u{3BC}m", "Å", "\u{212B}", "inch", "second", "M", "Mm", "Pm", "MM", " mm ", "a  b",
    "5\" disc's <b>&amp;</b>", "zwei\nslices=7", "\r\n\t", "a=b", "\\u00b5m", "zero\0inside", "zero at the end\0", "ピクセル", "e\u{301}",
    "🔬", String(repeating: "é", count: 40_000),
  ]
}

/// Compares the calibration that was written with the calibration that was read and with the list of losses.
struct CalibrationComparison {
  /// The metadata paths of what is listed as lost.
  let lost: Set<String>
  /// Whether all finite numbers must come back bit for bit. Otherwise they may differ by ``tolerance``, and lengths may come
  /// back in another unit of length, and durations in another unit of time.
  let isExact: Bool

  /// The relative error that the coarsest format makes.
  private static let tolerance = 1e-6

  func faults(_ wanted: [Axis], _ found: [Axis]) -> [String] {
    wanted.flatMap { axis in faults(axis, found.first { $0.role == axis.role }) }
      + found.filter { axis in !wanted.contains { $0.role == axis.role } && (axis.spacing ?? axis.origin) != nil }.map {
        "\($0.role) is calibrated, but the image was written without this axis"
      }
  }

  private func faults(_ wanted: Axis, _ found: Axis?) -> [String] {
    let path = "/axes/\(wanted.role.name)"
    var faults: [String] = []
    func check(_ what: String, _ value: String?, _ other: String?, isLost: Bool, isKept: Bool) {
      let text = "\(path)/\(what) \(value?.prefix(30) ?? "–") comes back as \(other?.prefix(30) ?? "–")"
      if value == nil || isLost {
        if other != nil { faults.append(text + (isLost ? ", but is listed as lost" : "")) }
      } else if !isKept {
        faults.append(text + ", but is not listed as lost")
      }
    }
    for (what, value, other) in [("spacing", wanted.spacing, found?.spacing), ("origin", wanted.origin, found?.origin)] {
      let isLost = value != nil && lost.contains("\(path)/\(what)")
      check(
        what, value.map { "\($0) \(wanted.unit ?? "")" }, other.map { "\($0) \(found?.unit ?? "")" }, isLost: isLost,
        isKept: value.flatMap { value in other.map { isSame(value, wanted.unit, $0, found?.unit) } } ?? false)
      if isExact, isLost, value?.isFinite == true {
        faults.append("\(path)/\(what) is listed as lost, but the codec claims to keep calibration")
      }
    }
    let isNumberKept = found?.spacing != nil || found?.origin != nil
    check(
      "unit", wanted.unit, found?.unit, isLost: wanted.unit != nil && lost.contains("\(path)/unit"),
      isKept: Self.isSpelledAlike(wanted.unit, found?.unit) || !isExact && isNumberKept && scale(found?.unit, wanted.unit) != nil)
    return faults
  }

  private static func isSpelledAlike(_ unit: String?, _ other: String?) -> Bool {
    unit.map { Array($0.utf8) } == other.map { Array($0.utf8) }
  }

  /// Whether the two numbers denote the same length. If the unit was lost, the numbers are compared as they are.
  private func isSame(_ value: Double, _ unit: String?, _ other: Double, _ otherUnit: String?) -> Bool {
    if isExact { return value.bitPattern == other.bitPattern }
    let isAlike = otherUnit == nil || Self.isSpelledAlike(unit, otherUnit)
    guard let scale = isAlike ? 1 : scale(otherUnit, unit) else { return false }
    return value == other || abs(other * scale - value) <= Self.tolerance * abs(value)
  }

  /// The factor from one unit to another; `nil` unless both are units of length, or both of time.
  private func scale(_ unit: String?, _ other: String?) -> Double? {
    guard let unit = unit.flatMap(AxisUnit.normalized), let other = other.flatMap(AxisUnit.normalized) else { return nil }
    if let metres = AxisUnit.metres(per: unit), let others = AxisUnit.metres(per: other) { return metres / others }
    guard let seconds = AxisUnit.seconds(per: unit), let others = AxisUnit.seconds(per: other) else { return nil }
    return seconds / others
  }
}
