internal import CMutex

/// A value that one thread at a time may touch. Use this wherever several threads meet.
///
/// It is a mutex of the system, and not the standard library's: that one remembers the number of the thread on Linux, which
/// is another one in a forked child, where waiting for it ends the process. The thread sanitizer sees this one too.
@safe
public struct Guarded<Value: ~Copyable>: ~Copyable, @unchecked Sendable {  // the value is touched under the mutex
  private let mutex: OpaquePointer
  private let value: UnsafeMutablePointer<Value>

  public init(_ value: consuming sending Value) {
    guard let mutex = unsafe iolink_mutex_create() else { preconditionFailure("there is no memory for a mutex") }
    unsafe self.mutex = mutex
    unsafe self.value = .allocate(capacity: 1)
    unsafe self.value.initialize(to: value)
  }

  deinit {
    // Nobody else has the value any more; both were made by init.
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
    unsafe iolink_mutex_destroy(mutex)
  }

  /// Lends the value. Never wait inside for what another holder of the lock must do.
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    unsafe iolink_mutex_lock(mutex)
    defer { unsafe iolink_mutex_unlock(mutex) }
    // The value lives as long as this, and is this thread's while it holds the mutex.
    return try unsafe body(&value.pointee)
  }
}
