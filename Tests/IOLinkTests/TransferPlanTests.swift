@testable import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Testing

/// That every chunk of a source is decoded once, whatever the grids and the budget, and that all ways give the same chunks.
struct TransferPlanTests {
  /// An image in memory, cut into chunks that are counted.
  final class CountedSource: ChunkSource {
    let grid: ChunkGrid
    let image: MemoryImageView
    let decodes = Guarded<[Int: Int]>([:])
    var dataType: DataType { image.dataType }

    init(_ image: MemoryImageView, chunk: Shape) throws {
      self.image = image
      grid = try ChunkGrid(image: image.shape, dataType: image.dataType, chunkShape: chunk)
    }

    func decodeChunk(_ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
      decodes.withLock { $0[chunk.ordinal, default: 0] += 1 }
      let region = grid.region(of: chunk)
      var (origin, size) = (region.origin, region.size)
      if dataType.componentCount > 1 {
        origin.remove(at: origin.count - 1)
        size.remove(at: size.count - 1)
      }
      try image.read(
        Region(origin: origin, size: size), into: &elements, layout: StridedLayout(dense: size, image.dataType))
    }
  }

  /// Temporary streams in memory, which are counted as long as anyone holds them.
  final class CountedStorage: TemporaryStorage {
    final class Stream: StreamAccess {
      private let base = MemoryStream()
      private let storage: CountedStorage
      init(_ storage: CountedStorage) { self.storage = storage }
      deinit { storage.living.withLock { $0 -= 1 } }
      var capabilities: StreamCapabilities { base.capabilities }
      var position: Int { base.position }
      var byteCount: Int? { base.byteCount }
      func read(into bytes: inout MutableRawSpan) throws(IOLinkError) -> Int { try base.read(into: &bytes) }
      func write(_ bytes: RawSpan) throws(IOLinkError) {
        storage.longest.withLock { $0 = max($0, bytes.byteCount) }
        try base.write(bytes)
      }
      func seek(to position: Int) throws(IOLinkError) { try base.seek(to: position) }
    }

    let living = Guarded(0)
    let made = Guarded(0)
    let longest = Guarded(0)

    func makeStream() throws(IOLinkError) -> any StreamAccess {
      living.withLock { $0 += 1 }
      made.withLock { $0 += 1 }
      return Stream(self)
    }
  }

  /// An image of 96 × 64 × 60 elements whose values repeat at no regular distance.
  private static func image(_ type: DataType = .uint8) throws -> MemoryImageView {
    let shape: Shape = [96, 64, 60]
    var state: UInt32 = 7
    let bytes = (0..<(try shape.byteCount(of: type))).map { _ -> UInt8 in
      state = state &* 1_664_525 &+ 1_013_904_223
      return UInt8(truncatingIfNeeded: state >> 24)
    }
    return try MemoryImageView(
      StridedMemory(
        MemoryBlock(copying: unsafe bytes.span.bytes), layout: StridedLayout(dense: shape, type), shape: shape, dataType: type),
      properties: ImageProperties(.volume, shape: shape))
  }

  private struct Outcome {
    let course: TransferCourse
    let sink: TestChunkSink
  }

  private static func transfer(
    _ view: any ImageView, chunk: Shape, order: ChunkOrder = .any, axes: AxisVector? = nil, edges: ChunkGrid.Edges = .clipped,
    divisor: Int, storage: (any TemporaryStorage)?
  ) throws -> Outcome {
    let grid = try ChunkGrid(image: view.shape, dataType: view.dataType, chunkShape: chunk, order: axes, edges: edges)
    let sink = TestChunkSink(grid, view.dataType, order: order, isVerbatim: true)
    // The budget is at least 1 MiB, so the image is large or small beside it by its number of bytes.
    let runtime = Runtime(executor: ThreadPool(threadCount: 3), cacheByteCount: 0, workingMemory: divisor, bytesPerWorker: 1)
    let course = try Transfer(view, to: sink, runtime: runtime, storage: storage).run()
    return Outcome(course: course, sink: sink)
  }

  /// Checks all chunks of a sink against the image.
  private static func check(_ outcome: Outcome, _ image: any ImageView, _ comment: Comment) throws {
    let grid = outcome.sink.grid
    let stored = outcome.sink.stored.withLock { $0 }
    #expect(stored.numbers.count == grid.chunkCount && stored.finishCount == 1, comment)
    let reference = TestChunkSink(grid, image.dataType, order: .sequential, isVerbatim: true)
    try Transfer(image.copyInMemory(), to: reference, runtime: Runtime(executor: SerialExecutor())).run()
    #expect(stored.bytes == reference.stored.withLock { $0.bytes }, comment)
  }

  @Test("Each chunk of the source is decoded once, whatever the two grids, in a container of either order")
  func decodedOnce() throws {
    let image = try Self.image(.uint32)  // 1.4 MiB
    for (source, target, plan) in [
      ([96, 64, 1], [8, 8, 60], TransferCourse.Plan.temporaryFile), ([8, 8, 60], [96, 64, 1], .temporaryFile),
      ([96, 8, 8], [96, 64, 1], .slabs), ([24, 20, 7], [10, 12, 5], .temporaryFile), ([96, 64, 20], [96, 64, 1], .slabs),
      ([96, 64, 60], [32, 32, 32], .temporaryFile),
    ] as [(Shape, Shape, TransferCourse.Plan)] {
      for (order, edges) in [(ChunkOrder.any, ChunkGrid.Edges.clipped), (.sequential, .padded)] {
        let counted = try CountedSource(image, chunk: source)
        let view = try ChunkedImageView(
          counted, properties: image.properties, identity: .unique(byteCount: 0),
          runtime: Runtime(executor: ThreadPool(threadCount: 3), cacheByteCount: 0, bytesPerWorker: 1))
        let storage = CountedStorage()
        let outcome = try Self.transfer(view, chunk: target, order: order, edges: edges, divisor: 1 << 20, storage: storage)
        let comment: Comment = "\(source) to \(target), \(order)"
        #expect(outcome.course == TransferCourse(plan: plan, decodesPerChunk: 1), comment)
        #expect(counted.decodes.withLock { $0.count == counted.grid.chunkCount && $0.values.allSatisfy { $0 == 1 } }, comment)
        #expect(storage.living.withLock { $0 } == 0 && storage.made.withLock { $0 } == (plan == .temporaryFile ? 1 : 0), comment)
        try Self.check(outcome, image, comment)
      }
    }
  }

  @Test("Chunks that a crop, a flip or a permutation cuts are decoded once, too")
  func transformed() throws {
    let image = try Self.image(.uint16)
    func views(_ image: any ImageView) throws -> [any ImageView] {
      [
        try image.cropped(to: Region(origin: [5, 3, 7], size: [80, 50, 40])), try image.flipped(axis: 2).permuted(to: [2, 0, 1]),
        try image.cropped(to: Region(origin: [0, 0, 1], size: [96, 64, 59])).flipped(axis: 0),
      ]
    }
    for (index, expected) in try views(image).enumerated() {
      let counted = try CountedSource(image, chunk: [16, 16, 8])
      let base = try ChunkedImageView(
        counted, properties: image.properties, identity: .unique(byteCount: 0),
        runtime: Runtime(executor: ThreadPool(threadCount: 3), cacheByteCount: 0, bytesPerWorker: 1))
      let view = try views(base)[index]
      for target in [AxisVector([7, 50, 3]), [16, 16, 8]] {
        counted.decodes.withLock { $0 = [:] }
        let outcome = try Self.transfer(view, chunk: target, divisor: 1 << 20, storage: CountedStorage())
        #expect(outcome.course.decodesPerChunk == 1 && counted.decodes.withLock { $0.values.allSatisfy { $0 == 1 } }, "\(index) to \(target)")
        try Self.check(outcome, expected, "\(index) to \(target)")
      }
    }
  }

  @Test("Without temporary storage, slabs divide the chunks of the source, and the report says how often they were decoded")
  func withoutStorage() throws {
    let image = try Self.image(.uint32)
    let counted = try CountedSource(image, chunk: [96, 64, 1])
    let view = try ChunkedImageView(
      counted, properties: image.properties, identity: .unique(byteCount: 0),
      runtime: Runtime(executor: SerialExecutor(), cacheByteCount: 0))
    let outcome = try Self.transfer(view, chunk: [8, 8, 60], divisor: 1 << 20, storage: nil)
    let average = counted.decodes.withLock { Double($0.values.reduce(0, +)) / Double($0.count) }
    #expect(outcome.course == TransferCourse(plan: .dividedSlabs, decodesPerChunk: average) && average > 1, "\(outcome.course), \(average)")
    try Self.check(outcome, image, "divided")
    // With a larger budget, the same image needs no temporary storage.
    let roomy = try Self.transfer(view, chunk: [8, 8, 60], divisor: 16 << 20, storage: nil)
    #expect(roomy.course == TransferCourse(plan: .slabs, decodesPerChunk: 1))
    #expect(try Self.transfer(image, chunk: [8, 8, 60], divisor: 1 << 20, storage: nil).course == TransferCourse(plan: .memory, decodesPerChunk: nil))
  }

  @Test("The plans of large images at 32, 64 and 256 MiB keep the chunks of the source whole where the budget allows")
  func largePlans() throws {
    for (source, target, megabytes, keeps) in [
      // 512 pages of 1024 × 1024 as one strip each, or as strips of 64 rows, into chunks 512 deep.
      ([1024, 1024, 1], [8, 8, 512], [32, 64, 256], [false, false, false]), ([1024, 64, 1], [8, 8, 512], [32, 64, 256], [false, false, true]),
      // Chunks 64 deep into tiles and into whole pages.
      ([64, 64, 64], [256, 256, 1], [32, 64, 256], [true, true, true]), ([64, 64, 64], [1024, 1024, 1], [32, 64, 256, 512], [false, false, false, true]),
    ] as [(Shape, Shape, [Int], [Bool])] {
      let grid = try ChunkGrid(image: [1024, 1024, 512], dataType: .uint16, chunkShape: target)
      for (budget, isKept) in zip(megabytes, keeps) {
        let chunking = Chunking(shape: source, origin: [0, 0, 0])
        let plan = SlabPlan(grid, componentType: .uint16, isSequential: false, source: chunking, byteBudget: budget << 18)
        #expect(plan.keepsSourceChunks == isKept, "\(source) to \(target) at \(budget) MiB")
        #expect(plan.slabs.largest.reduce(2, *) <= budget << 18)
      }
    }
  }

  @Test("Nothing of a temporary file stays after an error, or when the transfer is cancelled on the way in or out")
  func released() throws {
    let image = try Self.image(.uint32)
    let view = try ChunkedImageView(
      CountedSource(image, chunk: [96, 64, 1]), properties: image.properties, identity: .unique(byteCount: 0),
      runtime: Runtime(executor: SerialExecutor(), cacheByteCount: 0))
    let grid = try ChunkGrid(image: image.shape, dataType: .uint32, chunkShape: [8, 8, 60])
    let runtime = Runtime(executor: ThreadPool(threadCount: 2), cacheByteCount: 0, workingMemory: 1 << 20)
    for (limit, failing, code) in [(0.2, nil, IOLinkError.Code.cancelled), (0.8, nil, .cancelled), (2, 17, .io)] as [(Double, Int?, IOLinkError.Code)] {
      let storage = CountedStorage()
      let cancellation = Cancellation()
      let sink = TestChunkSink(grid, .uint32, order: .any, isVerbatim: true, failing: failing)
      let error = #expect(throws: IOLinkError.self) {
        try Transfer(view, to: sink, runtime: runtime, storage: storage).run(context: OperationContext(cancellation: cancellation)) {
          if $0.fraction >= limit { cancellation.cancel() }
        }
      }
      #expect(error?.code == code && sink.stored.withLock { $0.finishCount } == 0)
      #expect(storage.made.withLock { $0 } == 1 && storage.living.withLock { $0 } == 0)
    }
    var steps: [Double] = []
    try Transfer(view, to: TestChunkSink(grid, .uint32, order: .any, isVerbatim: true), runtime: runtime, storage: CountedStorage()).run {
      steps.append($0.fraction)
    }
    #expect(steps == steps.sorted() && steps.last == 1 && steps.count > 8)
  }

  @Test("A part of a partition is cut into pieces that cover it once, and comes back from a temporary file as it was")
  func partitions() throws {
    for seed in 0..<40 {
      var random = SeededGenerator(seed: UInt64(seed))
      func lengths(_ limit: Int) -> AxisVector { AxisVector((0..<3).map { _ in Int.random(in: 1...limit, using: &random) }) }
      let shape = lengths(12)
      let (reading, writing) = (
        Partition(shape, first: lengths(7), length: lengths(7)), Partition(shape, first: lengths(5), length: lengths(9))
      )
      let grid = try ChunkGrid(image: shape, dataType: .uint16, chunkShape: shape, order: [1, 2, 0])
      let pattern = PatternView(.uint16, properties: try ImageProperties(unknownAxes: shape))
      let way = Rearrangement(from: reading, to: writing, grid: grid, .uint16, on: MemoryStream())
      func elements(_ part: Region) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: part.size.reduce(2, *))
        var mutable = bytes.mutableSpan
        var span = unsafe mutable.mutableBytes
        try pattern.read(part, into: &span, layout: StridedLayout(strides: grid.strides(of: part.size, .uint16), componentStride: 0))
        return bytes
      }
      var covered = 0
      for part in reading.parts(order: [0, 1, 2]) {
        covered += writing.pieces(of: part).reduce(0) { $0 + $1.size.reduce(1, *) }
        let bytes = try elements(part)
        try way.store(part, from: unsafe bytes.span.bytes, .default)
      }
      #expect(covered == shape.reduce(1, *), "seed \(seed)")
      for part in writing.parts(order: [2, 1, 0]) {
        var bytes = [UInt8](repeating: 0, count: part.size.reduce(2, *))
        var mutable = bytes.mutableSpan
        var span = unsafe mutable.mutableBytes
        try way.read(part, of: part, into: &span, .default)
        #expect(try bytes == elements(part), "seed \(seed), part \(part)")
      }
    }
  }
}
