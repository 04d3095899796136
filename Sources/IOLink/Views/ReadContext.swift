/// What one operation may use, and how it is stopped.
public struct ReadContext: Sendable {
  /// At most this many threads; `nil` is as many as the executor has.
  public var threadCap: Int?
  /// Looked at per chunk and every 4 MiB inside one.
  public var cancellation: Cancellation?
  /// Replaces the executor of the runtime the image was opened with.
  public var executor: (any Executor)?
  /// Where the memory for whole images comes from; `nil` is ordinary memory.
  public var allocator: (any MemoryAllocator)?

  public init(
    threadCap: Int? = nil, cancellation: Cancellation? = nil, executor: (any Executor)? = nil,
    allocator: (any MemoryAllocator)? = nil
  ) {
    self.threadCap = threadCap
    self.cancellation = cancellation
    self.executor = executor
    self.allocator = allocator
  }

  public static let `default` = ReadContext()

  /// - Throws: `cancelled` after the caller asked to stop.
  public func checkCancellation() throws(IOLinkError) { try cancellation?.check() }
}

/// What all open images of an application share: threads, and one budget of memory for caches and work in flight.
public final class Runtime: Sendable {
  public let executor: any Executor
  public let cache: ChunkCache
  /// Bytes that one conversion or one read may keep in flight.
  public let workingMemory: Int
  /// An operation gets one thread for each of these bytes that it moves or decodes, up to the executor's threads.
  public let bytesPerWorker: Int

  /// - Parameters:
  ///   - cacheByteCount: Decoded chunks kept for later reads, over all open images.
  ///   - workingMemory: Buffers of one running operation.
  ///   - bytesPerWorker: Below the default, waking a second thread costs more than it saves; tests of concurrency pass 1.
  public init(
    executor: any Executor = SerialExecutor(), cacheByteCount: Int = 64 << 20, workingMemory: Int = 256 << 20,
    bytesPerWorker: Int = 128 << 10
  ) {
    self.executor = executor
    cache = ChunkCache(byteCount: cacheByteCount)
    self.workingMemory = Swift.max(1 << 20, workingMemory)
    self.bytesPerWorker = Swift.max(1, bytesPerWorker)
  }

  /// Threads that an operation of this size may use: small ones stay on the caller's.
  ///
  /// - Parameter byteCount: Bytes the operation moves or decodes.
  func workers(for byteCount: Int, _ context: ReadContext) -> Int {
    let executor = context.executor ?? self.executor
    let bySize = byteCount / bytesPerWorker
    return Swift.max(1, Swift.min(executor.threadCount, bySize, context.threadCap ?? Int.max))
  }
}
