import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Synchronization
import Testing

struct TransferTests {
  struct Target: Sendable, CustomStringConvertible {
    let chunk: [Int]
    let order: [Int]
    let edges: ChunkGrid.Edges
    var description: String { "\(chunk) in order \(order), \(edges)" }
  }

  /// Ways to divide an image of 11 × 7 × 5 into chunks; a vector image gets a component axis in addition.
  static let targets: [Target] = [
    Target(chunk: [4, 3, 2], order: [2, 1, 0], edges: .clipped),
    Target(chunk: [4, 3, 2], order: [2, 1, 0], edges: .padded),
    Target(chunk: [11, 1, 1], order: [2, 1, 0], edges: .clipped),
    Target(chunk: [1, 7, 5], order: [0, 1, 2], edges: .clipped),
    Target(chunk: [20, 20, 20], order: [1, 2, 0], edges: .padded),
    Target(chunk: [3, 3, 3], order: [0, 2, 1], edges: .padded),
  ]

  @Test(
    "Every chunk is stored exactly once, in order where the container demands it, with the right numbers",
    arguments: targets)
  func everyChunk(_ target: Target) throws {
    let properties = try ImageProperties(axes: [
      Axis(.column, length: 11), Axis(.row, length: 7), Axis(.channel, length: 5),
    ])
    for components in [1, 3] {
      let pattern = PatternView(
        try DataType(.uint16, componentCount: components), properties: properties)
      for (perComponent, componentsFirst) in components == 1
        ? [(1, false)] : [(3, false), (1, true), (1, false), (2, true), (3, true)]
      {
        let chunk = AxisVector(target.chunk + (components > 1 ? [perComponent] : []))
        let order =
          components == 1 ? target.order : componentsFirst ? [3] + target.order : target.order + [3]
        let grid = try ChunkGrid(
          image: pattern.shape, dataType: pattern.dataType, chunkShape: chunk,
          order: AxisVector(order), edges: target.edges)
        try check(
          pattern, grid,
          "\(target), \(components) components in \(perComponent), first: \(componentsFirst)")
      }
    }
  }

  private func check(_ pattern: PatternView, _ grid: ChunkGrid, _ text: String) throws {
    let source = try TestChunkSource(
      pattern, chunk: grid.chunkShape, order: grid.order, edges: grid.edges)
    // Where a chunk exceeds the image the test source has 0xEE, but the sink must get zeros.
    let expected = (0..<grid.chunkCount).map { number in
      zip(
        source.storedBytes(grid.chunk(number)),
        paddingMask(grid, grid.chunk(number), pattern.dataType.componentType.byteCount)
      )
      .map { $1 ? 0 : $0 }
    }
    for holding in [Holding.memory, .memoryPermuted, .memoryPlanarNegative, .chunkedSeparate, .sequential] {
      for (order, isVerbatim) in [
        (ChunkOrder.any, holding == .sequential || holding == .memory), (.sequential, holding != .sequential),
      ] {
        let runtime = Runtime(executor: ThreadPool(threadCount: 3), workingMemory: 1 << 20, bytesPerWorker: 1)
        let sink = TestChunkSink(grid, pattern.dataType, order: order, isVerbatim: isVerbatim)
        var steps: [Progress] = []
        try Transfer(holding.view(pattern, runtime: runtime), to: sink, runtime: runtime).run {
          steps.append($0)
        }
        let stored = sink.stored.withLock { $0 }
        #expect(
          stored.numbers.count == grid.chunkCount && Set(stored.numbers).count == grid.chunkCount,
          "\(text), \(holding)")
        #expect(
          order == .any || stored.numbers == Array(0..<grid.chunkCount), "\(text), \(holding)")
        #expect(stored.finishCount == 1)
        #expect(steps.last.map { $0.completed == $0.total } == true)
        for number in 0..<grid.chunkCount {
          #expect(
            stored.bytes[number] == expected[number],
            "\(text), \(holding), \(order), chunk \(number)")
        }
      }
    }
  }

  private func paddingMask(_ grid: ChunkGrid, _ chunk: ChunkIndex, _ unit: Int) -> [Bool] {
    let extent =
      grid.edges == .padded
      ? Array(grid.chunkShape)
      : grid.shape.indices.map {
        min(grid.chunkShape[$0], grid.shape[$0] - chunk.position[$0] * grid.chunkShape[$0])
      }
    var mask: [Bool] = []
    var counter = Array(repeating: 0, count: extent.count)
    for _ in 0..<extent.reduce(1, *) {
      let isInside = extent.indices.allSatisfy {
        chunk.position[$0] * grid.chunkShape[$0] + counter[$0] < grid.shape[$0]
      }
      mask += Array(repeating: !isInside, count: unit)
      for axis in grid.order.reversed() {
        counter[axis] += 1
        if counter[axis] < extent[axis] { break }
        counter[axis] = 0
      }
    }
    return mask
  }

  @Test(
    "An image larger than the budget goes through in slabs; a source chunk is decoded once where the container takes any order"
  )
  func slabs() throws {
    // The pixels have 2 MiB and the budget is 1 MiB, of which a slab is a quarter.
    let shape: Shape = [256, 256, 32]
    let numbers = (0..<(2 << 20)).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 3) }
    let block = try MemoryImageView(
      StridedMemory(
        MemoryBlock(copying: unsafe numbers.span.bytes),
        layout: StridedLayout(dense: shape, .uint8), shape: shape, dataType: .uint8),
      properties: ImageProperties(.volume, shape: shape))
    let runtime = Runtime(
      executor: ThreadPool(threadCount: 2), cacheByteCount: 0, workingMemory: 1 << 20)
    for (order, chunk) in [
      (ChunkOrder.sequential, [256, 16, 1]), (.any, [64, 64, 2]), (.any, [256, 256, 32]),
      (.sequential, [32, 32, 32]),
    ] {
      let grid = try ChunkGrid(image: shape, dataType: .uint8, chunkShape: AxisVector(chunk))
      let sink = TestChunkSink(grid, .uint8, order: order, isVerbatim: true)
      var steps = 0
      try Transfer(block, to: sink, runtime: runtime).run { _ in steps += 1 }
      #expect(steps > 1 || grid.chunkCount == 1)
      let stored = sink.stored.withLock { $0 }
      #expect(stored.numbers.count == grid.chunkCount)
      #expect(order == .any || stored.numbers == Array(0..<grid.chunkCount))
      for number in stride(from: 0, to: grid.chunkCount, by: 7) {
        let region = grid.region(of: grid.chunk(number))
        let expected = try block.bytes(of: region)
        #expect(stored.bytes[number] == expected, "chunk \(number) of \(chunk)")
      }
    }
    let source = try TestChunkSource(
      PatternView(
        .uint8,
        properties: try ImageProperties(axes: [Axis(.column, length: 64), Axis(.row, length: 64)])),
      chunk: [16, 16])
    let tiled = try ChunkTests.view(source, source.pattern, Runtime(executor: SerialExecutor(), cacheByteCount: 0))
    let sink = TestChunkSink(
      try ChunkGrid(image: [64, 64], dataType: .uint8, chunkShape: [4, 4]), .uint8, order: .any,
      isVerbatim: false)
    try Transfer(tiled, to: sink, runtime: runtime).run()
    #expect(source.decodeCount == 16)
  }

  @Test(
    "What cannot be encoded or read stops the transfer; nothing behind it is stored, nothing is finished"
  )
  func failures() throws {
    let pattern = PatternView(
      .uint8,
      properties: try ImageProperties(axes: [Axis(.column, length: 8), Axis(.row, length: 64)]))
    let grid = try ChunkGrid(image: pattern.shape, dataType: .uint8, chunkShape: [8, 2])
    let runtime = Runtime(executor: ThreadPool(threadCount: 3), bytesPerWorker: 1)
    for order in [ChunkOrder.any, .sequential] {
      let sink = TestChunkSink(grid, .uint8, order: order, isVerbatim: false, failing: 11)
      let error = #expect(throws: IOLinkError.self) {
        try Transfer(pattern, to: sink, runtime: runtime).run()
      }
      #expect(error?.code == .io && error?.offset == 11)
      #expect(sink.stored.withLock { $0.finishCount == 0 && ($0.numbers.max() ?? 0) < 11 })
    }
    let cancellation = Cancellation()
    cancellation.cancel()
    let sink = TestChunkSink(grid, .uint8, order: .any, isVerbatim: true)
    let stopped = #expect(throws: IOLinkError.self) {
      try Transfer(pattern, to: sink, runtime: runtime).run(
        context: OperationContext(cancellation: cancellation))
    }
    #expect(stopped?.code == .cancelled && sink.stored.withLock { $0.numbers.isEmpty })
    #expect(throws: IOLinkError.self) {
      try Transfer(pattern.converted(to: .int8, .cast), to: sink, runtime: runtime)
    }
    #expect(throws: IOLinkError.self) {
      try Transfer(pattern.permuted(to: [1, 0]), to: sink, runtime: runtime)
    }
  }

  @Test("Progress counts the bytes of the pixels that are done, slab by slab")
  func progress() throws {
    let element: [UInt8] = [7]
    let image = try MemoryImageView.uniform([4096, 160], .uint8, element: unsafe element.span.bytes)
    let grid = try ChunkGrid(image: [4096, 160], dataType: .uint8, chunkShape: [4096, 16])
    let sink = TestChunkSink(grid, .uint8, order: .sequential, isVerbatim: true)
    var steps: [Progress] = []
    // A slab has 256 KiB, a quarter of the budget, which is 64 rows.
    try Transfer(image, to: sink, runtime: Runtime(executor: SerialExecutor(), workingMemory: 1 << 20)).run { steps.append($0) }
    #expect(steps.map(\.completed) == [262_144, 524_288, 655_360] && steps.allSatisfy { $0.total == 655_360 })
    #expect(steps.map(\.fraction) == [0.4, 0.8, 1])
  }

  @Test("Empty images and images of rank 0 are transferred")
  func corners() throws {
    for lengths in [[], [0], [3, 0, 2]] {
      let pattern = PatternView(
        .float32, properties: try ImageProperties(unknownAxes: AxisVector(lengths)))
      let grid = try ChunkGrid(
        image: pattern.shape, dataType: .float32, chunkShape: AxisVector(lengths.map { max(1, $0) })
      )
      let sink = TestChunkSink(grid, .float32, order: .sequential, isVerbatim: true)
      try Transfer(pattern, to: sink, runtime: Runtime(executor: SerialExecutor())).run()
      let stored = sink.stored.withLock { $0 }
      #expect(stored.finishCount == 1 && stored.numbers.count == (lengths.isEmpty ? 1 : 0))
      if lengths.isEmpty { #expect(stored.bytes[0] == pattern.number(at: [Int](), component: 0)) }
    }
  }
}
