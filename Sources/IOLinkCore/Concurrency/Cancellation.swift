import Synchronization

/// Asks a running operation to stop. Checked before each chunk, and every 4 MiB within one.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  private let other: Cancellation?
  private let condition: (@Sendable () -> Bool)?

  /// - Parameters:
  ///   - other: Cancels this one too; `nil` for none.
  ///   - condition: Cancels this one once it holds: a deadline that has passed, a signal that has arrived. It is asked at each
  ///     check, on the threads of the operation.
  public init(alsoAfter other: Cancellation? = nil, when condition: (@Sendable () -> Bool)? = nil) {
    self.other = other
    self.condition = condition
  }

  /// Whether ``cancel()`` was called, the other one is cancelled, or the condition holds.
  public var isCancelled: Bool {
    flag.load(ordering: .relaxed) || other?.isCancelled == true || condition?() == true
  }

  /// Asks the operation to stop.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// - Throws: `cancelled` once ``isCancelled`` is true.
  public func check() throws(IOLinkError) {
    if isCancelled { throw IOLinkError(.cancelled, "stopped on request") }
  }
}
