/// What one call may use, and how it is stopped: the reading, writing or conversion that it is passed to.
///
/// What all calls share is the ``Runtime``.
public struct OperationContext: Sendable {
  /// The most threads this call may use; `nil` for as many as the runtime has.
  public var threadCap: Int?
  /// Checked before each chunk and every 4 MiB within one.
  public var cancellation: Cancellation?
  /// Replaces the executor of the runtime with which the image was opened.
  public var executor: (any Executor)?
  /// Supplies the memory for whole images; `nil` for ordinary memory.
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

  /// All threads of the runtime, and nothing that could stop the call.
  public static let `default` = OperationContext()

  /// - Throws: `cancelled` once the caller has asked to stop.
  public func checkCancellation() throws(IOLinkError) { try cancellation?.check() }
}
