internal import IOLinkCore
internal import IOLinkXML

/// What Plane elements say about planes, which is stored below `/planes`. Positions are in the unit of the first one.
///
/// Source: OME Data Model 2016-06, Plane.
enum OMEPlaneValues {
  private enum Kind { case time, position }

  private static let keys: [(key: MetadataKey, attribute: String, kind: Kind)] = [
    (.planeTime, "DeltaT", .time), (.exposureTime, "ExposureTime", .time), (.positionX, "PositionX", .position),
    (.positionY, "PositionY", .position), (.positionZ, "PositionZ", .position),
  ]

  /// - Parameters:
  ///   - planes: The Plane elements.
  ///   - lengths: The numbers of frames, slices and channels.
  ///   - position: Returns the frame, slice and channel that a plane of the document is in the image; `nil` when it is not part of it.
  ///     If several planes are the same frame, slice and channel, only values in which they agree are known.
  /// - Returns: The node `/planes`, which is empty if the elements say nothing.
  static func metadata(_ planes: [XMLElement], _ lengths: [Int], position: ([Int]) -> [Int]?) -> MetadataNode {
    var node = MetadataNode()
    for (key, attribute, kind) in keys {
      guard let first = planes.first(where: { $0.attributes[attribute] != nil }) else { continue }
      let stated = first.attributes[attribute + "Unit"]
      let unit = kind == .time ? "s" : stated.flatMap(AxisUnit.normalized)
      var values = [Double](repeating: .nan, count: lengths.reduce(1, *))
      var differing: Set<Int> = []
      for plane in planes {
        guard let place = position(indices(plane)), let value = plane.attributes[attribute].flatMap({ Double($0) }) else { continue }
        let own = plane.attributes[attribute + "Unit"]
        guard let scaled = kind == .time ? seconds(value, own) : length(value, own, in: stated) else { continue }
        let index = (place[0] * lengths[1] + place[1]) * lengths[2] + place[2]
        if !values[index].isNaN, values[index] != scaled { differing.insert(index) }
        values[index] = scaled
      }
      for index in differing { values[index] = .nan }
      guard !values.allSatisfy(\.isNaN) else { continue }
      node["/\(key.name)"] = .reals(values, shape: lengths)
      if kind == .position, let unit { node["/\(key.name)/unit"] = .text(unit) }
    }
    return node
  }

  /// Returns the indices along SEQUENCE, SLICE and CHANNEL that a Plane element states.
  static func indices(_ plane: XMLElement) -> [Int] { ["TheT", "TheZ", "TheC"].map { plane.attributes[$0].flatMap { Int($0) } ?? 0 } }

  /// Returns a length in another unit; `nil` when the units are not comparable.
  private static func length(_ value: Double, _ unit: String?, in other: String?) -> Double? {
    if unit == other { return value }
    guard let one = unit.flatMap(AxisUnit.normalized).flatMap(AxisUnit.metres),
      let two = other.flatMap(AxisUnit.normalized).flatMap(AxisUnit.metres)
    else { return nil }
    return value / (two / one)
  }

  private static func seconds(_ value: Double, _ unit: String?) -> Double? {
    AxisUnit.normalized(unit ?? "s").flatMap(AxisUnit.seconds).map { value / (1 / $0) }
  }

  /// Returns the Plane elements of an image.
  ///
  /// - Parameters:
  ///   - lengths: The numbers of frames, slices and channels.
  ///   - rest: What a document said about each plane besides; it may have fewer entries than there are planes.
  static func elements(_ metadata: MetadataNode, _ lengths: [Int], rest: [XMLElement?]) -> [XMLElement] {
    let columns = keys.compactMap { key, attribute, kind -> (attribute: String, unit: String, shape: [Int], values: [Double])? in
      guard case .numbers(let numbers)? = metadata[key.path], holds(key.path, .numbers(numbers), metadata, lengths) else { return nil }
      let unit = kind == .time ? "s" : metadata[key.path + "/unit"]?.text ?? "reference frame"
      return (attribute, unit, numbers.shape, numbers.doubles)
    }
    guard !columns.isEmpty || !rest.isEmpty else { return [] }
    return (0..<(lengths[0] * lengths[1] * lengths[2])).compactMap { number in
      let (frame, slice, channel) = (number / lengths[2] / lengths[1], number / lengths[2] % lengths[1], number % lengths[2])
      var element = XMLElement("Plane", ["TheZ": "\(slice)", "TheT": "\(frame)", "TheC": "\(channel)"])
      for column in columns where frame < column.shape[0] {
        let value = column.values[number]
        guard value.isFinite else { continue }
        element.attributes[column.attribute] = "\(value)"
        element.attributes[column.attribute + "Unit"] = column.unit
      }
      if rest.indices.contains(number), let more = rest[number] { element.content = more.content }
      return element.attributes.all.count > 3 || !element.content.isEmpty ? element : nil
    }
  }

  /// Whether a value is written that stands at `path` in the metadata of an image.
  ///
  /// - Parameter lengths: The numbers of frames, slices and channels. An image that grows may have values for the first frames only.
  static func holds(_ path: String, _ value: MetadataValue, _ metadata: MetadataNode, _ lengths: [Int]) -> Bool {
    if path.hasSuffix("/unit") {
      let owner = String(path.dropLast(5))
      return metadata[owner].map { holds(owner, $0, metadata, lengths) } ?? false
    }
    guard let entry = keys.first(where: { $0.key.path == path }), entry.key.accepts(value), case .numbers(let numbers) = value,
      numbers.shape[0] <= max(1, lengths[0]), Array(numbers.shape[1...]) == Array(lengths[1...]),
      numbers.doubles.allSatisfy({ $0.isFinite || $0.isNaN }), !numbers.doubles.allSatisfy(\.isNaN)
    else { return false }
    let unit = metadata[path + "/unit"]
    return entry.kind == .time ? unit == nil : unit.map { $0.text.flatMap(AxisUnit.metres) != nil } ?? true
  }
}
