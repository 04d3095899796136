/// Something that an application can look at: an image, a collection of images, a pyramid.
public protocol View: Sendable {
  var metadata: MetadataNode { get }
}

/// An image: named axes in canonical order, one element type, calibration, metadata, and pixels that are in memory or
/// fetched on demand.
///
/// Immutable, and safe to read from many threads at once. Opening one never reads pixels.
public protocol ImageView: View {
  /// Canonical order, COLUMN first.
  var shape: Shape { get }
  var dataType: DataType { get }
  var properties: ImageProperties { get }
  var capabilities: Capabilities { get }
  /// The natural read size, canonical order, when there is one.
  var chunkShape: Shape? { get }
  /// MEMORY_ACCESS: the owner and the layout. `nil` when the pixels are not in memory as they are.
  var memory: StridedMemory? { get }

  /// Gives the elements of a region in any strides. Views implement it; callers use ``read(_:into:layout:context:)``.
  ///
  /// - Parameters:
  ///   - region: Inside `shape`, and not empty: the caller has checked it.
  ///   - destination: Holds every byte that `layout` names for `region.size`; other bytes stay as they are.
  ///   - layout: Canonical order; no two elements share a byte.
  /// - Throws: `malformed`, `truncated`, `unsupported`, `io` as the file demands; `cancelled`. What was fetched before an error
  ///   stays.
  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError)

  /// Takes the elements of a region from any strides. Views with WRITE implement it; callers use
  /// ``write(_:from:layout:context:)``.
  ///
  /// - Parameters: as of `fetch`.
  /// - Throws: `io` when the system fails; `cancelled`.
  func store(_ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext) throws(IOLinkError)

  /// The same pixels through an index transform: the one place where lazy operations fuse.
  ///
  /// - Throws: `invalidArgument` when the transform does not fit the shape.
  func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView

  /// The same pixels, described otherwise.
  ///
  /// - Throws: `invalidArgument` when the lengths of the axes differ from `shape`.
  func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView

  /// The same pixels with other metadata.
  func with(metadata: MetadataNode) -> any ImageView

  /// A human-readable description of the storage, such as `tiles 256 × 256, deflate`; `nil` for images that are only in memory.
  var storage: String? { get }
}

extension ImageView {
  public var rank: Int { shape.count }
  public var chunkShape: Shape? { nil }
  public var memory: StridedMemory? { nil }
  public var storage: String? { nil }

  public func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    throw IOLinkError(.unsupported, "the image cannot be written: it has \(capabilities)")
  }

  public func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    try TransformedImageView(self, transform)
  }

  public func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    guard properties.shape == shape else {
      throw IOLinkError(.invalidArgument, "properties of shape \(properties.shape) for an image of shape \(shape)")
    }
    return DescribedImageView(self, properties: properties)
  }

  public func with(metadata: MetadataNode) -> any ImageView {
    DescribedImageView(self, metadata: metadata)
  }
}

extension ImageView {
  /// Reads a region into any strides.
  ///
  /// - Parameters:
  ///   - region: Inside `shape`.
  ///   - destination: Holds every byte that `layout` names for `region.size`; other bytes stay as they are.
  ///   - layout: Canonical order; no two elements may share a byte.
  /// - Throws: `invalidArgument` when the region passes the image, the layout passes the destination, or two elements share a
  ///   byte; `unsupported` without READ; `malformed`, `truncated`, `io` as the file demands; `cancelled`. What was read before
  ///   an error stays.
  public func read(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) {
    guard capabilities.contains(.read) else {
      throw IOLinkError(.unsupported, "the image cannot be read: it has \(capabilities)")
    }
    try context.checkCancellation()
    try validate(region, layout, byteCount: destination.byteCount)
    if region.isEmpty { return }
    guard !layout.overlaps(region.size, dataType) else {
      throw IOLinkError(.invalidArgument, "two elements of the destination share a byte")
    }
    try fetch(region, into: &destination, layout: layout, context: context)
  }

  /// Writes a region from any strides.
  ///
  /// - Throws: `unsupported` without WRITE; `invalidArgument` when the region passes the image or the layout the source; `io`
  ///   when the system fails; `cancelled`.
  public func write(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) {
    guard capabilities.contains(.write) else {
      throw IOLinkError(.unsupported, "the image cannot be written: it has \(capabilities)")
    }
    try context.checkCancellation()
    try validate(region, layout, byteCount: source.byteCount)
    if region.isEmpty { return }
    try store(region, from: source, layout: layout, context: context)
  }

  /// Reads a region, dense with COLUMN fastest and components interleaved.
  ///
  /// - Returns: region.size product × dataType.byteCount bytes, native byte order.
  /// - Throws: as ``read(_:into:layout:context:)``.
  public func bytes(of region: Region, context: OperationContext = .default) throws(IOLinkError) -> [UInt8] {
    try region.validate(in: shape)
    let layout = try StridedLayout(dense: region.size, dataType)
    var bytes = [UInt8](repeating: 0, count: try region.size.byteCount(of: dataType))
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try read(region, into: &span, layout: layout, context: context)
    return bytes
  }

  /// Reads all of the image into fresh memory.
  ///
  /// - Parameter order: Axis indices, slowest first; `nil` is canonical order with COLUMN fastest.
  /// - Returns: A view with READ, WRITE, RESHAPE and MEMORY_ACCESS, 64-byte aligned.
  public func copyInMemory(order: AxisVector? = nil, context: OperationContext = .default) throws(IOLinkError) -> MemoryImageView {
    let copy = try MemoryImageView.allocate(
      shape, dataType, properties: properties, metadata: metadata, order: order, zeroFill: .uninitialized,
      allocator: context.allocator)
    guard let memory = copy.memory else { throw IOLinkError(.unsupported, "a fresh image has no memory") }
    try memory.block.withMutableBytes { span throws(IOLinkError) in
      try read(Region(of: shape), into: &span, layout: memory.layout, context: context)
    }
    return copy
  }

  private func validate(_ region: Region, _ layout: StridedLayout, byteCount: Int) throws(IOLinkError) {
    try region.validate(in: shape)
    let range = try layout.byteRange(of: region.size, dataType)
    guard region.isEmpty || range.lowerBound >= 0 && range.upperBound <= byteCount else {
      throw IOLinkError(.invalidArgument, "the layout touches bytes \(range) of \(byteCount)")
    }
  }
}
