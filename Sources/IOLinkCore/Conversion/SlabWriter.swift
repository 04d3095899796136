/// Writes slabs to a sink.
struct SlabWriter {
  private let sink: any ChunkSink
  private let runtime: Runtime
  private let context: OperationContext
  private let progress: ProgressMeter
  private let componentType: ComponentType
  /// Writes in place of a ``ChunkWriter`` where chunks have places.
  private let placed: PlacedWriter?
  /// Makes coarser levels of the slabs; `nil` where none are made.
  var levels: LevelMaker?

  init(_ sink: any ChunkSink, _ runtime: Runtime, _ context: OperationContext, _ progress: ProgressMeter) throws(IOLinkError) {
    self.sink = sink
    self.runtime = runtime
    self.context = context
    self.progress = progress
    componentType = sink.dataType.componentType
    placed = try PlacedWriter(sink, runtime)
  }

  /// The number of threads that a large operation may use.
  var workers: Int { runtime.workers(for: .max, context) }

  /// Writes slabs of an image that is in memory.
  ///
  /// - Parameter layout: Where the components of the image are in `block`, along the axes of the grid.
  func write(_ plan: SlabPlan, from block: MemoryBlock, layout: StridedLayout) throws(IOLinkError) {
    let place = whole(layout)
    try block.withBytes { bytes throws(IOLinkError) in
      for slab in plan.slabs.parts(order: sink.grid.order) {
        try context.checkCancellation()
        try write(slab, from: bytes, place, BackgroundWork())
      }
    }
  }

  /// Has the system copy an image from file to file.
  ///
  /// - Parameter layout: Where the components of the image are in `file`, along the axes of the grid.
  /// - Returns: `false` when the components are not in the file as the sink stores them, or the system cannot copy them.
  func copy(_ plan: SlabPlan, from file: any RandomAccess, layout: StridedLayout) throws(IOLinkError) -> Bool {
    guard let placed, context.salvage == nil else { return false }
    for slab in plan.slabs.parts(order: sink.grid.order) {
      try context.checkCancellation()
      guard try placed.copy(ChunkBox(sink.grid, slab), from: file, whole(layout), context) else {
        progress.restart()
        return false
      }
      progress.add(slab.size.reduce(componentType.byteCount, *))
    }
    return true
  }

  private func whole(_ layout: StridedLayout) -> LentLayout {
    let first = AxisVector(repeating: 0, count: sink.grid.shape.count)
    return LentLayout(origin: first, layout: layout, grid: sink.grid, componentType: componentType)
  }

  /// Writes slabs that are read from `input`.
  ///
  /// - Parameter regions: The parts of the grid that are written, in this order; they consist of whole chunks.
  func write(_ plan: SlabPlan, of regions: [Region], from input: some SlabInput, overlaps: Bool) throws(IOLinkError) {
    let pipeline = SlabPipeline(input: input, context: context, componentByteCount: componentType.byteCount, overlaps: overlaps)
    let slabs = regions.lazy.flatMap { plan.slabs.pieces(of: $0, order: sink.grid.order) }
    try pipeline.run(slabs) { slab, bytes, work throws(IOLinkError) in
      let dense = StridedLayout(strides: sink.grid.strides(of: slab.size, componentType), componentStride: 0)
      let place = LentLayout(origin: slab.origin, layout: dense, grid: sink.grid, componentType: componentType)
      try write(slab, from: bytes, place, work)
    }
  }

  /// Writes the chunks of a slab, whose components lie in a box of memory.
  private func write(_ slab: Region, from bytes: RawSpan, _ place: LentLayout, _ work: BackgroundWork) throws(IOLinkError) {
    let byteCount = slab.size.reduce(componentType.byteCount, *)
    try SharedSource.lend(bytes) { shared throws(IOLinkError) in
      let (chunks, elements) = (ChunkBox(sink.grid, slab), LentElements(shared, place))
      if let placed { return try placed.write(chunks, of: elements, alongside: work, context) }
      try ChunkWriter(sink, runtime).write(chunks, byteCount: byteCount, of: elements, alongside: work, context)
    }
    try levels?.take(slab, bytes)
    progress.add(byteCount)
  }

  /// Stores all parts of an image in a temporary file.
  func rearrange(_ input: some SlabInput, _ parts: some Sequence<Region>, _ rearrangement: Rearrangement) throws(IOLinkError) {
    let (executor, context) = (context.executor ?? runtime.executor, context)
    let pipeline = SlabPipeline(input: input, context: context, componentByteCount: componentType.byteCount, overlaps: true)
    try pipeline.run(parts) { part, bytes, work throws(IOLinkError) in
      let byteCount = bytes.byteCount
      try SharedSource.lend(bytes) { shared throws(IOLinkError) in
        try executor.forEach(
          count: 1 + work.count, workers: runtime.workers(for: byteCount + work.byteCount, context), makeState: {}
        ) { index, _ throws(IOLinkError) in
          if index > 0 { return work.run(index - 1) }
          try shared.withAll { all throws(IOLinkError) in try rearrangement.store(part, from: all, context) }
        }
      }
      progress.add(byteCount)
    }
  }
}

/// Counts the bytes that have been written, and tells the caller.
final class ProgressMeter {
  /// How often each byte is counted.
  var passCount = 1
  private let total: Int
  private var counted = 0
  private let report: ((Progress) -> Void)?

  init(_ total: Int, _ report: ((Progress) -> Void)?) {
    self.total = total
    self.report = report
  }

  func restart() { counted = 0 }

  func add(_ byteCount: Int) {
    counted += byteCount
    report?(Progress(completed: counted / passCount, total: total))
  }
}
