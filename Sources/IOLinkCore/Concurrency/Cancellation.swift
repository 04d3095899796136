import Synchronization

/// Asks a running operation to stop. Checked before each chunk, and every 4 MiB within one.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)
  private let other: Cancellation?

  /// - Parameter other: Cancels this one too; `nil` for none.
  public init(alsoAfter other: Cancellation? = nil) { self.other = other }

  public var isCancelled: Bool { flag.load(ordering: .relaxed) || other?.isCancelled == true }
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// - Throws: `cancelled` after `cancel()`.
  public func check() throws(IOLinkError) {
    if isCancelled { throw IOLinkError(.cancelled, "stopped on request") }
  }
}
