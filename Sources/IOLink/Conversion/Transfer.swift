/// Reads an image and drives a sink with it: in bounded memory, on all cores, chunks stored in the container's order.
///
/// The image is cut into slabs of target chunks. A slab is read once, into memory in the target's order; then its chunks
/// are encoded in parallel and stored one at a time.
public struct Transfer: Sendable {
  private let image: any ImageView
  private let sink: any ChunkSink
  private let runtime: Runtime

  /// - Throws: `invalidArgument` when shapes or types differ.
  public init(_ image: any ImageView, to sink: any ChunkSink, runtime: Runtime) throws(IOLinkError) {
    var shape = image.shape
    if image.dataType.componentCount > 1 { shape.append(image.dataType.componentCount) }
    guard shape == sink.grid.shape, image.dataType == sink.dataType else {
      throw IOLinkError(
        .invalidArgument,
        "an image of shape \(shape) \(image.dataType) for a sink of shape \(sink.grid.shape) \(sink.dataType)")
    }
    self.image = image
    self.sink = sink
    self.runtime = runtime
  }

  /// Writes all pixels and completes the container.
  ///
  /// - Parameter progress: Called between slabs, on the caller's thread, and before the container is completed: cancelling
  ///   then still leaves it incomplete.
  /// - Throws: what reading and writing throw; `cancelled`. The container is then incomplete.
  public func run(
    context: ReadContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) {
    let total = try image.shape.byteCount(of: image.dataType)
    if total > 0 {
      let plan = SlabPlan(
        sink.grid, scalar: image.dataType.scalar, isSequential: sink.order == .sequential,
        sourceChunk: numbersShape(image.chunkShape), byteBudget: runtime.workingMemory / 4)
      let buffer = ScratchBuffer()
      var completed = 0
      for slab in plan {
        try context.checkCancellation()
        let byteCount = slab.region.size.reduce(image.dataType.scalar.byteCount, *)
        try buffer.withBytes(byteCount) { bytes throws(IOLinkError) in
          try read(slab.region, into: &bytes, context)
          try store(slab, bytes.bytes, context)
        }
        completed += byteCount
        progress?(Progress(completed: completed, total: total))
      }
    }
    try context.checkCancellation()
    try sink.finish()
  }

  private func numbersShape(_ shape: Shape?) -> Shape? {
    guard var shape else { return nil }
    if image.dataType.componentCount > 1 { shape.append(image.dataType.componentCount) }
    return shape
  }

  /// Reads a box of numbers, dense in the sink's order.
  private func read(_ box: Region, into bytes: inout MutableRawSpan, _ context: ReadContext) throws(IOLinkError) {
    let strides = sink.grid.strides(of: box.size, image.dataType.scalar)
    guard image.dataType.componentCount > 1 else {
      try image.read(box, into: &bytes, layout: StridedLayout(strides: strides, componentStride: 0), context: context)
      return
    }
    let component = box.rank - 1
    guard box.size[component] == image.dataType.componentCount else {
      // Separately stored components: some of them, as one last axis.
      let numbers = try image.componentsAsLastAxis()
      let layout = StridedLayout(strides: strides, componentStride: image.dataType.scalar.byteCount)
      try numbers.read(box, into: &bytes, layout: layout, context: context)
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

  /// Encodes the chunks of a slab in parallel and stores them in order.
  private func store(_ slab: SlabPlan.Slab, _ bytes: RawSpan, _ context: ReadContext) throws(IOLinkError) {
    let chunks = slab.chunks
    let ordered = OrderedStore(chunks.map(\.number))
    let executor = context.executor ?? runtime.executor
    let workers = runtime.workers(for: bytes.byteCount, context)
    let grid = sink.grid
    let scalar = image.dataType.scalar
    let strides = grid.strides(of: slab.region.size, scalar)
    try SharedSource.lend(bytes) { shared throws(IOLinkError) in
      try executor.forEach(count: chunks.count, workers: workers, makeState: { ChunkWorkspace() }) {
        index, workspace throws(IOLinkError) in
        try context.checkCancellation()
        let chunk = chunks[index]
        let region = grid.region(of: chunk)
        var layout = StridedLayout(strides: strides, componentStride: 0)
        for axis in 0..<strides.count {
          layout.byteOffset += (region.origin[axis] - slab.region.origin[axis]) * strides[axis]
        }
        let stored = grid.storedShape(of: chunk)
        let inside = grid.strides(of: stored, scalar)
        let byteCount = grid.storedCount(of: chunk) * scalar.byteCount
        if stored == region.size, layout.runsLike(inside, stored) {
          let range = layout.byteOffset..<(layout.byteOffset + byteCount)
          let encoded = try shared.withPart(range) { part throws(IOLinkError) in
            try sink.encodeChunk(chunk, from: part, workspace: workspace)
          }
          try ordered.submit(chunk) { () throws(IOLinkError) in
            switch encoded {
            case .verbatim:
              try shared.withPart(range) { part throws(IOLinkError) in try sink.storeChunk(chunk, part) }
            case .bytes(let bytes): try sink.storeChunk(chunk, unsafe bytes.span.bytes)  // bytes have no padding
            }
          }
          return
        }
        let encoded = try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) -> EncodedChunk in
          if stored != region.size { span.zero() }
          try shared.withAll { all throws(IOLinkError) in
            try PixelCopy.copy(
              region.size, DataType(scalar), from: all, layout, to: &span,
              StridedLayout(strides: inside, componentStride: 0))
          }
          let elements = span.bytes
          let encoded = try sink.encodeChunk(chunk, from: elements, workspace: workspace)
          if case .verbatim = encoded { return .bytes(elements.byteArray()) }
          return encoded
        }
        try ordered.submit(chunk) { () throws(IOLinkError) in
          if case .bytes(let bytes) = encoded { try sink.storeChunk(chunk, unsafe bytes.span.bytes) }
        }
      }
    }
  }
}

extension StridedLayout {
  /// Whether numbers of this shape lie as they would with these strides.
  fileprivate func runsLike(_ other: AxisVector, _ shape: Shape) -> Bool {
    for axis in 0..<shape.count where shape[axis] > 1 && strides[axis] != other[axis] { return false }
    return true
  }
}

/// Bytes lent to several workers that only read them.
@safe
struct SharedSource: @unchecked Sendable {  // read-only, and lent only while the owner waits
  private let base: UnsafeRawPointer?
  private let byteCount: Int

  static func lend(_ span: RawSpan, _ body: (SharedSource) throws(IOLinkError) -> Void) throws(IOLinkError) {
    // The pointer is used only while the span is lent, by workers that have all returned before `body` does.
    try unsafe span.withUnsafeBytes { buffer throws(IOLinkError) in
      try unsafe body(SharedSource(base: buffer.baseAddress, byteCount: buffer.count))
    }
  }

  private init(base: UnsafeRawPointer?, byteCount: Int) {
    unsafe self.base = unsafe base
    self.byteCount = byteCount
  }

  func withPart<Result>(
    _ range: Range<Int>, _ body: (RawSpan) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= byteCount, "\(range) of \(byteCount) bytes")
    guard let base = unsafe base else { return try body(RawSpan()) }
    // In bounds by the precondition.
    return try body(unsafe RawSpan(_unsafeStart: base + range.lowerBound, byteCount: range.count))
  }

  func withAll<Result>(_ body: (RawSpan) throws(IOLinkError) -> Result) throws(IOLinkError) -> Result {
    try withPart(0..<byteCount, body)
  }
}
