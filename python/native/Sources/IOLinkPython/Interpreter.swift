import CPython
import Glibc
import IOLink

/// The interpreter lock.
enum Interpreter {
  /// Runs `body` without the lock: around everything that reads, decodes, converts or waits.
  static func unlocked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let state = PyEval_SaveThread()
    defer { PyEval_RestoreThread(state) }
    return try body()
  }

  /// Runs `body` with the lock, from any thread.
  static func locked<Result>(_ body: () -> Result) -> Result {
    let state = ThreadState.ensure()
    defer { PyGILState_Release(state) }
    return body()
  }

  /// Whether this is the thread in which Python runs signal handlers.
  static var isMainThread: Bool {
    #if canImport(Darwin)
      pthread_main_np() != 0
    #else
      iolink_is_main_thread() != 0
    #endif
  }

  /// Whether the interpreter is coming to its end: then no other thread gets its lock any more.
  static var isFinalizing: Bool {
    guard let function = PySys_GetObject("is_finalizing") else { return true }
    guard let answer = try? Reference(new: PyObject_CallObject(function, nil)) else {
      PyErr_Clear()
      return true
    }
    return (try? answer.object.isTrue()) ?? true
  }

  /// Runs a long operation so that Ctrl-C stops it and progress reaches its callback.
  ///
  /// On the main thread, or with a callback, the operation runs on a thread of its own while this one waits, handles
  /// signals and calls back; elsewhere it runs here. Without the lock, except at the interpreter's end.
  ///
  /// - Parameters:
  ///   - progress: Called with bytes done and bytes in all, now and then and at the end; nil for none.
  ///   - body: Gets a context whose cancellation it heeds.
  static func interruptibly<Value: Sendable>(
    progress: Object? = nil, _ body: @escaping @Sendable (OperationContext, @escaping @Sendable (Progress) -> Void) throws(IOLinkError) -> Value
  ) throws -> Value {
    guard !isFinalizing else { return try body(OperationContext(executor: SerialExecutor(), allocator: HugePageAllocator()), { _ in }) }
    guard progress != nil || isMainThread else {
      return try unlocked { () throws(IOLinkError) in try body(.shared, { _ in }) }
    }
    let job = Job<Value>()
    let executor = OperationExecutor(base: ThreadPool.shared, cancellation: job.cancellation)
    let context = OperationContext(cancellation: job.cancellation, executor: executor, allocator: HugePageAllocator())
    job.start {
      CurrentOperation.whileSet(job.cancellation) {
        do throws(IOLinkError) { return .success(try body(context) { job.report($0) }) } catch { return .failure(error) }
      }
    }
    var interruption: PythonFailure?
    var shown: Progress?
    func attend(_ latest: Progress?) {
      guard interruption == nil else { return }
      if PyErr_CheckSignals() != 0 {
        interruption = PythonFailure()
      } else if let progress, let latest, latest != shown {
        shown = latest
        do { try tell(progress, latest) } catch { interruption = PythonFailure() }
      }
      if interruption != nil { job.cancellation.cancel() }
    }
    while true {
      let (outcome, latest) = unlocked { job.wait() }
      guard let outcome else {
        attend(latest)
        unlocked { job.acknowledge(latest) }
        continue
      }
      if let interruption {
        interruption.restore()
        throw Raised()
      }
      return try outcome.get()
    }
  }

  private static func tell(_ callback: Object, _ progress: Progress) throws {
    let arguments = try Reference(new: Make.tuple([Make.int(progress.completed), Make.int(progress.total)]))
    _ = try Reference(new: PyObject_Call(callback, arguments.object, nil))
  }
}

/// An operation on a thread of its own, and the one who waits for it.
private final class Job<Value: Sendable>: @unchecked Sendable {  // every `var` is only touched under `mutex`
  let cancellation = Cancellation()
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var outcome: Result<Value, IOLinkError>?
  private var latest: Progress?
  private var acknowledged: Progress?
  private var hasWaiter = true

  init() {
    mutex = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Starts `body`; where the system has no more threads, runs it here.
  func start(_ body: @escaping @Sendable () -> Result<Value, IOLinkError>) {
    let work = Work {
      let result = body()
      return { self.finish(result) }
    }
    let context = Unmanaged.passRetained(work)
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        Work.run(Unmanaged<Work>.fromOpaque(context!))
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      hasWaiter = false
      return Interpreter.unlocked { Work.run(context) }
    }
    pthread_detach(thread)
  }

  /// Tells how far the operation is. The end waits for its answer, so that a callback can still stop what is final.
  func report(_ progress: Progress) {
    pthread_mutex_lock(mutex)
    latest = progress
    pthread_cond_broadcast(changed)
    while hasWaiter, progress.completed == progress.total, acknowledged != progress, !cancellation.isCancelled {
      pthread_cond_wait(changed, mutex)
    }
    pthread_mutex_unlock(mutex)
  }

  /// The one who waits has dealt with this report.
  func acknowledge(_ progress: Progress?) {
    pthread_mutex_lock(mutex)
    acknowledged = progress
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  private func finish(_ result: Result<Value, IOLinkError>) {
    pthread_mutex_lock(mutex)
    outcome = result
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  /// Waits for the end, for progress, or for a moment: what came first.
  func wait() -> (Result<Value, IOLinkError>?, Progress?) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if outcome == nil, latest == acknowledged {
      var until = Deadline.after(nanoseconds: 50_000_000)
      pthread_cond_timedwait(changed, mutex, &until)
    }
    return (outcome, latest)
  }
}

/// What a thread does, and holds while it does it.
private final class Work: Sendable {
  private let body: @Sendable () -> @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> @Sendable () -> Void) { self.body = body }

  /// Runs the body, lets go of all it holds, and only then says that it is done.
  static func run(_ work: Unmanaged<Work>) {
    let tell = work.takeUnretainedValue().body()
    work.release()
    tell()
  }
}
