/// Each of these operations returns a view and reads no pixels. Over memory, whatever strides can express keeps MEMORY_ACCESS; over
/// files, a chain of operations fuses into one index transform and one read.
extension ImageView {
  /// Returns the part of the image inside a region. The view is lazy. The origins of calibrated axes move to the start of the region.
  ///
  /// - Parameter region: The part to keep, in canonical order.
  /// - Throws: `invalidArgument` when the region has another rank than the image or extends past it.
  public func cropped(to region: Region) throws(IOLinkError) -> any ImageView {
    try region.validate(in: shape)
    let step = AxisVector(repeating: 1, count: rank)
    return try transformed(by: AxisTransform(selecting: region.origin, count: region.size, step: step, in: shape))
  }

  /// Returns the image with its axes in another order: what ran along `axes[i]` now runs along axis i. The view is lazy.
  ///
  /// Lengths and calibration move with the elements; roles stay in canonical order, so `permuted(to: [1, 0])` transposes the
  /// picture.
  ///
  /// - Parameter axes: For each axis of the result, the index of the axis of this image that runs along it.
  /// - Throws: `invalidArgument` when `axes` is not a permutation of the axis indices.
  public func permuted(to axes: AxisVector) throws(IOLinkError) -> any ImageView {
    try transformed(by: AxisTransform(permuting: axes, of: shape))
  }

  /// Mirrors the image along an axis. The view is lazy. The spacing of the axis becomes negative and its origin moves to the other end.
  ///
  /// - Throws: `notFound` when the image has no axis of this role.
  public func flipped(_ role: AxisRole) throws(IOLinkError) -> any ImageView {
    try flipped(axis: axis(role))
  }

  /// Mirrors the image along the axis of this index, as ``flipped(_:)`` does.
  ///
  /// - Throws: `invalidArgument` when the image has no axis of this index.
  public func flipped(axis: Int) throws(IOLinkError) -> any ImageView {
    try validate(axis: axis)
    var start = AxisVector(repeating: 0, count: rank)
    var step = AxisVector(repeating: 1, count: rank)
    start[axis] = max(0, shape[axis] - 1)
    step[axis] = -1
    return try transformed(by: AxisTransform(selecting: start, count: shape, step: step, in: shape))
  }

  /// Keeps every `step`-th element along each axis, starting with the first. The view is lazy.
  ///
  /// - Parameter step: One step for each axis, in canonical order; 1 keeps all elements.
  /// - Returns: A view in which each axis has the length ⌈length / step⌉.
  /// - Throws: `invalidArgument` when there is not one step for each axis, or a step is not positive.
  public func subsampled(by step: AxisVector) throws(IOLinkError) -> any ImageView {
    guard step.count == rank, step.allSatisfy({ $0 > 0 }) else {
      throw IOLinkError(.invalidArgument, "steps are \(step), expected one positive step for each of \(rank) axes")
    }
    var count = shape
    for axis in 0..<rank { count[axis] = Checked.ceilingDivide(shape[axis], step[axis]) }
    let start = AxisVector(repeating: 0, count: rank)
    return try transformed(by: AxisTransform(selecting: start, count: count, step: step, in: shape))
  }

  /// Selects one position along an axis, which disappears: `selecting(.channel, 2)` is the third channel. The view is lazy.
  ///
  /// - Throws: `notFound` when the image has no axis of this role; `invalidArgument` when `index` is outside the axis.
  public func selecting(_ role: AxisRole, _ index: Int) throws(IOLinkError) -> any ImageView {
    try selecting(axis: axis(role), index)
  }

  /// Selects one position along the axis of this index, as ``selecting(_:_:)`` does.
  ///
  /// - Throws: `invalidArgument` when the image has no axis of this index, or `index` is outside the axis.
  public func selecting(axis: Int, _ index: Int) throws(IOLinkError) -> any ImageView {
    try transformed(by: AxisTransform(fixing: axis, at: index, in: shape))
  }

  /// Adds an axis of length 1 at its place in canonical order. The view is lazy.
  ///
  /// - Throws: `invalidArgument` when the image already has an axis of this role; `limitExceeded` when the result would have more
  ///   than 32 axes.
  public func inserting(_ role: AxisRole) throws(IOLinkError) -> any ImageView {
    try transformed(by: AxisTransform(inserting: role, at: properties.place(ofNew: role), in: shape))
  }

  /// Gives the axes other roles. The view is lazy.
  ///
  /// Each axis of the file keeps its length and calibration; the axes of the result are in canonical order again.
  ///
  /// - Parameter roles: One role for each axis of the file, slowest first.
  /// - Throws: `invalidArgument` when there is not one role for each axis, or a role other than unknown is given twice.
  public func reinterpreted(axes roles: [AxisRole]) throws(IOLinkError) -> any ImageView {
    guard roles.count == rank else {
      throw IOLinkError(.invalidArgument, "there are \(roles.count) axis names, expected one for each of \(rank) axes")
    }
    let fileAxes = zip(properties.fileAxes, roles).map { axis, role in
      var axis = axis
      axis.role = role
      return axis
    }
    let canonical = roles.indices.sorted { (roles[$0].canonicalRank, $0) < (roles[$1].canonicalRank, $1) }
    let named = try properties.with(fileAxes: fileAxes)
    // The k-th entry is the present index of the axis that will be the k-th in canonical order.
    let permutation = AxisVector(canonical.map { properties.sourceOrder[$0] })
    let moved = permutation == .identity(rank: rank) ? self : try permuted(to: permutation)
    return try moved.with(properties: named).with(metadata: moved.metadata.following(AxisMovement(renaming: moved.properties.axes, to: named.axes)))
  }

  /// Gives the axes other roles, as ``reinterpreted(axes:)`` does, from a list that may also name the components. The view is lazy.
  ///
  /// - Where elements have several components and the list ends with ``AxisRole/component``, that entry stands for them. The same
  ///   holds for elements of one component when the list has one entry more than the image has axes.
  /// - Where elements have one component and ``AxisRole/component`` stands for an axis of the image, that axis becomes the components.
  /// - Where elements have several components and the list names one axis more than the image has, the components become an axis.
  ///
  /// - Parameter roles: One role for each axis of the file, slowest first.
  /// - Throws: `invalidArgument` when the roles do not fit the axes and components, a role other than unknown is given twice, or
  ///   the components of an image that has several are not listed last.
  public func reinterpreted(listing roles: [AxisRole]) throws(IOLinkError) -> any ImageView {
    let axes = roles.filter { $0 != .component }
    if axes.count == roles.count {
      let isShort = dataType.componentCount > 1 && roles.count > rank
      return try (isShort ? elementsAsChannels() : self).reinterpreted(axes: roles)
    }
    if dataType.componentCount > 1 || roles.count > rank {
      guard roles.last == .component else {
        throw IOLinkError(.invalidArgument, "the components are not listed last, expected them after the axes of the file")
      }
      return try reinterpreted(axes: axes)
    }
    return try reinterpreted(axes: roles).channelsAsElements(.component)
  }

  /// Gives the axes the roles of one of IOLink's image types, index for index. The view is lazy. Calibration stays.
  ///
  /// - Parameter type: The image type. An image with fewer axes gets the first of its roles; `unknown` fits any image.
  /// - Throws: `invalidArgument` when the image has more axes than the image type.
  public func reinterpreted(as type: ImageType) throws(IOLinkError) -> any ImageView {
    let named = try ImageProperties(type, shape: shape)
    let axes = zip(named.axes, properties.axes).map { Axis($0.role, length: $0.length, calibration: $1.calibration) }
    var described = try properties.with(axes: axes, sourceOrder: named.sourceOrder)
    described.axesAreInferred = false
    let renamed = AxisMovement(renaming: properties.axes, to: described.axes)
    return try with(properties: described).with(metadata: metadata.following(renamed))
  }

  /// Returns the image without WRITE and RESHAPE.
  public func readOnly() -> any ImageView {
    if let memory = self as? MemoryImageView { return memory.withoutWrite() }
    return capabilities.contains(.write) ? DescribedImageView(self, capabilities: .read) : self
  }

  /// The index of the axis of this role.
  ///
  /// - Throws: `notFound` when the image has no axis of this role.
  func axis(_ role: AxisRole) throws(IOLinkError) -> Int {
    guard let index = properties.index(of: role) else {
      let names = properties.axes.map(\.role.description).joined(separator: ", ")
      throw IOLinkError(.notFound, "the image has no axis \(role); its axes are \(names)")
    }
    return index
  }

  /// - Throws: `invalidArgument` when the image has no axis of this index.
  func validate(axis: Int) throws(IOLinkError) {
    guard axis >= 0, axis < rank else {
      throw IOLinkError(.invalidArgument, "axis index is \(axis), expected an index of one of the image's \(rank) axes")
    }
  }
}
