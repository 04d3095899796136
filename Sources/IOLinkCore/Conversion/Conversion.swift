/// Which image of a file to convert, and what to change on the way.
///
/// Values do not change by themselves: a type that cannot hold every value of the image's type is refused, unless ``values``
/// says how values change. A conversion is lazy: it reads no pixels before the result is read.
///
/// The changes are made in this order: ``image``, ``level``, ``axes``, ``crop``, ``step``, ``type``.
public struct Conversion: Hashable, Sendable {
  /// The name or the index of the image; `nil` for the main image.
  public var image: String?
  /// The level of the image, 0 for the finest; `nil` for the finest as well, which then counts as chosen by nobody.
  public var level: Int?
  /// The names of the file's axes; `nil` keeps the axes that the file states.
  public var axes: AxisNames?
  /// The half-open range to keep along an axis. Axes that are not listed stay whole.
  public var crop: [AxisRole: Range<Int>]
  /// Keeps every step-th element along an axis, counted from the start of the crop; 1 or more.
  public var step: [AxisRole: Int]
  /// The component type of the result; `nil` keeps the type of the image.
  public var type: ComponentType?
  /// How values of the image become values of ``type``.
  public var values: ValueMapping

  /// Makes a conversion; without arguments, of the main image without changes.
  public init(
    image: String? = nil, level: Int? = nil, axes: AxisNames? = nil, crop: [AxisRole: Range<Int>] = [:], step: [AxisRole: Int] = [:],
    type: ComponentType? = nil, values: ValueMapping = .exact
  ) {
    self.image = image
    self.level = level
    self.axes = axes
    self.crop = crop
    self.step = step
    self.type = type
    self.values = values
  }

  /// Takes the chosen image of a collection and changes it. The view is lazy.
  ///
  /// - Throws: `notFound` when the collection has no image of this name or index, or none at all, or the image lacks the level;
  ///   `unsupported` when the image cannot be read; `invalidArgument` when the collection has several images, none of which is chosen or
  ///   the main one; otherwise the same errors as ``apply(to:)``.
  public func image(of images: any MultiImageView) throws(IOLinkError) -> any ImageView {
    guard let level, level != 0 else {
      let chosen = if let image { try images.image(named: image) } else { try images.image() }
      return try apply(to: chosen)
    }
    let index = if let image { try images.index(named: image) } else { try images.mainIndex }
    guard let index else { throw try images.noMainImage() }
    return try apply(to: images.level(level, at: index))
  }

  /// Changes an image; ``image`` and ``level`` are ignored. The view is lazy.
  ///
  /// - Throws: `invalidArgument` when the axes do not fit the image, when it has no axis of a role in ``crop`` or ``step``, when a range
  ///   extends past its axis, when a step is not positive, when ``values`` is exact and ``type`` cannot hold every value of the
  ///   image's type, when complex values would become real, and when ``values`` is not exact but ``type`` is `nil`;
  ///   `limitExceeded` as ``AxisNames/apply(to:)`` does.
  public func apply(to image: any ImageView) throws(IOLinkError) -> any ImageView {
    var view = image
    if let axes { view = try axes.apply(to: view) }
    if !crop.isEmpty || !step.isEmpty { view = try selected(view) }
    guard let type else {
      guard values == .exact else {
        throw IOLinkError(.invalidArgument, "a value mapping is given without a component type to convert to")
      }
      return view
    }
    return try view.converted(to: type, values)
  }

  private func selected(_ view: any ImageView) throws(IOLinkError) -> any ImageView {
    var start = AxisVector(repeating: 0, count: view.rank)
    var count = view.shape
    var step = AxisVector(repeating: 1, count: view.rank)
    for (role, range) in crop.ordered(by: { $0.key.name < $1.key.name }) {
      let axis = try index(of: role, in: view, "crop")
      guard range.lowerBound >= 0, range.upperBound <= view.shape[axis] else {
        throw IOLinkError(
          .invalidArgument,
          "crop along \(role) is \(range.lowerBound):\(range.upperBound), expected a range within 0:\(view.shape[axis])")
      }
      start[axis] = range.lowerBound
      count[axis] = range.count
    }
    for (role, length) in self.step.ordered(by: { $0.key.name < $1.key.name }) {
      let axis = try index(of: role, in: view, "step along")
      guard length > 0 else { throw IOLinkError(.invalidArgument, "step along \(role) is \(length), expected 1 or more") }
      step[axis] = length
      count[axis] = Checked.ceilingDivide(count[axis], length)
    }
    return try view.transformed(by: AxisTransform(selecting: start, count: count, step: step, in: view.shape))
  }

  private func index(of role: AxisRole, in view: any ImageView, _ verb: String) throws(IOLinkError) -> Int {
    guard let axis = view.properties.index(of: role) else {
      let names = view.properties.axes.map(\.role.description).joined(separator: ", ")
      throw IOLinkError(.invalidArgument, "the image has no axis \(role) to \(verb); its axes are \(names)")
    }
    return axis
  }
}
