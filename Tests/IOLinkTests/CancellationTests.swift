import IOLinkCore
import IOLinkTesting
import Testing

/// Where an operation looks whether it shall stop. Sources and sinks ask for it in the middle, and count what still comes.
struct CancellationTests {
  private let cancellation = Cancellation()
  private var context: OperationContext { OperationContext(cancellation: cancellation) }

  private func cancelled() -> OperationContext {
    cancellation.cancel()
    return context
  }

  /// 8 × 12 pixels.
  private static func pattern() throws -> PatternView { try PatternView(.uint16, fileShape: [12, 8]) }

  private static func read(_ view: any ImageView, _ region: Region, _ context: OperationContext) -> IOLinkError.Code? {
    thrownCode { _ = try view.bytes(of: region, context: context) }
  }

  private static func read(_ view: any ImageView, _ context: OperationContext) -> IOLinkError.Code? {
    read(view, Region(of: view.shape), context)
  }

  @Test("A request is seen by whoever looks, and stays")
  func request() throws {
    #expect(!cancellation.isCancelled && thrownCode { try context.checkCancellation() } == nil)
    cancellation.cancel()
    for _ in 0..<2 { #expect(cancellation.isCancelled && thrownCode { try context.checkCancellation() } == .cancelled) }
    #expect(thrownCode { try OperationContext.default.checkCancellation() } == nil)
  }

  @Test("Nothing is decoded for a read that was cancelled before", arguments: [1, 12])
  func beforeDecoding(_ chunkLength: Int) throws {
    let source = try TestChunkSource(Self.pattern(), chunk: [8, chunkLength])
    let view = try ChunkTests.view(source, source.pattern, Runtime(executor: SerialExecutor()))
    #expect(Self.read(view, cancelled()) == .cancelled && source.decodeCount == 0)
    let sequential = TestSequentialSource(source)
    #expect(try Self.read(ChunkTests.view(sequential, source.pattern, Runtime(executor: SerialExecutor())), context) == .cancelled && source.decodeCount == 0)
  }

  @Test("Decoding stops behind the chunk in which it is asked to", arguments: [false, true], [0, 1 << 20])
  func whileDecoding(_ isSequential: Bool, _ cacheByteCount: Int) throws {
    let cancellation = cancellation
    let base = try TestChunkSource(Self.pattern(), chunk: [8, 1]) { number, _ in if number == 2 { cancellation.cancel() } }
    let source: any ChunkSource = isSequential ? TestSequentialSource(base) : base
    let view = try ChunkTests.view(source, base.pattern, Runtime(executor: SerialExecutor(), cacheByteCount: cacheByteCount))
    #expect(Self.read(view, context) == .cancelled && base.decodeCount == 3)
  }

  @Test("A sequential source stops on the way to the chunk that is wanted, and before it", arguments: [2, 8], [0, 1 << 20])
  func onTheWay(_ last: Int, _ cacheByteCount: Int) throws {
    let cancellation = cancellation
    let base = try TestChunkSource(Self.pattern(), chunk: [8, 1]) { number, _ in if number == last { cancellation.cancel() } }
    let view = try ChunkTests.view(TestSequentialSource(base), base.pattern, Runtime(executor: SerialExecutor(), cacheByteCount: cacheByteCount))
    #expect(try Self.read(view, Region(origin: [1, 9], size: [2, 1]), context) == .cancelled && base.decodeCount == last + 1)
  }

  @Test("Chunks of a sequential source that are in the cache are not read on either")
  func cached() throws {
    let base = try TestChunkSource(Self.pattern(), chunk: [8, 1])
    let view = try ChunkTests.view(TestSequentialSource(base), base.pattern, Runtime(executor: SerialExecutor(), cacheByteCount: 1 << 20))
    let region = try Region(origin: [1, 3], size: [2, 2])
    #expect(Self.read(view, region, context) == nil)
    #expect(Self.read(view, region, cancelled()) == .cancelled && base.decodeCount == 5)
  }

  /// Rows that are runs of their own, and one that is alone.
  private func stored(onAccess: @escaping @Sendable (Int) -> Void) throws -> (ContiguousImageView, CountingRandomAccess) {
    let source = CountingRandomAccess([UInt8](repeating: 7, count: 11 * 20_000 + 16), onAccess: onAccess)
    let view = try ContiguousImageView(
      source, layout: StridedLayout(strides: [2, 20_000], componentStride: 2), dataType: .uint16, byteOrder: .native,
      properties: Self.pattern().properties, runtime: Runtime(executor: SerialExecutor()), access: .update)
    return (view, source)
  }

  @Test("A stored array is neither read nor written behind the run in which that is asked for")
  func runs() throws {
    let cancellation = cancellation
    let (view, source) = try stored { if $0 == 2 { cancellation.cancel() } }
    #expect(Self.read(view, context) == .cancelled && source.reads.withLock { $0.count } == 3)
    #expect(Self.read(view, Region(of: [8, 1]), context) == .cancelled && source.reads.withLock { $0.count } == 3)
  }

  @Test("A stored array is not written behind the run in which that is asked for, nor begun")
  func writtenRuns() throws {
    let cancellation = cancellation
    let (view, source) = try stored { if $0 == 2 { cancellation.cancel() } }
    let bytes = [UInt8](repeating: 1, count: 192)
    func write(_ region: Region) -> IOLinkError.Code? {
      thrownCode {
        try view.write(region, from: unsafe bytes.span.bytes, layout: StridedLayout(dense: region.size, .uint16), context: context)
      }
    }
    #expect(write(Region(of: [8, 12])) == .cancelled && source.writes.withLock { $0.count } == 3)
    #expect(write(Region(of: [8, 1])) == .cancelled && source.writes.withLock { $0.count } == 3)
  }

  @Test("Pixels in memory stay as they are, in both byte orders")
  func memory() throws {
    let image = try Self.pattern().copyInMemory()
    let memory = try wanted(image.memory)
    let before = memory.block.withBytes { $0.byteArray() }
    let other = [UInt8](repeating: 0, count: 192)
    let context = cancelled()
    for view: any ImageView in [image, try MemoryImageView(memory, byteOrder: .native.reversed)] {
      let written = thrownCode {
        try view.write(Region(of: [8, 12]), from: unsafe other.span.bytes, layout: memory.layout, context: context)
      }
      #expect(written == .cancelled && Self.read(view, context) == .cancelled)
      #expect(memory.block.withBytes { $0.byteArray() } == before)
    }
  }

  private static func sink(_ pattern: some ImageView, _ chunk: Shape, onEncode: @escaping @Sendable (Int) -> Void = { _ in }) throws
    -> TestChunkSink
  {
    let grid = try ChunkGrid(image: pattern.shape, dataType: pattern.dataType, chunkShape: chunk)
    return TestChunkSink(grid, pattern.dataType, order: .any, isVerbatim: false) { number, _ in onEncode(number) }
  }

  @Test("A transfer that was cancelled before reads nothing; an empty one is not completed")
  func beforeTransfer() throws {
    let view = CountingView(try Self.pattern())
    let sink = try Self.sink(view, [8, 3])
    #expect(thrownCode { try Transfer(view, to: sink, runtime: Runtime(executor: SerialExecutor())).run(context: cancelled()) } == .cancelled)
    #expect(view.reads.withLock { $0.isEmpty } && sink.stored.withLock { $0.finishCount } == 0)
    let empty = CountingView(PatternView(.uint8, properties: try ImageProperties(unknownAxes: [0])))
    let none = try Self.sink(empty, [1])
    #expect(thrownCode { try Transfer(empty, to: none, runtime: Runtime(executor: SerialExecutor())).run(context: context) } == .cancelled)
    #expect(none.stored.withLock { $0.finishCount } == 0)
  }

  @Test("A transfer stops between slabs and between chunks, while it reads, and in the last progress call")
  func transfer() throws {
    // Slabs are a quarter of 1 MiB: four rows of chunks each.
    let pattern = PatternView(.uint8, properties: try ImageProperties(axes: [Axis(.column, length: 4096), Axis(.row, length: 80)]))
    let element: [UInt8] = [7]
    let uniform = try MemoryImageView.uniform([4096, 80], .uint8, element: unsafe element.span.bytes, properties: pattern.properties)
    let runtime = Runtime(executor: SerialExecutor(), workingMemory: 1 << 20)
    let slabs = try Self.sink(pattern, [4096, 16])
    var steps = 0
    let stopped = thrownCode {
      try Transfer(uniform, to: slabs, runtime: runtime).run(context: context) { _ in
        steps += 1
        cancellation.cancel()
      }
    }
    #expect(stopped == .cancelled && steps == 1 && slabs.encoded.withLock { $0 } == [0, 1, 2, 3])

    let inside = Cancellation()
    let chunks = try Self.sink(pattern, [4096, 16]) { if $0 == 2 { inside.cancel() } }
    let halfway = thrownCode { try Transfer(uniform, to: chunks, runtime: runtime).run(context: OperationContext(cancellation: inside)) }
    #expect(halfway == .cancelled && chunks.encoded.withLock { $0 } == [0, 1, 2])

    let last = Cancellation()
    let whole = try Self.sink(pattern, [4096, 16])
    let atTheEnd = thrownCode {
      try Transfer(uniform, to: whole, runtime: runtime).run(context: OperationContext(cancellation: last)) {
        if $0.completed == $0.total { last.cancel() }
      }
    }
    #expect(atTheEnd == .cancelled && whole.numbers == [0, 1, 2, 3, 4] && whole.stored.withLock { $0.finishCount } == 0)
  }

  @Test("A transfer hands the request on to the image it reads", arguments: [0, 1, 2])
  func handedOn(_ componentsPerChunk: Int) throws {
    let type = try DataType(.uint8, componentCount: componentsPerChunk == 0 ? 1 : 2)
    let pattern = PatternView(type, properties: try Self.pattern().properties)
    let cancellation = cancellation
    let source = try TestChunkSource(pattern, chunk: [8, 1]) { number, _ in if number == 4 { cancellation.cancel() } }
    let view = try ChunkTests.view(source, pattern, Runtime(executor: SerialExecutor(), cacheByteCount: 0))
    let sink = try Self.sink(pattern, componentsPerChunk == 0 ? [8, 12] : [8, 12, componentsPerChunk])
    #expect(thrownCode { try Transfer(view, to: sink, runtime: Runtime(executor: SerialExecutor())).run(context: context) } == .cancelled)
    #expect(source.decodeCount == 5 && sink.encoded.withLock { $0.isEmpty })
  }

  @Test("So does one that reads components apart")
  func handedOnForComponents() throws {
    let type = try DataType(.uint8, componentCount: 2)
    let element: [UInt8] = [1, 2]
    let view = StoppingView(try MemoryImageView.uniform([512, 512], type, element: unsafe element.span.bytes), cancellation)
    // Planes of 256 KiB, a quarter of the budget: a slab is one of them.
    let grid = try ChunkGrid(image: [512, 512], dataType: type, chunkShape: [512, 512, 1], order: [2, 1, 0])
    let sink = TestChunkSink(grid, type, order: .sequential, isVerbatim: true)
    #expect(thrownCode { try Transfer(view, to: sink, runtime: Runtime(executor: SerialExecutor(), workingMemory: 1 << 20)).run(context: context) } == .cancelled)
    #expect(view.log.withLock { $0 } == ["begin"])
  }

  private func writer(_ sink: TestChunkSink) throws -> ImageWriter {
    ImageWriter(ImageSink(sink), ImageDescription(try Self.pattern()), runtime: Runtime(executor: SerialExecutor()))
  }

  private func write(_ writer: ImageWriter, _ region: Region, _ context: OperationContext) -> IOLinkError.Code? {
    let bytes = [UInt8](repeating: 3, count: 192)
    return thrownCode {
      try writer.write(region, from: unsafe bytes.span.bytes, layout: StridedLayout(dense: region.size, .uint16), context: context)
    }
  }

  @Test("A writer takes nothing once it is asked to stop, and encodes no further chunk")
  func writing() throws {
    let cancellation = cancellation
    let sink = try Self.sink(Self.pattern(), [8, 3]) { if $0 == 1 { cancellation.cancel() } }
    let writer = try writer(sink)
    let part = try Region(origin: [0, 9], size: [2, 2])
    let before = Cancellation()
    before.cancel()
    #expect(write(writer, part, OperationContext(cancellation: before)) == .cancelled)
    #expect(write(writer, part, .default) == nil, "it is written for the first time")
    #expect(write(writer, Region(of: [8, 9]), context) == .cancelled)
    #expect(sink.encoded.withLock { $0 } == [0, 1])
    // What was lost then is not passed over in silence.
    #expect(thrownCode { _ = try writer.finish() } == .cancelled && sink.stored.withLock { $0.finishCount } == 0)
  }

  @Test("Finishing stops between chunks, and before the container is completed", arguments: [0, 3])
  func finishing(_ last: Int) throws {
    let cancellation = cancellation
    let sink = try Self.sink(Self.pattern(), [8, 3]) { if $0 == last { cancellation.cancel() } }
    let writer = try writer(sink)
    for row in stride(from: 0, to: 12, by: 3) { #expect(try write(writer, Region(origin: [1, row], size: [1, 1]), context) == nil) }
    #expect(thrownCode { _ = try writer.finish(context: context) } == .cancelled)
    #expect(sink.encoded.withLock { $0 } == Array(0...last) && sink.stored.withLock { $0.finishCount } == 0)
  }
}

/// Asks to stop as soon as it is read.
private final class StoppingView: ImageView {
  let base: MemoryImageView
  let cancellation: Cancellation
  let log = Guarded<[String]>([])

  init(_ base: MemoryImageView, _ cancellation: Cancellation) {
    self.base = base
    self.cancellation = cancellation
  }

  var shape: Shape { base.shape }
  var dataType: DataType { base.dataType }
  var properties: ImageProperties { base.properties }
  var metadata: MetadataNode { base.metadata }
  var capabilities: Capabilities { .read }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    cancellation.cancel()
    log.withLock { $0.append("begin") }
    try base.fetch(region, into: &destination, layout: layout, context: context)
    log.withLock { $0.append("end") }
  }
}
