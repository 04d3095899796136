internal import IOLinkCore

/// The description that ImageJ and Fiji write: a line that begins with `ImageJ=`, and further lines of `key=value`. SCIFIO's begins with
/// `SCIFIO=` and has the same keys besides its own.
///
/// Source: ImageJ's TiffDecoder, FileInfo and FileSaver, as documented in the ImageJ user guide. In the order of planes, channels are
/// fastest, then slices, then frames.
struct ImageJDescription: Hashable, Sendable {
  let values: [String: String]

  /// Parses the text; `nil` when it is not a description by ImageJ.
  init?(_ text: String) {
    guard text.hasPrefix("ImageJ=") || text.hasPrefix("SCIFIO=") else { return nil }
    var values: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { values[String(parts[0])] = String(parts[1]) }
    }
    self.values = values
  }

  /// The keys that say what the axes, the calibration and the samples are.
  private static let modelled: Set<String> = [
    "ImageJ", "SCIFIO", "images", "channels", "slices", "frames", "hyperstack", "order", "unit", "yunit", "zunit", "tunit", "spacing",
    "finterval", "axes", "lengths", "units", "scales", "calibrations", "bitsPerPixel",
  ]

  /// Whether a line of this key says something else than what the axes, the calibration and the samples are.
  static func isOther(_ key: String) -> Bool { !modelled.contains(key) }

  /// Whether a key and a value can be a line.
  static func isLine(_ key: String, _ value: String) -> Bool {
    !key.isEmpty && !key.contains("=") && !(key + value).contains { $0.isNewline || $0 == "\0" }
  }

  /// What the lines say that ImageJ writes for every image, whether or not they are there.
  private static let defaults = ["loop": "false", "mode": "grayscale"]

  /// The lines that say something else, in the order of their keys.
  var others: [(key: String, value: String)] {
    values.filter { Self.isOther($0.key) && !$0.key.isEmpty && $0.value != Self.defaults[$0.key] }
      .ordered { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func count(_ key: String) -> Int { max(1, values[key].flatMap { Int($0) } ?? 1) }
  private func number(_ key: String) -> Double? { values[key].flatMap { Double($0) }.flatMap { $0.isFinite && $0 != 0 ? $0 : nil } }

  /// The number of planes that the description states.
  var imageCount: Int { count("images") }
  var unit: String? { unit(named: "unit") }

  /// Returns the axes of frames, slices and channels, slowest first, without those of length 1.
  ///
  /// The result is `nil` when the lengths do not multiply to `planes`. If the description states only the number of images, they are
  /// slices, and `areInferred` is true.
  func axes(planes: Int) -> (axes: [Axis], areInferred: Bool)? {
    let (channels, slices, frames) = (count("channels"), count("slices"), count("frames"))
    let product = channels.multipliedReportingOverflow(by: slices)
    let all = product.partialValue.multipliedReportingOverflow(by: frames)
    guard !product.overflow, !all.overflow else { return nil }
    if all.partialValue == 1, planes > 1 { return ([Axis(.slice, length: planes)], true) }
    guard all.partialValue == planes else { return nil }
    let time = number("finterval")
    var lengths = [
      Axis(.sequence, length: frames, spacing: time, unit: time == nil ? nil : timeUnit),
      Axis(.slice, length: slices, spacing: number("spacing"), unit: number("spacing") == nil ? nil : depthUnit),
      Axis(.channel, length: channels),
    ]
    // Some writers state an order, fastest first, such as `order=zct`. The default is `czt`.
    if let order = values["order"]?.lowercased(), Set(order) == Set("czt"), order.count == 3 {
      let roles = order.reversed().map { AxisRole(String($0)) }
      lengths = roles.compactMap { role in lengths.first { $0.role == role } }
    }
    return (lengths.filter { $0.length > 1 }, false)
  }

  private var depthUnit: String? { unit(named: "zunit") ?? unit }
  private var timeUnit: String? { values["tunit"] == nil ? "s" : unit(named: "tunit") }

  /// Returns a unit in the library's spelling. ImageJ writes characters beyond ASCII as escapes.
  private func unit(named key: String) -> String? { values[key].map(AxisUnit.decoded).flatMap(AxisUnit.normalized) }

  /// Returns the calibration of columns and rows from the resolution tags, which count pixels per ``unit``.
  ///
  /// - Parameter resolution: The pixels per unit along columns and rows.
  func calibration(_ resolution: (Double?, Double?)) -> [AxisRole: TIFFCalibration] {
    guard let unit else { return [:] }
    var result: [AxisRole: TIFFCalibration] = [:]
    if let value = resolution.0, value.isFinite, value > 0 { result[.column] = TIFFCalibration(spacing: 1 / value, unit: unit) }
    if let value = resolution.1, value.isFinite, value > 0 {
      result[.row] = TIFFCalibration(spacing: 1 / value, unit: self.unit(named: "yunit") ?? unit)
    }
    return result
  }
}
