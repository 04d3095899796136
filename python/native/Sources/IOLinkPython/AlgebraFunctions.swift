import CPython
import IOLink

/// Lazy views of views.
enum AlgebraFunctions {
  /// `transform(view, start, count, step, dropped, dimensions, class)`: samples along every axis, canonical order.
  ///
  /// - Parameters:
  ///   - dropped: Axes that disappear, ascending; their count is 1.
  ///   - dimensions: The order of array dimensions over the axes that stay; None is NumPy order.
  ///   - class: Of the object that is given; None is ImageView.
  static func transform(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let shape = box.image.shape
    let start = try arguments.vector(1)
    var transform = try AxisTransform(selecting: start, count: arguments.vector(2), step: arguments.vector(3), in: shape)
    for axis in try arguments.vector(4).reversed() {
      transform = try transform.then(AxisTransform(fixing: axis, at: 0, in: transform.shape))
    }
    let image = try box.image.transformed(by: transform)
    let dimensions = try arguments.optional(5)?.vector()
    try ViewBox.check(dimensions, of: image)
    return try HandleType.wrap(
      box.derived(image, dimensions: dimensions), as: arguments.optional(6) ?? HandleType.imageView)
  }

  /// `convert(view, scalar, mapping, inputLow, inputHigh, outputLow, outputHigh)`; mapping is `cast`, `rescale` or `range`.
  static func convert(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    let componentType = try componentType(arguments.text(1))
    let mapping: ValueMapping
    switch try arguments.text(2) {
    case "cast": mapping = .cast
    case "rescale": mapping = .rescale
    default:
      let bounds = try (3..<7).map { try arguments.double($0) }
      guard bounds.allSatisfy(\.isFinite), bounds[0] <= bounds[1], bounds[2] <= bounds[3] else {
        throw IOLinkError(.invalidArgument, "ranges \(bounds[0])…\(bounds[1]) and \(bounds[2])…\(bounds[3]) are not two ascending ranges")
      }
      mapping = .rescaled(from: bounds[0]...bounds[1], to: bounds[2]...bounds[3])
    }
    return try HandleType.wrap(ViewBox.nested(box.image.converted(to: componentType, mapping), on: [box]), as: HandleType.imageView)
  }

  /// - Throws: `unsupported` when images have no numbers of that name.
  static func componentType(_ name: String) throws -> ComponentType {
    guard let found = ComponentType(numpyName: name) else {
      throw IOLinkError(.unsupported, "element type \"\(name)\" is not one that an image can have")
    }
    return found
  }

  /// `stack(views, axis)`: views of one shape and type along a new axis.
  static func stack(_ arguments: Arguments) throws -> Object {
    let boxes = try arguments[0].items().map { try HandleType.view($0) }
    let image = try StackedImageView(boxes.map(\.image), along: AxisRole(arguments.text(1)))
    return try HandleType.wrap(ViewBox.nested(image, on: boxes), as: HandleType.imageView)
  }

  /// `axis_to_components(view, axis)`.
  static func axisToComponents(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    return try HandleType.wrap(
      ViewBox.nested(box.image.channelsAsElements(AxisRole(arguments.text(1))), on: [box]), as: HandleType.imageView)
  }

  /// `components_to_axis(view, axis)`.
  static func componentsToAxis(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    return try HandleType.wrap(
      ViewBox.nested(box.image.elementsAsChannels(AxisRole(arguments.text(1))), on: [box]), as: HandleType.imageView)
  }

  /// `name_axes(view, names, by_index)`: the axes under other names, moved to canonical order where need be.
  ///
  /// - Parameter by_index: Whether the names follow the view's axes; otherwise the file's, slowest first.
  static func nameAxes(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    var roles = try arguments[1].items().map { try AxisRole($0.text()) }
    if try arguments.flag(2) {
      // Components that there are stand in no place of their own.
      if box.image.dataType.componentCount > 1 { roles.removeAll { $0 == .component } }
      guard roles.count == box.image.rank else {
        throw IOLinkError(.invalidArgument, "\(roles.count) axis names for an image of \(box.image.rank) axes")
      }
      roles = box.image.properties.sourceOrder.map { roles[$0] }
    }
    return try HandleType.wrap(ViewBox.nested(box.image.reinterpreted(listing: roles), on: [box]), as: HandleType.imageView)
  }

  /// `axis_names(text)`: `ZYX` or `angle,Z,Y,X` as a tuple of names.
  static func axisNames(_ arguments: Arguments) throws -> Object {
    try Make.texts(AxisRole.list(arguments.text(0)).map(\.name))
  }

  /// `read_only(view)`.
  static func readOnly(_ arguments: Arguments) throws -> Object {
    let box = try HandleType.view(arguments[0])
    return try HandleType.wrap(ViewBox.nested(box.image.readOnly(), on: [box]), as: HandleType.imageView)
  }
}
