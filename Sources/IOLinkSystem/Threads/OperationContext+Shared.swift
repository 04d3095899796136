public import IOLinkCore

extension OperationContext {
  /// The threads of ``ThreadPool/shared``, and memory from ``HugePageAllocator``.
  ///
  /// Pass it to operations on images that are only in memory, which have no runtime of their own: with
  /// ``/IOLinkCore/OperationContext/default``, these stay on the caller's thread.
  public static let shared = OperationContext(executor: ThreadPool.shared, allocator: HugePageAllocator())
}
