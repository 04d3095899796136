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
  /// - Throws: `truncated` when the source ends before the last element; `invalidArgument` when an element lies before the
  ///   beginning of the source, two elements share a byte, or the rank of the layout is not that of the properties;
  ///   `limitExceeded` when an offset does not fit in an `Int`.
  public init(
    _ source: any RandomAccess, layout: StridedLayout, dataType: DataType, byteOrder: ByteOrder,
    properties: ImageProperties, metadata: MetadataNode = MetadataNode(), runtime: Runtime, access: FileAccess = .read,
    storage: String? = nil
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
      runtime: runtime)
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

/// Components at regular distances in a source.
private final class StoredArray: Sendable {
  let shape: Shape
  let dataType: DataType
  let isWritable: Bool
  let layout: StridedLayout
  private let source: any RandomAccess
  private let swaps: Bool
  private let runtime: Runtime
  private let mapping = Guarded(Mapping.untried, renewal: { .untried })

  private enum Mapping { case untried, mapped(StridedMemory), impossible }

  init(
    source: any RandomAccess, layout: StridedLayout, shape: Shape, dataType: DataType, swaps: Bool, isWritable: Bool,
    runtime: Runtime
  ) {
    self.source = source
    self.layout = layout
    self.shape = shape
    self.dataType = dataType
    self.swaps = swaps
    self.isWritable = isWritable
    self.runtime = runtime
  }

  var byteCount: Int { source.byteCount }

  /// Returns an array of the same source under another type, layout and shape. The caller has checked that the layout lies inside
  /// the source.
  func viewed(as dataType: DataType, layout: StridedLayout, shape: Shape) -> StoredArray {
    StoredArray(
      source: source, layout: layout, shape: shape, dataType: dataType, swaps: swaps, isWritable: isWritable, runtime: runtime)
  }

  var canMap: Bool {
    guard !swaps, source.capabilities.contains(.memoryAccess) else { return false }
    return mapping.withLock { if case .impossible = $0 { false } else { true } }
  }

  /// Returns the array in mapped memory, or `nil` when it cannot be mapped. Mapping is tried only once.
  func mapped() -> StridedMemory? {
    guard canMap else { return nil }
    return mapping.withLock { state in
      if case .mapped(let memory) = state { return memory }
      guard let range = try? layout.byteRange(of: shape, dataType),
        let block = range.isEmpty ? MemoryBlock(allocating: 0) : try? source.mapped(range)
      else {
        state = .impossible
        return nil
      }
      var inside = layout
      inside.byteOffset -= range.lowerBound
      let memory = StridedMemory(unchecked: block, layout: inside, shape: shape, dataType: dataType)
      state = .mapped(memory)
      return memory
    }
  }

  func read(
    _ region: Region, into shared: SharedDestination, layout target: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try context.checkCancellation()
    let (size, from, to) = components(of: region, target)
    let runs = try RunPlan(size, stored: from, dataType.componentType, gaps: .read)
    if runs.count == 1 {
      try readRun(runs.run(0), runs.isDense, from, shared, to, ScratchBuffer())
      return
    }
    let byteCount = try region.size.byteCount(of: dataType)
    let executor = context.executor ?? runtime.executor
    try executor.forEach(
      count: runs.count, workers: runtime.workers(for: byteCount / 8, context), makeState: { ScratchBuffer() }
    ) { index, scratch throws(IOLinkError) in
      try context.checkCancellation()
      try self.readRun(runs.run(index), runs.isDense, from, shared, to, scratch)
    }
  }

  /// Returns a region as a box of components, which has one more, last axis where elements have several: its size, its layout in
  /// the source, and its layout in the caller's memory. The strides in the source are positive: an axis that runs backwards there
  /// is reversed in both layouts.
  private func components(of region: Region, _ other: StridedLayout) -> (Shape, StridedLayout, StridedLayout) {
    let size = region.ofComponents(dataType).size
    var stored = layout.ofComponents(dataType)
    var given = other.ofComponents(dataType)
    stored.byteOffset = layout.offset(of: region.origin)
    for axis in 0..<size.count where stored.strides[axis] < 0 && size[axis] > 1 {
      stored.byteOffset += stored.strides[axis] * (size[axis] - 1)
      given.byteOffset += given.strides[axis] * (size[axis] - 1)
      stored.strides[axis] = -stored.strides[axis]
      given.strides[axis] = -given.strides[axis]
    }
    return (size, stored, given)
  }

  /// Reads a run with one positional read. A dense run that has the same strides in the destination is read straight into it.
  private func readRun(
    _ run: RunPlan.Run, _ isDense: Bool, _ stored: StridedLayout, _ shared: SharedDestination, _ target: StridedLayout,
    _ scratch: ScratchBuffer
  ) throws(IOLinkError) {
    var from = stored
    var to = target
    from.byteOffset = stored.offset(of: run.start)
    to.byteOffset = target.offset(of: run.start)
    let component = dataType.component
    let range = try from.byteRange(of: run.size, component)
    if isDense, from.strides.areEqual(to.strides, over: run.size) {
      try shared.withPart(to.byteOffset..<(to.byteOffset + range.count)) { part throws(IOLinkError) in
        try source.read(at: range.lowerBound, into: &part)
        if swaps { ByteSwapping.swap(&part, width: component.componentType.swapWidth) }
      }
      return
    }
    try scratch.withBytes(range.count) { bytes throws(IOLinkError) in
      try source.read(at: range.lowerBound, into: &bytes)
      from.byteOffset -= range.lowerBound
      let read = bytes.bytes
      try shared.withAll { all throws(IOLinkError) in
        try PixelCopy.copy(run.size, component, from: read, from, to: &all, to, swappingBytes: swaps ? .swap : .none)
      }
    }
  }

  func store(
    _ region: Region, from data: RawSpan, layout origin: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let (size, stored, given) = components(of: region, origin)
    let runs = try RunPlan(size, stored: stored, dataType.componentType, gaps: .leave)
    let scratch = ScratchBuffer()
    let component = dataType.component
    for index in 0..<runs.count {
      try context.checkCancellation()
      let run = runs.run(index)
      var from = given
      var to = stored
      from.byteOffset = given.offset(of: run.start)
      to.byteOffset = stored.offset(of: run.start)
      let range = try to.byteRange(of: run.size, component)
      to.byteOffset -= range.lowerBound
      try scratch.withBytes(range.count) { bytes throws(IOLinkError) in
        try PixelCopy.copy(run.size, component, from: data, from, to: &bytes, to, swappingBytes: swaps ? .swap : .none)
        try source.write(at: range.lowerBound, from: bytes.bytes)
      }
    }
  }
}
