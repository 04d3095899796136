/// The memory behind a view with MEMORY_ACCESS: who owns it, and where each element lies.
///
/// Valid as long as anyone holds it, the view and its file included or not.
public struct StridedMemory: Sendable {
  public private(set) var block: MemoryBlock
  /// Offsets into `block`.
  public let layout: StridedLayout
  public let shape: Shape
  public let dataType: DataType

  /// - Throws: `invalidArgument` when the layout passes the block's ends, or the ranks differ.
  public init(_ block: MemoryBlock, layout: StridedLayout, shape: Shape, dataType: DataType) throws(IOLinkError) {
    let range = try layout.byteRange(of: shape, dataType)
    guard range.lowerBound >= 0, range.upperBound <= block.byteCount else {
      throw IOLinkError(.invalidArgument, "the layout touches bytes \(range) of a block of \(block.byteCount)")
    }
    self.init(unchecked: block, layout: layout, shape: shape, dataType: dataType)
  }

  init(unchecked block: MemoryBlock, layout: StridedLayout, shape: Shape, dataType: DataType) {
    self.block = block
    self.layout = layout
    self.shape = shape
    self.dataType = dataType
  }

  /// Whether every component starts at a multiple of its size. Kernels do not need it; typed pointers do.
  public var isAligned: Bool {
    // The address is only looked at.
    let address = unsafe UInt(bitPattern: block.baseAddress)
    return address % UInt(dataType.componentType.swapWidth) == 0 && layout.isAligned(dataType)
  }

  /// Whether writing one element changes no other.
  public var isWritable: Bool { block.isWritable && !layout.overlaps(shape, dataType) }

  /// Whether nobody else holds the block.
  mutating func isUniquelyHeld() -> Bool { isKnownUniquelyReferenced(&block) }
}
