import Glibc
import IOLink

/// Whether the operation that the calling thread works for is still wanted: for sources that wait for Python code, which
/// no context reaches.
enum CurrentOperation {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// Runs `body` for an operation; its cancellation is held by the caller.
  static func whileSet<Value>(_ cancellation: Cancellation, _ body: () -> Value) -> Value {
    let earlier = pthread_getspecific(key)
    pthread_setspecific(key, Unmanaged.passUnretained(cancellation).toOpaque())
    defer { pthread_setspecific(key, earlier) }
    return body()
  }

  /// - Throws: `cancelled` after the caller asked to stop.
  static func check() throws(IOLinkError) {
    guard let current = pthread_getspecific(key) else { return }
    // Set by `whileSet` on this thread, whose caller holds it.
    try Unmanaged<Cancellation>.fromOpaque(current).takeUnretainedValue().check()
  }
}

/// An executor whose workers know which operation they work for.
struct OperationExecutor: Executor {
  let base: any Executor
  let cancellation: Cancellation

  var threadCount: Int { base.threadCount }

  func run(workers: Int, _ work: @Sendable () -> Void) {
    base.run(workers: workers) { CurrentOperation.whileSet(cancellation, work) }
  }
}

/// Points in time as the system wants them.
enum Deadline {
  static func after(nanoseconds: Int) -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    time.tv_nsec += nanoseconds
    if time.tv_nsec >= 1_000_000_000 {
      time.tv_nsec -= 1_000_000_000
      time.tv_sec += 1
    }
    return time
  }
}
