/// What all images of an application share: threads, a cache of decoded chunks, and a memory budget.
///
/// A ``CodecRegistry`` carries a runtime and hands it to everything that it opens. IOLinkSystem has `Runtime.shared`, which uses
/// all cores that the process may use.
public final class Runtime: Sendable {
  /// Supplies the threads.
  public let executor: any Executor
  /// Keeps decoded chunks for later reads.
  public let cache: ChunkCache
  /// The bytes that one conversion or one read may keep in flight; at least 1 MiB.
  public let workingMemory: Int
  /// How many bytes an operation must move or decode for each thread that it gets; at least 1.
  public let bytesPerWorker: Int
  /// Supplies streams for formats that seek or read back while they are written to a target that cannot; `nil` when there are none.
  public let temporaryStorage: (any TemporaryStorage)?

  /// Makes a runtime.
  ///
  /// - Parameters:
  ///   - executor: Supplies the threads.
  ///   - cacheByteCount: The maximum number of bytes of decoded chunks to keep for later reads, over all open images; 0 keeps none.
  ///   - workingMemory: The maximum number of bytes in the buffers of one running operation; at least 1 MiB.
  ///   - bytesPerWorker: How many bytes an operation must move or decode for each thread that it gets. With fewer than the default,
  ///     waking another thread costs more than it saves.
  ///   - temporaryStorage: Supplies streams for formats that seek or read back while they are written to a target that cannot.
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

  /// The number of threads that an operation may use; a small operation stays on the caller's thread.
  ///
  /// - Parameters:
  ///   - byteCount: The bytes that the operation moves or decodes.
  ///   - context: The context of the operation, which may limit its threads.
  func workers(for byteCount: Int, _ context: OperationContext) -> Int {
    let executor = context.executor ?? self.executor
    let bySize = byteCount / bytesPerWorker
    return max(1, min(executor.threadCount, bySize, context.threadCap ?? Int.max))
  }
}

/// Something that makes temporary streams, for formats that cannot be written from front to back.
public protocol TemporaryStorage: Sendable {
  /// Makes an empty stream with READ, WRITE and SEEK. Its content is deleted when the last reference to it is released.
  ///
  /// - Throws: `io` when the stream cannot be created.
  func makeStream() throws(IOLinkError) -> any StreamAccess
}
