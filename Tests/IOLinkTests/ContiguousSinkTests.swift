import IOLinkCore
import IOLinkTesting
import Testing

/// Where `ContiguousChunkSink` puts elements in a file, and what it leaves to holes.
struct ContiguousSinkTests {
  private static func sink(
    _ image: Shape, _ type: DataType = .uint16, order: AxisVector = [1, 0], _ byteOrder: ByteOrder = .native,
    on stream: any StreamAccess, offset: Int = 0, completion: (@Sendable (Shape) throws(IOLinkError) -> Void)? = nil
  ) throws -> ContiguousChunkSink {
    try ContiguousChunkSink(image, type, axisOrder: order, byteOrder: byteOrder, on: stream, offset: offset, completion: completion)
  }

  private static func store(_ sink: ContiguousChunkSink, _ number: Int, _ byte: UInt8) throws {
    let chunk = sink.grid.chunk(number)
    let bytes = [UInt8](repeating: byte, count: sink.grid.storedCount(of: chunk) * sink.dataType.componentType.byteCount)
    try sink.storeChunk(chunk, unsafe bytes.span.bytes)
  }

  @Test("Chunks are whole along the fast axes and at most a mebibyte")
  func chunks() throws {
    let stream = MemoryStream()
    #expect(try Self.sink([100, 50], on: stream).grid.chunkShape == [100, 50])
    #expect(try Self.sink([1024, 1000], on: stream).grid.chunkShape == [1024, 512])
    #expect(try Self.sink([1024, 1000], order: [0, 1], on: stream).grid.chunkShape == [524, 1000])
    #expect(try Self.sink([1 << 20, 3], on: stream).grid.chunkShape == [1 << 19, 1])
    let rgb = try DataType(.uint16, componentCount: 3)
    let vector = try Self.sink([1024, 1000], rgb, on: stream).grid
    #expect(vector.chunkShape == [1024, 170, 3] && vector.order == [1, 0, 2])
    #expect(try Self.sink([1024, 0], on: stream).grid.chunkShape == [1024, 1])
  }

  @Test("Bytes are swapped in a copy if the file's order differs from the machine's", arguments: [ByteOrder.little, .big])
  func byteOrder(_ order: ByteOrder) throws {
    let numbers: [UInt8] = [1, 2, 3, 4]
    for (type, swapped) in [(DataType.uint16, [2, 1, 4, 3]), (.uint32, [4, 3, 2, 1]), (.uint8, nil)] as [(DataType, [UInt8]?)] {
      let sink = try Self.sink([4 / type.byteCount], type, order: [0], order, on: MemoryStream())
      let encoded = try sink.encodeChunk(sink.grid.chunk(0), from: unsafe numbers.span.bytes, workspace: ChunkWorkspace())
      if order == .native || swapped == nil {
        var isVerbatim = false
        if case .verbatim = encoded { isVerbatim = true }
        #expect(isVerbatim, "\(type) needs no change")
      } else {
        var bytes: [UInt8] = []
        if case .bytes(let turned) = encoded { bytes = turned }
        #expect(bytes == swapped && numbers == [1, 2, 3, 4])
      }
    }
  }

  @Test("Each chunk is written to its place after the offset, whatever the order of chunks")
  func places() throws {
    let stream = MemoryStream([9, 9, 9])
    let sink = try Self.sink([1 << 19, 3], on: stream, offset: 5)
    #expect(sink.order == .any && sink.absentChunksAreZero)
    try Self.store(sink, 2, 3)
    try Self.store(sink, 0, 1)
    try sink.finish()
    let bytes = stream.bytes
    #expect(bytes.count == 5 + (3 << 20))
    #expect(Array(bytes[..<6]) == [9, 9, 9, 0, 0, 1] && bytes[4 + (1 << 20)] == 1 && bytes[5 + (1 << 20)] == 0)
    #expect(bytes[4 + (2 << 20)] == 0 && bytes[5 + (2 << 20)] == 3 && bytes.last == 3)
  }

  @Test("Zeros past the end are left to a hole, but zeros over existing bytes are written")
  func holes() throws {
    let stream = MemoryStream()
    let sink = try Self.sink([1 << 19, 4], on: stream)
    try Self.store(sink, 1, 0)
    #expect(stream.byteCount == 0)
    try Self.store(sink, 1, 7)
    try Self.store(sink, 1, 0)
    try Self.store(sink, 2, 0)
    #expect(stream.byteCount == 2 << 20 && stream.bytes.allSatisfy { $0 == 0 })
    try sink.finish()
    #expect(stream.byteCount == 4 << 20, "finishing makes the file as long as the image")
  }

  @Test("Finishing does not shorten the stream, reports the final shape, and throws what goes wrong")
  func finishing() throws {
    let stream = MemoryStream([UInt8](repeating: 5, count: 40))
    let shapes = Guarded<[Shape]>([])
    let sink = try Self.sink([4, 2], on: stream, offset: 8) { shape in shapes.withLock { $0.append(shape) } }
    try sink.finish()
    #expect(stream.byteCount == 40 && shapes.withLock { $0 } == [[4, 2]])
    let failing = try Self.sink([4, 2], on: stream) { _ throws(IOLinkError) in throw IOLinkError(.io, "the header cannot be written") }
    #expect(thrownCode { try failing.finish() } == .io)
  }

  @Test("A stream without SEEK gets all chunks in sequence, zeros included, and is not extended")
  func pipe() throws {
    let stream = AwkwardStream(capabilities: .write)
    let sink = try Self.sink([4, 2], on: stream, offset: 100)
    #expect(sink.order == .sequential && !sink.absentChunksAreZero)
    try Self.store(sink, 0, 0)
    try sink.finish()
    #expect(stream.bytes == [UInt8](repeating: 0, count: 16))
  }

  @Test("An image grows along the slowest axis only, and only if the header can be completed afterwards")
  func growing() throws {
    let stream = MemoryStream()
    let fixed = try Self.sink([4, 2], on: stream)
    #expect(!fixed.isGrowable && thrownCode { try fixed.grow(to: [4, 3]) } == .unsupported)
    let sink = try Self.sink([4, 2], order: [0, 1], on: stream, offset: 3) { _ in }
    #expect(sink.isGrowable && thrownCode { try sink.grow(to: [4, 3]) } == .invalidArgument)
    #expect(thrownCode { try sink.grow(to: [9, 2]) } == nil)
    #expect(sink.grid.shape == [9, 2] && sink.grid.chunkShape == [4, 2] && sink.grid.counts == [3, 1])
    // The shape is the one that it grew to, not the original one.
    #expect(thrownCode { try sink.grow(to: [10, 1]) } == .invalidArgument && thrownCode { try sink.grow(to: [10, 2]) } == nil)
    try sink.finish()
    #expect(stream.byteCount == 43)
    let componentType = try Self.sink([], order: [], on: stream) { _ in }
    #expect(!componentType.isGrowable && thrownCode { try componentType.grow(to: []) } == .unsupported)
  }
}
