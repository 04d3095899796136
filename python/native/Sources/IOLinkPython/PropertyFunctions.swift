import CPython
import IOLink

/// Properties as nested tuples, which `iolink._properties` makes objects of.
enum PropertyFunctions {
  /// `properties(view)`: (axes, source order, interpretation, significant bits, alpha, directions, axes are inferred);
  /// an axis is (name, length, spacing, origin, unit).
  static func properties(_ arguments: Arguments) throws -> Object {
    let properties = try HandleType.view(arguments[0]).image.properties
    let axes = try properties.axes.map { axis in
      try Make.tuple([
        Make.text(axis.role.name), Make.int(axis.length), Make.optional(axis.spacing), Make.optional(axis.origin),
        Make.optional(axis.unit),
      ])
    }
    let directions = try properties.spatialDirections.map { directions in
      try Make.tuple(
        [directions.column, directions.row, directions.slice].map { vector in
          try Make.tuple(vector.map { try Make.double($0) })
        })
    }
    return try Make.tuple([
      Make.tuple(axes), Make.vector(properties.sourceOrder), Make.text(properties.interpretation.name),
      properties.significantBits.map { try Make.int($0) } ?? Make.none(), Make.text(properties.alpha.rawValue),
      directions ?? Make.none(), Make.flag(properties.axesAreInferred),
    ])
  }

  /// `with_properties(view, properties)`: the tuple of `properties`; lengths are those of the view.
  static func withProperties(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let parts = try arguments[1].items()
    guard parts.count == 7 else { throw IOLinkError(.invalidArgument, "\(parts.count) properties, expected 7") }
    let described = try parts[0].items()
    let shape = box.image.shape
    guard described.count == shape.count else {
      throw IOLinkError(.invalidArgument, "properties with \(described.count) axes for an image of shape \(shape)")
    }
    let axes = try zip(described, shape).map { item, length in try axis(item, length: length) }
    let properties = try ImageProperties(
      axes: axes, sourceOrder: parts[1] == iolink_none() ? nil : parts[1].vector(),
      interpretation: ImageInterpretation(parts[2].text()),
      significantBits: parts[3] == iolink_none() ? nil : parts[3].int(),
      alpha: AlphaMode(rawValue: parts[4].text()) ?? .none,
      spatialDirections: parts[5] == iolink_none() ? nil : directions(parts[5]), axesAreInferred: parts[6].isTrue())
    let image = try box.image.with(properties: properties)
    return try HandleType.wrap(ViewBox(image, sources: box.sources, isReshapable: box.isReshapable), as: HandleType.imageView)
  }

  private static func axis(_ object: Object, length: Int) throws -> Axis {
    let parts = try object.items()
    guard parts.count == 5 else { throw IOLinkError(.invalidArgument, "an axis of \(parts.count) parts, expected 5") }
    let role = try AxisRole(parts[0].text())
    return try Axis(
      role, length: length, spacing: parts[2] == iolink_none() ? nil : parts[2].double(),
      origin: parts[3] == iolink_none() ? nil : parts[3].double(), unit: parts[4] == iolink_none() ? nil : parts[4].text())
  }

  private static func directions(_ object: Object) throws -> SpatialDirections {
    let vectors = try object.items().map { try $0.items().map { try $0.double() } }
    guard vectors.count == 3, vectors.allSatisfy({ $0.count == 3 }) else {
      throw IOLinkError(.invalidArgument, "directions are three vectors of three numbers")
    }
    var directions = SpatialDirections(column: vectors[0], row: vectors[1])
    directions.slice = vectors[2]
    return directions
  }
}
