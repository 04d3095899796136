@testable import IOLinkCore
import IOLinkTesting
import Testing

/// How images are divided into chunks, slabs of chunks, and runs of bytes. All expected values are computed by hand.
struct GridTests {
  @Test("Chunks are numbered with the slowest axis of the order slowest, and cut or padded at the end")
  func numbering() throws {
    let image: Shape = [7, 5]
    for (order, edges, second, last) in [
      (nil, ChunkGrid.Edges.clipped, [1, 0], [1, 2]), ([0, 1], .clipped, [0, 1], [1, 2]), (nil, .padded, [1, 0], [1, 2]),
    ] as [(AxisVector?, ChunkGrid.Edges, AxisVector, AxisVector)] {
      let grid = try ChunkGrid(image: image, dataType: .uint16, chunkShape: [4, 2], order: order, edges: edges)
      #expect(grid.counts == [2, 3] && grid.chunkCount == 6 && grid.chunkShape == [4, 2])
      #expect(grid.chunk(0).position == [0, 0] && grid.chunk(1).position == second && grid.chunk(5).position == last)
      for number in 0..<6 { #expect(grid.chunk(at: grid.chunk(number).position) == grid.chunk(number)) }
      #expect(try grid.region(of: grid.chunk(5)) == Region(origin: [4, 4], size: [3, 1]))
      #expect(grid.storedShape(of: grid.chunk(5)) == (edges == .padded ? [4, 2] : [3, 1]))
      #expect(grid.storedCount(of: grid.chunk(5)) == (edges == .padded ? 8 : 3))
      #expect(grid.strides(of: [3, 1], .uint16) == (order == nil ? [2, 6] : [2, 2]))
    }
  }

  @Test("A chunk is never longer than the image unless padded, and its length is never 0")
  func lengths() throws {
    #expect(try ChunkGrid(image: [7, 0], dataType: .uint8, chunkShape: [9, 3]).chunkShape == [7, 1])
    #expect(try ChunkGrid(image: [7, 0], dataType: .uint8, chunkShape: [9, 3], edges: .padded).chunkShape == [9, 3])
    #expect(try ChunkGrid(image: [7, 0], dataType: .uint8, chunkShape: [9, 3]).chunkCount == 0)
    #expect(try ChunkGrid(image: [], dataType: .uint8, chunkShape: []).chunkCount == 1)
    #expect(try ChunkGrid(image: [8], dataType: .uint8, chunkShape: [4]).counts == [2])
  }

  @Test("Components are one last axis, the fastest by default")
  func components() throws {
    let rgb = try DataType(.uint8, componentCount: 3)
    let whole = try ChunkGrid(image: [4, 2], dataType: rgb, chunkShape: [2, 2])
    #expect(whole.shape == [4, 2, 3] && whole.chunkShape == [2, 2, 3] && whole.order == [1, 0, 2] && whole.counts == [2, 1, 1])
    let single = try ChunkGrid(image: [4, 2], dataType: rgb, chunkShape: [4, 2, 1], order: [2, 1, 0])
    #expect(single.counts == [1, 1, 3] && single.chunk(2).position == [0, 0, 2])
    for (chunk, order) in [([4], nil), ([4, 2, 1, 1], nil), ([4, 2, -1], nil), ([4, 2, 3], [0, 1]), ([4, 2, 3], [0, 1, 3])]
      as [(Shape, AxisVector?)]
    {
      #expect(thrownCode { _ = try ChunkGrid(image: [4, 2], dataType: rgb, chunkShape: chunk, order: order) } == .malformed)
    }
  }

  private static func slabs(
    _ grid: ChunkGrid, sequential: Bool, source: Shape? = nil, budget: Int
  ) -> [(origin: AxisVector, size: Shape, chunks: [Int])] {
    let chunking = source.map { Chunking(shape: $0, origin: AxisVector(repeating: 0, count: $0.count)) }
    let plan = SlabPlan(grid, componentType: .uint8, isSequential: sequential, source: chunking, byteBudget: budget)
    return plan.slabs.parts(order: grid.order).map { ($0.origin, $0.size, ChunkBox(grid, $0).map(\.ordinal)) }
  }

  @Test("Slabs of a sequential container are runs of consecutive chunks, as long as the budget allows")
  func sequentialSlabs() throws {
    // 3 × 4 chunks of 10 × 10 bytes, the last column and the last row cut to 5.
    let grid = try ChunkGrid(image: [25, 35], dataType: .uint8, chunkShape: [10, 10])
    for (budget, numbers) in [
      (875, [Array(0..<12)]), (874, [Array(0..<9), [9, 10, 11]]), (500, [Array(0..<6), Array(6..<12)]),
      (499, [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]), (250, [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]),
      (249, [[0, 1], [2], [3, 4], [5], [6, 7], [8], [9, 10], [11]]), (0, (0..<12).map { [$0] }),
    ] {
      #expect(Self.slabs(grid, sequential: true, budget: budget).map(\.chunks) == numbers, "budget \(budget)")
    }
    let last = try wanted(Self.slabs(grid, sequential: true, budget: 500).last)
    #expect(last.origin == [0, 20] && last.size == [25, 15])
  }

  @Test("Slabs of a container that takes any order cover chunks of the source if the budget allows")
  func coveringSlabs() throws {
    let grid = try ChunkGrid(image: [40, 40], dataType: .uint8, chunkShape: [10, 10])
    let covering = Self.slabs(grid, sequential: false, source: [20, 20], budget: 400)
    #expect(covering.map(\.chunks) == [[0, 1, 4, 5], [2, 3, 6, 7], [8, 9, 12, 13], [10, 11, 14, 15]])
    #expect(covering[1].origin == [20, 0] && covering[1].size == [20, 20])
    // A source chunk that is slightly longer than a chunk needs two.
    #expect(Self.slabs(grid, sequential: false, source: [10, 11], budget: 200).first?.chunks == [0, 4])
    #expect(Self.slabs(grid, sequential: false, source: [20, 20], budget: 399).first?.chunks == [0, 1])
    // With more room, slabs are multiples of the source's chunks.
    #expect(Self.slabs(grid, sequential: false, source: [20, 20], budget: 800).map(\.chunks) == [Array(0..<8), Array(8..<16)])
    // The slabs of a sequential container do not depend on the source.
    #expect(Self.slabs(grid, sequential: true, source: [20, 20], budget: 400).first?.chunks == [0, 1, 2, 3])
  }

  private struct Cut: Equatable {
    let sizes: [Shape]
    var isDense = true
  }

  private static func plan(_ size: Shape, _ strides: AxisVector, _ gaps: RunPlan.Gaps) throws -> Cut {
    let plan = try RunPlan(size, stored: StridedLayout(strides: strides, componentStride: 0), .uint8, gaps: gaps)
    return Cut(sizes: (0..<plan.count).map { plan.run($0).size }, isDense: plan.isDense)
  }

  @Test("Dense elements are one run, up to 4 MiB")
  func denseRuns() throws {
    #expect(try Self.plan([10, 10], [1, 10], .leave) == Cut(sizes: [[10, 10]]))
    #expect(try Self.plan([10, 10], [10, 1], .leave) == Cut(sizes: [[10, 10]]))
    #expect(try Self.plan([1 << 20, 4], [1, 1 << 20], .leave) == Cut(sizes: [[1 << 20, 4]]))
    #expect(try Self.plan([1 << 20, 5], [1, 1 << 20], .leave) == Cut(sizes: [[1 << 20, 4], [1 << 20, 1]]))
    #expect(try Self.plan([(4 << 20) + 1], [1], .read) == Cut(sizes: [[4 << 20], [1]]))
    #expect(try Self.plan([1, 1], [5, 7], .leave) == Cut(sizes: [[1, 1]]))
  }

  @Test("Gaps are read over if that is worthwhile, and never written over")
  func gaps() throws {
    #expect(try Self.plan([10, 3], [1, 12], .leave) == Cut(sizes: [[10, 1], [10, 1], [10, 1]]))
    #expect(try Self.plan([10, 3], [1, 12], .read) == Cut(sizes: [[10, 3]], isDense: false))
    #expect(try Self.plan([10], [2], .leave).sizes.count == 10)
    #expect(try Self.plan([10], [2], .read) == Cut(sizes: [[10]], isDense: false))
    // Rows of 1000 bytes that start 8000 apart: ten of them span 73 000 bytes, of which more than an eighth is wanted.
    #expect(try Self.plan([1000, 10], [1, 8000], .read) == Cut(sizes: [[1000, 10]], isDense: false))
    // Of two rows 2000 of 16 000 bytes are wanted, which is an eighth. With a wider gap only short runs are worthwhile.
    #expect(try Self.plan([1000, 2], [1, 15_000], .read) == Cut(sizes: [[1000, 2]], isDense: false))
    #expect(try Self.plan([1000, 2], [1, 15_384], .read) == Cut(sizes: [[1000, 2]], isDense: false), "16 KiB")
    #expect(try Self.plan([1000, 2], [1, 15_385], .read).sizes == [[1000, 1], [1000, 1]])
    // For larger runs, 4000 of 32 000 bytes are worthwhile, but not 4000 of 32 001.
    #expect(try Self.plan([2000, 2], [1, 30_000], .read) == Cut(sizes: [[2000, 2]], isDense: false))
    #expect(try Self.plan([2000, 2], [1, 30_001], .read) == Cut(sizes: [[2000, 1], [2000, 1]]))
  }
}
