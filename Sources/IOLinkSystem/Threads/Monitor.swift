#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A lock with two conditions to wait for: that there is work, and that some work is done.
@safe
final class Monitor: @unchecked Sendable {  // the pointers never change; what they point to is made for many threads
  enum Condition { case work, done }

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let work = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    // The memory is new, and is initialised only here.
    unsafe pthread_mutex_init(lock, nil)
    unsafe pthread_cond_init(work, nil)
    unsafe pthread_cond_init(done, nil)
  }

  deinit {
    // The last reference is gone, so no thread waits.
    unsafe pthread_cond_destroy(work)
    unsafe pthread_cond_destroy(done)
    unsafe pthread_mutex_destroy(lock)
    unsafe work.deallocate()
    unsafe done.deallocate()
    unsafe lock.deallocate()
  }

  // The pointers used below are valid as long as self is.

  func withLock<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(lock)
    defer { unsafe pthread_mutex_unlock(lock) }
    return body()
  }

  /// Releases the lock, waits, and takes the lock again. Call it inside `withLock`; it may return although the condition was not
  /// signalled.
  func wait(for condition: Condition) {
    unsafe pthread_cond_wait(condition == .work ? work : done, lock)
  }

  func wakeOne(_ condition: Condition) { unsafe pthread_cond_signal(condition == .work ? work : done) }
  func wakeAll(_ condition: Condition) { unsafe pthread_cond_broadcast(condition == .work ? work : done) }
}
