/// The memory behind a view with MEMORY_ACCESS: its owner, and where each element lies in it.
///
/// The memory stays valid as long as anyone holds it, even when the view and its file are gone.
public struct StridedMemory: Sendable {
  /// The memory and its owner.
  public private(set) var block: MemoryBlock
  /// The offsets of the elements in `block`.
  public let layout: StridedLayout
  /// The length of each axis, in canonical order.
  public let shape: Shape
  /// The type of the elements.
  public let dataType: DataType

  /// Describes the elements in a block of memory.
  ///
  /// - Throws: `invalidArgument` when the layout does not lie inside the block, the ranks differ, or a length is negative;
  ///   `limitExceeded` when an offset does not fit in an `Int`.
  public init(_ block: MemoryBlock, layout: StridedLayout, shape: Shape, dataType: DataType) throws(IOLinkError) {
    let range = try layout.byteRange(of: shape, dataType)
    guard range.lowerBound >= 0, range.upperBound <= block.byteCount else {
      throw IOLinkError(.invalidArgument, "the layout covers bytes \(range), but the block has \(block.byteCount)")
    }
    self.init(unchecked: block, layout: layout, shape: shape, dataType: dataType)
  }

  init(unchecked block: MemoryBlock, layout: StridedLayout, shape: Shape, dataType: DataType) {
    self.block = block
    self.layout = layout
    self.shape = shape
    self.dataType = dataType
  }

  /// Whether every component is at an address that is a multiple of its ``ComponentType/swapWidth``. Typed pointers need that,
  /// but this library does not.
  public var isAligned: Bool {
    // The address is not dereferenced.
    let address = unsafe UInt(bitPattern: block.baseAddress)
    return address % UInt(dataType.componentType.swapWidth) == 0 && layout.isAligned(dataType)
  }

  /// Whether the block is writable and no two elements share a byte.
  public var isWritable: Bool { block.isWritable && !layout.overlaps(shape, dataType) }

  /// Returns whether this value is the only holder of the block.
  mutating func isUniquelyHeld() -> Bool { isKnownUniquelyReferenced(&block) }
}
