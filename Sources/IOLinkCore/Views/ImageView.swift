/// What an application opens: an image, a collection of images, a pyramid or a table.
public protocol View: Sendable {
  /// The metadata, as a tree of named values.
  var metadata: MetadataNode { get }
}

/// An image: named axes in canonical order, one element type, calibration, metadata, and pixels that are in memory or
/// fetched on demand.
///
/// An image is immutable, except that WRITE can change its elements, and it is safe to read from many threads at once. Opening
/// an image never reads pixels.
public protocol ImageView: View {
  /// The length of each axis, in canonical order, COLUMN first.
  var shape: Shape { get }
  /// The type of the elements.
  var dataType: DataType { get }
  /// The axes with their calibration, and what the values mean.
  var properties: ImageProperties { get }
  /// What can be done with the image. Check for a capability before using it.
  var capabilities: Capabilities { get }
  /// How the storage is cut into chunks; `nil` when any region can be read without decoding more than it.
  var chunking: Chunking? { get }
  /// The chunks of the storage, for an image whose chunks can be copied as they are stored; otherwise `nil`.
  var storedChunks: StoredChunks? { get }
  /// The memory that holds the elements, with its owner and the layout: MEMORY_ACCESS. `nil` when the elements are not in memory.
  var memory: StridedMemory? { get }

  /// Copies the elements of a region into memory with any strides. Views implement this; callers use
  /// ``read(_:into:layout:context:)``.
  ///
  /// - Parameters:
  ///   - region: A region that lies inside `shape` and is not empty. The caller has checked this.
  ///   - destination: Receives the elements, in native byte order. It holds every byte that `layout` covers for `region.size`;
  ///     bytes that do not belong to an element stay as they are.
  ///   - layout: The offsets in `destination`, in canonical order. No two elements share a byte.
  ///   - context: The threads that the call may use, and how it is stopped.
  /// - Throws: `malformed`, `truncated` or `unsupported` when the file cannot be decoded; `io` when the system fails;
  ///   `limitExceeded` when decoding takes more than the limits allow; `invalidArgument` when the file is closed; `cancelled`
  ///   when the caller asks to stop. Elements that were fetched before an error stay in `destination`.
  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError)

  /// Replaces the elements of a region with elements from memory with any strides. Views with WRITE implement this; callers use
  /// ``write(_:from:layout:context:)``.
  ///
  /// - Parameters:
  ///   - region: A region that lies inside `shape` and is not empty. The caller has checked this.
  ///   - source: The new elements, in native byte order. It holds every byte that `layout` covers for `region.size`.
  ///   - layout: The offsets in `source`, in canonical order.
  ///   - context: How the call is stopped.
  /// - Throws: `unsupported` without WRITE; `io` when the system fails; `invalidArgument` when the file is closed; `cancelled` when
  ///   the caller asks to stop.
  func store(_ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext) throws(IOLinkError)

  /// Returns the same pixels through an index transform. All lazy operations go through here, and fuse into one transform.
  ///
  /// - Throws: `invalidArgument` when the transform does not apply to images of this rank, or adds an axis whose role the image
  ///   has already; `limitExceeded` when the result has more than 32 axes.
  func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView

  /// Returns the same pixels with other properties.
  ///
  /// - Throws: `invalidArgument` when the shape of the properties differs from `shape`.
  func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView

  /// Returns the same pixels with other metadata.
  func with(metadata: MetadataNode) -> any ImageView

  /// A human-readable description of the storage, such as `tiles 256 × 256, deflate`; `nil` for images that are only in memory.
  var storage: String? { get }
}

extension ImageView {
  /// The number of axes.
  public var rank: Int { shape.count }
  public var chunking: Chunking? { nil }
  public var storedChunks: StoredChunks? { nil }
  public var memory: StridedMemory? { nil }
  public var storage: String? { nil }

  public func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    throw IOLinkError(.unsupported, "the image cannot be written: its capabilities are \(capabilities)")
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
  /// Reads a region into memory with any strides.
  ///
  /// - Parameters:
  ///   - region: A region that lies inside `shape`.
  ///   - destination: Receives the elements, in native byte order. It must hold every byte that `layout` covers for
  ///     `region.size`; bytes that do not belong to an element stay as they are.
  ///   - layout: The offsets in `destination`, in canonical order. No two elements may share a byte.
  ///   - context: The threads that the call may use, and how it is stopped.
  /// - Throws: `invalidArgument` when the region does not lie inside the image, the layout does not lie inside the destination,
  ///   two elements share a byte, or the file is closed; `unsupported` without READ; `malformed`, `truncated` or `unsupported`
  ///   when the file cannot be decoded; `limitExceeded` when decoding takes more than the limits allow, or an offset does not fit
  ///   in an `Int`; `io` when the system fails; `cancelled` when the caller asks to stop. Elements that were read before an error
  ///   stay in `destination`.
  public func read(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) {
    try checkReading(context)
    try validate(region, layout, byteCount: destination.byteCount)
    if region.isEmpty { return }
    guard !layout.overlaps(region.size, dataType) else {
      throw IOLinkError(.invalidArgument, "two elements share a byte of the destination")
    }
    try fetch(region, into: &destination, layout: layout, context: context)
  }

  /// Replaces the elements of a region with elements from memory with any strides.
  ///
  /// - Parameters:
  ///   - region: A region that lies inside `shape`.
  ///   - source: The new elements, in native byte order. It must hold every byte that `layout` covers for `region.size`.
  ///   - layout: The offsets in `source`, in canonical order. Strides of 0 repeat an element.
  ///   - context: How the call is stopped.
  /// - Throws: `unsupported` without WRITE; `invalidArgument` when the region does not lie inside the image, the layout does not
  ///   lie inside the source, or the file is closed; `limitExceeded` when an offset does not fit in an `Int`; `io` when the
  ///   system fails; `cancelled` when the caller asks to stop. Elements that were written before an error stay written.
  public func write(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) {
    guard capabilities.contains(.write) else {
      throw IOLinkError(.unsupported, "the image cannot be written: its capabilities are \(capabilities)")
    }
    try context.checkCancellation()
    try validate(region, layout, byteCount: source.byteCount)
    if region.isEmpty { return }
    try store(region, from: source, layout: layout, context: context)
  }

  /// Reads a region into a new array of bytes.
  ///
  /// - Returns: The elements, dense with COLUMN fastest and components interleaved, in native byte order: product of
  ///   region.size × dataType.byteCount bytes.
  /// - Throws: `limitExceeded` when that count does not fit in an `Int`; otherwise any error that ``read(_:into:layout:context:)`` throws,
  ///   in particular `invalidArgument` when the region does not lie inside the image.
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
  /// - Parameters:
  ///   - order: The order of the axes in memory, as all axis indices, slowest first; `nil` means canonical order with COLUMN
  ///     fastest.
  ///   - context: The threads and the allocator that the call may use, and how it is stopped.
  /// - Returns: A dense image with READ, WRITE, RESHAPE and MEMORY_ACCESS, aligned to 64 bytes.
  /// - Throws: `limitExceeded` when the byte count does not fit in an `Int`, or the allocator does not have that much memory;
  ///   otherwise any error that ``read(_:into:layout:context:)`` throws.
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

  /// Checks that the image can be read and that the caller has not asked to stop.
  func checkReading(_ context: OperationContext) throws(IOLinkError) {
    guard capabilities.contains(.read) else {
      throw IOLinkError(.unsupported, "the image cannot be read: its capabilities are \(capabilities)")
    }
    try context.checkCancellation()
  }

  private func validate(_ region: Region, _ layout: StridedLayout, byteCount: Int) throws(IOLinkError) {
    try region.validate(in: shape)
    let range = try layout.byteRange(of: region.size, dataType)
    guard region.isEmpty || range.lowerBound >= 0 && range.upperBound <= byteCount else {
      throw IOLinkError(.invalidArgument, "the layout covers bytes \(range), but the memory has \(byteCount)")
    }
  }
}
