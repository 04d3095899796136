/// Writes an image region by region, in any order within the memory budget, or frame by frame along a growing axis.
///
/// Complete chunks are encoded in parallel and stored; incomplete ones wait in memory. `finish()` stores what is left, with zeros
/// where nothing was written, and completes the container. A writer may be used from several threads; their calls take turns.
///
/// Where the container can grow, chunks that are cut off at the end of its slowest axis wait for frames that may be appended.
/// Before the first frame is appended, they wait only while all waiting chunks take at most half of the memory budget.
public final class ImageWriter: Sendable {
  private struct Pending {
    let block: MemoryBlock
    /// The parts that were written, relative to the origin of the chunk.
    var parts: [Region] = []
  }

  private struct State {
    var shape: Shape
    var pending: [Int: Pending] = [:]
    var stored: Set<Int> = []
    /// The ordinal of the next chunk, where the container takes chunks in order.
    var next = 0
    var isOver = false
    var hasGrown = false
    /// Why a chunk could not be stored. The container lacks that chunk, so `finish()` throws this error.
    var failure: IOLinkError?
  }

  private let sink: any ChunkSink
  private let runtime: Runtime
  private let properties: ImageProperties
  private let state: Guarded<State>
  private let turn = Guarded<Void>(())
  private let completion: @Sendable () throws(IOLinkError) -> Void
  /// The axes, calibration and metadata of the image that the format cannot keep.
  public let lost: [LostItem]

  /// Makes a writer for a sink. Applications use ``CodecRegistry/create(_:on:format:options:completion:)`` instead.
  ///
  /// - Parameters:
  ///   - sink: What ``Codec/create(_:on:options:context:)`` returned.
  ///   - image: The description of the image that the sink was made with.
  ///   - runtime: The threads and the memory budget to use.
  ///   - completion: Called by `finish()` when the container is complete, for example to give a file its name.
  /// - Throws: Nothing. `finish()` throws any error that `completion` throws.
  public init(
    _ sink: ImageSink, _ image: ImageDescription, runtime: Runtime,
    completion: @escaping @Sendable () throws(IOLinkError) -> Void = {}
  ) {
    self.sink = sink.chunks
    lost = sink.lost
    properties = image.properties
    self.runtime = runtime
    self.completion = completion
    state = Guarded(State(shape: image.shape))
  }

  /// The type of an element.
  public var dataType: DataType { sink.dataType }
  /// The lengths of the axes, in canonical order. `append` makes the slowest axis of the source order longer.
  public var shape: Shape { state.withLock { $0.shape } }

  /// Writes a region.
  ///
  /// - Parameters:
  ///   - region: The region, inside ``shape``, in which nothing was written before.
  ///   - source: The components, in native byte order.
  ///   - layout: Where the elements of the region lie in `source`, in canonical order.
  ///   - context: Threads and cancellation of this call.
  /// - Throws: `invalidArgument` when the region extends past the image or the layout past `source`, when a part of the region was
  ///   written before, and after `finish()`; `limitExceeded` when more incomplete chunks would wait than the memory budget holds;
  ///   `io` when the target cannot be written, and other errors of the sink; `cancelled`.
  public func write(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) {
    try inTurn { () throws(IOLinkError) in try put(region, source, layout, context) }
  }

  private func put(
    _ region: Region, _ source: RawSpan, _ layout: StridedLayout, _ context: OperationContext
  ) throws(IOLinkError) {
    try region.validate(in: shape)
    try validate(region.size, layout, source)
    if region.isEmpty { return }
    var box = region
    var strides = layout.strides
    if dataType.componentCount > 1 {
      box = Region(
        uncheckedOrigin: AxisVector(Array(region.origin) + [0]), size: AxisVector(Array(region.size) + [dataType.componentCount]))
      strides.append(layout.componentStride)
    }
    let components = StridedLayout(byteOffset: layout.byteOffset, strides: strides, componentStride: 0)
    try scatter(box, source, components, context)
    try storeComplete(context)
  }

  /// Runs the calls of several threads one after another: containers take one chunk at a time, some of them in order.
  private func validate(_ size: Shape, _ layout: StridedLayout, _ source: RawSpan) throws(IOLinkError) {
    let range = try layout.byteRange(of: size, dataType)
    guard range.lowerBound >= 0, range.upperBound <= source.byteCount else {
      throw IOLinkError(.invalidArgument, "the layout touches bytes \(range), expected a range inside \(source.byteCount) bytes")
    }
  }

  private func inTurn(_ body: () throws(IOLinkError) -> Void) throws(IOLinkError) {
    let result = turn.withLock { _ -> Result<Void, IOLinkError> in
      do throws(IOLinkError) { return .success(try body()) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Makes the slowest axis of the source order longer by 1, and writes the new frame.
  ///
  /// - Parameters:
  ///   - source: The components, in native byte order.
  ///   - layout: Where the elements of the frame lie in `source`, in canonical order over all axes of the image. The stride of the
  ///     growing axis does not matter.
  ///   - context: Threads and cancellation of this call.
  /// - Throws: `unsupported` when the format cannot grow while it is written, or the image has no axes; otherwise the same errors as
  ///   ``write(_:from:layout:context:)``.
  public func append(
    _ source: RawSpan, layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) {
    guard let slowest = properties.sourceOrder.first else {
      throw IOLinkError(.unsupported, "an image without axes cannot grow")
    }
    try inTurn { () throws(IOLinkError) in
      let present = shape
      var longer = present
      longer[slowest] = try Checked.add(present[slowest], 1)
      var size = present
      size[slowest] = 1
      // Everything that can be wrong with the frame is found before the image grows.
      guard !state.withLock({ $0.isOver }) else { throw IOLinkError(.invalidArgument, "the writer is already finished") }
      try validate(size, layout, source)
      try sink.grow(to: longer)
      state.withLock { state in
        state.shape = longer
        state.hasGrown = true
      }
      var origin = AxisVector(repeating: 0, count: present.count)
      origin[slowest] = present[slowest]
      try put(try Region(origin: origin, size: size), source, layout, context)
    }
  }

  /// Stores what is left and completes the container. Nothing can be written afterwards.
  ///
  /// - Parameter context: Threads and cancellation of this call.
  /// - Returns: A report of everything that the format could not keep.
  /// - Throws: `invalidArgument` when the writer is already finished; `io` when the target cannot be written, and other errors of the
  ///   sink, also when a chunk written earlier could not be stored; `cancelled`. The container is then incomplete.
  public func finish(context: OperationContext = .default) throws(IOLinkError) -> TransferReport {
    try inTurn { () throws(IOLinkError) in try complete(context) }
    return TransferReport(lost: lost, pixelByteCount: try shape.byteCount(of: dataType), course: nil)
  }

  private func complete(_ context: OperationContext) throws(IOLinkError) {
    try begin()
    let grid = sink.grid
    if sink.absentChunksAreZero {
      for ordinal in state.withLock({ $0.pending.keys.sorted() }) { try complete(ordinal, grid, context) }
    } else {
      for ordinal in 0..<grid.chunkCount where !state.withLock({ $0.stored.contains(ordinal) }) { try complete(ordinal, grid, context) }
    }
    try context.checkCancellation()
    try sink.finish()
    try completion()
  }

  /// Stores what was written of a chunk, with zeros elsewhere.
  private func complete(_ ordinal: Int, _ grid: ChunkGrid, _ context: OperationContext) throws(IOLinkError) {
    let chunk = grid.chunk(ordinal)
    let byteCount = grid.storedCount(of: chunk) * dataType.componentType.byteCount
    let block = state.withLock { $0.pending.removeValue(forKey: ordinal)?.block } ?? MemoryBlock(allocating: byteCount)
    // A waiting chunk has the size of a whole one; where the image ends inside it, only its first part is stored.
    try store([(chunk, try clipped(block, chunk, grid))], context)
  }

  private func begin() throws(IOLinkError) {
    let (wasOver, failure) = state.withLock { state in
      defer { state.isOver = true }
      return (state.isOver, state.failure)
    }
    guard !wasOver else { throw IOLinkError(.invalidArgument, "the writer is already finished") }
    if let failure { throw failure }
  }

  /// The stored part of a waiting chunk, which has the whole chunk shape of the grid so that it can grow.
  private func clipped(_ block: MemoryBlock, _ chunk: ChunkIndex, _ grid: ChunkGrid) throws(IOLinkError) -> MemoryBlock {
    let stored = grid.storedShape(of: chunk)
    let byteCount = grid.storedCount(of: chunk) * dataType.componentType.byteCount
    guard block.byteCount != byteCount else { return block }
    let result = MemoryBlock(allocating: byteCount)
    let from = StridedLayout(strides: grid.strides(of: grid.chunkShape, dataType.componentType), componentStride: 0)
    let to = StridedLayout(strides: grid.strides(of: stored, dataType.componentType), componentStride: 0)
    try result.withMutableBytes { target throws(IOLinkError) in
      try block.withBytes { source throws(IOLinkError) in
        try PixelCopy.copy(stored, dataType.component, from: source, from, to: &target, to)
      }
    }
    return result
  }

  /// Copies a box of components into the waiting chunks that it touches.
  private func scatter(
    _ box: Region, _ source: RawSpan, _ layout: StridedLayout, _ context: OperationContext
  ) throws(IOLinkError) {
    let grid = sink.grid
    let wholeByteCount = grid.chunkShape.reduce(dataType.componentType.byteCount, *)
    let inside = grid.strides(of: grid.chunkShape, dataType.componentType)
    var first = box.origin
    var counts = box.size
    for axis in 0..<first.count {
      first[axis] = box.origin[axis] / grid.chunkShape[axis]
      counts[axis] = (box.origin[axis] + box.size[axis] - 1) / grid.chunkShape[axis] - first[axis] + 1
    }
    var step = AxisVector(repeating: 0, count: first.count)
    repeat {
      try context.checkCancellation()
      var position = first
      for axis in 0..<first.count { position[axis] += step[axis] }
      let chunk = grid.chunk(at: position)
      let part = grid.region(of: chunk).intersection(box)
      var from = layout
      var to = StridedLayout(strides: inside, componentStride: 0)
      var local = part.origin
      for axis in 0..<first.count {
        local[axis] -= position[axis] * grid.chunkShape[axis]
        from.byteOffset += (part.origin[axis] - box.origin[axis]) * layout.strides[axis]
        to.byteOffset += local[axis] * inside[axis]
      }
      let block = try claim(Region(uncheckedOrigin: local, size: part.size), of: chunk, wholeByteCount)
      try block.withMutableBytes { target throws(IOLinkError) in
        try PixelCopy.copy(part.size, dataType.component, from: source, from, to: &target, to)
      }
    } while step.advance(in: counts)
  }

  /// Marks a part of a chunk as written and returns the memory of the chunk, which is allocated for the first part.
  ///
  /// - Throws: `invalidArgument` when some of the part was written before or the writer is finished; `limitExceeded` when the
  ///   waiting chunks would take more than the memory budget.
  private func claim(_ part: Region, of chunk: ChunkIndex, _ byteCount: Int) throws(IOLinkError) -> MemoryBlock {
    let result = state.withLock { state -> Result<MemoryBlock, IOLinkError> in
      guard !state.isOver else { return .failure(IOLinkError(.invalidArgument, "the writer is already finished")) }
      let isRepeated = state.pending[chunk.ordinal]?.parts.contains { !$0.intersection(part).isEmpty } ?? false
      guard !isRepeated, !state.stored.contains(chunk.ordinal) else {
        return .failure(IOLinkError(.invalidArgument, "a part of the region was written before, expected each element once"))
      }
      let waiting = (state.pending.count + 1).multipliedReportingOverflow(by: byteCount)
      guard
        state.pending[chunk.ordinal] != nil || state.pending.isEmpty || (!waiting.overflow && waiting.partialValue <= runtime.workingMemory)
      else {
        return .failure(
          IOLinkError(
            .limitExceeded,
            "\(state.pending.count + 1) incomplete chunks of \(byteCount) bytes exceed the memory budget of "
              + "\(runtime.workingMemory) bytes; write regions that complete chunks, in the order of the file"))
      }
      var pending = state.pending[chunk.ordinal] ?? Pending(block: MemoryBlock(allocating: byteCount))
      pending.parts.append(part)
      state.pending[chunk.ordinal] = pending
      return .success(pending.block)
    }
    return try result.get()
  }

  /// Encodes and stores the chunks that are complete. In a sequential container, a chunk also waits for its turn.
  private func storeComplete(_ context: OperationContext) throws(IOLinkError) {
    let grid = sink.grid
    let ready = state.withLock { state -> [(ChunkIndex, MemoryBlock)] in
      var ready: [(ChunkIndex, MemoryBlock)] = []
      func take(_ ordinal: Int) -> Bool {
        guard let pending = state.pending[ordinal] else { return false }
        let chunk = grid.chunk(ordinal)
        let size = grid.region(of: chunk).size
        guard pending.parts.reduce(0, { $0 + $1.size.reduce(1, *) }) == size.reduce(1, *) else { return false }
        if let growingAxis, size[growingAxis] < grid.chunkShape[growingAxis] {
          let held = state.pending.count.multipliedReportingOverflow(by: pending.block.byteCount)
          if state.hasGrown || !held.overflow && held.partialValue <= runtime.workingMemory / 2 { return false }
        }
        ready.append((chunk, pending.block))
        state.pending[ordinal] = nil
        state.stored.insert(ordinal)
        return true
      }
      if sink.order == .sequential {
        while take(state.next) { state.next += 1 }
      } else {
        for ordinal in state.pending.keys.sorted() { _ = take(ordinal) }
      }
      return ready
    }
    guard !ready.isEmpty else { return }
    var blocks: [(ChunkIndex, MemoryBlock)] = []
    for (chunk, block) in ready { blocks.append((chunk, try clipped(block, chunk, grid))) }
    try store(blocks, context)
  }

  /// The axis that `append` makes longer; `nil` where the container cannot grow.
  private var growingAxis: Int? { sink.isGrowable ? properties.sourceOrder.first : nil }

  private func store(_ chunks: [(ChunkIndex, MemoryBlock)], _ context: OperationContext) throws(IOLinkError) {
    let blocks = BlockElements(blocks: Dictionary(uniqueKeysWithValues: chunks.map { ($0.0.ordinal, $0.1) }))
    let byteCount = chunks.reduce(0) { $0 + $1.1.byteCount }
    do throws(IOLinkError) {
      try ChunkWriter(sink, runtime).write(chunks.map(\.0), byteCount: byteCount, of: blocks, context)
    } catch {
      state.withLock { $0.failure = error }
      throw error
    }
    state.withLock { state in for (chunk, _) in chunks { state.stored.insert(chunk.ordinal) } }
  }
}

/// The elements of chunks that each have their own block of memory.
private struct BlockElements: ChunkElements {
  let blocks: [Int: MemoryBlock]

  func areKept(of chunk: ChunkIndex) -> Bool { true }

  func withElements<Result>(
    of chunk: ChunkIndex, _ workspace: ChunkWorkspace, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    guard let block = blocks[chunk.ordinal] else { preconditionFailure("chunk \(chunk.ordinal) has no memory") }
    return try block.withBytes(body)
  }
}
