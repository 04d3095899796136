/// Reads an image and writes it to a sink, in bounded memory and on all cores.
///
/// The image is cut into slabs of target chunks. A slab is read into memory in the order of the target; then its chunks are encoded in
/// parallel and stored one at a time, in the order of the container, while the next slab is read. Pixels that are in memory in that
/// order already are not copied into a slab first.
///
/// Slabs consist of whole chunks of the image too, so that each of these is decoded once. Where the memory budget is too small for such
/// slabs, the elements are brought into the order of the target in a temporary file.
///
/// Chunks that the target stores as the source does are copied as they are, unless the context says otherwise or coarser levels are made.
public struct Transfer: Sendable {
  private let image: any ImageView
  private let sink: any ChunkSink
  private let runtime: Runtime
  private let storage: (any TemporaryStorage)?
  /// The coarser levels to make on the way; `nil` for none.
  var levels: MadeLevels?

  /// Makes a transfer of an image.
  ///
  /// - Parameters:
  ///   - image: The image to read.
  ///   - sink: Takes the chunks of the image.
  ///   - runtime: The threads and the memory budget to use.
  ///   - storage: Where elements are rearranged; `nil` for the temporary storage of the runtime.
  /// - Throws: `invalidArgument` when the image and the sink differ in shape or type.
  public init(_ image: any ImageView, to sink: any ChunkSink, runtime: Runtime, storage: (any TemporaryStorage)? = nil) throws(IOLinkError) {
    var shape = image.shape
    if image.dataType.componentCount > 1 { shape.append(image.dataType.componentCount) }
    guard shape == sink.grid.shape, image.dataType == sink.dataType else {
      throw IOLinkError(
        .invalidArgument,
        "the image has shape \(shape) and type \(image.dataType), expected \(sink.grid.shape) and \(sink.dataType) as the sink has")
    }
    self.image = image
    self.sink = sink
    self.runtime = runtime
    self.storage = storage ?? runtime.temporaryStorage
  }

  /// Writes all pixels and completes the container. Call it once.
  ///
  /// - Parameters:
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called after each slab, on the calling thread. The last call comes before the container is completed, so
  ///     cancelling there still leaves it incomplete.
  /// - Returns: The way that was chosen.
  /// - Throws: Any error that reading the image throws; `io` when the target or a temporary file cannot be written, and other errors of
  ///   the sink; `cancelled`. The container is then incomplete.
  @discardableResult
  public func run(
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferCourse {
    var context = context.on(runtime)
    let tally = DecodeTally()
    context.tally = tally
    let total = try image.shape.byteCount(of: image.dataType)
    var (plan, copied) = (TransferCourse.Plan.slabs, 0)
    if total > 0 {
      (plan, copied) = try write(ProgressMeter(total, progress), context)
    } else if let levels {
      for level in levels.sinks.reversed() { try level.finish() }
    }
    try context.checkCancellation()
    try sink.finish()
    return TransferCourse(plan: plan, decodesPerChunk: tally.decodesPerChunk, copiedChunks: copied)
  }

  private func write(
    _ progress: ProgressMeter, _ context: OperationContext
  ) throws(IOLinkError) -> (plan: TransferCourse.Plan, copiedChunks: Int) {
    var writer = try SlabWriter(sink, runtime, context, progress)
    if let levels {
      let maker = try LevelMaker(levels, image.dataType, runtime, storage: storage, context)
      writer.levels = maker
      let plan = try write([Region(of: sink.grid.shape)], with: writer, progress)
      try maker.finish()
      return (plan, 0)
    }
    if let lent = lentMemory {
      try writer.write(try plan(for: nil, share: 4), from: lent.block, layout: lent.layout.ofComponents(image.dataType))
      return (.memory, 0)
    }
    if let stored = image as? ContiguousImageView, let file = stored.nativeSource,
      try writer.copy(try plan(for: nil, share: 4), from: file, layout: stored.layout.ofComponents(image.dataType))
    {
      return (.copied, 0)
    }
    guard context.copiesStoredChunks, let match = ChunkMatch(image, sink) else {
      return (try write([Region(of: sink.grid.shape)], with: writer, progress), 0)
    }
    let (count, rest) = try ChunkCopier(match: match, sink: sink, context: context, progress: progress).copy()
    return (rest.isEmpty ? .copied : try write(rest, with: writer, progress), count)
  }

  /// Reads parts of the image and writes them.
  private func write(_ regions: [Region], with writer: SlabWriter, _ progress: ProgressMeter) throws(IOLinkError) -> TransferCourse.Plan {
    let input = ImageInput(image, grid: sink.grid, workers: writer.workers)
    // Two slabs are in memory where they overlap, and one where only a larger slab keeps the chunks of the image whole. They are smaller
    // where parts of levels are in memory, too.
    for (share, overlaps) in (levels == nil ? [] : [(8, true)]) + [(4, true), (2, false)] {
      let plan = try plan(for: input.chunking, share: share)
      guard plan.keepsSourceChunks else { continue }
      try writer.write(plan, of: regions, from: input, overlaps: overlaps)
      return .slabs
    }
    let isWhole = regions == [Region(of: sink.grid.shape)]
    guard isWhole, let storage, let chunking = input.chunking else {
      try writer.write(try plan(for: input.chunking, share: 4), of: regions, from: input, overlaps: true)
      return .dividedSlabs
    }
    let plan = try plan(for: nil, share: 4)
    let reading = Budget(byteCount: runtime.workingMemory / 4, componentByteCount: image.dataType.componentType.byteCount)
      .parts(of: sink.grid.shape, keeping: chunking, order: input.storedOrder)
    let rearrangement = Rearrangement(
      from: reading, to: plan.slabs, grid: sink.grid, image.dataType.componentType, on: try storage.makeStream())
    progress.passCount = 2
    try writer.rearrange(input, reading.parts(order: input.storedOrder), rearrangement)
    try writer.write(plan, of: regions, from: rearrangement, overlaps: true)
    return .temporaryFile
  }

  private func plan(for chunking: Chunking?, share: Int) throws(IOLinkError) -> SlabPlan {
    let grid = try levels?.boxes(of: sink.grid, level: 0, image.dataType) ?? sink.grid
    return SlabPlan(
      grid, componentType: image.dataType.componentType, isSequential: sink.order == .sequential, source: chunking,
      byteBudget: runtime.workingMemory / share)
  }

  /// The memory of the image, when chunks can be taken from it without a slab in between; otherwise `nil`.
  ///
  /// Where the fastest axis of the sink is not the fastest in memory, whole slabs are turned faster than single chunks.
  private var lentMemory: StridedMemory? {
    guard let memory = (image as? MemoryImageView)?.memory else { return nil }
    let grid = sink.grid
    guard let fastest = grid.order.last(where: { grid.shape[$0] > 1 }) else { return memory }
    let stride = memory.layout.ofComponents(image.dataType).strides[fastest]
    return stride == image.dataType.componentType.byteCount ? memory : nil
  }
}
