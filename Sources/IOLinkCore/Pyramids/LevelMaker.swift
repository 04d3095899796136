/// The coarser levels to make of an image while it is written, and where they go.
struct MadeLevels: Sendable {
  /// The sinks of the levels, finest first. They take their chunks in any order.
  let sinks: [any ChunkSink]
  /// How each level is made of the one before it.
  let reductions: [LevelReduction]

  /// - Parameters:
  ///   - sink: What the codec made for the image and its levels.
  ///   - image: The description that the codec was given.
  init(_ sink: ImageSink, _ image: ImageDescription, _ downsampling: Downsampling) {
    sinks = sink.levels
    var last = AxisVector(repeating: 1, count: image.shape.count)
    var reductions: [LevelReduction] = []
    for level in image.levels {
      var factors = level.factors
      for axis in 0..<factors.count { factors[axis] /= last[axis] }
      if image.dataType.componentCount > 1 { factors.append(1) }
      reductions.append(
        LevelReduction(
          order: sink.chunks.grid.order, factors: factors, componentType: image.dataType.componentType, downsampling: downsampling))
      last = level.factors
    }
    self.reductions = reductions
  }

  /// The chunks of a grid, of which several are one where levels need pairs of elements that lie in one part.
  ///
  /// - Parameter level: The number of the level that the grid has; 0 for the image itself.
  func boxes(of grid: ChunkGrid, level: Int, _ dataType: DataType) throws(IOLinkError) -> ChunkGrid {
    var lengths = grid.chunkShape
    if level < reductions.count {
      for axis in 0..<lengths.count where reductions[level].factors[axis] == 2 && lengths[axis] % 2 == 1 && lengths[axis] < grid.shape[axis] {
        lengths[axis] = try Checked.multiply(lengths[axis], 2)
      }
    }
    var image = grid.shape
    if dataType.componentCount > 1 { image.remove(at: image.count - 1) }
    return try ChunkGrid(image: image, dataType: dataType, chunkShape: lengths, order: grid.order, edges: .clipped)
  }
}

/// Makes the coarser levels of an image while its elements pass by, and writes their chunks as soon as they are complete.
///
/// Each level is made of boxes of the finer one: a box that is complete is encoded, stored and made into a part of the next level. All levels
/// must have components in one order.
final class LevelMaker {
  /// A complete part of a level.
  private struct Part: Sendable {
    let region: Region
    let elements: Elements

    enum Elements: Sendable {
      case lent(SharedSource)
      case block(MemoryBlock)
    }

    func withBytes(_ body: (RawSpan) throws(IOLinkError) -> Void) throws(IOLinkError) {
      switch elements {
      case .lent(let shared): try shared.withAll(body)
      case .block(let block): try block.withBytes(body)
      }
    }
  }

  private let levels: MadeLevels
  private let boxes: [LevelBoxes]
  private let runtime: Runtime
  private let context: OperationContext
  private let componentType: ComponentType

  /// - Parameter storage: Holds what waits to be complete beyond a part of the memory budget; `nil` keeps everything in memory.
  init(
    _ levels: MadeLevels, _ dataType: DataType, _ runtime: Runtime, storage: (any TemporaryStorage)?, _ context: OperationContext
  ) throws(IOLinkError) {
    self.levels = levels
    self.runtime = runtime
    self.context = context
    componentType = dataType.componentType
    let memory = LevelMemory(limit: runtime.workingMemory / 4, storage: storage)
    var boxes: [LevelBoxes] = []
    for (index, sink) in levels.sinks.enumerated() {
      guard sink.order == .any, sink.grid.order == levels.reductions[index].order, sink.dataType == dataType else {
        throw IOLinkError(.unsupported, "level \(index + 1) is stored in another order or type than the image")
      }
      boxes.append(LevelBoxes(try levels.boxes(of: sink.grid, level: index + 1, dataType), dataType.componentType, memory))
    }
    self.boxes = boxes
  }

  /// Takes a slab of the image: whole boxes, dense in the order of the grid.
  func take(_ slab: Region, _ bytes: RawSpan) throws(IOLinkError) {
    try SharedSource.lend(bytes) { shared throws(IOLinkError) in
      try add([Part(region: slab, elements: .lent(shared))], to: 0)
    }
  }

  /// Completes the levels after the last slab, the coarsest first.
  ///
  /// - Throws: `io` when a target cannot be written; other errors of the sinks.
  func finish() throws(IOLinkError) {
    precondition(boxes.allSatisfy(\.isEmpty), "some slabs of the image are missing")
    for sink in levels.sinks.reversed() { try sink.finish() }
  }

  /// Makes parts of a level into parts of the next coarser one, which has the index `level` in ``levels``.
  private func add(_ parts: [Part], to level: Int) throws(IOLinkError) {
    let (reduction, waiting) = (levels.reductions[level], boxes[level])
    var jobs: [(part: Part, piece: Region, box: LevelBox)] = []
    for part in parts where !reduction.reduced(part.region).isEmpty {
      for piece in waiting.pieces(of: reduction.reduced(part.region)) { jobs.append((part, piece, try waiting.box(around: piece))) }
    }
    let context = context
    let byteCount = parts.reduce(0) { $0 + $1.region.size.reduce(componentType.byteCount, *) }
    let executor = context.executor ?? runtime.executor
    let shared = jobs
    try executor.forEach(count: jobs.count, workers: runtime.workers(for: byteCount, context), makeState: { ScratchBuffer() }) {
      index, scratch throws(IOLinkError) in
      try context.checkCancellation()
      let job = shared[index]
      try job.part.withBytes { bytes throws(IOLinkError) in
        // Pieces are disjoint, so no two jobs write the same element of a box.
        try job.box.block.withMutableBytes { target throws(IOLinkError) in
          try reduction.reduce(job.piece, of: job.part.region, from: bytes, into: job.box.region, &target, scratch)
        }
      }
    }
    let complete = waiting.complete(jobs.map(\.piece))
    if !complete.isEmpty {
      try store(complete, of: level)
      if level + 1 < boxes.count { try add(complete.map { Part(region: $0.region, elements: .block($0.block)) }, to: level + 1) }
      waiting.recycle(complete)
    }
    try waiting.keepWithinMemory()
  }

  /// Encodes and stores the chunks of boxes.
  private func store(_ complete: [LevelBox], of level: Int) throws(IOLinkError) {
    let sink = levels.sinks[level]
    let chunks = complete.flatMap { ChunkBox(sink.grid, $0.region) }.ordered { $0.ordinal < $1.ordinal }
    let elements = LevelElements(boxes: complete, boxGrid: boxes[level].grid, grid: sink.grid, componentType: componentType)
    let byteCount = complete.reduce(0) { $0 + $1.region.size.reduce(componentType.byteCount, *) }
    try ChunkWriter(sink, runtime).write(chunks, byteCount: byteCount, of: elements, context)
  }
}

/// The elements of chunks that lie in complete boxes.
private struct LevelElements: ChunkElements {
  private let places: [Int: (block: MemoryBlock, place: LentLayout)]
  private let boxGrid: ChunkGrid
  private let grid: ChunkGrid

  init(boxes: [LevelBox], boxGrid: ChunkGrid, grid: ChunkGrid, componentType: ComponentType) {
    self.boxGrid = boxGrid
    self.grid = grid
    places = Dictionary(
      uniqueKeysWithValues: boxes.map { box in
        let layout = StridedLayout(strides: grid.strides(of: box.region.size, componentType), componentStride: 0)
        return (box.ordinal, (box.block, LentLayout(origin: box.region.origin, layout: layout, grid: grid, componentType: componentType)))
      })
  }

  func areKept(of chunk: ChunkIndex) -> Bool { place(of: chunk).place.areKept(chunk) }

  func withElements<Result>(
    of chunk: ChunkIndex, _ workspace: ChunkWorkspace, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    let (block, place) = place(of: chunk)
    return try block.withBytes { bytes throws(IOLinkError) in
      try SharedSource.lend(bytes) { shared throws(IOLinkError) in
        try LentElements(shared, place).withElements(of: chunk, workspace, body)
      }
    }
  }

  private func place(of chunk: ChunkIndex) -> (block: MemoryBlock, place: LentLayout) {
    var position = grid.region(of: chunk).origin
    for axis in 0..<position.count { position[axis] /= boxGrid.chunkShape[axis] }
    guard let place = places[boxGrid.chunk(at: position).ordinal] else { preconditionFailure("chunk \(chunk.ordinal) is in no complete box") }
    return place
  }
}
