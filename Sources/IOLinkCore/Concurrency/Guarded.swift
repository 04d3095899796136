internal import CMutex

/// A value that only one thread at a time can access. Use it wherever several threads share state.
///
/// It uses a mutex of the operating system, not the one of the standard library. On Linux, the latter records the ID of the thread,
/// which differs in a forked child, where waiting for the mutex ends the process. The thread sanitizer understands this one, too.
///
/// In a forked child, a lock that another thread of the parent held is free again. The value is then as that thread left it,
/// perhaps in the middle of a change. Pass a renewal where the value can be made again.
@safe
public struct Guarded<Value: ~Copyable>: ~Copyable, @unchecked Sendable {  // the value is touched under the mutex
  private let mutex: OpaquePointer
  private let value: UnsafeMutablePointer<Value>
  private let renewal: (@Sendable () -> sending Value)?

  /// Guards a value.
  ///
  /// - Parameters:
  ///   - value: The value to guard.
  ///   - renewal: Makes the value again in a forked child when another thread of the parent held the lock; `nil` keeps the value as
  ///     that thread left it.
  public init(_ value: consuming sending Value, renewal: (@Sendable () -> sending Value)? = nil) {
    // The value lies behind the mutex in one allocation, since opening a file makes many.
    let alignment = MemoryLayout<Value>.alignment
    guard alignment <= Int(IOLINK_MUTEX_ALIGNMENT), let mutex = unsafe iolink_mutex_create(MemoryLayout<Value>.size) else {
      preconditionFailure("the system has no memory for a mutex and a value of alignment \(alignment)")
    }
    unsafe self.mutex = mutex
    unsafe self.value = iolink_mutex_content(mutex).bindMemory(to: Value.self, capacity: 1)
    unsafe self.value.initialize(to: value)
    self.renewal = renewal
  }

  deinit {
    // The last holder is gone, so no other thread uses the value or the mutex; `init` made both.
    unsafe value.deinitialize(count: 1)
    unsafe iolink_mutex_destroy(mutex)
  }

  /// Takes the lock, waiting for it where necessary, and lends the value to `body`.
  ///
  /// `body` must not wait for another thread that needs this lock.
  ///
  /// - Returns: The result of `body`.
  /// - Throws: Only errors that `body` throws.
  /// - Precondition: This thread does not hold the lock.
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    precondition(take(), "the thread already holds this lock and would wait for itself")
    defer { unsafe iolink_mutex_unlock(mutex) }
    // The value lives as long as self, and only this thread uses it while it holds the mutex.
    return try unsafe body(&value.pointee)
  }

  /// Takes the lock and lends the value to `body`, which may call code that asks for the value again.
  ///
  /// - Parameters:
  ///   - error: The error to throw when this thread already holds the lock.
  ///   - body: Uses the value.
  /// - Returns: The result of `body`.
  /// - Throws: `error` when this thread already holds the lock; otherwise any error that `body` throws.
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    unlessHeld error: @autoclosure () -> Failure, _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    guard take() else { throw error() }
    defer { unsafe iolink_mutex_unlock(mutex) }
    // The same holds here as in the form above.
    return try unsafe body(&value.pointee)
  }

  /// Takes the lock. Returns false, and takes nothing, when this thread already holds it.
  private borrowing func take() -> Bool {
    let status = unsafe Int(iolink_mutex_lock(mutex))
    // The old value may be half changed, so it is overwritten without being deinitialized.
    if status == Int(IOLINK_MUTEX_ABANDONED), let renewal { unsafe value.initialize(to: renewal()) }
    return status != Int(IOLINK_MUTEX_HELD)
  }
}
