extension ImageView {
  /// Turns an axis into components: an image of `uint8` with 3 channels becomes an image of `uint8 × 3`.
  ///
  /// Lazy. Over memory the result has MEMORY_ACCESS: it is the same bytes under another layout.
  ///
  /// - Parameter role: The axis to turn into components; it disappears from the image.
  /// - Throws: `notFound` when the image has no axis of this role; `invalidArgument` when elements already have several
  ///   components, or when the axis is shorter than 1 or longer than 65,535.
  public func channelsAsElements(_ role: AxisRole = .channel) throws(IOLinkError) -> any ImageView {
    let channel = try axis(role)
    guard dataType.componentCount == 1 else {
      throw IOLinkError(.invalidArgument, "elements of type \(dataType) already have several components, expected one")
    }
    let vector = try DataType(dataType.componentType, componentCount: shape[channel])
    return try RegroupedImageView(self, dataType: vector, channel: channel, .toComponents).overStrides()
  }

  /// Turns the components into an axis: an image of `uint8 × 3` becomes an image of `uint8` with 3 channels.
  ///
  /// The new axis is at its place in canonical order. Elements of one component give an axis of length 1. The view is lazy; over
  /// memory the result has MEMORY_ACCESS.
  ///
  /// - Parameter role: The role of the new axis.
  /// - Throws: `invalidArgument` when the image already has an axis of this role; `limitExceeded` when the result would have
  ///   more than 32 axes.
  public func elementsAsChannels(_ role: AxisRole = .channel) throws(IOLinkError) -> any ImageView {
    guard properties.index(of: role) == nil else {
      throw IOLinkError(.invalidArgument, "the image already has a \(role) axis")
    }
    let place = properties.place(ofNew: role)
    return try RegroupedImageView(self, dataType: dataType.component, channel: place, .toAxis, role: role).overStrides()
  }

  /// Turns the components into a last axis without a role, whatever axes the image has. A chunk grid counts components this way.
  func componentsAsLastAxis() throws(IOLinkError) -> any ImageView {
    try RegroupedImageView(self, dataType: dataType.component, channel: rank, .toAxis, role: .unknown).overStrides()
  }

  /// Returns one component of every element: `component(0)` of an RGB image is its red. The view is lazy.
  ///
  /// - Parameter index: The component, counted from 0.
  /// - Throws: `invalidArgument` when elements have no component of this index, or when the image has a CHANNEL axis.
  public func component(_ index: Int) throws(IOLinkError) -> any ImageView {
    try elementsAsChannels().selecting(.channel, index)
  }
}

/// A view with the components of its base as an axis, or an axis of its base as components. Only layouts change.
private struct RegroupedImageView: ImageView {
  enum Direction { case toComponents, toAxis }

  private let base: any ImageView
  let dataType: DataType
  private let channel: Int
  private let direction: Direction
  let properties: ImageProperties
  let shape: Shape
  let metadata: MetadataNode
  var storage: String? { base.storage }
  var capabilities: Capabilities { base.capabilities.subtracting([.memoryAccess, .reshape]) }

  init(
    _ base: any ImageView, dataType: DataType, channel: Int, _ direction: Direction, role: AxisRole = .channel
  ) throws(IOLinkError) {
    self.base = base
    self.dataType = dataType
    self.channel = channel
    self.direction = direction
    var axes = base.properties.axes
    var order = Array(base.properties.sourceOrder)
    let movement: AxisMovement
    switch direction {
    case .toComponents:
      movement = AxisMovement(of: axes[channel].role, length: axes[channel].length, to: .axis(.component))
      axes.remove(at: channel)
      order = order.filter { $0 != channel }.map { $0 > channel ? $0 - 1 : $0 }
    case .toAxis:
      movement = AxisMovement(of: .component, length: base.dataType.componentCount, to: role == .unknown ? .nowhere : .axis(role))
      axes.insert(Axis(role, length: base.dataType.componentCount), at: channel)
      order = order.map { $0 >= channel ? $0 + 1 : $0 } + [channel]
    }
    properties = try base.properties.with(axes: axes, sourceOrder: AxisVector(order))
    metadata = base.metadata.following(movement)
    shape = properties.shape
  }

  var chunking: Chunking? {
    guard var chunking = base.chunking else { return nil }
    if direction == .toComponents {
      chunking.shape.remove(at: channel)
      chunking.origin.remove(at: channel)
    } else {
      chunking.shape.insert(base.dataType.componentCount, at: channel)
      chunking.origin.insert(0, at: channel)
    }
    return chunking
  }

  /// Replaces this view by the same bytes under other strides, where the base lies in memory or contiguously in a file.
  func overStrides() throws(IOLinkError) -> any ImageView {
    guard let view = base as? any StridedImageView else { return self }
    var layout = view.layout
    switch direction {
    case .toComponents: layout.componentStride = layout.strides.remove(at: channel)
    case .toAxis:
      layout.strides.insert(layout.componentStride, at: channel)
      layout.componentStride = dataType.componentType.byteCount
    }
    return try view.viewed(as: dataType, layout: layout, properties: properties).with(metadata: metadata)
  }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    if let (inner, target) = mapped(region, layout) {
      try base.fetch(inner, into: &destination, layout: target, context: context)
      return
    }
    // Only some components are wanted: the base delivers whole elements, so they go through scratch band by band.
    let (all, first) = wholeElements(region)
    let scratch = ScratchBuffer()
    for band in Bands(all.size, maximumByteCount: Self.bandByteCount, elementByteCount: base.dataType.byteCount) {
      let part = band.region(in: all)
      let dense = try StridedLayout(dense: part.size, base.dataType)
      var from = dense
      from.strides.insert(from.componentStride, at: channel)
      from.byteOffset += first * from.componentStride
      var origin = band.origin
      var size = part.size
      origin.insert(0, at: channel)
      size.insert(region.size[channel], at: channel)
      var target = layout
      target.byteOffset = layout.offset(of: origin)
      try scratch.withBytes(part.size.byteCount(of: base.dataType)) { bytes throws(IOLinkError) in
        try base.fetch(part, into: &bytes, layout: dense, context: context)
        try PixelCopy.copy(size, dataType, from: bytes.bytes, from, to: &destination, target, context: context)
      }
    }
  }

  private static let bandByteCount = 16 << 20

  func store(_ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext) throws(IOLinkError) {
    if let (inner, origin) = mapped(region, layout) {
      try base.store(inner, from: source, layout: origin, context: context)
      return
    }
    let (all, first) = wholeElements(region)
    var bytes = try base.bytes(of: all, context: context)
    let dense = try StridedLayout(dense: all.size, base.dataType)
    var to = dense
    to.strides.insert(to.componentStride, at: channel)
    to.byteOffset += first * to.componentStride
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try PixelCopy.copy(region.size, dataType, from: source, layout, to: &span, to, context: context)
    try base.store(all, from: span.bytes, layout: dense, context: context)
  }

  /// The region and layout of the base that correspond to these; `nil` when only some of its components are wanted.
  private func mapped(_ region: Region, _ layout: StridedLayout) -> (Region, StridedLayout)? {
    var origin = region.origin
    var size = region.size
    var inner = layout
    switch direction {
    case .toComponents:
      origin.insert(0, at: channel)
      size.insert(dataType.componentCount, at: channel)
      inner.strides.insert(layout.componentStride, at: channel)
      inner.componentStride = dataType.componentType.byteCount
    case .toAxis:
      guard size[channel] == base.dataType.componentCount else { return nil }
      origin.remove(at: channel)
      size.remove(at: channel)
      inner.componentStride = inner.strides.remove(at: channel)
    }
    return (Region(uncheckedOrigin: origin, size: size), inner)
  }

  /// The elements of the base that hold a region of single components, and the first of these components.
  private func wholeElements(_ region: Region) -> (Region, Int) {
    var origin = region.origin
    var size = region.size
    let first = origin.remove(at: channel)
    size.remove(at: channel)
    return (Region(uncheckedOrigin: origin, size: size), first)
  }
}
