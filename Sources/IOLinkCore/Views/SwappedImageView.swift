/// An image in memory whose components lie in the other byte order: READ, and WRITE where the memory is writable.
///
/// Without MEMORY_ACCESS, because the bytes are not the components: they are swapped on the way, never in place.
public struct SwappedImageView: ImageView {
  private let memory: StridedMemory
  public let properties: ImageProperties
  public let metadata: MetadataNode

  /// - Parameters:
  ///   - memory: Components with their bytes reversed; the block is kept alive.
  ///   - properties: `nil` means unknown axes in the order of the layout.
  /// - Throws: `invalidArgument` when the properties' shape differs.
  public init(
    _ memory: StridedMemory, properties: ImageProperties? = nil, metadata: MetadataNode = MetadataNode()
  ) throws(IOLinkError) {
    let properties = if let properties { properties } else { try ImageProperties(unknownAxes: memory.shape) }
    guard properties.shape == memory.shape else {
      throw IOLinkError(.invalidArgument, "properties of shape \(properties.shape) for memory of shape \(memory.shape)")
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
      throw IOLinkError(.invalidArgument, "a transform of rank \(transform.sourceRank) for an image of rank \(rank)")
    }
    let moved = StridedMemory(
      unchecked: memory.block, layout: transform.apply(to: memory.layout), shape: transform.shape, dataType: dataType)
    return try SwappedImageView(moved, properties: transform.apply(to: properties), metadata: metadata)
  }
}
