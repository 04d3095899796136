/// Reads an image and writes it to a sink, in bounded memory and on all cores.
///
/// The image is cut into slabs of target chunks. A slab is read once, into memory in the order of the target; then its chunks
/// are encoded in parallel and stored one at a time, in the order of the container.
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
    let total = try image.shape.byteCount(of: image.dataType)
    if total > 0 {
      let plan = SlabPlan(
        sink.grid, componentType: image.dataType.componentType, isSequential: sink.order == .sequential,
        sourceChunk: componentShape(image.chunkShape), byteBudget: runtime.workingMemory / 4)
      let writer = ChunkWriter(sink, runtime)
      let buffer = ScratchBuffer()
      var completed = 0
      for slab in plan {
        try context.checkCancellation()
        let byteCount = slab.region.size.reduce(image.dataType.componentType.byteCount, *)
        try buffer.withBytes(byteCount) { bytes throws(IOLinkError) in
          try read(slab.region, into: &bytes, context)
          try SharedSource.lend(bytes.bytes) { shared throws(IOLinkError) in
            let elements = SlabElements(slab, shared, sink.grid, image.dataType.componentType)
            try writer.write(slab.chunks, byteCount: byteCount, of: elements, context)
          }
        }
        completed += byteCount
        progress?(Progress(completed: completed, total: total))
      }
    }
    try context.checkCancellation()
    try sink.finish()
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

/// The elements of the chunks of a slab, which lies in memory in the order of the sink's grid.
private struct SlabElements: ChunkElements {
  private let slab: Region
  private let bytes: SharedSource
  private let grid: ChunkGrid
  private let componentType: ComponentType
  private let strides: AxisVector

  init(_ slab: SlabPlan.Slab, _ bytes: SharedSource, _ grid: ChunkGrid, _ componentType: ComponentType) {
    self.slab = slab.region
    self.bytes = bytes
    self.grid = grid
    self.componentType = componentType
    strides = grid.strides(of: slab.region.size, componentType)
  }

  /// A chunk that lies in the slab exactly as it is stored needs no copy.
  func areKept(of chunk: ChunkIndex) -> Bool {
    let stored = grid.storedShape(of: chunk)
    return stored == grid.region(of: chunk).size && strides.areEqual(grid.strides(of: stored, componentType), over: stored)
  }

  func withElements<Result>(
    of chunk: ChunkIndex, _ workspace: ChunkWorkspace, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    let region = grid.region(of: chunk)
    var layout = StridedLayout(strides: strides, componentStride: 0)
    for axis in 0..<strides.count { layout.byteOffset += (region.origin[axis] - slab.origin[axis]) * strides[axis] }
    let byteCount = grid.storedCount(of: chunk) * componentType.byteCount
    guard !areKept(of: chunk) else {
      return try bytes.withPart(layout.byteOffset..<(layout.byteOffset + byteCount), body)
    }
    let stored = grid.storedShape(of: chunk)
    return try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) in
      if stored != region.size { span.zero() }
      let dense = StridedLayout(strides: grid.strides(of: stored, componentType), componentStride: 0)
      try bytes.withAll { all throws(IOLinkError) in
        try PixelCopy.copy(region.size, DataType(componentType), from: all, layout, to: &span, dense)
      }
      return try body(span.bytes)
    }
  }
}
