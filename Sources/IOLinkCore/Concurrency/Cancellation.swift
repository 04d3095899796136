import Synchronization

/// A request to stop a running operation.
///
/// Operations check it before each chunk, and every 4 MiB within one. Any thread may cancel.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  private let other: Cancellation?

  /// Makes a cancellation that nobody has requested yet.
  ///
  /// - Parameter other: Another cancellation, which cancels this one too; `nil` for none.
  public init(alsoAfter other: Cancellation? = nil) { self.other = other }

  /// Whether this cancellation, or the one that it follows, has been requested.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) || other?.isCancelled == true }
  /// Asks the operation to stop at its next check. It cannot be taken back.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// Stops the caller when cancellation has been requested.
  ///
  /// - Throws: `cancelled` when ``isCancelled`` is true.
  public func check() throws(IOLinkError) {
    if isCancelled { throw IOLinkError(.cancelled, "stopped on request") }
  }
}
