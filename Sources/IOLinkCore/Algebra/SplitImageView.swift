extension ImageView {
  /// Splits one axis into several: 30 pages become 3 × 5 × 2. The view is lazy; over memory the result has MEMORY_ACCESS.
  ///
  /// - Parameters:
  ///   - axis: The index of the axis to split.
  ///   - parts: The new axes, slowest first. The product of their lengths must be the length of the axis.
  /// - Throws: `invalidArgument` when the image has no axis of this index, `parts` is empty, the product of the lengths differs
  ///   from the length of the axis, a length is negative, or a role other than unknown would stand twice; `limitExceeded` when the
  ///   product of the lengths does not fit in an `Int`, or the result would have more than 32 axes.
  public func split(axis: Int, into parts: [Axis]) throws(IOLinkError) -> any ImageView {
    try validate(axis: axis)
    return try SplitImageView(self, axis: axis, parts: parts).overStrides()
  }
}

/// A view of another view with one axis split into several.
private struct SplitImageView: ImageView {
  private let base: any ImageView
  private let axis: Int
  /// The parts, slowest first: the axis of this view that each one is, and how far one step along it goes along `axis`.
  private let places: [(axis: Int, step: Int)]
  /// The other axes of the base, and the axis of this view that each one is.
  private let others: [(base: Int, axis: Int)]
  let properties: ImageProperties
  let shape: Shape

  init(_ base: any ImageView, axis: Int, parts: [Axis]) throws(IOLinkError) {
    guard !parts.isEmpty, try AxisVector(parts.map(\.length)).elementCount() == base.shape[axis] else {
      throw IOLinkError(
        .invalidArgument, "the lengths of the parts are \(parts.map(\.length)), expected a product of \(base.shape[axis])")
    }
    /// What an axis of the file is here: an axis of the base, or one of the parts.
    enum Origin { case base(Int), part(Int) }
    var fileAxes: [(axis: Axis, origin: Origin)] = []
    for index in base.properties.sourceOrder {
      if index == axis {
        for (index, part) in parts.enumerated() { fileAxes.append((part, .part(index))) }
      } else {
        fileAxes.append((base.properties.axes[index], .base(index)))
      }
    }
    let named = try base.properties.with(fileAxes: fileAxes.map(\.axis))
    var places: [(axis: Int, step: Int)] = []
    var others: [(base: Int, axis: Int)] = []
    for (position, entry) in fileAxes.enumerated() {
      let place = named.sourceOrder[position]
      switch entry.origin {
      case .base(let index): others.append((index, place))
      case .part(let index): places.append((place, parts[(index + 1)...].reduce(1) { $0 * $1.length }))
      }
    }
    self.base = base
    self.axis = axis
    self.places = places
    self.others = others
    properties = named
    shape = named.shape
  }

  /// Replaces this view by the same bytes under other strides, where the base lies in memory or contiguously in a file.
  func overStrides() throws(IOLinkError) -> any ImageView {
    guard let view = base as? any StridedImageView else { return self }
    let layout = view.layout
    var strides = AxisVector(repeating: 0, count: shape.count)
    for other in others { strides[other.axis] = layout.strides[other.base] }
    for place in places { strides[place.axis] = layout.strides[axis] &* place.step }
    let described = try view.viewed(
      as: dataType,
      layout: StridedLayout(byteOffset: layout.byteOffset, strides: strides, componentStride: layout.componentStride),
      properties: properties)
    return described.with(metadata: metadata)
  }

  var dataType: DataType { base.dataType }
  var metadata: MetadataNode {
    let split = base.properties.axes[axis]
    return base.metadata.following(AxisMovement(of: split.role, length: split.length, to: .nowhere))
  }
  var storage: String? { base.storage }
  var capabilities: Capabilities { base.capabilities.intersection([.read, .write]) }

  var chunking: Chunking? {
    guard let chunking = base.chunking else { return nil }
    var result = Chunking(shape: shape, origin: AxisVector(repeating: 0, count: rank), isSequential: chunking.isSequential)
    for other in others {
      result.shape[other.axis] = chunking.shape[other.base]
      result.origin[other.axis] = chunking.origin[other.base]
    }
    // The fast parts are whole in a chunk, one part is a band, and the slow parts have one element. Any other chunk is not
    // split.
    var left = chunking.shape[axis]
    var lengths: [Int] = []
    for place in places.reversed() {
      let length = shape[place.axis]
      guard length > 0, left % length == 0 || length % left == 0, chunking.origin[axis] == 0 else { break }
      lengths.append(min(left, length))
      left = max(1, left / length)
    }
    if lengths.count == places.count { for (place, length) in zip(places.reversed(), lengths) { result.shape[place.axis] = length } }
    for axis in 0..<rank { result.shape[axis] = max(1, result.shape[axis]) }
    return result
  }

  /// Calls `body` with the region of the base, and the layout, of each run along the fastest part.
  private func forEachRun(
    _ region: Region, _ layout: StridedLayout, _ body: (Region, StridedLayout) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    if region.isEmpty { return }
    guard let fastest = places.last else {
      throw IOLinkError(.invalidArgument, "the axis is split into no parts, expected at least one")
    }
    var outer = AxisVector(repeating: 1, count: rank)
    for place in places.dropLast() { outer[place.axis] = region.size[place.axis] }
    var position = AxisVector(repeating: 0, count: rank)
    repeat {
      var origin = AxisVector(repeating: 0, count: base.rank)
      var size = origin
      var strides = origin
      var offset = layout.byteOffset
      for other in others {
        origin[other.base] = region.origin[other.axis]
        size[other.base] = region.size[other.axis]
        strides[other.base] = layout.strides[other.axis]
      }
      for place in places {
        origin[axis] += (region.origin[place.axis] + position[place.axis]) * place.step
        offset += position[place.axis] * layout.strides[place.axis]
      }
      size[axis] = region.size[fastest.axis]
      strides[axis] = layout.strides[fastest.axis]
      let inner = StridedLayout(byteOffset: offset, strides: strides, componentStride: layout.componentStride)
      try body(Region(uncheckedOrigin: origin, size: size), inner)
    } while position.advance(in: outer)
  }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try forEachRun(region, layout) { part, inner throws(IOLinkError) in
      try base.fetch(part, into: &destination, layout: inner, context: context)
    }
  }

  func store(_ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext) throws(IOLinkError) {
    try forEachRun(region, layout) { part, inner throws(IOLinkError) in
      try base.store(part, from: source, layout: inner, context: context)
    }
  }
}
