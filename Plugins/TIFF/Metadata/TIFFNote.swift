internal import IOLinkCore

/// The properties of an image that neither OME-XML nor tifffile's description can express, recorded by this library as JSON: origins
/// of axes, units outside their lists, axes of length 1, and samples that are components without being colours.
struct TIFFNote: Hashable, Sendable {
  /// The axes with role, spacing, origin and unit, slowest first.
  var axes: [Axis] = []
  /// Whether samples are components of one element, regardless of the photometric interpretation.
  var hasComponents = false
  var interpretation: ImageInterpretation?
  var alpha: AlphaMode?
  var significantBits: Int?
  var directions: SpatialDirections?
  /// The name of the image in a file of several.
  var name: String?
  /// Whether the name that tifffile shows is that of the image, which has no title of its own.
  var isUntitled = false

  /// The Namespace of the OME annotation that holds the note.
  static let namespace = "iolink.swift/properties/1"
  /// The key of the note in tifffile's description.
  static let key = "iolink"

  init(_ properties: ImageProperties, _ dataType: DataType) {
    axes = properties.fileAxes
    hasComponents = dataType.componentCount > 1
    interpretation = properties.interpretation
    alpha = properties.alpha
    significantBits = properties.significantBits
    directions = properties.spatialDirections
  }

  /// Parses the value; `nil` when it is not a note.
  init?(_ json: JSONValue?) {
    guard case .array(let list)? = json?["axes"] else { return nil }
    for entry in list {
      guard let role = entry["role"]?.text, let length = entry["length"]?.integer, length >= 0 else { return nil }
      axes.append(
        Axis(
          AxisRole(role), length: length, spacing: entry["spacing"]?.number, origin: entry["origin"]?.number,
          unit: entry["unit"]?.text))
    }
    hasComponents = json?["components"] == .boolean(true)
    interpretation = json?["interpretation"]?.text.map { ImageInterpretation($0) }
    alpha = json?["alpha"]?.text.flatMap { AlphaMode(rawValue: $0) }
    significantBits = json?["significantBits"]?.integer
    name = json?["image"]?.text
    isUntitled = json?["untitled"] == .boolean(true)
    if let column = json?["columnDirection"]?.numbers, let row = json?["rowDirection"]?.numbers, column.count == 3, row.count == 3 {
      directions = SpatialDirections(column: column, row: row)
    }
  }

  /// The note as JSON.
  var json: String {
    var parts = ["\"axes\": [" + axes.map(Self.json).joined(separator: ", ") + "]"]
    if hasComponents { parts.append("\"components\": true") }
    if let interpretation { parts.append("\"interpretation\": \(JSONValue.quoted(interpretation.name))") }
    if let alpha, alpha != .none { parts.append("\"alpha\": \(JSONValue.quoted(alpha.rawValue))") }
    if let significantBits { parts.append("\"significantBits\": \(significantBits)") }
    if let directions { parts.append("\"columnDirection\": \(directions.column), \"rowDirection\": \(directions.row)") }
    if let name { parts.append("\"image\": \(JSONValue.quoted(name))") }
    if isUntitled { parts.append("\"untitled\": true") }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  private static func json(_ axis: Axis) -> String {
    var parts = ["\"role\": \(JSONValue.quoted(axis.role.name))", "\"length\": \(axis.length)"]
    if let spacing = axis.spacing, spacing.isFinite { parts.append("\"spacing\": \(spacing)") }
    if let origin = axis.origin, origin.isFinite { parts.append("\"origin\": \(origin)") }
    if let unit = axis.unit { parts.append("\"unit\": \(JSONValue.quoted(unit))") }
    return "{" + parts.joined(separator: ", ") + "}"
  }

  /// Returns the properties with those of the note added, if the note describes the same axes.
  func applied(to properties: ImageProperties) -> ImageProperties {
    guard axes.map(\.role) == properties.fileAxes.map(\.role), axes.map(\.length) == properties.fileAxes.map(\.length) else {
      return properties
    }
    var result = properties
    for (index, axis) in axes.enumerated() {
      result.calibrate(properties.sourceOrder[index], spacing: axis.spacing, origin: axis.origin, unit: axis.unit)
    }
    if let interpretation { result.interpretation = interpretation }
    if let alpha { result.alpha = alpha }
    if let significantBits { result.significantBits = significantBits }
    result.spatialDirections = directions
    return result
  }
}

extension JSONValue {
  fileprivate var numbers: [Double]? {
    guard case .array(let elements) = self else { return nil }
    let numbers = elements.compactMap(\.number)
    return numbers.count == elements.count ? numbers : nil
  }
}
