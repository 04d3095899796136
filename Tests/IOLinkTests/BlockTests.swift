import IOLinkCore
import IOLinkSystem
import IOLinkTesting
import Testing

/// Reading of blocks from many places: the same elements as one read a block, and every chunk decoded once.
struct BlockTests {
  private static func read(
    _ image: any ImageView, _ size: Shape, at origins: [[Int]], _ context: OperationContext = .default
  ) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0xEE, count: origins.count * (try size.byteCount(of: image.dataType)))
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    try image.read(size, at: origins.flatMap { $0 }, into: &span, context: context)
    return bytes
  }

  private static func origins(_ count: Int, _ size: Shape, in shape: Shape, _ random: inout SeededGenerator) -> [[Int]] {
    (0..<count).map { _ in shape.indices.map { Int.random(in: 0...(shape[$0] - size[$0]), using: &random) } }
  }

  @Test(
    "Blocks are what separate reads give", arguments: [[1, 1], [1, 90], [100, 1], [7, 12]], [[10, 10, 3], [16, 5, 1], [100, 1, 3]])
  func sameElements(_ size: [Int], _ chunk: [Int]) throws {
    let pattern = try ChunkTests.rgb(100, 90)
    var random = SeededGenerator(seed: 7)
    let size = Shape(size)
    let runtime = Runtime(executor: ThreadPool(threadCount: 4), cacheByteCount: 0, bytesPerWorker: 1)
    let chunked = try ChunkTests.view(TestChunkSource(pattern, chunk: Shape(chunk)), pattern, runtime)
    let cropped = try chunked.cropped(to: Region(origin: [0, 0], size: [100, 90])).flipped(.row)
    for image in [chunked, cropped, pattern, try pattern.copyInMemory()] as [any ImageView] {
      let origins = Self.origins(20, size, in: image.shape, &random) + [[0, 0], [100 - size[0], 90 - size[1]], [0, 0]]
      let expected = try origins.flatMap { try image.bytes(of: Region(origin: AxisVector($0), size: size)) }
      #expect(try Self.read(image, size, at: origins) == expected)
    }
  }

  @Test("Each chunk that points touch is decoded once, in whatever order they are listed", arguments: [0, 64 << 20])
  func onceEach(_ cache: Int) throws {
    let pattern = try ChunkTests.rgb(100, 90)
    var random = SeededGenerator(seed: 8)
    for threads in [1, 4] {
      let source = try TestChunkSource(pattern, chunk: [10, 10, 3])
      let runtime = Runtime(executor: ThreadPool(threadCount: threads), cacheByteCount: cache, bytesPerWorker: 1)
      let image = try ChunkTests.view(source, pattern, runtime)
      let origins = Self.origins(40, [1, 1], in: image.shape, &random)
      _ = try Self.read(image, [1, 1], at: origins + origins.reversed())
      let touched = Set(origins.map { $0[1] / 10 * 10 + $0[0] / 10 })
      #expect(source.decodes.withLock { $0 } == Dictionary(uniqueKeysWithValues: touched.map { ($0, 1) }))
    }
  }

  @Test("The chunks of a part of an image are where the file has them", arguments: [false, true])
  func onceEachInAPart(_ isFlipped: Bool) throws {
    let pattern = try ChunkTests.rgb(100, 90)
    let source = try TestChunkSource(pattern, chunk: [10, 10, 3])
    let runtime = Runtime(executor: ThreadPool(threadCount: 4), cacheByteCount: 0, bytesPerWorker: 1)
    let part = try ChunkTests.view(source, pattern, runtime).cropped(to: Region(origin: [3, 7], size: [90, 80]))
    let image = isFlipped ? try part.flipped(.row) : part
    var random = SeededGenerator(seed: 9)
    let origins = Self.origins(200, [1, 1], in: image.shape, &random)
    let context = OperationContext(executor: ThreadPool(threadCount: 4))
    let expected = try origins.flatMap { try image.bytes(of: Region(origin: AxisVector($0), size: [1, 1])) }
    source.decodes.withLock { $0 = [:] }
    #expect(try Self.read(image, [1, 1], at: origins, context) == expected)
    let decodes = source.decodes.withLock { $0 }
    #expect(decodes.count > 50 && decodes.values.allSatisfy { $0 == 1 }, "\(decodes)")
  }

  @Test("The corners of an image larger than memory touch their chunks alone")
  func corners() throws {
    let length = 1 << 24
    let pattern = PatternView(
      .uint8, properties: try ImageProperties(axes: [Axis(.column, length: length), Axis(.row, length: length)]))
    let source = try TestChunkSource(pattern, chunk: [16, 16])
    let image = try ChunkTests.view(source, pattern, Runtime(executor: SerialExecutor()))
    let last = length - 1
    let corners = [[0, 0], [last, last], [1, 0], [last, 0]]
    #expect(try Self.read(image, [1, 1], at: corners) == corners.flatMap { pattern.number(at: $0, component: 0) })
    #expect(source.decodeCount == 3)
  }

  @Test("A chunk of a sequential source is decoded once as well")
  func sequential() throws {
    let pattern = try ChunkTests.rgb(20, 90)
    let base = try TestChunkSource(pattern, chunk: [20, 10, 3])
    let image = try ChunkTests.view(
      TestSequentialSource(base), pattern, Runtime(executor: ThreadPool(threadCount: 4), cacheByteCount: 0, bytesPerWorker: 1))
    let origins = [[3, 85], [0, 0], [19, 85], [4, 31], [5, 0]]
    let expected = origins.flatMap { origin in (0..<3).flatMap { pattern.number(at: origin, component: $0) } }
    #expect(try Self.read(image, [1, 1], at: origins) == expected)
    #expect(base.decodes.withLock { $0.values.max() } == 1)
  }

  @Test("Blocks that together need more memory than a part are read part by part")
  func parts() throws {
    let properties = try ImageProperties(axes: [Axis(.column, length: 64), Axis(.row, length: 40_000)])
    let image = try MemoryImageView.allocate(properties.shape, .complex128, properties: properties)
    let rows = [0, 1, 20_000, 39_999]
    for column in [0, 63] {
      for row in rows {
        let element = [UInt8](repeating: UInt8(column + row % 100 + 1), count: 16)
        try image.write(
          Region(origin: [column, row], size: [1, 1]), from: unsafe element.span.bytes, layout: StridedLayout(dense: [1, 1], .complex128))
      }
    }
    let bytes = try Self.read(image, [1, 40_000], at: [[63, 0], [0, 0]])
    for (block, column) in [63, 0].enumerated() {
      for row in rows { #expect(bytes[(block * 40_000 + row) * 16 + 15] == UInt8(column + row % 100 + 1)) }
    }
    #expect(bytes.reduce(0) { $0 + ($1 == 0 ? 0 : 1) } == 2 * rows.count * 16)
  }

  @Test("Blocks that do not fit are refused, and no blocks are nothing")
  func refused() throws {
    let pattern = try ChunkTests.rgb(10, 9)
    let image = try pattern.copyInMemory()
    #expect(try Self.read(image, [1, 1], at: []) == [])
    #expect(try Self.read(image, [0, 3], at: [[10, 6]]) == [])
    for (size, origin) in [([1, 1], [10, 0]), ([1, 1], [0, -1]), ([4, 1], [7, 0]), ([1], [0]), ([1, 1], [0, 0, 0])] {
      let error = #expect(throws: IOLinkError.self) { try Self.read(image, Shape(size), at: [origin]) }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test("The error of a damaged chunk is thrown; the other chunks do not matter")
  func damaged() throws {
    let pattern = try ChunkTests.rgb(100, 90)
    let image = try ChunkTests.view(
      TestChunkSource(pattern, chunk: [10, 10, 3], failing: [42]), pattern,
      Runtime(executor: ThreadPool(threadCount: 4), bytesPerWorker: 1))
    #expect(try Self.read(image, [1, 1], at: [[0, 0], [99, 89]]).count == 12)
    let error = #expect(throws: IOLinkError.self) { try Self.read(image, [1, 1], at: [[0, 0], [25, 45], [99, 89]]) }
    #expect(error?.code == .malformed)
  }
}
