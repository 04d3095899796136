/// A stack of images of the same shape and type along a new axis.
///
/// The stack holds the images and copies nothing. Its metadata, and everything else that is not about the new axis, is that of
/// the first image, except that a stack along CHANNEL has what each image says about its channel. It has READ and WRITE where
/// all images have them.
public struct StackedImageView: ImageView {
  private let images: [any ImageView]
  private let axis: Int
  public let shape: Shape
  public let properties: ImageProperties
  public let metadata: MetadataNode
  public var dataType: DataType { images[0].dataType }
  public var storage: String? { images[0].storage }

  /// Stacks images along a new axis.
  ///
  /// - Parameters:
  ///   - images: The images to stack: at least one, and all of the same shape and type.
  ///   - role: The role of the new axis, which is inserted at its place in canonical order.
  ///   - spacing: The distance between neighbouring images, in `unit`.
  ///   - origin: The position of the first image, in `unit`.
  ///   - unit: The unit of the new axis.
  /// - Throws: `invalidArgument` when `images` is empty, shapes or types differ, or the images already have an axis of this role;
  ///   `limitExceeded` when the stack would have more than 32 axes.
  public init(
    _ images: [any ImageView], along role: AxisRole, spacing: Double? = nil, origin: Double? = nil, unit: String? = nil
  ) throws(IOLinkError) {
    guard let first = images.first else { throw IOLinkError(.invalidArgument, "there are 0 images to stack, expected at least one") }
    for image in images where image.shape != first.shape || image.dataType != first.dataType {
      throw IOLinkError(
        .invalidArgument,
        "an image to stack has shape \(image.shape) and type \(image.dataType), expected \(first.shape) and \(first.dataType)")
    }
    let wide = try first.inserting(role)
    // There may be several unknown axes; the new one is the last of them.
    guard let axis = wide.properties.axes.lastIndex(where: { $0.role == role }) else {
      throw IOLinkError(.invalidArgument, "images cannot be stacked along axis \(role)")
    }
    var axes = wide.properties.axes
    axes[axis] = Axis(role, length: images.count, spacing: spacing, origin: origin, unit: unit)
    self.images = images
    self.axis = axis
    properties = try wide.properties.with(axes: axes, sourceOrder: wide.properties.sourceOrder)
    shape = properties.shape
    metadata = MetadataNode.stacked(images.lazy.map(\.metadata), along: role)
  }

  public var capabilities: Capabilities {
    images.reduce([.read, .write]) { $0.intersection($1.capabilities) }
  }

  public var chunking: Chunking? {
    guard var chunking = images[0].chunking else { return nil }
    chunking.shape.insert(1, at: axis)
    chunking.origin.insert(0, at: axis)
    return chunking
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

  /// The part of a region that lies in one of the images, and the layout of that part.
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
  /// Stacks these images along a new axis, without calibration.
  ///
  /// - Throws: The same errors as ``StackedImageView/init(_:along:spacing:origin:unit:)``.
  public func stacked(along role: AxisRole) throws(IOLinkError) -> any ImageView {
    try StackedImageView(Array(self), along: role)
  }
}
