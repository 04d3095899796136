/// An image whose numbers lie uncompressed in a source, at regular distances.
///
/// Regions are read by position, in runs as long as pay, on several threads when large. Native byte order has
/// MEMORY_ACCESS: the source is mapped when memory is first asked for, never when only regions are read. Opened for
/// update it has WRITE: disjoint regions may be written by many threads and processes.
public struct ContiguousImageView: ImageView {
  private let array: StoredArray
  public let properties: ImageProperties
  public let metadata: MetadataNode
  public let storage: String?

  /// - Parameters:
  ///   - layout: Offsets in `source`; strides are positive and no two elements share a byte.
  ///   - mode: With `.update`, and a source that has WRITE, the view has WRITE.
  /// - Throws: `truncated` when the source ends before the last element.
  public init(
    _ source: any RandomAccess, layout: StridedLayout, dataType: DataType, byteOrder: ByteOrder,
    properties: ImageProperties, metadata: MetadataNode = MetadataNode(), runtime: Runtime, mode: OpenMode = .read,
    storage: String? = nil
  ) throws(IOLinkError) {
    let range = try layout.byteRange(of: properties.shape, dataType)
    guard range.lowerBound >= 0, range.upperBound <= source.byteCount else {
      throw IOLinkError(
        .truncated, "\(range.upperBound) bytes expected, the source has \(source.byteCount)", offset: source.byteCount)
    }
    guard layout.strides.allSatisfy({ $0 >= 0 }), !layout.overlaps(properties.shape, dataType) else {
      throw IOLinkError(.invalidArgument, "strides \(layout.strides) of a stored array")
    }
    array = StoredArray(
      source: source, layout: layout, shape: properties.shape, dataType: dataType,
      swaps: byteOrder != .native && dataType.scalar.swapWidth > 1, isWritable: mode == .update && source.capabilities.contains(.write),
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

  public func read(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: ReadContext
  ) throws(IOLinkError) {
    try validate(region, layout, byteCount: destination.byteCount, destination: true)
    if region.isEmpty { return }
    try SharedDestination.lend(&destination) { shared throws(IOLinkError) in
      try array.read(region, into: shared, layout: layout, context: context)
    }
  }

  public func write(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: ReadContext
  ) throws(IOLinkError) {
    guard array.isWritable else {
      throw IOLinkError(.unsupported, "the image cannot be written: it has \(capabilities)")
    }
    try validate(region, layout, byteCount: source.byteCount, destination: false)
    if region.isEmpty { return }
    try array.write(region, from: source, layout: layout, context: context)
  }

  /// Index transforms that keep strides positive stay positional reads of the same array; others go through a generic
  /// transform. Reads are the same either way.
  public func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    let properties = try transform.apply(to: properties)
    guard let part = array.transformed(by: transform) else {
      return try TransformedImageView(self, transform)
    }
    return ContiguousImageView(array: part, properties: properties, metadata: metadata, storage: storage)
  }

  public func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    guard properties.shape == shape else {
      throw IOLinkError(.invalidArgument, "properties of shape \(properties.shape) for an image of shape \(shape)")
    }
    return ContiguousImageView(array: array, properties: properties, metadata: metadata, storage: storage)
  }

  public func with(metadata: MetadataNode) -> any ImageView {
    ContiguousImageView(array: array, properties: properties, metadata: metadata, storage: storage)
  }
}

/// Numbers at regular distances in a source.
private final class StoredArray: Sendable {
  let shape: Shape
  let dataType: DataType
  let isWritable: Bool
  private let source: any RandomAccess
  private let layout: StridedLayout
  private let swaps: Bool
  private let runtime: Runtime
  private let mapping = Guarded(Mapping.untried)

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

  func transformed(by transform: AxisTransform) -> StoredArray? {
    let moved = transform.apply(to: layout)
    guard moved.strides.allSatisfy({ $0 >= 0 }), !moved.overlaps(transform.shape, dataType) else { return nil }
    return StoredArray(
      source: source, layout: moved, shape: transform.shape, dataType: dataType, swaps: swaps, isWritable: isWritable,
      runtime: runtime)
  }

  var canMap: Bool {
    guard !swaps, source.capabilities.contains(.memoryAccess) else { return false }
    return mapping.withLock { if case .impossible = $0 { false } else { true } }
  }

  /// The array in mapped memory; tried once.
  func mapped() -> StridedMemory? {
    guard canMap else { return nil }
    return mapping.withLock { state in
      if case .mapped(let memory) = state { return memory }
      guard let range = try? layout.byteRange(of: shape, dataType), let block = try? source.mapped(range) else {
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
    _ region: Region, into shared: SharedDestination, layout target: StridedLayout, context: ReadContext
  ) throws(IOLinkError) {
    let runs = try RunPlan(region, stored: layout, dataType, gaps: .read)
    let byteCount = try region.size.byteCount(of: dataType)
    let executor = context.executor ?? runtime.executor
    if runs.count == 1 {
      try readRun(0, runs, region, shared, target, ScratchBuffer())
      return
    }
    try executor.forEach(
      count: runs.count, workers: runtime.workers(for: byteCount / 8, context), makeState: { ScratchBuffer() }
    ) { index, scratch throws(IOLinkError) in
      try context.checkCancellation()
      try self.readRun(index, runs, region, shared, target, scratch)
    }
  }

  /// One positional read: straight into the destination where the run lies there as it lies in the source.
  private func readRun(
    _ index: Int, _ runs: RunPlan, _ region: Region, _ shared: SharedDestination, _ target: StridedLayout,
    _ scratch: ScratchBuffer
  ) throws(IOLinkError) {
    let run = runs.run(index)
    var to = target
    for axis in 0..<shape.count { to.byteOffset += run.start[axis] * target.strides[axis] }
    var from = layout
    for axis in 0..<shape.count { from.byteOffset += (region.origin[axis] + run.start[axis]) * layout.strides[axis] }
    let range = try from.byteRange(of: run.size, dataType)
    if runs.isDense, from.matches(to, run.size, dataType) {
      try shared.withPart(to.byteOffset..<(to.byteOffset + range.count)) { part throws(IOLinkError) in
        try source.read(at: range.lowerBound, into: &part)
        if swaps { ByteSwapping.swap(&part, width: dataType.scalar.swapWidth) }
      }
      return
    }
    try scratch.withBytes(range.count) { bytes throws(IOLinkError) in
      try source.read(at: range.lowerBound, into: &bytes)
      from.byteOffset -= range.lowerBound
      let read = bytes.bytes
      try shared.withAll { all throws(IOLinkError) in
        try PixelCopy.copy(
          run.size, dataType, from: read, from, to: &all, to, swappingBytes: swaps ? .swap : .none)
      }
    }
  }

  func write(
    _ region: Region, from data: RawSpan, layout origin: StridedLayout, context: ReadContext
  ) throws(IOLinkError) {
    let runs = try RunPlan(region, stored: layout, dataType, gaps: .leave)
    let scratch = ScratchBuffer()
    for index in 0..<runs.count {
      try context.checkCancellation()
      let run = runs.run(index)
      var from = origin
      for axis in 0..<shape.count { from.byteOffset += run.start[axis] * origin.strides[axis] }
      var to = layout
      for axis in 0..<shape.count { to.byteOffset += (region.origin[axis] + run.start[axis]) * layout.strides[axis] }
      let range = try to.byteRange(of: run.size, dataType)
      to.byteOffset -= range.lowerBound
      try scratch.withBytes(range.count) { bytes throws(IOLinkError) in
        try PixelCopy.copy(run.size, dataType, from: data, from, to: &bytes, to, swappingBytes: swaps ? .swap : .none)
        try source.write(at: range.lowerBound, from: bytes.bytes)
      }
    }
  }
}

extension StridedLayout {
  /// Whether elements lie one behind the other in the same way in both.
  fileprivate func matches(_ other: StridedLayout, _ shape: Shape, _ dataType: DataType) -> Bool {
    for axis in 0..<shape.count where shape[axis] > 1 && strides[axis] != other.strides[axis] { return false }
    return dataType.componentCount == 1 || componentStride == other.componentStride
  }
}

/// A region of a stored array as runs of bytes that are read or written in one go.
private struct RunPlan {
  struct Run {
    let start: AxisVector
    let size: Shape
  }

  enum Gaps { case read, leave }

  /// Axes that a run covers completely, then one that it covers in bands.
  private var band: AxisVector
  private let size: Shape
  private var counts: AxisVector
  let count: Int
  /// No byte of a run lies between its elements.
  let isDense: Bool

  init(_ region: Region, stored layout: StridedLayout, _ dataType: DataType, gaps: Gaps) throws(IOLinkError) {
    size = region.size
    let rank = size.count
    band = AxisVector(repeating: 1, count: rank)
    let fastestFirst = (0..<rank).sorted { (layout.strides[$0], $0) < (layout.strides[$1], $1) }
    var useful = dataType.byteCount
    var span = dataType.componentCount == 1
      ? dataType.byteCount : (dataType.componentCount - 1) * layout.componentStride + dataType.scalar.byteCount
    for axis in fastestFirst where size[axis] > 1 {
      let stride = layout.strides[axis]
      // A run grows along this axis as far as it stays small enough and mostly useful.
      let fits = span >= Self.maximumByteCount ? 1 : (Self.maximumByteCount - span) / Swift.max(1, stride) + 1
      let length = Swift.min(size[axis], fits)
      let longer = (length - 1) * stride + span
      let isTight = useful == span && stride == span
      let pays = gaps == .read && (useful * length * Self.worthwhileShare >= longer || longer <= Self.cheapByteCount)
      guard length > 1, isTight || pays else { break }
      band[axis] = length
      useful *= length
      span = longer
      if length < size[axis] { break }
    }
    isDense = useful == span
    counts = size
    for axis in 0..<rank { counts[axis] = Checked.ceilingDivide(size[axis], band[axis]) }
    count = try counts.elementCount()
  }

  func run(_ index: Int) -> Run {
    var start = band
    var extent = band
    var rest = index
    for axis in 0..<band.count {
      start[axis] = rest % counts[axis] * band[axis]
      rest /= counts[axis]
      extent[axis] = Swift.min(band[axis], size[axis] - start[axis])
    }
    return Run(start: start, size: extent)
  }

  /// The longest single read or write: cancellation is looked at in between.
  private static let maximumByteCount = 4 << 20
  /// A gap is read over when at least one byte in so many is wanted …
  private static let worthwhileShare = 8
  /// … or the whole run is no longer than this.
  private static let cheapByteCount = 16 << 10
}
