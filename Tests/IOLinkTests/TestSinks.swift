import IOLinkCore
import IOLinkTesting

/// Collects chunks as a container does.
final class TestChunkSink: ChunkSink {
  struct Stored {
    var bytes: [Int: [UInt8]] = [:]
    /// The chunks in the order in which they arrived.
    var numbers: [Int] = []
    var finishCount = 0
  }

  let dataType: DataType
  let order: ChunkOrder
  let isVerbatim: Bool
  let failing: Int?
  let isGrowable: Bool
  let absentChunksAreZero: Bool
  let encoding: ChunkEncoding?
  let stored = Guarded(Stored())
  /// The ordinals of the chunks in the order in which encoding began.
  let encoded = Guarded<[Int]>([])
  private let state: Guarded<ChunkGrid>
  private let onEncode: @Sendable (Int, ChunkWorkspace) -> Void

  init(
    _ grid: ChunkGrid, _ dataType: DataType, order: ChunkOrder, isVerbatim: Bool, failing: Int? = nil, isGrowable: Bool = false,
    absentChunksAreZero: Bool = false, encoding: ChunkEncoding? = nil, onEncode: @escaping @Sendable (Int, ChunkWorkspace) -> Void = { _, _ in }
  ) {
    state = Guarded(grid)
    self.dataType = dataType
    self.order = order
    self.isVerbatim = isVerbatim
    self.failing = failing
    self.isGrowable = isGrowable
    self.absentChunksAreZero = absentChunksAreZero
    self.encoding = encoding
    self.onEncode = onEncode
  }

  var grid: ChunkGrid { state.withLock { $0 } }
  var numbers: [Int] { stored.withLock { $0.numbers } }

  func encodeChunk(_ chunk: ChunkIndex, from elements: RawSpan, workspace: ChunkWorkspace) throws(IOLinkError) -> EncodedChunk {
    encoded.withLock { $0.append(chunk.ordinal) }
    onEncode(chunk.ordinal, workspace)
    if chunk.ordinal == failing { throw IOLinkError(.io, "chunk \(chunk.ordinal) cannot be stored", offset: chunk.ordinal) }
    return isVerbatim ? .verbatim : .bytes(elements.byteArray().map { ~$0 })
  }

  func storeChunk(_ chunk: ChunkIndex, _ bytes: RawSpan) throws(IOLinkError) {
    let plain = bytes.byteArray().map { isVerbatim ? $0 : ~$0 }
    stored.withLock { stored in
      stored.bytes[chunk.ordinal] = plain
      stored.numbers.append(chunk.ordinal)
    }
  }

  func grow(to image: Shape) throws(IOLinkError) {
    guard isGrowable else { throw IOLinkError(.unsupported, "the sink cannot grow") }
    let old = grid
    let grid = try ChunkGrid(image: image, dataType: dataType, chunkShape: old.chunkShape, order: old.order, edges: old.edges)
    state.withLock { $0 = grid }
  }

  func finish() throws(IOLinkError) { stored.withLock { $0.finishCount += 1 } }
}

/// A pattern that counts how it is read, and that continues after a request to stop.
final class CountingView: ImageView {
  let pattern: PatternView
  let reads = Guarded<[Region]>([])
  let chunking: Chunking?

  init(_ pattern: PatternView, chunkShape: Shape? = nil) {
    self.pattern = pattern
    chunking = chunkShape.map { Chunking(shape: $0, origin: AxisVector(repeating: 0, count: $0.count)) }
  }

  var dataType: DataType { pattern.dataType }
  var shape: Shape { pattern.shape }
  var properties: ImageProperties { pattern.properties }
  var metadata: MetadataNode { pattern.metadata }
  var capabilities: Capabilities { .read }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    reads.withLock { $0.append(region) }
    try pattern.fetch(region, into: &destination, layout: layout, context: .default)
  }
}

/// Bytes in memory that count how they are read and written. They have MEMORY_ACCESS only on request.
final class CountingRandomAccess: RandomAccess {
  struct Access: Equatable {
    let offset: Int
    let byteCount: Int
  }

  private let base: MemoryRandomAccess
  let capabilities: StreamCapabilities
  let reads = Guarded<[Access]>([])
  let writes = Guarded<[Access]>([])
  private let onAccess: @Sendable (Int) -> Void

  /// - Parameter onAccess: Called after each read or write, with its index from 0.
  init(_ bytes: [UInt8], capabilities: StreamCapabilities = [.read, .write], onAccess: @escaping @Sendable (Int) -> Void = { _ in }) {
    base = MemoryRandomAccess(bytes)
    self.capabilities = capabilities
    self.onAccess = onAccess
  }

  var byteCount: Int { base.byteCount }
  var identity: SourceIdentity { base.identity }

  func read(at offset: Int, into bytes: inout MutableRawSpan) throws(IOLinkError) {
    let access = Access(offset: offset, byteCount: bytes.byteCount)
    let number = reads.withLock { reads in
      reads.append(access)
      return reads.count - 1
    }
    try base.read(at: offset, into: &bytes)
    onAccess(number)
  }

  func write(at offset: Int, from bytes: RawSpan) throws(IOLinkError) {
    let access = Access(offset: offset, byteCount: bytes.byteCount)
    let number = writes.withLock { writes in
      writes.append(access)
      return writes.count - 1
    }
    try base.write(at: offset, from: bytes)
    onAccess(number)
  }

  func close() { base.close() }
}
