/// The threads and memory that one call may use, and how the call can be stopped.
///
/// A context is passed to a read, a write or a conversion. What all calls share is in the ``Runtime``.
public struct OperationContext: Sendable {
  /// The maximum number of threads that this call may use; `nil` for as many as the executor has.
  public var threadCap: Int?
  /// Stops the call on request; it is checked before each chunk and every 4 MiB within one. `nil` when nothing can stop the call.
  public var cancellation: Cancellation?
  /// The executor to use in place of the one of the runtime that opened the image; `nil` for the runtime's. An image that is only in
  /// memory has no runtime: with `nil`, operations on it stay on the caller's thread.
  public var executor: (any Executor)?
  /// Supplies the memory for whole images; `nil` for ordinary memory.
  public var allocator: (any MemoryAllocator)?
  /// Fills what is missing or damaged in a file, and lists it; `nil` lets such parts end the call with an error.
  public var salvage: Salvage?
  /// What a conversion does with chunks that the target stores as the source does.
  public var storedChunks = StoredChunkUse.copied
  /// The size of the parts of an operation on memory. Tests make it smaller, so that few bytes make many parts.
  var partByteCount = measuredPartByteCount
  /// Counts the chunks that the call decodes.
  var tally: DecodeTally?

  /// Makes a context; without arguments, the same as ``default``.
  public init(
    threadCap: Int? = nil, cancellation: Cancellation? = nil, executor: (any Executor)? = nil,
    allocator: (any MemoryAllocator)? = nil, salvage: Salvage? = nil, storedChunks: StoredChunkUse = .copied
  ) {
    self.threadCap = threadCap
    self.cancellation = cancellation
    self.executor = executor
    self.allocator = allocator
    self.salvage = salvage
    self.storedChunks = storedChunks
  }

  /// All threads of the runtime, and nothing that could stop the call.
  public static let `default` = OperationContext()

  /// Whether a conversion copies chunks as they are stored.
  var copiesStoredChunks: Bool { salvage == nil && storedChunks == .copied }

  /// Stops the operation when the caller has asked for it.
  ///
  /// - Throws: `cancelled` when ``cancellation`` has been requested.
  public func checkCancellation() throws(IOLinkError) { try cancellation?.check() }
}

/// What a conversion does with chunks that the target stores as the source does: with the same compression, in the same shape.
public enum StoredChunkUse: Hashable, Sendable {
  /// They are copied as they are. Damage in them is copied, too, and found when they are read.
  case copied
  /// They are decoded and encoded again, so that damage in the source ends the conversion. ``Salvage`` implies this.
  case decoded
}
