public import IOLinkCore
import Synchronization

/// The executor of the library: threads of its own, started when first needed, and anew in a forked child.
///
/// The caller always works too. Callers on several threads share the helpers, first come first served; nobody waits for
/// a helper that has not begun: a caller that is done takes its open places back. A run inside a worker stays on its
/// thread, whichever pool it asks.
@safe
public final class ThreadPool: Executor {
  /// The one that everything uses unless told otherwise, with `ThreadCount.preferred` threads.
  public static let shared = ThreadPool(threadCount: ThreadCount.preferred)

  public let threadCount: Int
  /// Made when first needed; owned by this pool.
  private let crew: Atomic<Unmanaged<Crew>?> = unsafe Atomic(nil)

  /// - Parameter threadCount: How many threads may work for one caller, the caller's included; at least 1.
  public init(threadCount: Int) { self.threadCount = max(1, threadCount) }

  deinit {
    // The threads hold what they need; a parent's crew is left as the fork found it.
    guard let last = unsafe crew.load(ordering: .acquiring) else { return }
    let crew = unsafe last.takeUnretainedValue()
    guard crew.generation == ForkGeneration.current else { return }
    crew.stop()
    unsafe last.release()
  }

  /// Calls `work` on up to `workers` threads, the caller's included, and returns when all calls have returned.
  ///
  /// With one worker it is a plain call: runs nested in it may still use the pool.
  public func run(workers: Int, _ work: @Sendable () -> Void) {
    let helpers = min(workers, threadCount) - 1
    guard helpers > 0, !WorkerMark.isSet else { return work() }
    currentCrew().run(helpers: helpers, work)
  }

  /// Calls `work` on a thread of its own; on the calling one when the system has no more threads.
  public func start(_ work: @escaping @Sendable () -> Void) {
    if !Thread.start(work) { work() }
  }

  /// The crew of this process. A forked child makes its own: the parent's has no threads here, and its lock may have been
  /// held at the time, so it is left alone.
  private func currentCrew() -> Crew {
    let generation = ForkGeneration.current
    while true {
      let found = unsafe crew.load(ordering: .acquiring)
      // Only deinit releases a crew that was stored here.
      if let found = unsafe found?.takeUnretainedValue(), found.generation == generation { return found }
      let fresh = Crew(limit: threadCount - 1)
      let retained = unsafe Unmanaged.passRetained(fresh)
      let exchange = unsafe crew.compareExchange(expected: found, desired: retained, ordering: .acquiringAndReleasing)
      if unsafe exchange.exchanged { return fresh }
      unsafe retained.release()
    }
  }
}
