/// Reads an image and writes it to a sink, in bounded memory and on all cores.
///
/// The image is cut into slabs of target chunks. A slab is read once, into memory in the order of the target; then its chunks
/// are encoded in parallel and stored one at a time, in the order of the container. Pixels that are in memory in that order already
/// are not copied into a slab first.
public struct Transfer: Sendable {
  private let image: any ImageView
  private let sink: any ChunkSink
  private let runtime: Runtime

  /// Makes a transfer of an image.
  ///
  /// - Parameters:
  ///   - image: The image to read.
  ///   - sink: Takes the chunks of the image.
  ///   - runtime: The threads and the memory budget to use.
  /// - Throws: `invalidArgument` when the image and the sink differ in shape or type.
  public init(_ image: any ImageView, to sink: any ChunkSink, runtime: Runtime) throws(IOLinkError) {
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
  }

  /// Writes all pixels and completes the container. Call it once.
  ///
  /// - Parameters:
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called after each slab, on the calling thread. The last call comes before the container is completed, so
  ///     cancelling there still leaves it incomplete.
  /// - Throws: Any error that reading the image throws; `io` when the target cannot be written, and other errors of the sink; `cancelled`.
  ///   The container is then incomplete.
  public func run(
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) {
    let context = context.on(runtime)
    let total = try image.shape.byteCount(of: image.dataType)
    if total > 0 {
      let plan = SlabPlan(
        sink.grid, componentType: image.dataType.componentType, isSequential: sink.order == .sequential,
        sourceChunk: componentShape(image.chunkShape), byteBudget: runtime.workingMemory / 4)
      let writer = ChunkWriter(sink, runtime)
      let buffer = ScratchBuffer()
      var completed = 0
      let lent = lentMemory
      for slab in plan {
        try context.checkCancellation()
        let byteCount = slab.region.size.reduce(image.dataType.componentType.byteCount, *)
        if let lent {
          try lent.block.withBytes { bytes throws(IOLinkError) in
            let first = AxisVector(repeating: 0, count: slab.region.rank)
            try write(slab, from: bytes, layout: lent.layout.ofComponents(image.dataType), origin: first, writer, context)
          }
        } else {
          try buffer.withBytes(byteCount) { bytes throws(IOLinkError) in
            try read(slab.region, into: &bytes, context)
            let strides = sink.grid.strides(of: slab.region.size, image.dataType.componentType)
            let dense = StridedLayout(strides: strides, componentStride: 0)
            try write(slab, from: bytes.bytes, layout: dense, origin: slab.region.origin, writer, context)
          }
        }
        completed += byteCount
        progress?(Progress(completed: completed, total: total))
      }
    }
    try context.checkCancellation()
    try sink.finish()
  }

  /// Writes the chunks of a slab, whose components lie in a box of memory.
  ///
  /// - Parameter origin: The position of the box in the grid.
  private func write(
    _ slab: SlabPlan.Slab, from bytes: RawSpan, layout: StridedLayout, origin: AxisVector, _ writer: ChunkWriter,
    _ context: OperationContext
  ) throws(IOLinkError) {
    let byteCount = slab.region.size.reduce(image.dataType.componentType.byteCount, *)
    try SharedSource.lend(bytes) { shared throws(IOLinkError) in
      let elements = LentElements(shared, layout: layout, origin: origin, grid: sink.grid, image.dataType.componentType)
      try writer.write(slab.chunks, byteCount: byteCount, of: elements, context)
    }
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

  /// A shape of elements as a shape of components.
  private func componentShape(_ shape: Shape?) -> Shape? {
    guard var shape else { return nil }
    if image.dataType.componentCount > 1 { shape.append(image.dataType.componentCount) }
    return shape
  }

  /// Reads a box of components, dense in the order of the sink.
  private func read(_ box: Region, into bytes: inout MutableRawSpan, _ context: OperationContext) throws(IOLinkError) {
    let strides = sink.grid.strides(of: box.size, image.dataType.componentType)
    guard image.dataType.componentCount > 1 else {
      try image.read(box, into: &bytes, layout: StridedLayout(strides: strides, componentStride: 0), context: context)
      return
    }
    let component = box.rank - 1
    guard box.size[component] == image.dataType.componentCount else {
      // Components are stored separately and only some are wanted, so they are read as one last axis.
      let components = try image.componentsAsLastAxis()
      let layout = StridedLayout(strides: strides, componentStride: image.dataType.componentType.byteCount)
      try components.read(box, into: &bytes, layout: layout, context: context)
      return
    }
    var layout = StridedLayout(strides: strides, componentStride: 0)
    var origin = box.origin
    var size = box.size
    layout.componentStride = layout.strides.remove(at: component)
    origin.remove(at: component)
    size.remove(at: component)
    try image.read(Region(origin: origin, size: size), into: &bytes, layout: layout, context: context)
  }
}
