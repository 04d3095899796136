/// What all images of an application share: threads, a cache of decoded chunks, and a budget of memory.
///
/// A ``CodecRegistry`` carries one and hands it to everything that it opens. IOLinkSystem has `Runtime.shared`, which uses all
/// cores that the process may use.
public final class Runtime: Sendable {
  public let executor: any Executor
  public let cache: ChunkCache
  /// The bytes that one conversion or one read may keep in flight.
  public let workingMemory: Int
  /// An operation gets one thread for each of these bytes that it moves or decodes, up to the executor's threads.
  public let bytesPerWorker: Int
  /// Supplies streams for content that must be read back or sought in before it reaches a pipe; `nil` when there is none.
  public let temporaryStorage: (any TemporaryStorage)?

  /// - Parameters:
  ///   - cacheByteCount: The bytes of decoded chunks that are kept for later reads, over all open images.
  ///   - workingMemory: The bytes of buffers of one running operation; at least 1 MiB.
  ///   - bytesPerWorker: Below the default, waking a second thread costs more than it saves. Tests of concurrency pass 1.
  public init(
    executor: any Executor, cacheByteCount: Int = 64 << 20, workingMemory: Int = 256 << 20, bytesPerWorker: Int = 128 << 10,
    temporaryStorage: (any TemporaryStorage)? = nil
  ) {
    self.executor = executor
    cache = ChunkCache(byteCount: cacheByteCount)
    self.workingMemory = max(1 << 20, workingMemory)
    self.bytesPerWorker = max(1, bytesPerWorker)
    self.temporaryStorage = temporaryStorage
  }

  /// The number of threads that an operation of this size may use; small ones stay on the caller's.
  ///
  /// - Parameter byteCount: The bytes that the operation moves or decodes.
  func workers(for byteCount: Int, _ context: OperationContext) -> Int {
    let executor = context.executor ?? self.executor
    let bySize = byteCount / bytesPerWorker
    return max(1, min(executor.threadCount, bySize, context.threadCap ?? Int.max))
  }
}

/// Makes streams for content on its way to a target that can only be written from front to back.
public protocol TemporaryStorage: Sendable {
  /// An empty stream with READ, WRITE and SEEK; its content goes when the last holder lets go.
  ///
  /// - Throws: `io` when there is no room for it.
  func makeStream() throws(IOLinkError) -> any StreamAccess
}
