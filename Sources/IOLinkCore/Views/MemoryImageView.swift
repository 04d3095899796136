import Synchronization

/// An image whose elements lie in memory: READ, MEMORY_ACCESS, and WRITE where the memory is writable.
///
/// Memory in the other byte order has no MEMORY_ACCESS, because its bytes are not the components: reading and writing swap
/// them on the way, and the memory itself stays as it is.
///
/// Made by ``allocate(_:_:properties:metadata:order:zeroFill:)``, over a caller's memory with any strides by
/// ``init(_:properties:metadata:)``, or as a mapped file. Immutable but for its elements: cropping, permuting, flipping
/// and everything else that strides can express gives another view of the same memory.
public struct MemoryImageView: ImageView, StridedImageView {
  public private(set) var properties: ImageProperties
  public let metadata: MetadataNode
  private var strided: StridedMemory
  private let byteOrder: ByteOrder
  public let capabilities: Capabilities
  public let storage: String?

  /// Wraps memory.
  ///
  /// - Parameters:
  ///   - memory: Block, layout, shape and type; the block is kept alive.
  ///   - properties: `nil` means unknown axes in the order of the layout.
  ///   - access: What the view may do with memory that is writable.
  ///   - byteOrder: The byte order of the components in memory.
  /// - Throws: `invalidArgument` when the properties' shape differs.
  public init(
    _ memory: StridedMemory, properties: ImageProperties? = nil, metadata: MetadataNode = MetadataNode(),
    access: Access = .readWrite, byteOrder: ByteOrder = .native, storage: String? = nil
  ) throws(IOLinkError) {
    let properties = if let properties { properties } else { try ImageProperties(unknownAxes: memory.shape) }
    guard properties.shape == memory.shape else {
      throw IOLinkError(.invalidArgument, "properties of shape \(properties.shape) for memory of shape \(memory.shape)")
    }
    self.properties = properties
    self.metadata = metadata
    self.storage = storage
    self.byteOrder = byteOrder
    strided = memory
    var capabilities: Capabilities = .read
    if access == .readWrite, memory.isWritable { capabilities.insert(.write) }
    if byteOrder == .native { capabilities.insert(.memoryAccess) }
    self.capabilities = capabilities
  }

  public enum Access: Sendable { case readOnly, readWrite }

  /// Another image over the memory of `other`, or over other memory in its byte order.
  private init(
    _ other: MemoryImageView, memory: StridedMemory? = nil, properties: ImageProperties? = nil, metadata: MetadataNode? = nil,
    capabilities: Capabilities? = nil
  ) {
    strided = memory ?? other.strided
    byteOrder = other.byteOrder
    self.properties = properties ?? other.properties
    self.metadata = metadata ?? other.metadata
    self.capabilities = capabilities ?? other.capabilities
    storage = other.storage
  }

  /// A fresh image, 64-byte aligned.
  ///
  /// - Parameters:
  ///   - shape: Canonical order.
  ///   - properties: `nil` means unknown axes.
  ///   - order: Axis indices, slowest first; `nil` is canonical order with COLUMN fastest. Components interleaved.
  ///   - allocator: Where the memory comes from; `nil` is ordinary memory, which ends the process when there is none.
  /// - Throws: `limitExceeded` when the byte count does not fit in an `Int`, or the allocator has no such memory;
  ///   `invalidArgument` when shapes differ.
  public static func allocate(
    _ shape: Shape, _ dataType: DataType, properties: ImageProperties? = nil, metadata: MetadataNode = MetadataNode(),
    order: AxisVector? = nil, zeroFill: MemoryBlock.ZeroFill = .zeroed, allocator: (any MemoryAllocator)? = nil
  ) throws(IOLinkError) -> MemoryImageView {
    let layout = try StridedLayout(dense: shape, dataType, order: order)
    let byteCount = try shape.byteCount(of: dataType)
    let block = try allocator?.allocate(byteCount: byteCount, zeroFill) ?? MemoryBlock(allocating: byteCount, isZeroed: zeroFill)
    let memory = StridedMemory(unchecked: block, layout: layout, shape: shape, dataType: dataType)
    let view = try MemoryImageView(memory, properties: properties, metadata: metadata)
    return MemoryImageView(view, capabilities: [.read, .write, .reshape, .memoryAccess])
  }

  /// An image in which every element is the same: one element of memory under strides of 0. Read-only.
  ///
  /// - Parameter element: dataType.byteCount bytes, native byte order.
  public static func uniform(
    _ shape: Shape, _ dataType: DataType, element: RawSpan, properties: ImageProperties? = nil,
    metadata: MetadataNode = MetadataNode()
  ) throws(IOLinkError) -> MemoryImageView {
    guard element.byteCount == dataType.byteCount else {
      throw IOLinkError(.invalidArgument, "\(element.byteCount) bytes for an element of \(dataType)")
    }
    let layout = StridedLayout(
      strides: AxisVector(repeating: 0, count: shape.count), componentStride: dataType.componentType.byteCount)
    let memory = try StridedMemory(MemoryBlock(copying: element), layout: layout, shape: shape, dataType: dataType)
    return try MemoryImageView(memory, properties: properties, metadata: metadata, access: .readOnly)
  }

  public var shape: Shape { strided.shape }
  public var dataType: DataType { strided.dataType }
  public var memory: StridedMemory? { byteOrder == .native ? strided : nil }

  public func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try context.checkCancellation()
    var source = strided.layout
    source.byteOffset = source.offset(of: region.origin)
    try strided.block.withBytes { bytes throws(IOLinkError) in
      try PixelCopy.copy(region.size, dataType, from: bytes, source, to: &destination, layout, swappingBytes: ByteSwap(from: byteOrder))
    }
  }

  public func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try context.checkCancellation()
    var target = strided.layout
    target.byteOffset = target.offset(of: region.origin)
    try strided.block.withMutableBytes { bytes throws(IOLinkError) in
      try PixelCopy.copy(region.size, dataType, from: source, layout, to: &bytes, target, swappingBytes: ByteSwap(from: byteOrder))
    }
  }

  public func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    guard transform.sourceRank == rank else {
      throw IOLinkError(.invalidArgument, "a transform of rank \(transform.sourceRank) for an image of rank \(rank)")
    }
    let moved = StridedMemory(
      unchecked: strided.block, layout: transform.apply(to: strided.layout), shape: transform.shape, dataType: dataType)
    return MemoryImageView(
      self, memory: moved, properties: try transform.apply(to: properties), capabilities: capabilities.subtracting(.reshape))
  }

  /// Gives the image other axes and another type: its old pixels are gone, the new ones are 0. RESHAPE.
  ///
  /// - Throws: `unsupported` without RESHAPE, which only allocated images have, or while anyone else holds the memory: an
  ///   array, another view, a copy of this one; `limitExceeded` when the byte count does not fit in an `Int`.
  public mutating func reshape(_ dataType: DataType, _ properties: ImageProperties) throws(IOLinkError) {
    guard capabilities.contains(.reshape) else {
      throw IOLinkError(.unsupported, "the image cannot be reshaped: it has \(capabilities)")
    }
    guard strided.isUniquelyHeld() else {
      throw IOLinkError(.unsupported, "the image cannot be reshaped while its memory is shared")
    }
    let fresh = try MemoryImageView.allocate(properties.shape, dataType, properties: properties)
    strided = fresh.strided
    self.properties = properties
  }

  var layout: StridedLayout { strided.layout }

  func viewed(as dataType: DataType, layout: StridedLayout, properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    let memory = try StridedMemory(strided.block, layout: layout, shape: properties.shape, dataType: dataType)
    return MemoryImageView(self, memory: memory, properties: properties)
  }

  public func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    guard properties.shape == shape else {
      throw IOLinkError(.invalidArgument, "properties of shape \(properties.shape) for an image of shape \(shape)")
    }
    return MemoryImageView(self, properties: properties)
  }

  public func with(metadata: MetadataNode) -> any ImageView {
    MemoryImageView(self, metadata: metadata)
  }

  /// The same memory without WRITE.
  func withoutWrite() -> MemoryImageView {
    MemoryImageView(self, capabilities: capabilities.subtracting([.write, .reshape]))
  }
}

extension ImageProperties {
  /// Axes without roles, in the order of the array they came from.
  public init(unknownAxes shape: Shape) throws(IOLinkError) {
    try self.init(
      axes: shape.map { Axis(.unknown, length: $0) }, sourceOrder: .identity(rank: shape.count))
  }

  /// The axes of a named combination over this shape; with more roles than the shape has lengths, the first of them.
  ///
  /// - Throws: `invalidArgument` when the shape has more axes than the combination has roles (UNKNOWN fits any).
  public init(_ type: ImageType, shape: Shape) throws(IOLinkError) {
    if type == .unknown {
      try self.init(unknownAxes: shape)
      return
    }
    guard shape.count <= type.axes.count else {
      throw IOLinkError(.invalidArgument, "\(type.name) names \(type.axes.count) axes, the shape \(shape) has \(shape.count)")
    }
    try self.init(axes: zip(type.axes, shape).map { Axis($0, length: $1) })
  }
}
