public import IOLinkCore
import Synchronization

/// The executor of the library. It has its own threads, which are started when they are first needed, and again in a forked child.
///
/// The caller's thread always takes part in the work. Callers on several threads share the helper threads, first come, first
/// served. A caller waits only for helpers that have begun its work: when it has no work left, other helpers can no longer join.
/// A run inside a worker stays on the thread of that worker, whichever pool it uses.
@safe
public final class ThreadPool: Executor {
  /// The pool that the library uses by default, with ``ThreadCount/preferred`` threads.
  public static let shared = ThreadPool(threadCount: ThreadCount.preferred)

  /// The number of threads that may work for one caller at once, the caller's included; 1 or more.
  public let threadCount: Int
  /// The helper threads, made when they are first needed and owned by this pool.
  private let crew: Atomic<Unmanaged<Crew>?> = unsafe Atomic(nil)

  /// Makes a pool. Its threads are started when they are first needed.
  ///
  /// - Parameter threadCount: The number of threads that may work for one caller at once, the caller's included; less than 1 counts
  ///   as 1.
  public init(threadCount: Int) { self.threadCount = max(1, threadCount) }

  deinit {
    // The threads retain what they need. In a forked child, the crew of the parent is left as it is.
    guard let last = unsafe crew.load(ordering: .acquiring) else { return }
    let crew = unsafe last.takeUnretainedValue()
    guard crew.generation == ForkGeneration.current else { return }
    crew.stop()
    unsafe last.release()
  }

  /// Calls `work` on up to `workers` threads, the caller's included, and returns when all calls have returned.
  ///
  /// With one worker this is a plain call, and a run inside `work` may still use the pool.
  public func run(workers: Int, _ work: @Sendable () -> Void) {
    let helpers = min(workers, threadCount) - 1
    guard helpers > 0, !WorkerMark.isSet else { return work() }
    currentCrew().run(helpers: helpers, work)
  }

  /// Calls `work` on a new thread, or on the calling thread when the system cannot start one.
  public func start(_ work: @escaping @Sendable () -> Void) {
    if !Thread.start(work) { work() }
  }

  /// The crew of this process. A forked child makes a new one: the crew of the parent has no threads in the child, and its lock may
  /// have been held during the fork.
  private func currentCrew() -> Crew {
    let generation = ForkGeneration.current
    while true {
      let found = unsafe crew.load(ordering: .acquiring)
      // Only `deinit` releases a crew that was stored here.
      if let found = unsafe found?.takeUnretainedValue(), found.generation == generation { return found }
      let fresh = Crew(limit: threadCount - 1)
      let retained = unsafe Unmanaged.passRetained(fresh)
      let exchange = unsafe crew.compareExchange(expected: found, desired: retained, ordering: .acquiringAndReleasing)
      if unsafe exchange.exchanged { return fresh }
      unsafe retained.release()
    }
  }
}
