import Synchronization

/// A value that one thread at a time may touch: `Mutex`, in a way that the thread sanitizer understands.
///
/// On Linux the standard library's `Mutex` waits inside a library that the sanitizer does not see, so that everything
/// it protects is reported as a race. The pair of atomic accesses says what the lock guarantees anyway; on the
/// processors in use it costs a load and a store. Use this wherever several threads meet.
public struct Guarded<Value: ~Copyable>: ~Copyable, Sendable {
  private let mutex: Mutex<Value>
  private let handover = Atomic<Bool>(false)

  public init(_ value: consuming sending Value) { mutex = Mutex(value) }

  /// Lends the value. Never wait inside for what another holder of the lock must do.
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try mutex.withLock { value throws(Failure) in
      _ = handover.load(ordering: .acquiring)
      defer { handover.store(true, ordering: .releasing) }
      return try body(&value)
    }
  }
}
