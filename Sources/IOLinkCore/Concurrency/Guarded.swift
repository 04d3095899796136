internal import CMutex

/// A value that one thread at a time may touch. Use this wherever several threads meet.
///
/// It is a mutex of the system, and not the standard library's: that one remembers the number of the thread on Linux, which
/// is another one in a forked child, where waiting for it ends the process. The thread sanitizer sees this one too.
///
/// In a forked child a lock that one of the parent's other threads held is free again. What it guards is then as that thread
/// left it, perhaps in the middle of a change; give a renewal to what can be made anew.
@safe
public struct Guarded<Value: ~Copyable>: ~Copyable, @unchecked Sendable {  // the value is touched under the mutex
  private let mutex: OpaquePointer
  private let value: UnsafeMutablePointer<Value>
  private let renewal: (@Sendable () -> sending Value)?

  /// - Parameter renewal: Makes the value anew in a forked child, where another thread was changing it.
  public init(_ value: consuming sending Value, renewal: (@Sendable () -> sending Value)? = nil) {
    guard let mutex = unsafe iolink_mutex_create() else { preconditionFailure("there is no memory for a mutex") }
    unsafe self.mutex = mutex
    unsafe self.value = .allocate(capacity: 1)
    unsafe self.value.initialize(to: value)
    self.renewal = renewal
  }

  deinit {
    // Nobody else has the value any more; both were made by init.
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
    unsafe iolink_mutex_destroy(mutex)
  }

  /// Lends the value. Never wait inside for what another holder of the lock must do.
  ///
  /// - Precondition: this thread does not hold the lock.
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    precondition(take(), "a thread would wait for itself")
    defer { unsafe iolink_mutex_unlock(mutex) }
    // The value lives as long as this, and is this thread's while it holds the mutex.
    return try unsafe body(&value.pointee)
  }

  /// Lends the value where `body` may call code that asks for it again.
  ///
  /// - Throws: `error` when this thread holds the lock.
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    unlessHeld error: @autoclosure () -> Failure, _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    guard take() else { throw error() }
    defer { unsafe iolink_mutex_unlock(mutex) }
    // As above.
    return try unsafe body(&value.pointee)
  }

  /// False when this thread holds the lock already.
  private borrowing func take() -> Bool {
    let status = unsafe Int(iolink_mutex_lock(mutex))
    // The old value may be half changed: it is left alone, not ended.
    if status == Int(IOLINK_MUTEX_ABANDONED), let renewal { unsafe value.initialize(to: renewal()) }
    return status != Int(IOLINK_MUTEX_HELD)
  }
}
