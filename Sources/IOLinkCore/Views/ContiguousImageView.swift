/// An image whose components are uncompressed and at regular distances in a source.
///
/// Regions are read by position, in the longest runs worth reading at once. Large regions are read on several threads. The image
/// has MEMORY_ACCESS when its byte order is native and the source can be mapped; it is mapped when ``memory`` is first asked
/// for, and never when only regions are read. An image that was opened for update has WRITE. Threads and processes may then
/// write disjoint regions at the same time.
public struct ContiguousImageView: ImageView, StridedImageView {
  private let array: StoredArray
  public let properties: ImageProperties
  public let metadata: MetadataNode
  public let storage: String?

  /// Creates an image of the components in a source.
  ///
  /// - Parameters:
  ///   - source: The bytes that hold the components.
  ///   - layout: The offsets of the elements in `source`, of which no two share a byte.
  ///   - dataType: The type of the elements.
  ///   - byteOrder: The byte order of the components in `source`.
  ///   - properties: The axes of the image and what its values mean.
  ///   - metadata: The metadata of the image.
  ///   - runtime: Supplies the threads.
  ///   - access: With `.update`, the image has WRITE if the source has.
  ///   - storage: A human-readable description of the storage.
  ///   - background: One component in native byte order, which ``Salvage`` puts where the source has none; empty for 0.
  /// - Throws: `truncated` when the source ends before the last element; `invalidArgument` when an element lies before the
  ///   beginning of the source, two elements share a byte, or the rank of the layout is not that of the properties;
  ///   `limitExceeded` when an offset does not fit in an `Int`.
  public init(
    _ source: any RandomAccess, layout: StridedLayout, dataType: DataType, byteOrder: ByteOrder,
    properties: ImageProperties, metadata: MetadataNode = MetadataNode(), runtime: Runtime, access: FileAccess = .read,
    storage: String? = nil, background: [UInt8] = []
  ) throws(IOLinkError) {
    let range = try layout.byteRange(of: properties.shape, dataType)
    guard range.upperBound <= source.byteCount else {
      throw IOLinkError(
        .truncated, "the source has \(source.byteCount) bytes, expected \(range.upperBound)", offset: source.byteCount)
    }
    guard range.lowerBound >= 0, !layout.overlaps(properties.shape, dataType) else {
      throw IOLinkError(
        .invalidArgument,
        "strides \(layout.strides) from byte \(layout.byteOffset) leave the source, or let elements share a byte")
    }
    array = StoredArray(
      source: source, layout: layout, shape: properties.shape, dataType: dataType,
      swaps: byteOrder != .native && dataType.componentType.swapWidth > 1, isWritable: access == .update && source.capabilities.contains(.write),
      background: background, runtime: runtime)
    self.properties = properties
    self.metadata = metadata
    self.storage = storage
  }

  private init(array: StoredArray, properties: ImageProperties, metadata: MetadataNode, storage: String?) {
    self.array = array
    self.properties = properties
    self.metadata = metadata
    self.storage = storage
  }

  /// The source, if it has the components in native byte order.
  var nativeSource: (any RandomAccess)? { array.nativeSource }

  public var shape: Shape { array.shape }
  public var dataType: DataType { array.dataType }
  public var memory: StridedMemory? { array.mapped() }

  public var capabilities: Capabilities {
    var result: Capabilities = .read
    if array.isWritable { result.insert(.write) }
    if array.canMap { result.insert(.memoryAccess) }
    return result
  }

  public func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try SharedDestination.lend(&destination) { shared throws(IOLinkError) in
      try array.read(region, into: shared, layout: layout, context: context)
    }
  }

  public func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try array.store(region, from: source, layout: layout, context: context)
  }

  /// Returns the same image through an index transform. Reading it still means positional reads of the same source.
  ///
  /// - Throws: `invalidArgument` when the transform does not apply to images of this rank, or adds an axis whose role the image
  ///   has already; `limitExceeded` when the result has more than 32 axes.
  public func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    guard transform.sourceRank == rank else {
      throw IOLinkError(
        .invalidArgument, "the transform applies to images of rank \(transform.sourceRank), but this image has rank \(rank)")
    }
    let moved = array.viewed(as: dataType, layout: transform.apply(to: layout), shape: transform.shape)
    let after = try transform.apply(to: properties)
    return ContiguousImageView(
      array: moved, properties: after, metadata: transform.apply(to: metadata, from: properties, to: after), storage: storage)
  }

  var layout: StridedLayout { array.layout }

  func viewed(as dataType: DataType, layout: StridedLayout, properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    let range = try layout.byteRange(of: properties.shape, dataType)
    guard range.lowerBound >= 0, range.upperBound <= array.byteCount else {
      throw IOLinkError(.invalidArgument, "the layout covers bytes \(range), but the source has \(array.byteCount)")
    }
    let moved = array.viewed(as: dataType, layout: layout, shape: properties.shape)
    return ContiguousImageView(array: moved, properties: properties, metadata: metadata, storage: storage)
  }

  public func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    guard properties.shape == shape else {
      throw IOLinkError(.invalidArgument, "the properties have shape \(properties.shape), expected that of the image, \(shape)")
    }
    return ContiguousImageView(array: array, properties: properties, metadata: metadata, storage: storage)
  }

  public func with(metadata: MetadataNode) -> any ImageView {
    ContiguousImageView(array: array, properties: properties, metadata: metadata, storage: storage)
  }
}
