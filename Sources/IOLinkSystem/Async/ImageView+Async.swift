public import IOLinkCore

/// Typed reading and writing for asynchronous code, on a thread of the context's executor, or else of the shared pool.
/// Cancelling the task stops the operation at the next chunk.
extension ImageView {
  /// Reads a region as an array of values.
  ///
  /// - Throws: as the synchronous form; `cancelled`.
  public func read<Element: PixelElement>(
    _ region: Region, as type: Element.Type = Element.self, context: OperationContext = .default
  ) async throws(IOLinkError) -> [Element] {
    try await (context.executor ?? ThreadPool.shared).perform(context) { context throws(IOLinkError) in
      try self.read(region, as: Element.self, context: context)
    }
  }

  /// Writes an array of values to a region.
  ///
  /// - Throws: as the synchronous form; `cancelled`.
  public func write<Element: PixelElement>(
    _ region: Region, from values: [Element], context: OperationContext = .default
  ) async throws(IOLinkError) {
    try await (context.executor ?? ThreadPool.shared).perform(context) { context throws(IOLinkError) in
      try self.write(region, from: values, context: context)
    }
  }

  /// Reads all of the image into fresh memory.
  ///
  /// - Throws: as the synchronous form; `cancelled`.
  public func copyInMemory(
    order: AxisVector? = nil, context: OperationContext = .default
  ) async throws(IOLinkError) -> MemoryImageView {
    try await (context.executor ?? ThreadPool.shared).perform(context) { context throws(IOLinkError) in
      try self.copyInMemory(order: order, context: context)
    }
  }
}
