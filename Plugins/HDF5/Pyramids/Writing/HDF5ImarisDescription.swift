import IOLinkCore

/// What the groups below `DataSetInfo` say about an image, and what of the image a reader finds there.
///
/// Imaris wants an extent, moments and colours of every image. So that our own reader does not take what was made up for what was known,
/// the group `IOLink` lists the latter in its attribute `Stated`.
///
/// Source: Imaris 5.5 File Format Description, Oxford Instruments.
struct HDF5ImarisDescription: Sendable {
  private let image: ImageDescription
  private let channelCount: Int
  private let voxels: HDF5VoxelCalibration
  /// The extent along X, Y and Z, from edge to edge.
  private let extents: [ClosedRange<Double>]
  private let size: [Int]
  private let moments: [HDF5ImarisTime]
  /// What the image said itself.
  private var stated: Set<String> = []

  private static let usualStart = "2000-01-01 00:00:00.000"
  private static let axisNames = ["x", "y", "z"]

  init(_ pyramid: HDF5PlannedPyramid) {
    image = pyramid.image
    channelCount = pyramid.channelCount
    size = pyramid.levels[0].size.reversed()
    var voxels = HDF5VoxelCalibration(image, units: ["nm", "µm", "mm", "m"])
    var extents: [ClosedRange<Double>] = []
    for (index, count) in size.enumerated() {
      let (extent, kept) = Self.extent(of: voxels.axes[index], count)
      extents.append(extent)
      voxels.axes[index] = kept
    }
    (self.voxels, self.extents) = (voxels, extents)
    moments = Self.moments(of: image, count: pyramid.momentCount)
    for (axis, calibration) in zip(Self.axisNames, voxels.axes) {
      if calibration.spacing != nil { stated.insert("\(axis).spacing") }
      if calibration.origin != nil { stated.insert("\(axis).origin") }
      if calibration.unit != nil { stated.insert("\(axis).unit") }
    }
    if keepsTime { stated.insert("time") }
    if keeps(MetadataKey.acquisitionDate.path, image.metadata[MetadataKey.acquisitionDate.path]) { stated.insert("date") }
    for channel in 0..<channelCount where color(of: channel) != nil { stated.insert("color\(channel)") }
  }

  /// Returns the extent of an axis, and what of its calibration is read back from it.
  private static func extent(of axis: Calibration, _ count: Int) -> (ClosedRange<Double>, Calibration) {
    for (spacing, origin) in [(axis.spacing, axis.origin), (axis.spacing, nil), (nil, axis.origin)] where spacing != nil || origin != nil {
      let step = spacing ?? 1
      let low = origin.map { $0 - step / 2 } ?? 0
      let high = low + step * Double(count)
      guard high > low, high.isFinite, low.isFinite, (high - low).isFinite else { continue }
      let found = HDF5Imaris.calibration(low, high, count)
      let isKept = [(spacing, found.spacing), (origin, found.origin)].allSatisfy { wanted, found in
        wanted == nil || wanted == found || found.flatMap { found in wanted.map { abs(found - $0) <= 1e-7 * abs($0) } } ?? false
      }
      guard isKept else { continue }
      return (low...high, Calibration(spacing: spacing, origin: origin, unit: axis.unit))
    }
    return (0...Double(count), .none)
  }

  // MARK: Time

  /// The moments from the acquisition date on, at the spacing of SEQUENCE or its coordinates, in milliseconds; of a millisecond where neither
  /// is a time.
  private static func moments(of image: ImageDescription, count: Int) -> [HDF5ImarisTime] {
    let date = image.metadata[MetadataKey.acquisitionDate.path]?.text.flatMap(start) ?? HDF5ImarisTime(usualStart)
    guard let date else { return [] }
    let axis = image.properties.index(of: .sequence).map { image.properties.axes[$0] }
    let unit = axis?.unit.flatMap(AxisUnit.seconds)
    let listed = image.metadata[MetadataKey.coordinates.path(axis: .sequence)]?.doubles ?? []
    let seconds = (0..<count).map { index in
      if let unit, let spacing = axis?.spacing, spacing.isFinite { return Double(index) * spacing * unit }
      return unit == 1 && listed.count == count ? listed[index] : Double(index) / 1000
    }
    let moments = seconds.compactMap { date.later(by: $0 * 1000) }
    return moments.count == count ? moments : (0..<count).compactMap { date.later(by: Double($0)) }
  }

  private static func start(_ text: String) -> HDF5ImarisTime? {
    guard MetadataKey.isDate(text) else { return nil }
    let date = text.prefix(10)
    let clock = text.dropFirst(11).prefix { $0.isNumber || $0 == ":" || $0 == "." }
    return HDF5ImarisTime("\(date) \(clock)").flatMap { $0.later(by: 0) }
  }

  private var sequence: Axis? { image.properties.index(of: .sequence).map { image.properties.axes[$0] } }

  /// Whether the moments say what the spacing of SEQUENCE says, or its coordinates.
  private var keepsTime: Bool { keepsTimeSpacing || keepsCoordinates }

  private var keepsTimeSpacing: Bool {
    guard let spacing = sequence?.spacing, let unit = sequence?.unit.flatMap(AxisUnit.seconds),
      let found = HDF5ImarisTime.places(of: moments).time.spacing
    else { return false }
    return abs(found - spacing * unit) <= 1e-7 * abs(spacing * unit)
  }

  private var keepsCoordinates: Bool {
    guard sequence?.spacing == nil, sequence?.unit == "s", let found = HDF5ImarisTime.places(of: moments).coordinates else { return false }
    return found == image.metadata[MetadataKey.coordinates.path(axis: .sequence)]?.doubles
  }

  // MARK: Losses

  var lost: [LostItem] {
    image.lost(
      keeping: [], reason: "Imaris files have no place for it",
      keepsAxis: { axis, what in
        axis.role == .sequence ? what == .spacing && keepsTimeSpacing || what == .unit && keepsTime : voxels.keeps(axis, what)
      },
      keepsMetadata: { path, value in keeps(path, value) })
  }

  private func keeps(_ path: String, _ value: MetadataValue?) -> Bool {
    guard let value else { return false }
    switch path {
    case MetadataKey.title.path, MetadataKey.description.path: return Self.text(value) != nil
    case MetadataKey.acquisitionDate.path: return value.text != nil && value.text == moments.first?.text
    case MetadataKey.coordinates.path(axis: .sequence): return keepsCoordinates
    default:
      return (0..<channelCount).contains { channel in
        switch path {
        case MetadataKey.channelName.path(channel: channel): Self.text(value) != nil
        case MetadataKey.channelColor.path(channel: channel): color(of: channel).map { value.text == "#\($0)FF" } ?? false
        case MetadataKey.emissionWavelength.path(channel: channel), MetadataKey.excitationWavelength.path(channel: channel):
          Self.wavelength(value) != nil
        default: false
        }
      }
    }
  }

  /// A text that is read back as it is.
  private static func text(_ value: MetadataValue?) -> String? {
    value?.text.flatMap { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
  }

  private static func wavelength(_ value: MetadataValue?) -> Double? {
    value?.double.flatMap { $0 > 0 && $0.isFinite && value?.text == nil ? $0 : nil }
  }

  /// The digits of red, green and blue of a channel.
  private func color(of channel: Int) -> String? {
    guard let text = image.metadata[MetadataKey.channelColor.path(channel: channel)]?.text, let color = MetadataKey.color(text) else {
      return nil
    }
    return String(MetadataKey.text(ofColor: color).dropFirst().prefix(6))
  }

  // MARK: Groups

  /// Returns the groups with their attributes.
  ///
  /// - Parameter ranges: The lowest and the highest value of each channel; `nil` for one without finite values.
  func groups(_ ranges: [ClosedRange<Double>?]) -> [HDF5WrittenGroup] {
    let own = [("Stated", stated.sorted().joined(separator: " "))]
    return [
      group("Image", imageTexts), group("TimeInfo", timeTexts), group("Imaris", [("Version", "5.5")]),
      group("ImarisDataSet", [("Creator", "IOLink"), ("NumberOfImages", "1"), ("Version", "5.5")]), group("IOLink", own),
    ] + ranges.enumerated().map { group("Channel \($0)", channelTexts($0, $1)) }
  }

  private func group(_ name: String, _ texts: [(String, String)]) -> HDF5WrittenGroup { .init("/DataSetInfo/\(name)", texts) }

  private var imageTexts: [(String, String)] {
    var texts = zip(["X", "Y", "Z"], size).map { ($0, "\($1)") }
    for (axis, extent) in extents.enumerated() {
      texts += [("ExtMin\(axis)", "\(extent.lowerBound)"), ("ExtMax\(axis)", "\(extent.upperBound)")]
    }
    texts.append(("Unit", voxels.unit.map { $0 == "µm" ? "um" : $0 } ?? "px"))
    for (key, name) in [(MetadataKey.title, "Name"), (.description, "Description")] {
      if let text = Self.text(image.metadata[key.path]) { texts.append((name, text)) }
    }
    if let first = moments.first, image.metadata[MetadataKey.acquisitionDate.path]?.text.flatMap(Self.start) != nil {
      texts.append(("RecordingDate", first.stated))
    }
    return texts
  }

  private var timeTexts: [(String, String)] {
    [("DatasetTimePoints", "\(moments.count)"), ("FileTimePoints", "\(moments.count)")]
      + moments.enumerated().map { ("TimePoint\($0 + 1)", $1.stated) }
  }

  private func channelTexts(_ channel: Int, _ values: ClosedRange<Double>?) -> [(String, String)] {
    let color = color(of: channel).flatMap { UInt32($0, radix: 16) } ?? 0xFF_FFFF
    let parts = [16, 8, 0].map { Self.fixed(Double(color >> $0 & 255) / 255) }
    var texts = [
      ("Color", parts.joined(separator: " ")), ("ColorMode", "BaseColor"), ("ColorOpacity", "1.000"), ("GammaCorrection", "1.000"),
      ("ColorRange", "\(Self.fixed(values?.lowerBound ?? 0)) \(Self.fixed(values?.upperBound ?? 0))"),
    ]
    func value(_ key: MetadataKey) -> MetadataValue? { image.metadata[key.path(channel: channel)] }
    if let name = Self.text(value(.channelName)) { texts.append(("Name", name)) }
    for (key, name) in [(MetadataKey.emissionWavelength, "LSMEmissionWavelength"), (.excitationWavelength, "LSMExcitationWavelength")] {
      if let wavelength = Self.wavelength(value(key)) { texts.append((name, "\(wavelength)")) }
    }
    return texts
  }

  /// Returns a number with three digits after the point, as Imaris writes it, unless it is too large or too small for that.
  static func fixed(_ number: Double) -> String {
    let thousandths = (number * 1000).rounded()
    guard thousandths.magnitude < 1e15, number == 0 || number.magnitude >= 0.001 else { return "\(number)" }
    let magnitude = Int(thousandths.magnitude)
    let digits = String(magnitude % 1000 + 1000).dropFirst()
    return (number < 0 ? "-" : "") + "\(magnitude / 1000).\(digits)"
  }
}

/// A group with attributes that are arrays of characters.
struct HDF5WrittenGroup: Sendable {
  let path: String
  let attributes: [HDF5WritePlan.Attribute]

  init(_ path: String, _ texts: [(String, String)]) {
    self.path = path
    attributes = texts.map { HDF5WritePlan.Attribute(name: $0, value: .text($1), form: .characters) }
  }
}
