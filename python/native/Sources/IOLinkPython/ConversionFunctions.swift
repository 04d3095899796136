import CPython
import IOLink

/// The core's `Conversion`, made of what Python gives.
enum ConversionFunctions {
  /// `file_conversion(file, image, axes, crop, step, type, values, level)`: the image that a `Conversion` takes of the file.
  ///
  /// - Parameters:
  ///   - image: A name; None is the main image.
  ///   - axes: A text such as `T=3,Z=5,Y,X`, or a tuple of names, slowest first; None keeps the file's.
  ///   - crop: (axis, start or None, end or None) each; a negative bound counts from the end of the axis, None is an end.
  ///   - step: (axis, step) each.
  ///   - type: NumPy's name of the numbers of the result; None keeps them.
  ///   - values: `exact`, `cast` or `rescale`.
  ///   - level: The level of the image, 0 for the finest.
  static func image(_ arguments: Arguments) throws -> Object {
    let file: OpenImages = try HandleType.plain(arguments[0])
    let image = try arguments.optionalText(1)
    let axes = try arguments.optional(2).map(axisNames)
    let crop = try arguments[3].items().map(Bounds.init)
    let steps = try arguments[4].items().map { item in
      let parts = try item.items()
      return try (AxisRole(parts[0].text()), parts[1].int())
    }
    let type = try arguments.optionalText(5).map(AlgebraFunctions.componentType)
    let values = try valueMapping(arguments.text(6))
    let level = try arguments[7].int()
    try FileFunctions.check(file)
    let converted = try FileFunctions.run(file) { () throws(IOLinkError) -> any ImageView in
      let named = try Conversion(image: image, level: level, axes: axes).image(of: file.images)
      var change = Conversion(type: type, values: values)
      for (axis, step) in steps { change.step[axis] = step }
      for bounds in crop { change.crop[bounds.axis] = try bounds.range(in: named) }
      return try change.apply(to: named)
    }
    return try HandleType.wrap(ViewBox(converted, sources: [file.source]), as: HandleType.imageView)
  }

  private static func axisNames(_ object: Object) throws -> AxisNames {
    guard iolink_is_tuple(object) != 0 else { return try AxisNames(parsing: object.text()) }
    return try AxisNames(object.items().map { AxisRole(try $0.text()) })
  }

  private static func valueMapping(_ name: String) throws -> ValueMapping {
    switch name {
    case "exact": .exact
    case "cast": .cast
    case "rescale": .rescale
    default: throw IOLinkError(.invalidArgument, "values is \"\(name)\", expected exact, cast or rescale")
    }
  }

  /// A slice of Python's along an axis.
  private struct Bounds {
    let axis: AxisRole
    let start, end: Int?

    init(_ item: Object) throws {
      let parts = try item.items()
      axis = try AxisRole(parts[0].text())
      start = parts[1] == iolink_none() ? nil : try parts[1].int()
      end = parts[2] == iolink_none() ? nil : try parts[2].int()
    }

    /// - Throws: `invalidArgument` when the end lies before the start. An axis that the image lacks is left to the conversion.
    func range(in image: any ImageView) throws(IOLinkError) -> Range<Int> {
      guard let index = image.properties.index(of: axis) else { return 0..<0 }
      let length = image.shape[index]
      func resolved(_ bound: Int) -> Int { bound < 0 ? bound + length : bound }
      let lower = start.map(resolved) ?? 0
      let upper = end.map(resolved) ?? length
      guard lower <= upper else {
        throw IOLinkError(.invalidArgument, "crop along \(axis) is \(lower):\(upper), expected a range within 0:\(length)")
      }
      return lower..<upper
    }
  }
}
