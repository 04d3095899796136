internal import IOLinkCore

/// What Plane elements say about planes, which is stored below `/planes` as arrays of SEQUENCE × SLICE × CHANNEL numbers; NaN where a
/// plane has no value. Times are in seconds; positions have their unit beside them.
///
/// Source: OME Data Model 2016-06, Plane.
enum OMEPlaneValues {
  private enum Kind { case time, position }

  private static let keys: [(key: String, attribute: String, kind: Kind)] = [
    ("time", "DeltaT", .time), ("exposure_time", "ExposureTime", .time), ("position_x", "PositionX", .position),
    ("position_y", "PositionY", .position), ("position_z", "PositionZ", .position),
  ]

  /// - Parameters:
  ///   - planes: The attributes of the Plane elements.
  ///   - lengths: The numbers of frames, slices and channels.
  ///   - position: Returns the frame, slice and channel that a plane of the document is in the image; `nil` when it is not part of it.
  ///     If several planes are the same frame, slice and channel, only values in which they agree are known.
  /// - Returns: The node `/planes`, which is empty if the elements say nothing.
  static func metadata(_ planes: [[String: String]], _ lengths: [Int], position: ([Int]) -> [Int]?) -> MetadataNode {
    var node = MetadataNode()
    for (key, attribute, kind) in keys where planes.contains(where: { $0[attribute] != nil }) {
      let stated = planes.first { $0[attribute] != nil }?[attribute + "Unit"]
      let unit = kind == .time ? "s" : stated.flatMap(AxisUnit.normalized)
      var values = [Double](repeating: .nan, count: lengths.reduce(1, *))
      var differing: Set<Int> = []
      for plane in planes {
        let indices = ["TheT", "TheZ", "TheC"].map { plane[$0].flatMap { Int($0) } ?? 0 }
        guard let place = position(indices), let value = plane[attribute].flatMap({ Double($0) }) else { continue }
        let own = plane[attribute + "Unit"]
        guard let scaled = kind == .time ? seconds(value, own) : own == stated ? value : nil else { continue }
        let index = (place[0] * lengths[1] + place[1]) * lengths[2] + place[2]
        if !values[index].isNaN, values[index] != scaled { differing.insert(index) }
        values[index] = scaled
      }
      for index in differing { values[index] = .nan }
      guard !values.allSatisfy(\.isNaN) else { continue }
      node["/\(key)"] = array(values, lengths)
      if kind == .position, let unit { node["/\(key)/unit"] = .text(unit) }
    }
    return node
  }

  private static func seconds(_ value: Double, _ unit: String?) -> Double? {
    AxisUnit.normalized(unit ?? "s").flatMap(AxisUnit.seconds).map { value / (1 / $0) }
  }

  private static func array(_ values: [Double], _ lengths: [Int]) -> MetadataValue? {
    var bytes: [UInt8] = []
    for value in values { bytes.append(value.bitPattern, order: .native) }
    return (try? NumericArray(.float64, shape: lengths, bytes: bytes)).map { .numbers($0) }
  }

  /// Returns the Plane elements of an image.
  ///
  /// - Parameter lengths: The numbers of frames, slices and channels.
  static func elements(_ metadata: MetadataNode, _ lengths: [Int]) -> String {
    let columns = keys.compactMap { key, attribute, kind -> (attribute: String, unit: String, shape: [Int], values: [Double])? in
      guard case .numbers(let numbers)? = metadata["/planes/\(key)"], holds("/planes/\(key)", .numbers(numbers), metadata, lengths) else {
        return nil
      }
      let unit = kind == .time ? "s" : metadata["/planes/\(key)/unit"]?.text ?? "reference frame"
      return (attribute, unit, numbers.shape, numbers.doubles)
    }
    guard !columns.isEmpty else { return "" }
    var text = ""
    for frame in 0..<lengths[0] {
      for slice in 0..<lengths[1] {
        for channel in 0..<lengths[2] {
          var attributes = ""
          for column in columns where frame < column.shape[0] {
            let value = column.values[(frame * column.shape[1] + slice) * column.shape[2] + channel]
            if value.isFinite { attributes += " \(column.attribute)=\"\(value)\" \(column.attribute)Unit=\"\(column.unit)\"" }
          }
          if !attributes.isEmpty { text += "<Plane TheZ=\"\(slice)\" TheT=\"\(frame)\" TheC=\"\(channel)\"\(attributes)/>" }
        }
      }
    }
    return text
  }

  /// Whether a value is written that stands at `path` in the metadata of an image.
  ///
  /// - Parameter lengths: The numbers of frames, slices and channels. An image that grows may have values for the first frames only.
  static func holds(_ path: String, _ value: MetadataValue, _ metadata: MetadataNode, _ lengths: [Int]) -> Bool {
    if path.hasSuffix("/unit") {
      let owner = String(path.dropLast(5))
      return metadata[owner].map { holds(owner, $0, metadata, lengths) } ?? false
    }
    guard let entry = keys.first(where: { "/planes/" + $0.key == path }), case .numbers(let numbers) = value, !numbers.componentType.isComplex,
      numbers.shape.count == 3, numbers.shape[0] <= max(1, lengths[0]), Array(numbers.shape[1...]) == Array(lengths[1...]),
      numbers.doubles.allSatisfy({ $0.isFinite || $0.isNaN }), !numbers.doubles.allSatisfy(\.isNaN)
    else { return false }
    let unit = metadata[path + "/unit"]
    return entry.kind == .time ? unit == nil : unit.map { $0.text.flatMap(AxisUnit.metres) != nil } ?? true
  }
}
