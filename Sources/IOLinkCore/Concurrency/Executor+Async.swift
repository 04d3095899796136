extension Executor {
  /// Runs an operation on a thread of this executor and waits for it without blocking the calling task's thread.
  ///
  /// Cancelling the task cancels the operation, which then throws `cancelled` at its next check.
  ///
  /// - Parameters:
  ///   - context: The context of the operation; its own cancellation stays in effect.
  ///   - body: The operation. It gets `context` with a cancellation that the task triggers too.
  /// - Returns: The result of `body`.
  /// - Throws: Any error that `body` throws; `cancelled` when cancellation is requested before it begins.
  public func perform<Result: Sendable>(
    _ context: OperationContext = .default,
    _ body: @escaping @Sendable (OperationContext) throws(IOLinkError) -> Result
  ) async throws(IOLinkError) -> Result {
    var context = context
    let cancellation = Cancellation(alsoAfter: context.cancellation)
    context.cancellation = cancellation
    let (operation, executor) = (context, self)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        executor.start {
          do throws(IOLinkError) {
            try operation.checkCancellation()
            continuation.resume(returning: Swift.Result<Result, IOLinkError>.success(try body(operation)))
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
    return try result.get()
  }
}
