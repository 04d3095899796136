import Synchronization

/// A request to stop a running operation.
///
/// Operations check it before each chunk, and every 4 MiB within one. Any thread may cancel.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  private let other: Cancellation?
  private let condition: (@Sendable () -> Bool)?

  /// Makes a cancellation that nobody has requested yet.
  ///
  /// - Parameters:
  ///   - other: Another cancellation, which cancels this one too; `nil` for none.
  ///   - condition: Cancels this one as long as it returns true: a deadline that has passed, for example. Every check calls it, on
  ///     the threads of the operation.
  public init(alsoAfter other: Cancellation? = nil, when condition: (@Sendable () -> Bool)? = nil) {
    self.other = other
    self.condition = condition
  }

  /// Whether this cancellation, or the one that it follows, has been requested, or its condition holds.
  public var isCancelled: Bool {
    flag.load(ordering: .relaxed) || other?.isCancelled == true || condition?() == true
  }

  /// Asks the operation to stop at its next check. It cannot be taken back.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// Stops the caller when cancellation has been requested.
  ///
  /// - Throws: `cancelled` when ``isCancelled`` is true.
  public func check() throws(IOLinkError) {
    if isCancelled { throw IOLinkError(.cancelled, "stopped on request") }
  }
}
