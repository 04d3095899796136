/// Lazy operations: each gives a view, none reads a pixel. Over memory, what strides can express stays MEMORY_ACCESS;
/// over files a chain fuses into one index transform and one read.
extension ImageView {
  /// The part of the image inside `region`; origins of calibrated axes move along.
  ///
  /// - Throws: `invalidArgument` when the region passes the image.
  public func cropped(to region: Region) throws(IOLinkError) -> any ImageView {
    try region.validate(in: shape)
    let step = AxisVector(repeating: 1, count: rank)
    return try transformed(by: AxisTransform(selecting: region.origin, count: region.size, step: step, in: shape))
  }

  /// Another order of axes: what ran along `axes[i]` now runs along axis i. Lengths and calibration move with the
  /// samples; roles stay in canonical order (`permuted(to: [1, 0])` is the transposed picture).
  ///
  /// - Throws: `invalidArgument` when `axes` is not a permutation of the axis indices.
  public func permuted(to axes: AxisVector) throws(IOLinkError) -> any ImageView {
    try transformed(by: AxisTransform(permuting: axes, of: shape))
  }

  /// Mirrored along one axis; spacing becomes negative and the origin moves to the other end.
  ///
  /// - Throws: `notFound` when the image has no such axis.
  public func flipped(_ role: AxisRole) throws(IOLinkError) -> any ImageView {
    try flipped(axis: axis(role))
  }

  /// Mirrored along the axis of this index.
  public func flipped(axis: Int) throws(IOLinkError) -> any ImageView {
    try validate(axis: axis)
    var start = AxisVector(repeating: 0, count: rank)
    var step = AxisVector(repeating: 1, count: rank)
    start[axis] = max(0, shape[axis] - 1)
    step[axis] = -1
    return try transformed(by: AxisTransform(selecting: start, count: shape, step: step, in: shape))
  }

  /// Every `step`-th sample along each axis, starting with the first; length becomes ⌈length / step⌉.
  ///
  /// - Throws: `invalidArgument` when a step is not positive.
  public func subsampled(by step: AxisVector) throws(IOLinkError) -> any ImageView {
    guard step.count == rank, step.allSatisfy({ $0 > 0 }) else {
      throw IOLinkError(.invalidArgument, "steps \(step) for an image of rank \(rank)")
    }
    var count = shape
    for axis in 0..<rank { count[axis] = Checked.ceilingDivide(shape[axis], step[axis]) }
    let start = AxisVector(repeating: 0, count: rank)
    return try transformed(by: AxisTransform(selecting: start, count: count, step: step, in: shape))
  }

  /// One sample along an axis, which disappears: `selecting(.channel, 2)`.
  ///
  /// - Throws: `notFound` when the image has no such axis; `invalidArgument` when the index passes it.
  public func selecting(_ role: AxisRole, _ index: Int) throws(IOLinkError) -> any ImageView {
    try selecting(axis: axis(role), index)
  }

  /// One sample along the axis of this index, which disappears.
  public func selecting(axis: Int, _ index: Int) throws(IOLinkError) -> any ImageView {
    try transformed(by: AxisTransform(fixing: axis, at: index, in: shape))
  }

  /// The same image with one more axis of length 1, at its canonical place.
  ///
  /// - Throws: `invalidArgument` when the image has that axis already.
  public func inserting(_ role: AxisRole) throws(IOLinkError) -> any ImageView {
    try transformed(by: AxisTransform(inserting: role, at: properties.place(ofNew: role), in: shape))
  }

  /// The same pixels under other names of axes, canonical order of indices kept.
  ///
  /// - Parameter axes: Slowest first, as in the file. Lengths of calibration and shape follow the file's axes.
  /// - Throws: `invalidArgument` when the count differs from the rank or a role stands twice.
  public func reinterpreted(axes roles: [AxisRole]) throws(IOLinkError) -> any ImageView {
    guard roles.count == rank else {
      throw IOLinkError(.invalidArgument, "\(roles.count) axis names for an image of \(rank) axes")
    }
    let fileAxes = zip(properties.fileAxes, roles).map { axis, role in
      var axis = axis
      axis.role = role
      return axis
    }
    let canonical = roles.indices.sorted { (roles[$0].canonicalRank, $0) < (roles[$1].canonicalRank, $1) }
    let named = try properties.with(fileAxes: fileAxes)
    // Where the k-th canonical axis lies among the present indices.
    let permutation = AxisVector(canonical.map { properties.sourceOrder[$0] })
    let moved = permutation == .identity(rank: rank) ? self : try permuted(to: permutation)
    return try moved.with(properties: named)
  }

  /// As ``reinterpreted(axes:)``, of a list that may hold ``AxisRole/component``: the components there are (last), or an axis
  /// that becomes them. Where the list names one axis more than there are, components become that axis.
  public func reinterpreted(listing roles: [AxisRole]) throws(IOLinkError) -> any ImageView {
    let axes = roles.filter { $0 != .component }
    if axes.count == roles.count {
      let isShort = dataType.componentCount > 1 && roles.count > rank
      return try (isShort ? elementsAsChannels() : self).reinterpreted(axes: roles)
    }
    if dataType.componentCount > 1 || roles.count > rank {
      guard roles.last == .component else {
        throw IOLinkError(.invalidArgument, "components stand behind the axes of the file; list them last")
      }
      return try reinterpreted(axes: axes)
    }
    return try reinterpreted(axes: roles).channelsAsElements(.component)
  }

  /// The same pixels as one of IOLink's named combinations, index for index; calibration stays.
  ///
  /// - Throws: `invalidArgument` when the image has more axes than the combination.
  public func reinterpreted(as type: ImageType) throws(IOLinkError) -> any ImageView {
    let named = try ImageProperties(type, shape: shape)
    let axes = zip(named.axes, properties.axes).map { Axis($0.role, length: $0.length, calibration: $1.calibration) }
    var described = try properties.with(axes: axes, sourceOrder: named.sourceOrder)
    described.axesAreInferred = false
    return try with(properties: described)
  }

  /// The same image without WRITE and RESHAPE.
  public func readOnly() -> any ImageView {
    if let memory = self as? MemoryImageView { return memory.withoutWrite() }
    return capabilities.contains(.write) ? DescribedImageView(self, capabilities: .read) : self
  }

  /// - Throws: `notFound` when there is no such axis.
  func axis(_ role: AxisRole) throws(IOLinkError) -> Int {
    guard let index = properties.index(of: role) else {
      let names = properties.axes.map(\.role.description).joined(separator: ", ")
      throw IOLinkError(.notFound, "no axis \(role); the image has \(names)")
    }
    return index
  }

  func validate(axis: Int) throws(IOLinkError) {
    guard axis >= 0, axis < rank else {
      throw IOLinkError(.invalidArgument, "axis \(axis) of an image of rank \(rank)")
    }
  }
}
