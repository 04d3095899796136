/// Decodes the chunks of one image: what a codec supplies to read a format.
///
/// A source is immutable once it is open, and is called from many threads at once. ``ChunkedImageView`` turns it into an image: it
/// finds the chunks that a region touches, decodes them on all cores, straight into the caller's memory where a chunk lies
/// densely in it, keeps decoded chunks in a bounded cache, and adds cancellation.
public protocol ChunkSource: AnyObject, Sendable {
  /// How the image is cut into chunks.
  var grid: ChunkGrid { get }
  /// The type of an element.
  var dataType: DataType { get }

  /// Decodes all components of a stored chunk.
  ///
  /// - Parameters:
  ///   - chunk: The chunk to decode.
  ///   - elements: Where the components go, dense in the order of the grid and in native byte order:
  ///     `grid.storedCount(of: chunk)` × `dataType.componentType.byteCount` bytes, all of which are written. An absent chunk is
  ///     filled with the fill value.
  ///   - workspace: Buffers that the calling thread reuses.
  /// - Throws: `malformed` or `truncated` when the stored chunk is damaged, with the offset of the fault; `unsupported` when it
  ///   uses a feature that is not read here; `limitExceeded` when decoding it would pass a limit; `io` when the source cannot be
  ///   read.
  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError)

  /// Fills a chunk with the background of the image: what an absent chunk holds, by default 0.
  ///
  /// - Parameters:
  ///   - chunk: The chunk, which is missing or damaged.
  ///   - elements: As for ``decodeChunk(_:into:workspace:)``.
  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan)
}

extension ChunkSource {
  public func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) { elements.zero() }
}

/// A source whose chunks can only be decoded in order: one deflate stream, or one large strip.
public protocol SequentialChunkSource: ChunkSource {
  /// Makes a cursor of the caller's own, at the last restart point at or before a chunk.
  ///
  /// - Parameter chunk: The ordinal of the first chunk that the caller wants.
  /// - Throws: `malformed` or `truncated` when the data before the chunk is damaged; `io` when the source cannot be read.
  func makeCursor(before chunk: Int) throws(IOLinkError) -> any ChunkCursor
}

extension SequentialChunkSource {
  /// Decodes a chunk by decoding every chunk from the nearest restart point up to it.
  ///
  /// ``ChunkedImageView`` keeps cursors instead. It calls this only when a chunk is dropped from the cache just before it is read.
  ///
  /// - Throws: Any error that `makeCursor(before:)` or ``ChunkCursor/decodeNext(into:workspace:)`` throws; `malformed` when the
  ///   cursor starts after the chunk.
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
    throw IOLinkError(.malformed, "the cursor stands at chunk \(cursor.next), expected chunk \(chunk.ordinal) or one before it")
  }
}

/// Decodes the chunks of a sequential source in order. A cursor is used by one reader at a time.
public protocol ChunkCursor: AnyObject {
  /// The ordinal of the chunk that comes next.
  var next: Int { get }

  /// Decodes the next chunk, as ``ChunkSource/decodeChunk(_:into:workspace:)`` does, and moves to the one after it.
  ///
  /// - Throws: The same errors as ``ChunkSource/decodeChunk(_:into:workspace:)``. A cursor that has thrown is not used again.
  func decodeNext(into elements: inout MutableRawSpan, workspace: ChunkWorkspace) throws(IOLinkError)
}

/// Buffers that one worker thread reuses from chunk to chunk. All of them can be in use at the same time.
public final class ChunkWorkspace {
  /// For the bytes of a chunk as they are stored.
  public let stored = ScratchBuffer()
  /// For what one filter step hands to the next.
  public let scratch = ScratchBuffer()
  /// For what one filter step hands to the next, where ``scratch`` is in use.
  public let extra = ScratchBuffer()
  /// For a decoded chunk that cannot go to the caller's memory directly.
  let decoded = ScratchBuffer()
  /// For the chunks that a cursor passes.
  let skipped = ScratchBuffer()
  private let executor: any Executor
  private let workers: Int

  /// Makes a workspace whose buffers are empty; each allocates memory when it is first used.
  ///
  /// - Parameters:
  ///   - executor: Supplies the threads for ``runBoth(_:_:)``.
  ///   - workers: The maximum number of threads that decoding one chunk may use.
  public init(executor: any Executor = SerialExecutor(), workers: Int = 1) {
    self.executor = executor
    self.workers = min(workers, executor.threadCount)
  }

  /// Whether decoding one chunk may use two threads. If not, ``runBoth(_:_:)`` saves no time.
  public var mayRunBoth: Bool { workers > 1 }

  /// Runs two steps of decoding a chunk and returns when both are done: at the same time if the chunk may use two threads and another
  /// thread is free, otherwise first `first` and then `second`.
  ///
  /// - Parameters:
  ///   - first: The step that takes longer. It uses nothing that `second` changes, and the other way round.
  ///   - second: The other step, which does not run when `first` has thrown before.
  /// - Throws: Any error that `first` throws, otherwise any error that `second` throws.
  public func runBoth(
    _ first: () throws(IOLinkError) -> Void, _ second: () throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    guard mayRunBoth else {
      try first()
      return try second()
    }
    try withoutActuallyEscaping(first) { first throws(IOLinkError) in
      try withoutActuallyEscaping(second) { second throws(IOLinkError) in
        // Each step runs once, on one thread, and both have returned when `forEach` does.
        nonisolated(unsafe) let steps = (first, second)
        try executor.forEach(count: 2, workers: 2, makeState: {}) { index, _ throws(IOLinkError) in
          if index == 0 { try unsafe steps.0() } else { try unsafe steps.1() }
        }
      }
    }
  }
}

/// A buffer that keeps its memory between uses and grows when more is needed.
public final class ScratchBuffer {
  private var block = MemoryBlock(allocating: 0)

  /// Makes an empty buffer.
  public init() {}

  /// Lends `byteCount` bytes of arbitrary content.
  ///
  /// - Parameters:
  ///   - byteCount: The size of the span that `body` gets; 0 or more.
  ///   - body: Uses the bytes. It must not use this buffer again.
  /// - Returns: The result of `body`.
  /// - Throws: Only errors that `body` throws.
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
