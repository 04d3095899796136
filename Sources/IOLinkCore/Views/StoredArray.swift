/// Components at regular distances in a source.
final class StoredArray: Sendable {
  let shape: Shape
  let dataType: DataType
  let isWritable: Bool
  let layout: StridedLayout
  private let source: any RandomAccess
  private let swaps: Bool
  /// One component in native byte order; empty for 0.
  private let background: [UInt8]
  private let runtime: Runtime
  private let mapping = Guarded(Mapping.untried, renewal: { .untried })

  private enum Mapping { case untried, mapped(StridedMemory), impossible }

  init(
    source: any RandomAccess, layout: StridedLayout, shape: Shape, dataType: DataType, swaps: Bool, isWritable: Bool,
    background: [UInt8], runtime: Runtime
  ) {
    self.source = source
    self.layout = layout
    self.shape = shape
    self.dataType = dataType
    self.swaps = swaps
    self.isWritable = isWritable
    self.background = background
    self.runtime = runtime
  }

  var byteCount: Int { source.byteCount }
  /// The source, if it has the components in native byte order.
  var nativeSource: (any RandomAccess)? { swaps ? nil : source }

  /// Returns an array of the same source under another type, layout and shape. The caller has checked that the layout lies inside
  /// the source.
  func viewed(as dataType: DataType, layout: StridedLayout, shape: Shape) -> StoredArray {
    StoredArray(
      source: source, layout: layout, shape: shape, dataType: dataType, swaps: swaps, isWritable: isWritable, background: background,
      runtime: runtime)
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
      try readRun(runs.run(0), runs.isDense, from, shared, to, ScratchBuffer(), context)
      return
    }
    let byteCount = try region.size.byteCount(of: dataType)
    let executor = context.executor ?? runtime.executor
    try executor.forEach(
      count: runs.count, workers: runtime.workers(for: byteCount / 8, context), makeState: { ScratchBuffer() }
    ) { index, scratch throws(IOLinkError) in
      try context.checkCancellation()
      try self.readRun(runs.run(index), runs.isDense, from, shared, to, scratch, context)
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
    _ scratch: ScratchBuffer, _ context: OperationContext
  ) throws(IOLinkError) {
    var from = stored
    var to = target
    from.byteOffset = stored.offset(of: run.start)
    to.byteOffset = target.offset(of: run.start)
    let component = dataType.component
    let range = try from.byteRange(of: run.size, component)
    func read(_ bytes: inout MutableRawSpan) throws(IOLinkError) {
      do throws(IOLinkError) { try source.read(at: range.lowerBound, into: &bytes) } catch {
        try salvage(range.lowerBound, into: &bytes, after: error, context)
      }
    }
    if isDense, from.strides.areEqual(to.strides, over: run.size) {
      try shared.withPart(to.byteOffset..<(to.byteOffset + range.count)) { part throws(IOLinkError) in
        try read(&part)
        if swaps { ByteSwapping.swap(&part, width: component.componentType.swapWidth) }
      }
      return
    }
    try scratch.withBytes(range.count) { bytes throws(IOLinkError) in
      try read(&bytes)
      from.byteOffset -= range.lowerBound
      let read = bytes.bytes
      try shared.withAll { all throws(IOLinkError) in
        try PixelCopy.copy(run.size, component, from: read, from, to: &all, to, swappingBytes: swaps ? .swap : .none)
      }
    }
  }

  // MARK: Salvage

  /// Reads piece by piece what could not be read at once. What is missing becomes background; what does not fit its checksum stays.
  ///
  /// - Throws: `error`, unless the caller asked for salvage and it covers the error.
  private func salvage(
    _ offset: Int, into bytes: inout MutableRawSpan, after error: IOLinkError, _ context: OperationContext
  ) throws(IOLinkError) {
    guard let salvage = context.salvage, Salvage.covers(error) else { throw error }
    let image = ObjectIdentifier(source)
    if error.code == .malformed {
      // A source of bytes notices damage after it has read them, by their checksum.
      let range = offset..<(offset + bytes.byteCount)
      return salvage.add(Salvage.Key(image: image, start: offset), .bytes(range), error.salvageReason + "; the values are kept")
    }
    let width = dataType.componentType.byteCount
    let piece = max(1, Self.salvagedPiece / width) * width
    for start in stride(from: 0, to: bytes.byteCount, by: piece) {
      try context.checkCancellation()
      var part = bytes._mutatingExtracting(start..<min(start + piece, bytes.byteCount))
      let present = try readPresent(offset + start, width, into: &part, context)
      guard present < part.byteCount else { continue }
      let missing = (offset + start + present)..<(offset + start + part.byteCount)
      salvage.add(Salvage.Key(image: image, start: missing.lowerBound), .bytes(missing), error.salvageReason)
    }
  }

  private static let salvagedPiece = 64 << 10

  /// Reads as many whole components from the beginning of a piece as are there, and fills the rest.
  ///
  /// - Returns: The number of bytes that are there.
  private func readPresent(
    _ offset: Int, _ width: Int, into bytes: inout MutableRawSpan, _ context: OperationContext
  ) throws(IOLinkError) -> Int {
    // The first `low` components can be read, and more than `high` cannot.
    var (low, high) = (0, bytes.byteCount / width)
    var next = high
    while low < high {
      do throws(IOLinkError) {
        var part = bytes._mutatingExtracting(0..<(next * width))
        try source.read(at: offset, into: &part)
        low = next
      } catch {
        guard error.code == .truncated else { throw error }
        high = next - 1
      }
      next = low == 0 ? min(1, high) : low + (high - low + 1) / 2
    }
    var rest = bytes._mutatingExtracting((low * width)..<bytes.byteCount)
    fill(&rest, width)
    return low * width
  }

  /// Fills stored components with background.
  private func fill(_ bytes: inout MutableRawSpan, _ width: Int) {
    let background = background
    guard background.count == width, background.contains(where: { $0 != 0 }) else { return bytes.zero() }
    for start in stride(from: 0, to: bytes.byteCount - width + 1, by: width) {
      bytes.copy(from: unsafe background.span.bytes, at: start)  // bytes have no padding
    }
    if swaps { ByteSwapping.swap(&bytes, width: dataType.componentType.swapWidth) }
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
