/// What a conversion takes of a file, and what it changes on the way.
///
/// Values never change unless asked for: a type that cannot hold every value of the image's type is refused unless
/// ``values`` says how values are changed. Everything is lazy; no pixel is read before the result is.
///
/// The changes are made in this order: ``image``, ``axes``, ``crop``, ``step``, ``type``.
public struct Conversion: Hashable, Sendable {
  /// The name or the index of the image; `nil` for the main one.
  public var image: String?
  /// What the axes of the file are; `nil` keeps those that the file states.
  public var axes: AxisNames?
  /// The samples to keep along an axis, half-open; axes that are not named stay whole.
  public var crop: [AxisRole: Range<Int>]
  /// Keeps every step-th sample along an axis, counted from the first one of the crop; 1 or more.
  public var step: [AxisRole: Int]
  /// The scalar type of the result; `nil` keeps that of the image.
  public var type: ComponentType?
  /// How values get into ``type``.
  public var values: ValueMapping

  public init(
    image: String? = nil, axes: AxisNames? = nil, crop: [AxisRole: Range<Int>] = [:], step: [AxisRole: Int] = [:],
    type: ComponentType? = nil, values: ValueMapping = .exact
  ) {
    self.image = image
    self.axes = axes
    self.crop = crop
    self.step = step
    self.type = type
    self.values = values
  }

  /// The chosen image of a collection, changed.
  ///
  /// - Throws: `notFound` when there is no such image; `invalidArgument` when several images are there and none is chosen or
  ///   main, and as ``apply(to:)``.
  public func image(of images: any MultiImageView) throws(IOLinkError) -> any ImageView {
    let chosen = if let image { try images.image(named: image) } else { try images.image() }
    return try apply(to: chosen)
  }

  /// The changed image; ``image`` plays no part.
  ///
  /// - Throws: `invalidArgument` when the axes do not fit the image, an axis to crop or step does not exist, a range passes it,
  ///   values might change and ``values`` does not say how, or ``values`` is given without ``type``.
  public func apply(to image: any ImageView) throws(IOLinkError) -> any ImageView {
    var view = image
    if let axes { view = try axes.apply(to: view) }
    if !crop.isEmpty || !step.isEmpty { view = try selected(view) }
    guard let type else {
      guard values == .exact else {
        throw IOLinkError(.invalidArgument, "values are to be changed, but no type is given that they change to")
      }
      return view
    }
    return try view.converted(to: type, values)
  }

  private func selected(_ view: any ImageView) throws(IOLinkError) -> any ImageView {
    var start = AxisVector(repeating: 0, count: view.rank)
    var count = view.shape
    var step = AxisVector(repeating: 1, count: view.rank)
    for (role, range) in crop.sorted(by: { $0.key.name < $1.key.name }) {
      let axis = try index(of: role, in: view, "crop")
      guard range.lowerBound >= 0, range.upperBound <= view.shape[axis] else {
        throw IOLinkError(
          .invalidArgument,
          "crop \(range.lowerBound):\(range.upperBound) along \(role), which has samples 0:\(view.shape[axis])")
      }
      start[axis] = range.lowerBound
      count[axis] = range.count
    }
    for (role, length) in self.step.sorted(by: { $0.key.name < $1.key.name }) {
      let axis = try index(of: role, in: view, "step along")
      guard length > 0 else { throw IOLinkError(.invalidArgument, "step \(length) along \(role), expected 1 or more") }
      step[axis] = length
      count[axis] = Checked.ceilingDivide(count[axis], length)
    }
    return try view.transformed(by: AxisTransform(selecting: start, count: count, step: step, in: view.shape))
  }

  private func index(of role: AxisRole, in view: any ImageView, _ verb: String) throws(IOLinkError) -> Int {
    guard let axis = view.properties.index(of: role) else {
      let names = view.properties.axes.map(\.role.description).joined(separator: ", ")
      throw IOLinkError(.invalidArgument, "there is no axis \(role) to \(verb); the image has \(names)")
    }
    return axis
  }
}
