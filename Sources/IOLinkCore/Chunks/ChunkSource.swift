/// What a reading codec supplies. Immutable after opening; called from many threads at once.
///
/// ``ChunkedImageView`` makes a full image of it: which chunks a region touches, decoding on all cores straight into the
/// caller's memory where a chunk lies dense in it, a bounded cache, cancellation, error context.
public protocol ChunkSource: AnyObject, Sendable {
  var grid: ChunkGrid { get }
  var dataType: DataType { get }

  /// Gives all components of the stored chunk, dense in the grid's order, native byte order.
  ///
  /// - Parameters:
  ///   - elements: grid.storedCount(of: chunk) × dataType.scalar.byteCount bytes; all of them are written. An absent
  ///     chunk is filled with the fill value.
  ///   - workspace: Reusable buffers of this worker.
  /// - Throws: `malformed`, `truncated`, `io`, `unsupported`, with the offset of what is wrong.
  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError)
}

/// A source whose chunks can only be decoded one after the other: one deflate stream, one large strip.
public protocol SequentialChunkSource: ChunkSource {
  /// A private cursor that stands at the last restart point not behind `chunk`.
  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor
}

extension SequentialChunkSource {
  /// From the nearest restart point, chunk after chunk. ``ChunkedImageView`` keeps cursors instead.
  public func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let cursor = try makeCursor(before: chunk.ordinal)
    while cursor.next <= chunk.ordinal {
      if cursor.next == chunk.ordinal {
        try cursor.decodeNext(into: &elements, workspace: workspace)
        return
      }
      let size = grid.storedCount(of: grid.chunk(cursor.next)) * dataType.componentType.byteCount
      try workspace.skipped.withBytes(size) { skipped throws(IOLinkError) in
        try cursor.decodeNext(into: &skipped, workspace: workspace)
      }
    }
    throw IOLinkError(.malformed, "chunk \(chunk.ordinal) lies behind the cursor")
  }
}

/// Yields the chunks of a sequential source in order. Used by one reader at a time.
public protocol ChunkCursor: AnyObject {
  /// The number of the chunk that comes next.
  var next: Int { get }

  /// Gives the next chunk as ``ChunkSource/decodeChunk(_:into:workspace:)`` does, and moves on.
  func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError)
}

/// The reusable buffers of one worker. Each can be lent while the others are.
public final class ChunkWorkspace {
  /// The chunk's bytes as stored.
  public let stored = ScratchBuffer()
  /// Between two filter steps.
  public let scratch = ScratchBuffer()
  /// Between two filter steps, where one is not enough.
  public let extra = ScratchBuffer()
  /// The decoded chunk, where it cannot go to the caller's memory directly.
  let decoded = ScratchBuffer()
  /// Chunks that a cursor passes.
  let skipped = ScratchBuffer()

  public init() {}
}

/// Memory that is kept between uses, and grows.
public final class ScratchBuffer {
  private var block = MemoryBlock(allocating: 0)

  public init() {}

  /// Lends `byteCount` bytes of arbitrary content.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ byteCount: Int, _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    if block.byteCount < byteCount { block = MemoryBlock(allocating: byteCount, isZeroed: .uninitialized) }
    return try block.withMutableBytes { whole throws(Failure) in
      var part = whole._mutatingExtracting(0..<byteCount)
      return try body(&part)
    }
  }
}
