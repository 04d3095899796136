import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Synchronization
import Testing

/// What `ChunkedImageView` promises about decoding: how often, into which memory, and what happens when it fails.
struct ChunkTests {
  static func rgb(_ width: Int, _ height: Int) throws -> PatternView {
    PatternView(
      try DataType(.uint16, componentCount: 3),
      properties: try ImageProperties(axes: [
        Axis(.column, length: width), Axis(.row, length: height),
      ]))
  }

  static func view(
    _ source: any ChunkSource, _ pattern: PatternView, _ runtime: Runtime, image: String = ""
  ) throws -> ChunkedImageView {
    try ChunkedImageView(
      source, properties: pattern.properties,
      identity: SourceIdentity(name: "test", byteCount: 1, modification: 2), image: image,
      runtime: runtime)
  }

  @Test(
    "Reading everything decodes each chunk once",
    arguments: [[3, 4, 3], [100, 1, 3], [16, 16, 1], [1, 1, 1], [5, 7, 2]],
    [ChunkGrid.Edges.clipped, .padded])
  func onceEach(_ chunk: [Int], _ edges: ChunkGrid.Edges) throws {
    let pattern = try Self.rgb(10, 9)
    let runtime = Runtime(executor: ThreadPool(threadCount: 4), cacheByteCount: 0, bytesPerWorker: 1)
    for order in [[1, 0, 2], [2, 1, 0], [0, 1, 2]] {
      let source = try TestChunkSource(
        pattern, chunk: AxisVector(chunk), order: AxisVector(order), edges: edges)
      let bytes = try Self.view(source, pattern, runtime).bytes(of: Region(of: pattern.shape))
      #expect(bytes == pattern.expectedBytes(of: Region(of: pattern.shape)))
      #expect(
        source.decodes.withLock { $0 }
          == Dictionary(uniqueKeysWithValues: (0..<source.grid.chunkCount).map { ($0, 1) }))
    }
  }

  @Test("Only the chunks that a region touches are decoded")
  func touched() throws {
    let pattern = try Self.rgb(100, 100)
    let source = try TestChunkSource(pattern, chunk: [10, 10])
    let view = try Self.view(source, pattern, Runtime(executor: SerialExecutor()))
    _ = try view.bytes(of: Region(origin: [15, 32], size: [10, 1]))
    // Columns 1 and 2, row 3 of a 10 × 10 grid, rows slowest.
    #expect(source.decodes.withLock { $0.keys.sorted() } == [31, 32])
    _ = try view.subsampled(by: [40, 99]).bytes(of: Region(of: [3, 2]))
    #expect(source.decodes.withLock { $0.keys.sorted() } == [0, 4, 8, 31, 32, 90, 94, 98])
  }

  @Test("A chunk that is dense in the destination is decoded into it without a copy")
  func intoTheCaller() throws {
    let pattern = try Self.rgb(12, 40)
    let source = try TestChunkSource(pattern, chunk: [12, 5, 3])
    let view = try Self.view(source, pattern, Runtime(executor: SerialExecutor()))
    let copy = try view.copyInMemory()
    let memory = try wanted(copy.memory)
    let base = unsafe UInt(bitPattern: memory.block.baseAddress)
    for number in 0..<8 {
      #expect(
        source.addresses.withLock { $0[number] } == base + UInt(number * 12 * 5 * 6),
        "chunk \(number)")
    }
    #expect(source.decodeCount == 8)
    // Several planes of separately stored components, in a planar destination.
    let separate = try TestChunkSource(pattern, chunk: [12, 40, 1], order: [2, 1, 0])
    var planes = [UInt8](repeating: 0, count: 12 * 40 * 6)
    let start = unsafe planes.withUnsafeMutableBytes { UInt(bitPattern: $0.baseAddress) }
    var mutable = planes.mutableSpan
    var span = unsafe mutable.mutableBytes
    try Self.view(separate, pattern, Runtime(executor: SerialExecutor())).read(
      Region(of: [12, 40]), into: &span,
      layout: StridedLayout(strides: [2, 24], componentStride: 960), context: .default)
    #expect(separate.addresses.withLock { $0 } == [0: start, 1: start + 960, 2: start + 1920])
  }

  @Test("Parts of a chunk come from the cache, and whole chunks bypass it")
  func cache() throws {
    let pattern = try Self.rgb(20, 20)
    let source = try TestChunkSource(pattern, chunk: [10, 10])
    let runtime = Runtime(executor: SerialExecutor(), cacheByteCount: 1 << 20)
    let view = try Self.view(source, pattern, runtime)
    for column in 0..<20 {
      let region = try Region(origin: [column, 3], size: [1, 2])
      #expect(try view.bytes(of: region) == pattern.expectedBytes(of: region))
    }
    #expect(source.decodes.withLock { $0 } == [0: 1, 1: 1])
    // Another image of the same file does not share these chunks, but the same image opened again does.
    let other = PatternView(pattern.dataType, properties: pattern.properties, seed: 99)
    let region = try Region(origin: [0, 3], size: [1, 2])
    let second = try Self.view(
      TestChunkSource(other, chunk: [10, 10]), other, runtime, image: "second")
    #expect(try second.bytes(of: region) == other.expectedBytes(of: region))
    let again = try TestChunkSource(pattern, chunk: [10, 10])
    #expect(
      try Self.view(again, pattern, runtime).bytes(of: region) == pattern.expectedBytes(of: region))
    #expect(again.decodeCount == 0)
    // The same image with another grid, which options of a codec can cause, must not be confused with it.
    let recut = try TestChunkSource(other, chunk: [7, 10])
    #expect(
      try Self.view(recut, other, runtime).bytes(of: region) == other.expectedBytes(of: region))
  }

  @Test("The cache keeps to its budget, and drops what was not used for longest")
  func budget() throws {
    let pattern = try Self.rgb(1000, 10)
    let source = try TestChunkSource(pattern, chunk: [10, 10])  // 600 bytes each
    let view = try Self.view(source, pattern, Runtime(executor: SerialExecutor(), cacheByteCount: 6000))
    func touch(_ chunk: Int) throws {
      _ = try view.bytes(of: Region(origin: [chunk * 10, 0], size: [1, 1]))
    }
    for chunk in 0..<100 { try touch(chunk) }
    #expect(source.decodeCount == 100)
    for chunk in 97..<100 { try touch(chunk) }
    #expect(source.decodeCount == 100)
    for chunk in 0..<10 { try touch(chunk) }
    #expect(source.decodeCount == 110)
  }

  @Test("Eight threads that miss the same chunk decode it once")
  func concurrentMisses() throws {
    let pattern = try Self.rgb(64, 64)
    let source = try TestChunkSource(pattern, chunk: [64, 64])
    let view = try Self.view(source, pattern, Runtime(executor: SerialExecutor(), cacheByteCount: 1 << 20))
    let wrong = Atomic<Int>(0)
    try ThreadPool(threadCount: 8).forEach(count: 64, workers: 8, makeState: { 0 }) {
      index, _ throws(IOLinkError) in
      let region = try Region(origin: [index, 5], size: [1, 9])
      if try view.bytes(of: region) != pattern.expectedBytes(of: region) {
        wrong.wrappingAdd(1, ordering: .relaxed)
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(source.decodeCount == 1)
  }

  @Test(
    "The error of the lowest damaged chunk is thrown, by whole and by partial reads, again and again"
  )
  func errors() throws {
    let pattern = try Self.rgb(30, 30)
    let source = try TestChunkSource(pattern, chunk: [10, 10], failing: [4, 7, 8])
    let view = try Self.view(source, pattern, Runtime(executor: ThreadPool(threadCount: 4), bytesPerWorker: 1))
    for _ in 0..<20 {
      let whole = #expect(throws: IOLinkError.self) {
        try view.bytes(of: Region(of: pattern.shape))
      }
      #expect(whole?.offset == 4 && whole?.code == .malformed)
      let part = #expect(throws: IOLinkError.self) {
        try view.bytes(of: Region(origin: [15, 15], size: [2, 10]))
      }
      #expect(part?.offset == 4)
    }
    let good = try Region(origin: [0, 0], size: [30, 9])
    #expect(try view.bytes(of: good) == pattern.expectedBytes(of: good))
  }

  @Test("A chunk that failed does not stay in the cache")
  func failuresLeaveTheCache() throws {
    let pattern = try Self.rgb(100, 10)
    let runtime = Runtime(executor: SerialExecutor(), cacheByteCount: 2400)
    let bad = try Self.view(
      TestChunkSource(pattern, chunk: [10, 10], failing: [1, 2, 3, 4, 5]), pattern, runtime,
      image: "bad")
    let good = try TestChunkSource(pattern, chunk: [10, 10])
    let view = try Self.view(good, pattern, runtime)
    _ = try view.bytes(of: Region(origin: [0, 0], size: [1, 1]))
    for chunk in 1...5 {
      #expect(throws: IOLinkError.self) {
        try bad.bytes(of: Region(origin: [chunk * 10, 0], size: [1, 1]))
      }
    }
    _ = try view.bytes(of: Region(origin: [1, 0], size: [1, 1]))
    #expect(good.decodeCount == 1)
  }

  @Test("A read is cancelled before and while it reads")
  func cancellation() throws {
    let pattern = try Self.rgb(100, 100)
    let cancellation = Cancellation()
    let source = try TestChunkSource(
      pattern, chunk: [10, 10], onDecode: { number, _ in if number == 20 { cancellation.cancel() } })
    let view = try Self.view(source, pattern, Runtime(executor: SerialExecutor()))
    let context = OperationContext(cancellation: cancellation)
    let error = #expect(throws: IOLinkError.self) {
      try view.bytes(of: Region(of: pattern.shape), context: context)
    }
    #expect(error?.code == .cancelled)
    #expect(source.decodeCount == 21)
    for held in Holding.allCases {
      let stopped = #expect(throws: IOLinkError.self, "\(held)") {
        try held.view(pattern, runtime: Runtime(executor: SerialExecutor())).bytes(
          of: Region(of: pattern.shape), context: context)
      }
      #expect(stopped?.code == .cancelled, "\(held)")
    }
  }

  @Test(
    "A sequential source is decoded in one pass, and not from the beginning for what lies ahead")
  func sequential() throws {
    let pattern = try Self.rgb(10, 60)
    let base = try TestChunkSource(pattern, chunk: [10, 2])
    let source = TestSequentialSource(base)
    let view = try Self.view(source, pattern, Runtime(executor: SerialExecutor(), cacheByteCount: 0))
    #expect(
      try view.bytes(of: Region(of: pattern.shape))
        == pattern.expectedBytes(of: Region(of: pattern.shape)))
    #expect(base.decodes.withLock { $0.values.allSatisfy { $0 == 1 } } && base.decodeCount == 30)
    for row in stride(from: 0, to: 60, by: 6) {
      let region = try Region(origin: [2, row], size: [5, 3])
      #expect(try view.bytes(of: region) == pattern.expectedBytes(of: region))
    }
    #expect(base.decodeCount <= 30 + 30 + 10)
    #expect(source.cursorCount.load(ordering: .relaxed) == 2)
  }

  @Test("Several threads that share a sequential source get the same elements as one")
  func sequentialThreads() throws {
    let pattern = try Self.rgb(8, 80)
    for cacheByteCount in [0, 300, 1 << 20] {
      let source = TestSequentialSource(try TestChunkSource(pattern, chunk: [8, 3]), restart: 10)
      let view = try Self.view(source, pattern, Runtime(executor: SerialExecutor(), cacheByteCount: cacheByteCount))
      let wrong = Atomic<Int>(0)
      try ThreadPool(threadCount: 8).forEach(count: 60, workers: 8, makeState: { 0 }) {
        index, _ throws(IOLinkError) in
        let region = try Region(origin: [1, index * 37 % 70], size: [6, 1 + index % 10])
        if try view.bytes(of: region) != pattern.expectedBytes(of: region) {
          wrong.wrappingAdd(1, ordering: .relaxed)
        }
      }
      #expect(wrong.load(ordering: .relaxed) == 0, "cache of \(cacheByteCount)")
    }
  }

  @Test("A sequential source that fails at a chunk keeps failing there, and works before it")
  func sequentialErrors() throws {
    let pattern = try Self.rgb(8, 20)
    let base = try TestChunkSource(pattern, chunk: [8, 2], failing: [6])
    let view = try Self.view(TestSequentialSource(base), pattern, Runtime(executor: SerialExecutor()))
    for _ in 0..<3 {
      let error = #expect(throws: IOLinkError.self) {
        try view.bytes(of: Region(of: pattern.shape))
      }
      #expect(error?.offset == 6)
      let before = try Region(origin: [0, 1], size: [8, 11])
      #expect(try view.bytes(of: before) == pattern.expectedBytes(of: before))
    }
  }

  @Test("Grids near the largest countable size are refused or read, and never trap")
  func extremeGrids() throws {
    let huge = #expect(throws: IOLinkError.self) {
      try ChunkGrid(image: [1 << 62], dataType: .uint64, chunkShape: [1 << 61], edges: .padded)
    }
    #expect(huge?.code == .limitExceeded)
    let long = PatternView(
      .uint8, properties: try ImageProperties(axes: [Axis(.column, length: .max - 1)]))
    let source = try TestChunkSource(long, chunk: [1000], edges: .padded)
    let view = try Self.view(source, long, Runtime(executor: SerialExecutor()))
    let end = try Region(origin: [.max - 4], size: [3])
    #expect(try view.bytes(of: end) == long.expectedBytes(of: end))
    let thin = try view.subsampled(by: [.max / 2]).subsampled(by: [.max])
    #expect(
      try thin.bytes(of: Region(of: thin.shape))
        == long.expectedBytes(of: Region(origin: [0], size: [1])))
    #expect(throws: IOLinkError.self) {
      try ChunkGrid(image: [4], dataType: .uint8, chunkShape: [0])
    }
    #expect(throws: IOLinkError.self) {
      try ChunkGrid(image: [4, 4], dataType: .uint8, chunkShape: [2, 2], order: [0, 0])
    }
    #expect(throws: IOLinkError.self) {
      try ChunkGrid(image: [4, 4], dataType: .uint8, chunkShape: [2])
    }
  }
}
