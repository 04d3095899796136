import IOLinkCore

/// What a file says about the dimensions of a dataset, according to the conventions that it follows.
///
/// There is one entry per dimension, slowest first, including the component.
struct HDF5Axes {
  let lengths: [Int]
  var labels: [String?]
  var spacings: [Double?]
  var origins: [Double?]
  var units: [String?]
  /// The coordinates of dimensions whose elements are not evenly spaced, or whose edges are not.
  private var coordinates: [Int: [Double]] = [:]
  /// The texts that stand for the positions along dimensions.
  private var texts: [Int: [String]] = [:]
  /// The paths of the scales of each dimension.
  private var scales: [Int: [String]] = [:]
  /// The dimension that holds components.
  var component: Int?
  /// Whether names and units are taken as they are or may have the spellings of other programs.
  let spelling: Spelling

  enum Spelling { case exact, normalized }

  init(_ lengths: [Int], spelling: Spelling = .normalized) {
    self.lengths = lengths
    self.spelling = spelling
    labels = Array(repeating: nil, count: lengths.count)
    spacings = Array(repeating: nil, count: lengths.count)
    origins = spacings
    units = labels
  }

  /// Names the dimensions that do not have a name yet.
  mutating func label(_ names: [String?]) {
    for (dimension, name) in names.enumerated() where dimension < labels.count && labels[dimension] == nil {
      guard let name, !name.isEmpty, name != "." else { continue }
      labels[dimension] = name
    }
  }

  /// Calibrates a dimension, unless it already has a spacing.
  mutating func calibrate(_ dimension: Int, spacing: Double?, origin: Double? = nil, unit: String? = nil) {
    guard lengths.indices.contains(dimension), spacings[dimension] == nil else { return }
    if let spacing, spacing.isFinite, spacing != 0 || spelling == .exact { spacings[dimension] = spacing }
    if let origin, origin.isFinite { origins[dimension] = origin }
    if let unit = unit.flatMap({ spelling == .exact ? $0 : AxisUnit.normalized($0) }), !unit.isEmpty { units[dimension] = unit }
  }

  /// Calibrates a dimension by the coordinates of its elements, or of the edges between them, of which there is one more.
  mutating func calibrate(_ dimension: Int, coordinates: [Double], unit: String?) {
    let even = Self.spacing(of: coordinates)
    if even == nil, !coordinates.isEmpty, spacings[dimension] == nil, self.coordinates[dimension] == nil {
      self.coordinates[dimension] = coordinates
    }
    var origin = even?.origin
    if coordinates.count == lengths[dimension] + 1, let first = origin {
      // The edges of bins. Bins of different widths do not have an origin.
      origin = even?.spacing.map { first + $0 / 2 }
    }
    calibrate(dimension, spacing: even?.spacing, origin: origin == 0 ? nil : origin, unit: unit)
  }

  /// Labels the positions along a dimension.
  mutating func label(positionsOf dimension: Int, _ labels: [String]) { texts[dimension] = texts[dimension] ?? labels }

  /// Notes the scales of a dimension.
  mutating func attach(_ paths: [String], to dimension: Int) { scales[dimension] = paths }

  /// Returns the axes without the component, slowest first, and whether any role is inferred.
  func resolved() -> (axes: [Axis], areInferred: Bool) {
    let dimensions = lengths.indices.filter { $0 != component }
    var roles: [AxisRole?] = dimensions.map { labels[$0].map(spelling == .exact ? { AxisRole($0) } : Self.role) }
    var used: [AxisRole] = []
    for index in roles.indices {
      guard let role = roles[index] else { continue }
      if role == .unknown || used.contains(role) { roles[index] = nil } else { used.append(role) }
    }
    let areInferred = roles.contains(nil)
    if roles.allSatisfy({ $0 == nil }) {
      roles = AxisInference.axes(dimensions.map { lengths[$0] }).map(\.role)
    }
    for index in roles.indices.reversed() where roles[index] == nil {
      let free = [AxisRole.column, .row, .slice, .sequence, .channel].first { !used.contains($0) }
      var role = free ?? AxisRole("dim\(index)")
      while used.contains(role) { role = AxisRole(role.name + "'") }
      used.append(role)
      roles[index] = role
    }
    let axes = zip(dimensions, roles).map { dimension, role in
      Axis(
        role ?? .unknown, length: lengths[dimension], spacing: spacings[dimension], origin: origins[dimension],
        unit: units[dimension])
    }
    return (axes, areInferred)
  }

  /// Adds the coordinates that are not evenly spaced to a tree, at `/coordinates/<axis>`, and labels at `/labels/<axis>`, where it has none;
  /// and the paths of scales.
  ///
  /// - Parameter axes: The axes that ``resolved()`` returned.
  func addCoordinates(to tree: inout MetadataNode, _ axes: [Axis]) {
    for (dimension, axis) in zip(lengths.indices.filter { $0 != component }, axes) {
      let place = ["coordinates", axis.role.name]
      if let values = coordinates[dimension], spacings[dimension] == nil, tree[components: place] == nil {
        tree[components: place] = .reals(values)
      }
      let labels = ["labels", axis.role.name]
      if let values = texts[dimension], tree[components: labels] == nil { tree[components: labels] = .texts(values) }
      if let paths = scales[dimension] { HDF5Scales.add(paths, of: axis, to: &tree) }
    }
  }

  /// Returns the role for a label: one of the five roles for a letter, a name or a geographic coordinate, otherwise a role named after it.
  static func role(_ label: String) -> AxisRole {
    switch label.lowercased() {
    case "lon", "longitude", "columns", "width": .column
    case "lat", "latitude", "rows": .row
    case "slices": .slice
    case "channels": .channel
    case "frame", "frames", "sequences": .sequence
    default: AxisRole(label)
    }
  }

  /// Returns the spacing and the origin of evenly spaced coordinates, or `nil` if they are not. A single coordinate has no spacing.
  static func spacing(of coordinates: [Double]) -> (spacing: Double?, origin: Double)? {
    guard let first = coordinates.first, let last = coordinates.last, first.isFinite, last.isFinite else { return nil }
    guard coordinates.count > 1 else { return (nil, first) }
    let spacing = (last - first) / Double(coordinates.count - 1)
    // Coordinates are often float32, so the tolerance is a thousandth of the spacing or a few units in the last place of a float32.
    let tolerance = max(Swift.abs(spacing) * 1e-3, max(Swift.abs(first), Swift.abs(last)) * 2.5e-7)
    guard spacing != 0 else { return nil }
    for (index, value) in coordinates.enumerated() {
      guard Swift.abs(value - (first + Double(index) * spacing)) <= tolerance else { return nil }
    }
    return (rounded(spacing, coordinates), first)
  }

  /// Returns the spacing without rounding errors: the first step, if it gives the last coordinate exactly.
  private static func rounded(_ spacing: Double, _ coordinates: [Double]) -> Double {
    let step = coordinates[1] - coordinates[0]
    return coordinates[0] + step * Double(coordinates.count - 1) == coordinates[coordinates.count - 1] ? step : spacing
  }
}
