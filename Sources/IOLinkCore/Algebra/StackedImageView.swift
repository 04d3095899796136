/// Images of one shape and type, one behind the other along a new axis.
public struct StackedImageView: ImageView {
  private let images: [any ImageView]
  private let axis: Int
  public let shape: Shape
  public let properties: ImageProperties
  public var metadata: MetadataNode { images[0].metadata }
  public var dataType: DataType { images[0].dataType }
  public var storage: String? { images[0].storage }

  /// - Parameters:
  ///   - images: The images to stack; at least one, all of the same shape and type.
  ///   - role: The new axis; it stands at its canonical place.
  ///   - spacing: Of the new axis; with `origin` and `unit`.
  /// - Throws: `invalidArgument` when there are none, shapes or types differ, or the axis exists already.
  public init(
    _ images: [any ImageView], along role: AxisRole, spacing: Double? = nil, origin: Double? = nil, unit: String? = nil
  ) throws(IOLinkError) {
    guard let first = images.first else { throw IOLinkError(.invalidArgument, "no images to stack") }
    for image in images where image.shape != first.shape || image.dataType != first.dataType {
      throw IOLinkError(
        .invalidArgument,
        "images of shape \(first.shape) \(first.dataType) and \(image.shape) \(image.dataType) cannot be stacked")
    }
    let wide = try first.inserting(role)
    // The new axis stands behind all that are equal to it: there may be several unknown ones.
    guard let axis = wide.properties.axes.lastIndex(where: { $0.role == role }) else {
      throw IOLinkError(.invalidArgument, "axis \(role) cannot be stacked along")
    }
    var axes = wide.properties.axes
    axes[axis] = Axis(role, length: images.count, spacing: spacing, origin: origin, unit: unit)
    self.images = images
    self.axis = axis
    properties = try wide.properties.with(axes: axes, sourceOrder: wide.properties.sourceOrder)
    shape = properties.shape
  }

  public var capabilities: Capabilities {
    images.reduce([.read, .write]) { $0.intersection($1.capabilities) }
  }

  public var chunkShape: Shape? {
    guard var chunk = images[0].chunkShape else { return nil }
    chunk.insert(1, at: axis)
    return chunk
  }

  public func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    for index in region.range(along: axis) {
      let (part, inner) = slice(region, layout, at: index)
      try images[index].fetch(part, into: &destination, layout: inner, context: context)
    }
  }

  public func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    for index in region.range(along: axis) {
      let (part, inner) = slice(region, layout, at: index)
      try images[index].store(part, from: source, layout: inner, context: context)
    }
  }

  /// The part of a region that lies in one image, and its layout.
  private func slice(_ region: Region, _ layout: StridedLayout, at index: Int) -> (Region, StridedLayout) {
    var origin = region.origin
    var size = region.size
    var inner = layout
    origin.remove(at: axis)
    size.remove(at: axis)
    let stride = inner.strides.remove(at: axis)
    inner.byteOffset += (index - region.origin[axis]) * stride
    return (Region(uncheckedOrigin: origin, size: size), inner)
  }
}

extension Sequence where Element == any ImageView {
  /// These images as one, along a new axis.
  ///
  /// - Throws: as ``StackedImageView/init(_:along:spacing:origin:unit:)``.
  public func stacked(along role: AxisRole) throws(IOLinkError) -> any ImageView {
    try StackedImageView(Array(self), along: role)
  }
}
