import CPython
import IOLink

/// Properties as nested tuples, which `iolink._properties` makes objects of.
enum PropertyFunctions {
  /// `properties(view)`: (axes, source order, interpretation, significant bits, alpha, directions, axes are inferred);
  /// an axis is (name, length, spacing, origin, unit).
  static func properties(_ arguments: Arguments) throws -> Object {
    try packed(HandleType.view(arguments[0]).image.properties)
  }

  static func packed(_ properties: ImageProperties) throws -> Object {
    let axes = try properties.axes.map { axis in
      try Make.tuple([
        Make.text(axis.role.name), Make.int(axis.length), Make.optional(axis.spacing), Make.optional(axis.origin),
        Make.optional(axis.unit),
      ])
    }
    return try Make.tuple([
      Make.tuple(axes), Make.vector(properties.sourceOrder), Make.text(properties.interpretation.name),
      properties.significantBits.map { try Make.int($0) } ?? Make.none(), Make.text(properties.alpha.rawValue),
      properties.spatialDirections.map { try packed($0) } ?? Make.none(), Make.flag(properties.axesAreInferred),
    ])
  }

  /// Three tuples of three numbers.
  static func packed(_ directions: SpatialDirections) throws -> Object {
    try Make.tuple(
      [directions.column, directions.row, directions.slice].map { vector in
        try Make.tuple(vector.map { try Make.double($0) })
      })
  }

  /// `with_properties(view, properties)`: the tuple of `properties`; lengths are those of the view.
  static func withProperties(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let image = try box.image.with(properties: parse(arguments[1], shape: box.image.shape))
    return try HandleType.wrap(ViewBox.nested(image, on: [box], isReshapable: box.isReshapable), as: HandleType.imageView)
  }

  /// - Parameter shape: The lengths of the axes; nil takes those of the tuple.
  static func parse(_ object: Object, shape: AxisVector?) throws -> ImageProperties {
    let parts = try object.items()
    guard parts.count == 7 else { throw IOLinkError(.invalidArgument, "\(parts.count) properties, expected 7") }
    let described = try parts[0].items()
    guard shape == nil || described.count == shape?.count else {
      throw IOLinkError(.invalidArgument, "properties with \(described.count) axes for an image of shape \(shape ?? [])")
    }
    let axes = try described.indices.map { try axis(described[$0], length: shape?[$0]) }
    return try ImageProperties(
      axes: axes, sourceOrder: parts[1] == iolink_none() ? nil : parts[1].vector(),
      interpretation: ImageInterpretation(parts[2].text()),
      significantBits: parts[3] == iolink_none() ? nil : parts[3].int(),
      alpha: AlphaMode(rawValue: parts[4].text()) ?? .none,
      spatialDirections: parts[5] == iolink_none() ? nil : directions(parts[5]), axesAreInferred: parts[6].isTrue())
  }

  private static func axis(_ object: Object, length: Int?) throws -> Axis {
    let parts = try object.items()
    guard parts.count == 5 else { throw IOLinkError(.invalidArgument, "an axis of \(parts.count) parts, expected 5") }
    let role = try AxisRole(parts[0].text())
    return try Axis(
      role, length: length ?? parts[1].int(), spacing: parts[2] == iolink_none() ? nil : parts[2].double(),
      origin: parts[3] == iolink_none() ? nil : parts[3].double(), unit: parts[4] == iolink_none() ? nil : parts[4].text())
  }

  static func directions(_ object: Object) throws -> SpatialDirections {
    let vectors = try object.items().map { try $0.items().map { try $0.double() } }
    guard vectors.count == 3, vectors.allSatisfy({ $0.count == 3 }) else {
      throw IOLinkError(.invalidArgument, "directions are three vectors of three numbers")
    }
    var directions = SpatialDirections(column: vectors[0], row: vectors[1])
    directions.slice = vectors[2]
    return directions
  }
}
