internal import IOLinkCore
internal import IOLinkXML

/// The ROIs of an OME document at `/ome/regions`, a list of elements as XML. Their shapes are in indices of columns and rows, and some are on
/// single planes.
///
/// A crop moves the shapes; those on planes that do not remain are removed. Regions cannot follow flips, steps and exchanges of columns and
/// rows, which would turn some shapes into others.
///
/// Source: OME Data Model 2016-06, ROI and Shape.
struct OMERegions: MetadataGeometry {
  static let path = "/ome/regions"

  /// The attributes with positions along each axis. Points lists pairs of both.
  private static let positions: [(role: AxisRole, names: [String], transform: String)] = [
    (.column, ["X", "X1", "X2"], "A02"), (.row, ["Y", "Y1", "Y2"], "A12"),
  ]
  private static let planes: [(role: AxisRole, name: String)] = [(.slice, "TheZ"), (.channel, "TheC"), (.sequence, "TheT")]

  func moved(_ tree: MetadataNode, by movement: AxisMovement) -> MetadataNode? {
    guard let texts = Self.texts(tree) else { return nil }
    var shift: [AxisRole: Double] = [:]
    for role in [AxisRole.column, .row] {
      guard let part = movement[role] else { continue }
      guard part.target == .axis(role), part.step == 1 || part.count <= 1 else { return nil }
      shift[role] = Double(part.start)
    }
    for (role, _) in Self.planes {
      if let part = movement[role], part.target != .axis(role), part.target != .index { return nil }
    }
    var remaining: [String] = []
    for text in texts {
      guard let region = try? XMLTree.parse(text, limits: ReadLimits()), let moved = Self.moved(region, shift, movement) else { return nil }
      if Self.hasShapes(moved) { remaining.append(moved.serialized) }
    }
    var result = tree
    result[Self.path] = remaining.isEmpty ? nil : .texts(remaining)
    return result
  }

  private static func texts(_ tree: MetadataNode) -> [String]? { tree[path]?.allTexts }

  private static func hasShapes(_ region: XMLElement) -> Bool { region.child(named: "Union").map { !$0.children.isEmpty } ?? false }

  /// Returns a region with the shapes that remain; `nil` when a position is not a number.
  private static func moved(_ region: XMLElement, _ shift: [AxisRole: Double], _ movement: AxisMovement) -> XMLElement? {
    var isValid = true
    let result = region.mapping { union in
      guard union.name == "Union" else { return union }
      return union.mapping { shape in
        guard let shape = renumbered(shape, movement) else { return nil }
        guard let shifted = shifted(shape, shift) else {
          isValid = false
          return shape
        }
        return shifted
      }
    }
    return isValid ? result : nil
  }

  /// Returns the shape on the plane where it is now; `nil` when the plane does not remain.
  private static func renumbered(_ shape: XMLElement, _ movement: AxisMovement) -> XMLElement? {
    var shape = shape
    for (role, name) in planes {
      guard let index = shape.attributes[name].flatMap({ Int($0) }), let part = movement[role] else { continue }
      guard let position = part.position(of: index) else { return nil }
      shape.attributes[name] = "\(position)"
    }
    return shape
  }

  /// Returns the shape without these numbers of columns and rows; `nil` when a position is not a number.
  private static func shifted(_ shape: XMLElement, _ shift: [AxisRole: Double]) -> XMLElement? {
    guard shift.values.contains(where: { $0 != 0 }) else { return shape }
    if let transform = shape.child(named: "Transform") {
      guard let changed = shifted(transform, shift, positions.map { ($0.role, [$0.transform]) }) else { return nil }
      return shape.mapping { $0.name == "Transform" ? changed : $0 }
    }
    guard var result = shifted(shape, shift, positions.map { ($0.role, $0.names) }) else { return nil }
    if let points = shape.attributes["Points"] {
      let numbers = points.split { $0 == "," || $0.isWhitespace }.map { Double($0) }
      guard numbers.count % 2 == 0, !numbers.contains(nil) else { return nil }
      let moved = numbers.enumerated().map { ($1 ?? 0) - (shift[$0 % 2 == 0 ? .column : .row] ?? 0) }
      result.attributes["Points"] = stride(from: 0, to: moved.count, by: 2).map { "\(moved[$0]),\(moved[$0 + 1])" }.joined(separator: " ")
    }
    return result
  }

  private static func shifted(_ element: XMLElement, _ shift: [AxisRole: Double], _ names: [(AxisRole, [String])]) -> XMLElement? {
    var element = element
    for (role, names) in names {
      for name in names {
        guard let text = element.attributes[name] else { continue }
        guard let value = Double(text) else { return nil }
        element.attributes[name] = "\(value - (shift[role] ?? 0))"
      }
    }
    return element
  }

  /// Returns where an element lies as seen from the first shape.
  func location(of element: [AxisRole: Int], in tree: MetadataNode) -> [Double]? {
    guard let text = Self.texts(tree)?.first, let region = try? XMLTree.parse(text, limits: ReadLimits()),
      let shape = region.child(named: "Union")?.children.first, let x = shape.attributes["X"].flatMap({ Double($0) }),
      let y = shape.attributes["Y"].flatMap({ Double($0) })
    else { return nil }
    return [Double(element[.column] ?? 0) - x, Double(element[.row] ?? 0) - y]
  }

  var examples: [MetadataNode] {
    var tree = MetadataNode()
    tree[Self.path] = .texts([
      "<ROI ID=\"ROI:0\"><Union><Rectangle ID=\"Shape:0\" X=\"1.0\" Y=\"2.0\" Width=\"3.0\" Height=\"2.0\"/></Union></ROI>",
      "<ROI ID=\"ROI:1\"><Union><Point ID=\"Shape:1\" X=\"4.0\" Y=\"0.5\" TheZ=\"1\"/></Union></ROI>",
    ])
    return [tree]
  }
}
