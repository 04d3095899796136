import IOLinkCore
import IOLinkTesting
import Testing

/// The threads of each operation that uses several: how many it requests, and that they share only what they may.
struct WorkerTests {
  /// An image of 8 × 12 pixels, 192 bytes.
  private static func pattern() throws -> PatternView { try PatternView(.uint16, fileShape: [12, 8]) }

  private static func grid(_ chunk: Shape) throws -> ChunkGrid { try ChunkGrid(image: [8, 12], dataType: .uint16, chunkShape: chunk) }

  @Test("Workers that decode have separate workspaces", arguments: [false, true], [0, 1 << 20])
  func decoding(_ isWhole: Bool, _ cacheByteCount: Int) throws {
    let pattern = try Self.pattern()
    let watch = WorkspaceWatch()
    let source = try TestChunkSource(pattern, chunk: [4, 3]) { number, workspace in watch.use(workspace, mark: UInt8(number + 1)) }
    let runtime = Runtime(executor: ThreadExecutor(2), cacheByteCount: cacheByteCount, bytesPerWorker: 1)
    let region = isWhole ? Region(of: [8, 12]) : try Region(origin: [1, 1], size: [6, 10])
    let bytes = try ChunkTests.view(source, pattern, runtime).bytes(of: region)
    #expect(bytes == pattern.expectedBytes(of: region))
    #expect(watch.complaints == [] && watch.workspaceCount == 2)
  }

  @Test("Workers that encode have separate workspaces, in a transfer and in a writer", arguments: [[8, 2], [3, 5]], [false, true])
  func encoding(_ chunk: [Int], _ isVerbatim: Bool) throws {
    let pattern = try Self.pattern()
    let grid = try Self.grid(AxisVector(chunk))
    let expected = try TestChunkSource(pattern, chunk: AxisVector(chunk))
    let runtime = Runtime(executor: ThreadExecutor(2), bytesPerWorker: 1)
    for writes in [false, true] {
      let watch = WorkspaceWatch()
      let sink = TestChunkSink(grid, .uint16, order: .any, isVerbatim: isVerbatim) { watch.use($1, mark: UInt8($0 + 1)) }
      if writes {
        let writer = ImageWriter(ImageSink(sink), ImageDescription(pattern), runtime: runtime)
        let bytes = pattern.expectedBytes(of: Region(of: [8, 12]))
        try writer.write(Region(of: [8, 12]), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [8, 12], .uint16))
      } else {
        try Transfer(pattern, to: sink, runtime: runtime).run()
      }
      #expect(watch.complaints == [] && watch.workspaceCount == 2)
      for number in 0..<grid.chunkCount {
        #expect(sink.stored.withLock { $0.bytes[number] } == expected.storedBytes(grid.chunk(number)), "writer: \(writes)")
      }
    }
  }

  /// An image of rows that lie far apart in its source, so that each row is a separate run.
  private static func scattered(_ pattern: PatternView, onAccess: @escaping @Sendable (Int) -> Void = { _ in }) throws
    -> (source: CountingRandomAccess, layout: StridedLayout)
  {
    let layout = StridedLayout(strides: [2, 20_000], componentStride: 2)
    var bytes = [UInt8](repeating: 0, count: 11 * 20_000 + 16)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try pattern.read(Region(of: [8, 12]), into: &span, layout: layout, context: .default)
    return (CountingRandomAccess(bytes, onAccess: onAccess), layout)
  }

  @Test("Workers that read runs of a stored array have separate buffers")
  func runs() throws {
    let pattern = try Self.pattern()
    // Both have read before either continues to use what it read.
    let meeting = Meeting(2)
    let (source, layout) = try Self.scattered(pattern) { _ in meeting.join() }
    let runtime = Runtime(executor: ThreadExecutor(2), bytesPerWorker: 1)
    let view = try ContiguousImageView(
      source, layout: layout, dataType: .uint16, byteOrder: .native, properties: pattern.properties, runtime: runtime)
    let columns = try view.permuted(to: [1, 0]).bytes(of: Region(of: [12, 8]))
    #expect(columns == (0..<8).flatMap { x in (0..<12).flatMap { pattern.number(at: [x, $0], component: 0) } })
    #expect(source.reads.withLock { $0.count } == 12)
  }

  @Test("An operation requests as many workers as its bytes justify, and no more than the caller allows")
  func caps() throws {
    let pattern = try Self.pattern()
    let region = Region(of: pattern.shape)
    let bytes = pattern.expectedBytes(of: region)
    let (stored, layout) = try Self.scattered(pattern)
    /// What each operation requests from the executor of its runtime, and from one given for the call.
    func requests(_ bytesPerWorker: Int, _ cap: Int?, _ call: @escaping (Runtime, OperationContext) throws -> Void) throws -> [[Int]] {
      let own = ThreadExecutor(4)
      let given = ThreadExecutor(3)
      let runtime = Runtime(executor: own, cacheByteCount: 0, bytesPerWorker: bytesPerWorker)
      try call(runtime, OperationContext(threadCap: cap))
      try call(runtime, OperationContext(threadCap: cap, executor: given))
      return [own.requests.withLock { $0 }, given.requests.withLock { $0 }]
    }
    let operations: [(name: String, byteCount: Int, call: (Runtime, OperationContext) throws -> Void)] = [
      (
        "chunks", 192,
        { runtime, context in
          let source = try TestChunkSource(pattern, chunk: [4, 3])
          #expect(try ChunkTests.view(source, pattern, runtime).bytes(of: region, context: context) == bytes)
        }
      ),
      (
        // One worker per eighth, because copying is cheaper than decoding.
        "runs", 192 / 8,
        { runtime, context in
          let view = try ContiguousImageView(
            stored, layout: layout, dataType: .uint16, byteOrder: .native, properties: pattern.properties, runtime: runtime)
          #expect(try view.bytes(of: region, context: context) == bytes)
        }
      ),
      (
        "transfer", 192,
        { runtime, context in
          let sink = TestChunkSink(try Self.grid([8, 3]), .uint16, order: .any, isVerbatim: true)
          try Transfer(pattern, to: sink, runtime: runtime).run(context: context)
          #expect(sink.numbers == [0, 1, 2, 3])
        }
      ),
      (
        "writer", 192,
        { runtime, context in
          let sink = TestChunkSink(try Self.grid([8, 3]), .uint16, order: .any, isVerbatim: true)
          let writer = ImageWriter(ImageSink(sink), ImageDescription(pattern), runtime: runtime)
          try writer.write(region, from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [8, 12], .uint16), context: context)
          #expect(sink.numbers == [0, 1, 2, 3])
        }
      ),
    ]
    for (name, byteCount, call) in operations {
      #expect(try requests(1, nil, call) == [[4], [3]], "\(name), all")
      #expect(try requests(1, 2, call) == [[2], [2]], "\(name), capped")
      #expect(try requests(1, 1, call) == [[1], [1]], "\(name), serial")
      #expect(try requests(byteCount / 2, nil, call) == [[2], [2]], "\(name), worth two")
      #expect(try requests(byteCount / 2 + 1, nil, call) == [[1], [1]], "\(name), not worth two")
    }
  }

  @Test("Chunks that are encoded out of order are stored in order")
  func storedInOrder() throws {
    let pattern = try Self.pattern()
    let bytes = pattern.expectedBytes(of: Region(of: [8, 12]))
    for writes in [false, true] {
      // Chunk 0 is encoded after the worker that brought chunk 1 has gone.
      let returned = Moment()
      let runtime = Runtime(executor: ThreadExecutor(2, onReturn: { returned.happen() }), bytesPerWorker: 1)
      let sink = TestChunkSink(try Self.grid([8, 6]), .uint16, order: .any, isVerbatim: false) { number, _ in
        if number == 0 { #expect(returned.wait()) }
      }
      if writes {
        let writer = ImageWriter(ImageSink(sink), ImageDescription(pattern), runtime: runtime)
        try writer.write(Region(of: [8, 12]), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [8, 12], .uint16))
      } else {
        try Transfer(pattern, to: sink, runtime: runtime).run()
      }
      #expect(sink.numbers == [0, 1], "writer: \(writes)")
      #expect(sink.encoded.withLock { $0.sorted() } == [0, 1])
    }
  }
}
