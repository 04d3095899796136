import IOLinkCore
import IOLinkTesting
import Synchronization

/// Gives chunks of a pattern, gathered one component at a time. It shares nothing with the core except the protocol.
final class TestChunkSource: ChunkSource {
  let grid: ChunkGrid
  let pattern: PatternView
  let failing: Set<Int>
  /// How often each chunk was decoded, by ordinal.
  let decodes = Guarded<[Int: Int]>([:])
  /// The address of the memory that each chunk was last decoded into.
  let addresses = Guarded<[Int: UInt]>([:])
  private let onDecode: @Sendable (Int, ChunkWorkspace) -> Void

  init(
    _ pattern: PatternView, chunk: Shape, order: AxisVector? = nil,
    edges: ChunkGrid.Edges = .clipped, failing: Set<Int> = [],
    onDecode: @escaping @Sendable (Int, ChunkWorkspace) -> Void = { _, _ in }
  ) throws {
    self.pattern = pattern
    self.failing = failing
    self.onDecode = onDecode
    grid = try ChunkGrid(
      image: pattern.shape, dataType: pattern.dataType, chunkShape: chunk, order: order,
      edges: edges)
  }

  var dataType: DataType { pattern.dataType }
  var decodeCount: Int { decodes.withLock { $0.values.reduce(0, +) } }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    decodes.withLock { $0[chunk.ordinal, default: 0] += 1 }
    onDecode(chunk.ordinal, workspace)
    let address = unsafe elements.withUnsafeMutableBytes { UInt(bitPattern: $0.baseAddress) }
    addresses.withLock { $0[chunk.ordinal] = address }
    if failing.contains(chunk.ordinal) {
      throw IOLinkError(.malformed, "chunk \(chunk.ordinal) is damaged", offset: chunk.ordinal)
    }
    let bytes = storedBytes(chunk)
    guard bytes.count == elements.byteCount else {
      throw IOLinkError(
        .invalidArgument, "\(elements.byteCount) bytes for a chunk of \(bytes.count)")
    }
    elements.copy(from: unsafe bytes.span.bytes)
  }

  /// The elements of a chunk, with the slowest axis of the grid's order first, and 0xEE outside the image.
  func storedBytes(_ chunk: ChunkIndex) -> [UInt8] {
    let extent =
      grid.edges == .padded
      ? Array(grid.chunkShape)
      : grid.shape.indices.map {
        min(grid.chunkShape[$0], grid.shape[$0] - chunk.position[$0] * grid.chunkShape[$0])
      }
    var bytes: [UInt8] = []
    var counter = Array(repeating: 0, count: extent.count)
    for _ in 0..<extent.reduce(1, *) {
      let position = extent.indices.map { chunk.position[$0] * grid.chunkShape[$0] &+ counter[$0] }
      if position.indices.allSatisfy({ (0..<grid.shape[$0]).contains(position[$0]) }) {
        let isVector = dataType.componentCount > 1
        bytes += pattern.number(
          at: isVector ? Array(position.dropLast()) : position,
          component: isVector ? position.last! : 0)
      } else {
        bytes += Array(repeating: 0xEE, count: dataType.componentType.byteCount)
      }
      for axis in grid.order.reversed() {
        counter[axis] += 1
        if counter[axis] < extent[axis] { break }
        counter[axis] = 0
      }
    }
    return bytes
  }
}

/// The same source, decoded in sequence.
final class TestSequentialSource: SequentialChunkSource {
  let base: TestChunkSource
  let restart: Int
  let cursorCount = Atomic<Int>(0)

  /// - Parameter restart: A cursor can start at every multiple of this ordinal.
  init(_ base: TestChunkSource, restart: Int = .max) {
    self.base = base
    self.restart = restart
  }

  var grid: ChunkGrid { base.grid }
  var dataType: DataType { base.dataType }

  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor {
    cursorCount.wrappingAdd(1, ordering: .relaxed)
    return Cursor(base, next: chunk / restart * restart)
  }

  final class Cursor: ChunkCursor {
    let base: TestChunkSource
    var next: Int
    init(_ base: TestChunkSource, next: Int) {
      self.base = base
      self.next = next
    }

    func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace)
      throws(IOLinkError)
    {
      try base.decodeChunk(base.grid.chunk(next), into: &elements, workspace: workspace)
      next += 1
    }
  }
}

/// The pixels of a pattern in every way in which the core can hold them.
enum Holding: String, CaseIterable, Sendable {
  case pattern, memory, memoryPermuted, memoryPlanarNegative, contiguous, contiguousBigEndian,
    contiguousPlanar,
    contiguousAwkward, chunked, chunkedPadded, chunkedSeparate, sequential, sequentialRestart,
    stacked, described, update

  var isMemory: Bool { rawValue.hasPrefix("memory") }

  func view(_ pattern: PatternView, runtime: Runtime) throws -> any ImageView {
    let rank = pattern.rank
    let type = pattern.dataType
    let vector = type.componentCount > 1
    let reversed = AxisVector((0..<rank).reversed())
    func chunk(_ length: Int) -> Shape { AxisVector(pattern.shape.map { max(1, min($0, length)) }) }
    switch self {
    case .pattern: return pattern
    case .memory: return try memory(pattern, order: reversed)
    case .memoryPermuted: return try memory(pattern, order: .identity(rank: rank))
    case .memoryPlanarNegative: return try planarNegativeMemory(pattern)
    case .contiguous, .contiguousBigEndian, .contiguousAwkward, .update:
      return try contiguous(pattern, order: reversed, runtime: runtime)
    case .contiguousPlanar:
      return try contiguous(
        pattern, order: AxisVector((vector ? [rank] : []) + reversed), runtime: runtime)
    case .chunked:
      return try ChunkedImageView(
        TestChunkSource(pattern, chunk: chunk(3)), properties: pattern.properties,
        identity: .unique(byteCount: 0), runtime: runtime)
    case .chunkedPadded:
      let source = try TestChunkSource(
        pattern, chunk: AxisVector(repeating: 2, count: rank),
        order: AxisVector(Array(0..<rank) + (vector ? [rank] : [])), edges: .padded)
      return try ChunkedImageView(
        source, properties: pattern.properties, identity: .unique(byteCount: 0), runtime: runtime)
    case .chunkedSeparate:
      let source = try TestChunkSource(
        pattern, chunk: AxisVector(Array(chunk(4)) + (vector ? [1] : [])),
        order: AxisVector((vector ? [rank] : []) + reversed))
      return try ChunkedImageView(
        source, properties: pattern.properties, identity: .unique(byteCount: 0), runtime: runtime)
    case .sequential, .sequentialRestart:
      var bands = pattern.shape
      for axis in 0..<rank { bands[axis] = axis == rank - 1 ? 1 : max(1, bands[axis]) }
      let source = TestSequentialSource(
        try TestChunkSource(pattern, chunk: bands), restart: self == .sequential ? .max : 3)
      return try ChunkedImageView(
        source, properties: pattern.properties, identity: .unique(byteCount: 0), runtime: runtime)
    case .stacked:
      guard rank > 0, pattern.shape[rank - 1] > 0, let role = pattern.properties.axes.last?.role
      else { return pattern }
      var images: [any ImageView] = []
      for index in 0..<pattern.shape[rank - 1] {
        images.append(try pattern.selecting(axis: rank - 1, index))
      }
      let last = pattern.properties.axes[rank - 1]
      let stack = try StackedImageView(
        images, along: role, spacing: last.spacing, origin: last.origin, unit: last.unit)
      return try stack.with(properties: pattern.properties)
    case .described:
      return try Holding.chunked.view(pattern, runtime: runtime).converted(to: type.componentType, .cast).with(
        metadata: MetadataNode(.text("x")))
    }
  }

  private func memory(_ pattern: PatternView, order: AxisVector) throws -> any ImageView {
    let view = try MemoryImageView.allocate(
      pattern.shape, pattern.dataType, properties: pattern.properties, order: order)
    let layout = try wanted(view.memory).layout
    try view.memory?.block.withMutableBytes { (span) throws(IOLinkError) in
      try pattern.read(Region(of: pattern.shape), into: &span, layout: layout, context: .default)
    }
    return view
  }

  /// Separate components, every axis backwards, and a gap after every row.
  private func planarNegativeMemory(_ pattern: PatternView) throws -> any ImageView {
    var strides = AxisVector(repeating: 0, count: pattern.rank)
    var stride = pattern.dataType.componentType.byteCount
    var offset = 16
    for axis in 0..<pattern.rank {
      strides[axis] = -stride
      offset += max(0, pattern.shape[axis] - 1) * stride
      stride = stride * max(1, pattern.shape[axis]) + (axis == 0 ? 3 : 0)
    }
    let layout = StridedLayout(byteOffset: offset, strides: strides, componentStride: stride)
    let block = MemoryBlock(allocating: offset + stride * pattern.dataType.componentCount + 16)
    try block.withMutableBytes { (span) throws(IOLinkError) in
      try pattern.read(Region(of: pattern.shape), into: &span, layout: layout, context: .default)
    }
    return try MemoryImageView(
      StridedMemory(block, layout: layout, shape: pattern.shape, dataType: pattern.dataType),
      properties: pattern.properties)
  }

  /// - Parameter order: The axes, slowest first. The rank stands for the component, which is fastest by default.
  private func contiguous(_ pattern: PatternView, order: AxisVector, runtime: Runtime) throws
    -> any ImageView
  {
    let type = pattern.dataType
    var strides = AxisVector(repeating: 0, count: pattern.rank)
    var componentStride = type.componentType.byteCount
    var stride = order.contains(pattern.rank) ? type.componentType.byteCount : type.byteCount
    for axis in order.reversed() {
      if axis == pattern.rank {
        componentStride = stride
        stride *= type.componentCount
      } else {
        strides[axis] = stride
        stride *= max(1, pattern.shape[axis])
      }
    }
    let layout = StridedLayout(byteOffset: 5, strides: strides, componentStride: componentStride)
    var bytes = [UInt8](repeating: 0xEE, count: 5 + stride + 3)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes
    try pattern.read(Region(of: pattern.shape), into: &span, layout: layout, context: .default)
    if self == .contiguousBigEndian {
      let width = type.componentType.swapWidth
      for start in Swift.stride(from: 5, to: bytes.count - 3, by: width) {
        bytes[start..<(start + width)].reverse()
      }
    }
    let source: any RandomAccess =
      self == .contiguousAwkward ? AwkwardRandomAccess(bytes) : MemoryRandomAccess(bytes)
    return try ContiguousImageView(
      source, layout: layout, dataType: type,
      byteOrder: self == .contiguousBigEndian ? .big : .little,
      properties: pattern.properties, runtime: runtime, access: self == .update ? .update : .read)
  }
}

func wanted<T>(_ value: T?) throws -> T {
  guard let value else { throw IOLinkError(.notFound, "a value was expected") }
  return value
}
