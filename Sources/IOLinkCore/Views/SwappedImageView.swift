/// An image in memory whose components are not in native byte order: READ, and WRITE where the memory is writable.
///
/// The bytes are swapped while they are copied, never in place. The image does not have MEMORY_ACCESS, because the bytes in
/// memory are not its components.
public struct SwappedImageView: ImageView {
  private let memory: StridedMemory
  public let properties: ImageProperties
  public let metadata: MetadataNode

  /// Creates an image of memory in the other byte order.
  ///
  /// - Parameters:
  ///   - memory: The components, with their bytes reversed. The image keeps the block alive.
  ///   - properties: The axes of the image and what its values mean; `nil` stands for unknown axes in the order of the layout.
  ///   - metadata: The metadata of the image.
  /// - Throws: `invalidArgument` when the shape of the properties differs from that of the memory; `limitExceeded` when
  ///   `properties` is `nil` and the memory has more than 32 axes.
  public init(
    _ memory: StridedMemory, properties: ImageProperties? = nil, metadata: MetadataNode = MetadataNode()
  ) throws(IOLinkError) {
    let properties = if let properties { properties } else { try ImageProperties(unknownAxes: memory.shape) }
    guard properties.shape == memory.shape else {
      throw IOLinkError(.invalidArgument, "the properties have shape \(properties.shape), expected that of the memory, \(memory.shape)")
    }
    self.memory = memory
    self.properties = properties
    self.metadata = metadata
  }

  public var shape: Shape { memory.shape }
  public var dataType: DataType { memory.dataType }
  public var capabilities: Capabilities { memory.isWritable ? [.read, .write] : .read }

  public func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try context.checkCancellation()
    var source = memory.layout
    source.byteOffset = source.offset(of: region.origin)
    try memory.block.withBytes { bytes throws(IOLinkError) in
      try PixelCopy.copy(region.size, dataType, from: bytes, source, to: &destination, layout, swappingBytes: .swap)
    }
  }

  public func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try context.checkCancellation()
    var target = memory.layout
    target.byteOffset = target.offset(of: region.origin)
    try memory.block.withMutableBytes { bytes throws(IOLinkError) in
      try PixelCopy.copy(region.size, dataType, from: source, layout, to: &bytes, target, swappingBytes: .swap)
    }
  }

  public func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    guard transform.sourceRank == rank else {
      throw IOLinkError(
        .invalidArgument, "the transform applies to images of rank \(transform.sourceRank), but this image has rank \(rank)")
    }
    let moved = StridedMemory(
      unchecked: memory.block, layout: transform.apply(to: memory.layout), shape: transform.shape, dataType: dataType)
    return try SwappedImageView(moved, properties: transform.apply(to: properties), metadata: metadata)
  }
}
