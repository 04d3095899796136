import Synchronization

/// An image whose elements are in memory: READ, MEMORY_ACCESS, and WRITE where the memory is writable.
///
/// An image of memory in the other byte order lacks MEMORY_ACCESS, because the bytes in memory are not those of the components.
/// Reading and writing swap the bytes; the memory itself keeps its order.
///
/// Use ``allocate(_:_:properties:metadata:order:zeroFill:allocator:)`` for fresh memory, and
/// ``init(_:properties:metadata:access:byteOrder:storage:)`` for memory of your own with any strides. Cropping, permuting,
/// flipping and everything else that strides can express gives another view of the same memory.
public struct MemoryImageView: ImageView, StridedImageView {
  public private(set) var properties: ImageProperties
  public let metadata: MetadataNode
  private var strided: StridedMemory
  /// What brings the components in memory into the machine's byte order.
  private let swapping: ByteSwap
  public let capabilities: Capabilities
  public let storage: String?

  /// Creates an image of memory that exists already. No element is copied.
  ///
  /// - Parameters:
  ///   - memory: The block, which the image keeps alive, with the layout, shape and type of the elements in it.
  ///   - properties: The axes of the image and what its values mean; `nil` means unknown axes in the order of the layout.
  ///   - metadata: The metadata of the image.
  ///   - access: What the image may do with memory that is writable.
  ///   - byteOrder: The byte order of the components in memory.
  ///   - storage: A human-readable description of the storage.
  /// - Throws: `invalidArgument` when the shape of the properties differs from that of the memory; `limitExceeded` when
  ///   `properties` is `nil` and the memory has more than 32 axes.
  public init(
    _ memory: StridedMemory, properties: ImageProperties? = nil, metadata: MetadataNode = MetadataNode(),
    access: Access = .readWrite, byteOrder: ByteOrder = .native, storage: String? = nil
  ) throws(IOLinkError) {
    let properties = if let properties { properties } else { try ImageProperties(unknownAxes: memory.shape) }
    guard properties.shape == memory.shape else {
      throw IOLinkError(.invalidArgument, "the properties have shape \(properties.shape), expected that of the memory, \(memory.shape)")
    }
    self.properties = properties
    self.metadata = metadata
    self.storage = storage
    swapping = ByteSwap(from: byteOrder)
    strided = memory
    var capabilities: Capabilities = .read
    if access == .readWrite, memory.isWritable { capabilities.insert(.write) }
    if byteOrder == .native { capabilities.insert(.memoryAccess) }
    self.capabilities = capabilities
  }

  /// What an image may do with writable memory: only read it, or write it too.
  public enum Access: Sendable { case readOnly, readWrite }

  /// Creates an image that differs from `other` in what is given here; `memory` has the byte order of `other`.
  private init(
    _ other: MemoryImageView, memory: StridedMemory? = nil, properties: ImageProperties? = nil, metadata: MetadataNode? = nil,
    capabilities: Capabilities? = nil
  ) {
    strided = memory ?? other.strided
    swapping = other.swapping
    self.properties = properties ?? other.properties
    self.metadata = metadata ?? other.metadata
    self.capabilities = capabilities ?? other.capabilities
    storage = other.storage
  }

  /// Creates an image in fresh memory: dense, with interleaved components, and aligned to 64 bytes.
  ///
  /// - Parameters:
  ///   - shape: The length of each axis, in canonical order.
  ///   - dataType: The type of the elements.
  ///   - properties: The axes of the image and what its values mean; `nil` means unknown axes.
  ///   - metadata: The metadata of the image.
  ///   - order: The order of the axes in memory, as all axis indices, slowest first; `nil` means canonical order with COLUMN
  ///     fastest.
  ///   - zeroFill: Whether the elements are set to zero; otherwise they are arbitrary.
  ///   - allocator: Supplies the memory. `nil` means ordinary memory, and running out of that ends the process.
  /// - Returns: An image with READ, WRITE, RESHAPE and MEMORY_ACCESS.
  /// - Throws: `limitExceeded` when the byte count does not fit in an `Int`, the allocator does not have that much memory, or
  ///   `properties` is `nil` and there are more than 32 axes; `invalidArgument` when a length is negative, or the shape of the
  ///   properties differs from `shape`.
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

  /// Creates a read-only image in which every element has the same value. It takes the memory of one element, with strides of 0.
  ///
  /// - Parameters:
  ///   - shape: The length of each axis, in canonical order.
  ///   - dataType: The type of the elements.
  ///   - element: The value, as dataType.byteCount bytes in native byte order. It is copied.
  ///   - properties: The axes of the image and what its values mean; `nil` means unknown axes.
  ///   - metadata: The metadata of the image.
  /// - Throws: `invalidArgument` when `element` has another size, a length is negative, or the shape of the properties differs from
  ///   `shape`; `limitExceeded` when `properties` is `nil` and there are more than 32 axes.
  public static func uniform(
    _ shape: Shape, _ dataType: DataType, element: RawSpan, properties: ImageProperties? = nil,
    metadata: MetadataNode = MetadataNode()
  ) throws(IOLinkError) -> MemoryImageView {
    guard element.byteCount == dataType.byteCount else {
      throw IOLinkError(.invalidArgument, "the element has \(element.byteCount) bytes, expected those of one element of \(dataType)")
    }
    let layout = StridedLayout(
      strides: AxisVector(repeating: 0, count: shape.count), componentStride: dataType.componentType.byteCount)
    let memory = try StridedMemory(MemoryBlock(copying: element), layout: layout, shape: shape, dataType: dataType)
    return try MemoryImageView(memory, properties: properties, metadata: metadata, access: .readOnly)
  }

  public var shape: Shape { strided.shape }
  public var dataType: DataType { strided.dataType }
  public var memory: StridedMemory? { swapping == .none ? strided : nil }

  public func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try context.checkCancellation()
    var source = strided.layout
    source.byteOffset = source.offset(of: region.origin)
    try strided.block.withBytes { bytes throws(IOLinkError) in
      try PixelCopy.copy(region.size, dataType, from: bytes, source, to: &destination, layout, swappingBytes: swapping, context: context)
    }
  }

  public func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try context.checkCancellation()
    var target = strided.layout
    target.byteOffset = target.offset(of: region.origin)
    try strided.block.withMutableBytes { bytes throws(IOLinkError) in
      try PixelCopy.copy(region.size, dataType, from: source, layout, to: &bytes, target, swappingBytes: swapping, context: context)
    }
  }

  public func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    guard transform.sourceRank == rank else {
      throw IOLinkError(
        .invalidArgument, "the transform applies to images of rank \(transform.sourceRank), but this image has rank \(rank)")
    }
    let moved = StridedMemory(
      unchecked: strided.block, layout: transform.apply(to: strided.layout), shape: transform.shape, dataType: dataType)
    let after = try transform.apply(to: properties)
    return MemoryImageView(
      self, memory: moved, properties: after, metadata: transform.apply(to: metadata, from: properties, to: after),
      capabilities: capabilities.subtracting(.reshape))
  }

  /// Gives the image another type and other axes: RESHAPE. The old elements are discarded, and the new ones are 0.
  ///
  /// - Throws: `unsupported` without RESHAPE, which only allocated images have, or while anything else holds the memory, such as an
  ///   array, another view or a copy of this one; `limitExceeded` when the byte count does not fit in an `Int`.
  public mutating func reshape(_ dataType: DataType, _ properties: ImageProperties) throws(IOLinkError) {
    guard capabilities.contains(.reshape) else {
      throw IOLinkError(.unsupported, "the image cannot be reshaped: its capabilities are \(capabilities)")
    }
    guard strided.isUniquelyHeld() else {
      throw IOLinkError(.unsupported, "the image cannot be reshaped while something else holds its memory")
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
      throw IOLinkError(.invalidArgument, "the properties have shape \(properties.shape), expected that of the image, \(shape)")
    }
    return MemoryImageView(self, properties: properties)
  }

  public func with(metadata: MetadataNode) -> any ImageView {
    MemoryImageView(self, metadata: metadata)
  }

  /// Returns an image of the same memory with READ and MEMORY_ACCESS only.
  func withoutWrite() -> MemoryImageView {
    MemoryImageView(self, capabilities: capabilities.subtracting([.write, .reshape]))
  }
}

extension ImageProperties {
  /// Creates properties of axes without roles, which keep the order of the array they came from.
  ///
  /// - Throws: `invalidArgument` when a length is negative; `limitExceeded` when there are more than 32 lengths.
  public init(unknownAxes shape: Shape) throws(IOLinkError) {
    try self.init(
      axes: shape.map { Axis(.unknown, length: $0) }, sourceOrder: .identity(rank: shape.count))
  }

  /// Creates properties with the axes of a named combination. When the combination has more roles than the shape has lengths, the
  /// first of them are used. UNKNOWN fits every shape, and gives unknown axes.
  ///
  /// - Throws: `invalidArgument` when the shape has more lengths than the combination has roles, or a length is negative;
  ///   `limitExceeded` when there are more than 32 lengths.
  public init(_ type: ImageType, shape: Shape) throws(IOLinkError) {
    if type == .unknown {
      try self.init(unknownAxes: shape)
      return
    }
    guard shape.count <= type.axes.count else {
      throw IOLinkError(.invalidArgument, "\(type.name) has \(type.axes.count) axes, but the shape \(shape) has \(shape.count)")
    }
    try self.init(axes: zip(type.axes, shape).map { Axis($0, length: $1) })
  }
}
