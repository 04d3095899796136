extension ImageWriter {
  func complete(_ context: OperationContext) throws(IOLinkError) {
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

  /// Stores a box of whole chunks from where its components lie.
  ///
  /// - Returns: `false` when the box divides a chunk, or some of the chunks must wait or have been written.
  func storeWhole(
    _ box: Region, _ source: RawSpan, _ layout: StridedLayout, _ context: OperationContext
  ) throws(IOLinkError) -> Bool {
    try context.checkCancellation()
    let grid = sink.grid
    for axis in 0..<box.rank {
      let (end, chunk) = (box.origin[axis] + box.size[axis], grid.chunkShape[axis])
      let isWhole = end % chunk == 0 || end == grid.shape[axis] && axis != growingAxis
      guard box.origin[axis] % chunk == 0, isWhole else { return false }
    }
    let chunks = ChunkBox(grid, box)
    guard take(chunks) else { return false }
    let place = LentLayout(origin: box.origin, layout: layout, grid: grid, componentType: dataType.componentType)
    try recordingFailure { () throws(IOLinkError) in
      try SharedSource.lend(source) { shared throws(IOLinkError) in
        let elements = LentElements(shared, place)
        if let placed = try PlacedWriter(sink, runtime) { return try placed.write(chunks, of: elements, context) }
        let byteCount = box.size.reduce(dataType.componentType.byteCount, *)
        try ChunkWriter(sink, runtime).write(chunks, byteCount: byteCount, of: elements, context)
      }
    }
    return true
  }

  /// Marks chunks as stored, if nothing of them was written and it is their turn.
  private func take(_ chunks: ChunkBox) -> Bool {
    let isSequential = sink.order == .sequential
    return state.withLock { state in
      guard !state.isOver else { return false }
      for (index, chunk) in chunks.enumerated() {
        if state.pending[chunk.ordinal] != nil || state.stored.contains(chunk.ordinal) { return false }
        if isSequential, chunk.ordinal != state.next + index { return false }
      }
      state.stored.formUnion(chunks.lazy.map(\.ordinal))
      if isSequential { state.next += chunks.count }
      return true
    }
  }

  /// Copies a box of components into the waiting chunks that it touches.
  func scatter(
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
  func storeComplete(_ context: OperationContext) throws(IOLinkError) {
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
    try recordingFailure { () throws(IOLinkError) in
      try ChunkWriter(sink, runtime).write(chunks.map(\.0), byteCount: byteCount, of: blocks, context)
    }
    state.withLock { state in for (chunk, _) in chunks { state.stored.insert(chunk.ordinal) } }
  }

  private func recordingFailure(_ body: () throws(IOLinkError) -> Void) throws(IOLinkError) {
    do throws(IOLinkError) { try body() } catch {
      state.withLock { $0.failure = error }
      throw error
    }
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
