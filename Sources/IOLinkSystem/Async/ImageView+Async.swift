public import IOLinkCore

/// Typed reading and writing for asynchronous code.
///
/// Each operation runs on a thread of the context's executor or, where the context has none, of the shared pool. Cancelling the task
/// stops it at the next chunk.
extension ImageView {
  /// Reads a region as an array of values.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled.
  public func read<Element: PixelElement>(
    _ region: Region, as type: Element.Type = Element.self, context: OperationContext = .default
  ) async throws(IOLinkError) -> [Element] {
    try await (context.executor ?? ThreadPool.shared).perform(context) { context throws(IOLinkError) in
      try self.read(region, as: Element.self, context: context)
    }
  }

  /// Writes an array of values to a region.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled. A part of the region may then have
  ///   been written.
  public func write<Element: PixelElement>(
    _ region: Region, from values: [Element], context: OperationContext = .default
  ) async throws(IOLinkError) {
    try await (context.executor ?? ThreadPool.shared).perform(context) { context throws(IOLinkError) in
      try self.write(region, from: values, context: context)
    }
  }

  /// Reads the whole image into new memory.
  ///
  /// - Throws: The same errors as the synchronous form; `cancelled` when the task is cancelled.
  public func copyInMemory(
    order: AxisVector? = nil, context: OperationContext = .default
  ) async throws(IOLinkError) -> MemoryImageView {
    try await (context.executor ?? ThreadPool.shared).perform(context) { context throws(IOLinkError) in
      try self.copyInMemory(order: order, context: context)
    }
  }
}
