@testable import IOLinkCore
import IOLinkTesting
import Testing

/// That chunks which an image and a sink have in common are copied as they are stored, and that the result does not depend on it.
struct ChunkCopyTests {
  /// Chunks that lie one after another in memory, all elements of which are different.
  final class StoredSource: StoredChunkSource {
    let grid: ChunkGrid
    let dataType: DataType
    let storage: any RandomAccess
    let encoding: ChunkEncoding? = ChunkEncoding("plain")
    private let chunks: [[UInt8]]
    private let ranges: [Range<Int>]
    /// A chunk that only decoding gives.
    private let hidden: Int?

    init(_ image: any ImageView, chunk: Shape, order: AxisVector, edges: ChunkGrid.Edges, hidden: Int? = nil) throws {
      grid = try ChunkGrid(image: image.shape, dataType: image.dataType, chunkShape: chunk, order: order, edges: edges)
      dataType = image.dataType
      let sink = TestChunkSink(grid, dataType, order: .sequential, isVerbatim: true)
      try Transfer(image, to: sink, runtime: Runtime(executor: SerialExecutor())).run()
      let stored = sink.stored.withLock { $0.bytes }
      var (chunks, ranges, all) = ([[UInt8]](), [Range<Int>](), [UInt8]())
      for ordinal in 0..<grid.chunkCount {
        let bytes = try #require(stored[ordinal])
        ranges.append(all.count..<(all.count + bytes.count))
        chunks.append(bytes)
        all += bytes
      }
      (self.chunks, self.ranges, self.hidden) = (chunks, ranges, hidden)
      storage = MemoryRandomAccess(all)
    }

    func decodeChunk(_ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError) {
      let bytes = chunks[chunk.ordinal]
      elements.copy(from: unsafe bytes.span.bytes)
    }

    func storedChunk(_ chunk: ChunkIndex) throws(IOLinkError) -> StoredChunk? {
      chunk.ordinal == hidden ? nil : .bytes(ranges[chunk.ordinal])
    }
  }

  private static func image(_ shape: Shape, _ type: DataType) throws -> MemoryImageView {
    let image = try MemoryImageView.allocate(shape, type, properties: ImageProperties(.volume, shape: shape))
    let bytes = (1...(try shape.elementCount() * type.componentCount)).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    try image.write(Region(of: shape), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: shape, type))
    return image
  }

  private static func run(
    _ view: any ImageView, _ grid: ChunkGrid, _ use: StoredChunkUse
  ) throws -> (course: TransferCourse, bytes: [Int: [UInt8]], count: Int) {
    let sink = TestChunkSink(grid, view.dataType, order: .any, isVerbatim: true, encoding: ChunkEncoding("plain"))
    let runtime = Runtime(executor: SerialExecutor(), cacheByteCount: 0)
    let course = try Transfer(view, to: sink, runtime: runtime).run(context: OperationContext(storedChunks: use))
    return sink.stored.withLock { (course, $0.bytes, $0.numbers.count) }
  }

  @Test("Whatever is cropped, permuted or selected: copied and decoded chunks are the same, and no other chunk is copied")
  func law() throws {
    var random = SeededGenerator.random()
    var copied = 0
    for round in 0..<400 {
      let type = try DataType(.uint16, componentCount: round % 3 == 0 ? 3 : 1)
      let shape = AxisVector((0..<3).map { _ in Int.random(in: 1...9, using: &random) })
      let lengths = AxisVector((0..<3).map { _ in Int.random(in: 1...4, using: &random) })
      let edges: [ChunkGrid.Edges] = [.clipped, .padded]
      func order() -> AxisVector {
        let axes = round % 2 == 0 ? [2, 1, 0] : [0, 1, 2].shuffled(using: &random)
        return AxisVector(axes + (type.componentCount > 1 ? [3] : []))
      }
      let image = try Self.image(shape, type)
      let source = try StoredSource(
        image, chunk: lengths, order: order(), edges: edges.randomElement(using: &random) ?? .padded,
        hidden: round % 5 == 0 ? 0 : nil)
      var view: any ImageView = try ChunkedImageView(
        source, properties: image.properties, identity: SourceIdentity(name: "\(round)", byteCount: 1, modification: 0),
        runtime: Runtime(executor: SerialExecutor(), cacheByteCount: 0))
      if Bool.random(using: &random) {
        var (origin, size) = (shape, shape)
        for axis in 0..<3 {
          origin[axis] = min(shape[axis] - 1, Int.random(in: 0...2, using: &random) * lengths[axis])
          size[axis] = Int.random(in: 1...(shape[axis] - origin[axis]), using: &random)
        }
        view = try view.cropped(to: Region(origin: origin, size: size))
      }
      if round % 7 == 0 { view = try view.selecting(axis: 2, 0) }
      if round % 11 == 0 { view = try view.flipped(axis: 0) }
      let rank = view.rank
      let target = AxisVector(lengths.prefix(rank).map { round % 4 == 0 ? Int.random(in: 1...4, using: &random) : $0 })
      let targetOrder = AxisVector(Array(order().filter { $0 < rank }) + (type.componentCount > 1 ? [rank] : []))
      let grid = try ChunkGrid(
        image: view.shape, dataType: type, chunkShape: target, order: targetOrder, edges: edges.randomElement(using: &random) ?? .padded)
      let (direct, decoded) = (try Self.run(view, grid, .copied), try Self.run(view, grid, .decoded))
      let comment: Comment = "\(random), round \(round)"
      #expect(direct.bytes == decoded.bytes && direct.count == grid.chunkCount, comment)
      #expect(decoded.course.copiedChunks == 0, comment)
      let stored = try Set(
        (0..<source.grid.chunkCount).map { ordinal in
          guard case .bytes(let range)? = try source.storedChunk(source.grid.chunk(ordinal)) else { return [UInt8]() }
          return try source.storage.bytes(at: range.lowerBound, count: range.count)
        })
      #expect(direct.course.copiedChunks <= decoded.bytes.values.filter(stored.contains).count, comment)
      copied += direct.course.copiedChunks
    }
    #expect(copied > 1000, "\(random)")
  }

  @Test("A crop from chunk border to chunk border is copied, and of any other only the chunks inside it")
  func crops() throws {
    let image = try Self.image([12, 10, 6], .uint16)
    let source = try StoredSource(image, chunk: [4, 4, 1], order: [2, 1, 0], edges: .padded)
    let view = try ChunkedImageView(
      source, properties: image.properties, identity: SourceIdentity(name: "crops", byteCount: 1, modification: 0),
      runtime: Runtime(executor: SerialExecutor(), cacheByteCount: 0))
    for (origin, size, copied, plan) in [
      ([0, 0, 0], [12, 10, 6], 54, .copied), ([4, 4, 2], [8, 4, 3], 6, .copied), ([4, 8, 5], [8, 2, 1], 2, .copied),
      ([4, 0, 0], [7, 7, 2], 2, .slabs), ([1, 0, 0], [8, 8, 2], 0, .slabs),
    ] as [(AxisVector, Shape, Int, TransferCourse.Plan)] {
      let part = try view.cropped(to: Region(origin: origin, size: size))
      let grid = try ChunkGrid(image: size, dataType: .uint16, chunkShape: [4, 4, 1], edges: .padded)
      let outcome = try Self.run(part, grid, .copied)
      #expect(outcome.course.copiedChunks == copied && outcome.course.plan == plan, "\(origin), \(size)")
      #expect(outcome.count == grid.chunkCount && (plan != .copied || outcome.course.decodesPerChunk == nil))
    }
    #expect(ChunkEncoding(1) == ChunkEncoding(1))
    #expect(ChunkEncoding(1) != ChunkEncoding(2))
    #expect(ChunkEncoding(1) != ChunkEncoding("1"))
  }
}
