import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Synchronization
import Testing

/// `ImageWriter`: regions in any order, writing frame by frame, and what it refuses.
struct WriterTests {
  private static func write(_ writer: ImageWriter, _ pattern: PatternView, _ region: Region) throws {
    var random = SeededGenerator(seed: UInt64(region.origin.reduce(1) { $0 * 31 + $1 }))
    let given = RandomDestination(Array(region.size), pattern.dataType, &random)
    let bytes = given.expected(pattern.expectedBytes(of: region))
    try writer.write(region, from: unsafe bytes.span.bytes, layout: given.layout)
  }

  @Test("Regions can be written in any order, to containers of either order", arguments: [ChunkOrder.any, .sequential])
  func anyOrder(_ order: ChunkOrder) throws {
    let pattern = try ContiguousTests.rgb()
    for (chunk, gridOrder, edges) in [
      ([16, 16, 2, 3], [2, 1, 0, 3], ChunkGrid.Edges.clipped), ([16, 7, 1, 1], [3, 2, 1, 0], .padded),
    ] {
      let grid = try ChunkGrid(
        image: pattern.shape, dataType: pattern.dataType, chunkShape: AxisVector(chunk), order: AxisVector(gridOrder), edges: edges)
      let sink = TestChunkSink(grid, pattern.dataType, order: order, isVerbatim: false)
      let image = ImageDescription(dataType: pattern.dataType, properties: pattern.properties)
      let writer = ImageWriter(ImageSink(sink), image, runtime: Runtime(executor: ThreadPool(threadCount: 3), bytesPerWorker: 1))
      var regions: [Region] = []
      for z in 0..<3 {
        for y in stride(from: 0, to: 30, by: 11) {
          for x in stride(from: 0, to: 40, by: 13) {
            regions.append(try Region(origin: [x, y, z], size: [min(13, 40 - x), min(11, 30 - y), 1]))
          }
        }
      }
      var random = SeededGenerator(seed: 0xBEEF)
      for region in regions.shuffled(using: &random) { try Self.write(writer, pattern, region) }
      #expect(thrownCode { try Self.write(writer, pattern, regions[5]) } == .invalidArgument)
      _ = try writer.finish()
      #expect(thrownCode { _ = try writer.finish() } == .invalidArgument)
      let stored = sink.stored.withLock { $0 }
      #expect(stored.finishCount == 1 && stored.numbers.count == grid.chunkCount && Set(stored.numbers).count == grid.chunkCount)
      #expect(order == .any || stored.numbers == Array(0..<grid.chunkCount))
      let expected = try TestChunkSource(pattern, chunk: grid.chunkShape, order: grid.order, edges: edges)
      for number in 0..<grid.chunkCount {
        let wanted = expected.storedBytes(grid.chunk(number)), found = stored.bytes[number] ?? []
        // Padding is 0 in a sink and 0xEE in the test source.
        let isSame = wanted.count == found.count && zip(wanted, found).allSatisfy { $0 == $1 || ($0 == 0xEE && $1 == 0) }
        #expect(isSame, "chunk \(number) of \(chunk)")
      }
    }
  }

  @Test("Pixels that were never written are 0, writing outside or twice is refused, and the budget holds")
  func refusals() throws {
    let properties = try ImageProperties(axes: [Axis(.column, length: 1024), Axis(.row, length: 8192)])
    let pattern = PatternView(.uint8, properties: properties)
    let stream = MemoryStream()
    let sink = try ContiguousChunkSink([1024, 8192], .uint8, axisOrder: [1, 0], byteOrder: .native, on: stream, offset: 0)
    let image = ImageDescription(dataType: .uint8, properties: properties)
    let writer = ImageWriter(ImageSink(sink), image, runtime: Runtime(executor: SerialExecutor(), workingMemory: 2 << 20))
    try Self.write(writer, pattern, Region(origin: [3, 5], size: [2, 2]))
    #expect(thrownCode { try Self.write(writer, pattern, Region(origin: [4, 6], size: [1, 1])) } == .invalidArgument)
    #expect(thrownCode { try Self.write(writer, pattern, Region(origin: [1024, 0], size: [1, 1])) } == .invalidArgument)
    let frame = [UInt8](repeating: 0, count: 1024)
    #expect(
      thrownCode { try writer.append(unsafe frame.span.bytes, layout: StridedLayout(strides: [1, 1024], componentStride: 1)) } == .unsupported)
    // Chunks have 1 MiB and the budget holds two of them, so the third incomplete one is refused.
    try Self.write(writer, pattern, Region(origin: [0, 1024], size: [1, 1]))
    #expect(thrownCode { try Self.write(writer, pattern, Region(origin: [0, 2048], size: [1, 1])) } == .limitExceeded)
    _ = try writer.finish()
    let bytes = stream.bytes
    #expect(bytes.count == 1024 * 8192)
    for (x, y) in [(3, 5), (4, 5), (3, 6), (4, 6), (0, 1024)] {
      #expect(bytes[y * 1024 + x] == pattern.number(at: [x, y], component: 0)[0])
    }
    #expect(bytes[0] == 0 && bytes[5 * 1024 + 5] == 0 && bytes[2048 * 1024] == 0 && bytes.last == 0)
  }

  @Test("An image can be written frame by frame, also with many frames per chunk", arguments: [1, 7, 300])
  func frames(_ frameCount: Int) throws {
    let rgb = try DataType(.uint16, componentCount: 3)
    func axes(_ frames: Int) throws -> ImageProperties {
      try ImageProperties(axes: [Axis(.column, length: 6), Axis(.row, length: 4), Axis(.sequence, length: frames)])
    }
    let pattern = PatternView(rgb, properties: try axes(frameCount))
    for byteOrder in [ByteOrder.little, .big] {
      let stream = MemoryStream()
      let grown = Guarded<Shape>([])
      let sink = try ContiguousChunkSink(
        [6, 4, 0], rgb, axisOrder: [2, 1, 0], byteOrder: byteOrder, on: stream, offset: 10,
        completion: { shape in grown.withLock { $0 = shape } })
      let writer = ImageWriter(ImageSink(sink), ImageDescription(dataType: rgb, properties: try axes(0)), runtime: Runtime(executor: SerialExecutor()))
      let layout = try StridedLayout(dense: [6, 4, 1], rgb)
      for frame in 0..<frameCount {
        let bytes = pattern.expectedBytes(of: try Region(origin: [0, 0, frame], size: [6, 4, 1]))
        try writer.append(unsafe bytes.span.bytes, layout: layout)
      }
      _ = try writer.finish()
      #expect(grown.withLock { $0 } == [6, 4, frameCount] && writer.shape == [6, 4, frameCount])
      var expected = pattern.expectedBytes(of: Region(of: pattern.shape))
      if byteOrder == .big { for index in stride(from: 0, to: expected.count, by: 2) { expected.swapAt(index, index + 1) } }
      #expect(Array(stream.bytes.dropFirst(10)) == expected)
    }
  }

  @Test("A frame that is refused, and one that comes after the end, leave the image as long as it was")
  func refusedFrames() throws {
    let properties = try ImageProperties(axes: [Axis(.column, length: 2), Axis(.sequence, length: 0)])
    let stream = MemoryStream()
    let grown = Guarded<Shape>([])
    let sink = try ContiguousChunkSink(
      [2, 0], .uint8, axisOrder: [1, 0], byteOrder: .native, on: stream, offset: 0,
      completion: { shape in grown.withLock { $0 = shape } })
    let image = ImageDescription(dataType: .uint8, properties: properties)
    let writer = ImageWriter(ImageSink(sink), image, runtime: Runtime(executor: SerialExecutor()))
    let frame: [UInt8] = [1, 2]
    let layout = StridedLayout(strides: [1, 2], componentStride: 1)
    try writer.append(unsafe frame.span.bytes, layout: layout)
    let short: [UInt8] = [3]
    #expect(thrownCode { try writer.append(unsafe short.span.bytes, layout: layout) } == .invalidArgument)
    #expect(writer.shape == [2, 1])
    _ = try writer.finish()
    #expect(thrownCode { try writer.append(unsafe frame.span.bytes, layout: layout) } == .invalidArgument)
    #expect(writer.shape == [2, 1] && grown.withLock { $0 } == [2, 1] && sink.grid.shape == [2, 1] && stream.bytes == [1, 2])
  }

  @Test("An order that is not one of the image's axes is refused", arguments: [[1], [0, 0], [1, 2], [2, 1, 0]])
  func wrongOrders(_ order: [Int]) throws {
    let order = AxisVector(order)
    let refused = thrownCode {
      _ = try ContiguousChunkSink([2, 3], .uint8, axisOrder: order, byteOrder: .native, on: MemoryStream(), offset: 0)
    }
    #expect(refused == .invalidArgument)
    #expect(thrownCode { _ = try MemoryImageView.allocate([2, 3], .uint8, order: order) } == .invalidArgument)
  }

  @Test("An image grows along one axis only, and never becomes shorter")
  func growth() throws {
    let shape: Shape = [2, 3]
    #expect(thrownCode { try shape.validateGrowth(to: [2, 5], along: 1) } == nil)
    #expect(thrownCode { try shape.validateGrowth(to: [2, 2], along: 1) } == .invalidArgument)
    #expect(thrownCode { try shape.validateGrowth(to: [3, 5], along: 1) } == .invalidArgument)
    #expect(thrownCode { try shape.validateGrowth(to: [2, 3, 1], along: 1) } == .invalidArgument)
  }
}

extension WriterTests {
  @Test("A region of whole chunks needs no waiting chunk, so it may be larger than the memory budget", arguments: [ChunkOrder.any, .sequential])
  func wholeChunks(_ order: ChunkOrder) throws {
    let properties = try ImageProperties(.image, shape: [1024, 3000])
    let description = ImageDescription(dataType: .uint16, properties: properties)
    let grid = try ChunkGrid(image: properties.shape, dataType: .uint16, chunkShape: [512, 1000])
    let sink = TestChunkSink(grid, .uint16, order: order, isVerbatim: true)
    let runtime = Runtime(executor: ThreadPool(threadCount: 3), workingMemory: 1 << 20, bytesPerWorker: 1)
    let writer = ImageWriter(ImageSink(sink), description, runtime: runtime)
    let bytes: [UInt8] = (0..<6_144_000).map { number in UInt8(truncatingIfNeeded: (number &* 31) >> 2) }
    let whole = try StridedLayout(dense: [1024, 3000], .uint16)
    for (first, count) in order == .any ? [(2000, 1000), (0, 2000)] : [(0, 2000), (2000, 1000)] {
      var layout = whole
      layout.byteOffset = first * 2048
      let region = try Region(origin: [0, first], size: [1024, count])
      try writer.write(region, from: unsafe bytes.span.bytes, layout: layout)
      let repeated = #expect(throws: IOLinkError.self) { try writer.write(region, from: unsafe bytes.span.bytes, layout: layout) }
      #expect(repeated?.code == .invalidArgument)
    }
    _ = try writer.finish()
    let stored = sink.stored.withLock { $0 }
    #expect(stored.numbers.sorted() == Array(0..<6) && (order == .any || stored.numbers == Array(0..<6)))
    var expected: [UInt8] = []
    for row in 1000..<2000 { expected += bytes[(row * 2048 + 1024)..<((row + 1) * 2048)] }
    #expect(stored.bytes[3] == expected)
  }
}
