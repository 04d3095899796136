import CPython
import IOLink
import Synchronization

/// What a Python view holds: an image, the order in which its axes become the dimensions of an array, and the files that
/// must not have been closed.
final class ViewBox: Sendable {
  let image: any ImageView
  /// As it was asked for; nil is NumPy order.
  private let order: AxisVector?
  /// The files that the pixels come from.
  let sources: [OpenSource]
  /// Whether shape and type may be changed: fresh memory of our own.
  let isReshapable: Bool
  /// The length of the chain of operations that cannot be fused.
  private let depth: Int
  /// Made when first asked for.
  private let exported = AtomicLazyReference<ArrayExport>()
  private let buffers = Atomic<Int>(0)

  /// - Parameters:
  ///   - dimensions: nil is NumPy order.
  ///   - depth: How many operations that do not fuse lie on each other.
  /// - Throws: `limitExceeded` when reading would nest deeper than a thread's stack allows.
  init(
    _ image: any ImageView, dimensions: AxisVector? = nil, sources: [OpenSource] = [], isReshapable: Bool = false,
    depth: Int = 0
  ) throws(IOLinkError) {
    self.image = image
    order = dimensions
    self.sources = sources
    self.isReshapable = isReshapable
    self.depth = depth
    guard depth <= Self.deepest else {
      throw IOLinkError(
        .limitExceeded, "the view is a chain of \(depth) operations, at most \(Self.deepest) are supported; copy in memory first")
    }
  }

  private static let deepest = 256

  /// - Throws: `invalidArgument` when they do not name each dimension that the image has as an array once.
  static func check(_ dimensions: AxisVector?, of image: any ImageView) throws(IOLinkError) {
    let count = image.rank + (image.dataType.componentCount > 1 ? 1 : 0)
    guard dimensions?.isPermutation(of: count) ?? true else {
      throw IOLinkError(.invalidArgument, "\(dimensions ?? []) does not name each of \(count) dimensions once")
    }
  }

  /// For every dimension of the array its axis; the components, where there are several, are axis number `rank`.
  var dimensions: AxisVector { order ?? ViewBox.numpyOrder(image) }

  /// Other axes, T, Z, Y, X, C, components; where an axis is unknown, the order of the axes as they are.
  static func numpyOrder(_ image: any ImageView) -> AxisVector {
    let axes = image.properties.axes
    var order = AxisVector(repeating: 0, count: axes.count + (image.dataType.componentCount > 1 ? 1 : 0))
    var next = 0
    func append(_ axis: Int) {
      order[next] = axis
      next += 1
    }
    if image.properties.hasUnknownAxes {
      for axis in axes.indices { append(axis) }
    } else {
      for axis in axes.indices where axes[axis].role.canonicalRank == 5 { append(axis) }
      for rank in [4, 2, 1, 0, 3] {
        for axis in axes.indices where axes[axis].role.canonicalRank == rank { append(axis) }
      }
    }
    if image.dataType.componentCount > 1 { append(axes.count) }
    return order
  }

  /// The same image of the same files in another order, or one that fused with it.
  func derived(
    _ image: any ImageView, dimensions: AxisVector? = nil, isReshapable: Bool = false
  ) throws(IOLinkError) -> ViewBox {
    try ViewBox(image, dimensions: dimensions, sources: sources, isReshapable: isReshapable, depth: depth)
  }

  /// An image that lies on these; one of memory lies on none.
  static func nested(_ image: any ImageView, on boxes: [ViewBox], isReshapable: Bool = false) throws(IOLinkError) -> ViewBox {
    let depth = image is MemoryImageView ? 0 : 1 + (boxes.map(\.depth).max() ?? 0)
    var sources: [OpenSource] = []
    for source in boxes.flatMap(\.sources) where !sources.contains(where: { $0 === source }) { sources.append(source) }
    return try ViewBox(image, sources: sources, isReshapable: isReshapable, depth: depth)
  }

  /// - Throws: `invalidArgument` when a file it needs has been closed.
  func checkOpen() throws(IOLinkError) {
    for source in sources where source.isClosed {
      throw IOLinkError(.invalidArgument, "the file of this view has been closed; open it again, or read before closing")
    }
  }

  /// How many buffers of this view are in use.
  var bufferCount: Int { buffers.load(ordering: .relaxed) }
  func countBuffer(_ change: Int) { buffers.wrappingAdd(change, ordering: .relaxed) }

  /// Length of each dimension of the array.
  var arrayShape: AxisVector {
    let shape = image.shape
    let dimensions = dimensions
    var result = dimensions
    for dimension in 0..<dimensions.count {
      let axis = dimensions[dimension]
      result[dimension] = axis < shape.count ? shape[axis] : image.dataType.componentCount
    }
    return result
  }

  /// The memory as an array: nil without MEMORY_ACCESS.
  func export() throws(IOLinkError) -> ArrayExport? {
    try checkOpen()
    if let ready = exported.load() { return ready }
    guard let memory = image.memory else { return nil }
    _ = try memory.shape.byteCount(of: memory.dataType)
    return exported.storeIfNil(ArrayExport(memory, dimensions: dimensions, isWritable: image.capabilities.contains(.write)))
  }
}

/// A file that was opened, and whether it has been closed since.
final class OpenSource: Sendable {
  private let closed = Atomic<Bool>(false)
  /// Whether reading calls Python code.
  let callsPython: Bool

  init(callsPython: Bool) { self.callsPython = callsPython }

  var isClosed: Bool { closed.load(ordering: .relaxed) }
  func close() { closed.store(true, ordering: .relaxed) }
}

/// Memory described as the buffer protocol and DLPack want it: shape and strides per dimension of the array, in memory
/// that lives as long as this.
final class ArrayExport: @unchecked Sendable {  // immutable after init
  let memory: StridedMemory
  let isWritable: Bool
  let shape: UnsafeMutablePointer<Int>
  let strides: UnsafeMutablePointer<Int>
  let rank: Int
  let elementCount: Int

  init(_ memory: StridedMemory, dimensions: AxisVector, isWritable: Bool) {
    self.memory = memory
    self.isWritable = isWritable
    rank = dimensions.count
    shape = .allocate(capacity: max(1, rank))
    strides = .allocate(capacity: max(1, rank))
    var count = 1
    for dimension in 0..<rank {
      let axis = dimensions[dimension]
      let isComponent = axis == memory.shape.count
      shape[dimension] = isComponent ? memory.dataType.componentCount : memory.shape[axis]
      strides[dimension] = isComponent ? memory.layout.componentStride : memory.layout.strides[axis]
      count *= shape[dimension]
    }
    elementCount = count
  }

  deinit {
    shape.deallocate()
    strides.deallocate()
  }

  /// The first number. An image without any has no byte to point at; its address is still inside or just behind the block.
  var start: UnsafeMutableRawPointer {
    memory.block.baseAddress + (elementCount == 0 ? 0 : memory.layout.byteOffset)
  }

  var itemSize: Int { memory.dataType.componentType.byteCount }

  /// Whether the numbers lie one behind the other, last dimension fastest, or first dimension fastest.
  func isContiguous(fastestLast: Bool) -> Bool {
    if elementCount == 0 { return true }
    var expected = itemSize
    for step in 0..<rank {
      let dimension = fastestLast ? rank - 1 - step : step
      if shape[dimension] > 1, strides[dimension] != expected { return false }
      expected *= shape[dimension]
    }
    return true
  }
}
