import Foundation
import IOLinkCore
import IOLinkTesting
import Synchronization
import Testing

/// `ImageWriter.append`: the axis along which an image grows, and chunks that hold several frames.
struct GrowingTests {
  private static func properties(_ shape: [Int], order: AxisVector) throws -> ImageProperties {
    try ImageProperties(
      axes: zip([AxisRole.column, .row, .slice], shape).map { Axis($0, length: $1) }, sourceOrder: order)
  }

  private static func append(_ writer: ImageWriter, _ pattern: PatternView, axis: Int, _ index: Int) throws {
    var origin = AxisVector(repeating: 0, count: 3)
    var size = pattern.shape
    origin[axis] = index
    size[axis] = 1
    let bytes = pattern.expectedBytes(of: try Region(origin: origin, size: size))
    try writer.append(unsafe bytes.span.bytes, layout: StridedLayout(dense: size, pattern.dataType))
  }

  /// All elements of a pattern, with the first axis of the order slowest.
  private static func fileBytes(_ pattern: PatternView, _ order: [Int]) -> [UInt8] {
    let shape = pattern.shape
    var bytes: [UInt8] = []
    for slow in 0..<shape[order[0]] {
      for middle in 0..<shape[order[1]] {
        for fast in 0..<shape[order[2]] {
          var position = [0, 0, 0]
          (position[order[0]], position[order[1]], position[order[2]]) = (slow, middle, fast)
          bytes += pattern.number(at: position, component: 0)
        }
      }
    }
    return bytes
  }

  @Test("The image grows along the slowest axis of the source order", arguments: [[0, 2, 1], [1, 0, 2], [2, 0, 1], [2, 1, 0]])
  func slowestAxis(_ order: [Int]) throws {
    let slowest = order[0]
    var shape = [3, 4, 5]
    let pattern = PatternView(.uint16, properties: try Self.properties(shape, order: AxisVector(order)))
    shape[slowest] = 0
    let stream = MemoryStream()
    let sink = try ContiguousChunkSink(
      AxisVector(shape), .uint16, axisOrder: AxisVector(order), byteOrder: .native, on: stream, offset: 2, completion: { _ in })
    let description = ImageDescription(dataType: .uint16, properties: try Self.properties(shape, order: AxisVector(order)))
    let writer = ImageWriter(ImageSink(sink), description, runtime: Runtime(executor: SerialExecutor()))
    for index in 0..<pattern.shape[slowest] {
      try Self.append(writer, pattern, axis: slowest, index)
      #expect(writer.shape[slowest] == index + 1)
    }
    let report = try writer.finish()
    #expect(writer.shape == pattern.shape && report.pixelByteCount == 120)
    #expect(Array(stream.bytes.dropFirst(2)) == Self.fileBytes(pattern, order))
  }

  @Test(
    "Frames share chunks, also when the image ends in the middle of one before it grows",
    arguments: [(4, ChunkGrid.Edges.clipped), (5, .clipped), (7, .clipped), (8, .clipped), (0, .padded), (1, .padded), (6, .padded)])
  func framesPerChunk(_ first: Int, _ edges: ChunkGrid.Edges) throws {
    let order: AxisVector = [2, 1, 0]
    let pattern = PatternView(.uint16, properties: try Self.properties([3, 4, 10], order: order))
    let grid = try ChunkGrid(image: [3, 4, first], dataType: .uint16, chunkShape: [3, 2, 4], edges: edges)
    for storing in [ChunkOrder.any, .sequential] {
      let sink = TestChunkSink(grid, .uint16, order: storing, isVerbatim: false, isGrowable: true)
      let description = ImageDescription(dataType: .uint16, properties: try Self.properties([3, 4, first], order: order))
      let writer = ImageWriter(ImageSink(sink), description, runtime: Runtime(executor: SerialExecutor()))
      if first > 0 {
        let region = Region(of: [3, 4, first])
        let bytes = pattern.expectedBytes(of: region)
        try writer.write(region, from: unsafe bytes.span.bytes, layout: StridedLayout(dense: region.size, .uint16))
      }
      #expect(sink.numbers == Array(0..<(first / 4 * 2)), "whole chunks are stored, the others wait")
      for index in first..<10 { try Self.append(writer, pattern, axis: 2, index) }
      #expect(sink.numbers == [0, 1, 2, 3])
      _ = try writer.finish()
      #expect(sink.numbers == [0, 1, 2, 3, 4, 5])
      let expected = try TestChunkSource(pattern, chunk: [3, 2, 4], edges: edges)
      for number in 0..<6 {
        let numbers = expected.storedBytes(expected.grid.chunk(number))
        // The last two chunks hold two of four frames, and the frame is the slowest axis.
        let padded = edges == .padded && number > 3 ? numbers[..<24] + [UInt8](repeating: 0, count: 24) : numbers[...]
        #expect(sink.stored.withLock { $0.bytes[number] } == Array(padded), "chunk \(number), \(storing)")
      }
    }
  }

  @Test("Chunks that are cut along the growing axis wait for more frames, even if they are not the last")
  func waitingAlongTheFirstAxis() throws {
    let order: AxisVector = [0, 2, 1]
    let pattern = PatternView(.uint16, properties: try Self.properties([7, 4, 5], order: order))
    let sink = TestChunkSink(
      try ChunkGrid(image: [5, 4, 5], dataType: .uint16, chunkShape: [4, 4, 5], order: order), .uint16, order: .any, isVerbatim: true,
      isGrowable: true)
    let description = ImageDescription(dataType: .uint16, properties: try Self.properties([5, 4, 5], order: order))
    let writer = ImageWriter(ImageSink(sink), description, runtime: Runtime(executor: SerialExecutor()))
    let bytes = pattern.expectedBytes(of: Region(of: [5, 4, 5]))
    try writer.write(Region(of: [5, 4, 5]), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [5, 4, 5], .uint16))
    #expect(sink.numbers == [0])
    for index in 5..<7 { try Self.append(writer, pattern, axis: 0, index) }
    _ = try writer.finish()
    let stored = sink.stored.withLock { $0.bytes }
    #expect((stored[0] ?? []) + (stored[1] ?? []) == Self.fileBytes(pattern, [0, 2, 1]))
  }

  @Test("Chunks at the end wait for more frames only if the container can grow, up to half of the budget")
  func notWaiting() throws {
    let properties = try Self.properties([1024, 512, 3], order: [2, 1, 0])
    let bytes = [UInt8](repeating: 5, count: 1024 * 512 * 3)
    // A chunk holds two frames and 512 rows, which is 1 MiB. The second one is half empty.
    for (isGrowable, workingMemory, stored) in [(false, 4 << 20, [0, 1]), (true, 2 << 20, [0])] {
      let grid = try ChunkGrid(image: [1024, 512, 3], dataType: .uint8, chunkShape: [1024, 512, 2])
      let sink = TestChunkSink(grid, .uint8, order: .any, isVerbatim: true, isGrowable: isGrowable)
      let writer = ImageWriter(
        ImageSink(sink), ImageDescription(dataType: .uint8, properties: properties), runtime: Runtime(executor: SerialExecutor(), workingMemory: workingMemory))
      try writer.write(
        Region(of: [1024, 512, 3]), from: unsafe bytes.span.bytes, layout: StridedLayout(dense: [1024, 512, 3], .uint8))
      #expect(sink.numbers == stored)
      _ = try writer.finish()
      #expect(sink.numbers == [0, 1])
    }
  }

  @Test("A container that cannot grow refuses to, and the image keeps its length")
  func fixed() throws {
    let pattern = PatternView(.uint8, properties: try Self.properties([2, 2, 2], order: [2, 1, 0]))
    let sink = TestChunkSink(
      try ChunkGrid(image: [2, 2, 2], dataType: .uint8, chunkShape: [2, 2, 1]), .uint8, order: .any, isVerbatim: true)
    let writer = ImageWriter(ImageSink(sink), ImageDescription(pattern), runtime: Runtime(executor: SerialExecutor()))
    #expect(thrownCode { try Self.append(writer, pattern, axis: 2, 0) } == .unsupported && writer.shape == [2, 2, 2])
    let componentType = TestChunkSink(
      try ChunkGrid(image: [], dataType: .uint8, chunkShape: []), .uint8, order: .any, isVerbatim: true, isGrowable: true)
    let none = ImageWriter(
      ImageSink(componentType), ImageDescription(dataType: .uint8, properties: try ImageProperties(axes: [])), runtime: Runtime(executor: SerialExecutor()))
    let byte: [UInt8] = [1]
    #expect(
      thrownCode { try none.append(unsafe byte.span.bytes, layout: StridedLayout(strides: [], componentStride: 1)) } == .unsupported)
  }

  @Test("Threads that append at the same time write different frames")
  func concurrentAppends() throws {
    let properties = try Self.properties([2, 2, 0], order: [2, 1, 0])
    let grid = try ChunkGrid(image: [2, 2, 0], dataType: .uint8, chunkShape: [2, 2, 1])
    let isEncoding = Moment()
    let inside = Atomic<Int>(0)
    let overlapped = Atomic<Bool>(false)
    let sink = TestChunkSink(grid, .uint8, order: .sequential, isVerbatim: false, isGrowable: true) { _, _ in
      // The first frame takes a while, and the other thread, which arrives in the meantime, must wait for it.
      if inside.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue > 1 { overlapped.store(true, ordering: .relaxed) }
      isEncoding.happen()
      for _ in 0..<300 where inside.load(ordering: .sequentiallyConsistent) == 1 { usleep(1000) }
      inside.wrappingSubtract(1, ordering: .sequentiallyConsistent)
    }
    let writer = ImageWriter(ImageSink(sink), ImageDescription(dataType: .uint8, properties: properties), runtime: Runtime(executor: SerialExecutor()))
    try ThreadExecutor(2).forEach(count: 2, workers: 2, makeState: { 0 }) { index, _ throws(IOLinkError) in
      if index == 1 { isEncoding.wait() }
      let bytes = [UInt8](repeating: UInt8(index + 1), count: 4)
      try writer.append(unsafe bytes.span.bytes, layout: StridedLayout(dense: [2, 2, 1], .uint8))
    }
    _ = try writer.finish()
    let hasOverlapped = overlapped.load(ordering: .relaxed)
    #expect(!hasOverlapped)
    #expect(sink.stored.withLock { $0.bytes } == [0: [1, 1, 1, 1], 1: [2, 2, 2, 2]] && sink.numbers == [0, 1])
  }
}
