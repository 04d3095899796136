import Synchronization

/// Runs work on several threads. The core declares it; IOLinkSystem implements it.
public protocol Executor: Sendable {
  /// The number of threads that may work at once, the caller's included; 1 or more.
  var threadCount: Int { get }

  /// Calls `work` on up to `workers` threads, the caller's included, and returns when all calls have returned.
  ///
  /// Called from inside a worker it runs `work` once, on the calling thread.
  func run(workers: Int, _ work: @Sendable () -> Void)

  /// Calls `work` once on a thread that may block, and returns without waiting for it. An executor without threads of its own
  /// calls it at once, on the calling thread.
  func start(_ work: @escaping @Sendable () -> Void)
}

extension Executor {
  public func start(_ work: @escaping @Sendable () -> Void) { work() }
}

/// Everything on the caller's thread.
public struct SerialExecutor: Executor {
  public init() {}
  public var threadCount: Int { 1 }
  public func run(workers: Int, _ work: @Sendable () -> Void) { work() }
}

extension Executor {
  /// Calls `body` for 0 ..< count: workers claim indices from a counter; the error of the lowest index wins, and the
  /// others stop. Each worker gets a state of its own, made by `makeState`.
  ///
  /// - Parameter workers: At most this many threads; never more than there are indices.
  public func forEach<State>(
    count: Int, workers: Int, makeState: @Sendable () -> State,
    _ body: @Sendable (Int, inout State) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    let failure = Failure()
    let next = Atomic<Int>(0)
    run(workers: max(1, min(workers, threadCount, count))) {
      var state = makeState()
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count, index < failure.lowest else { return }
        do throws(IOLinkError) { try body(index, &state) } catch { failure.record(error, at: index) }
      }
    }
    try failure.rethrow()
  }
}

/// The error of the lowest index that failed.
private final class Failure: Sendable {
  private let bound = Atomic<Int>(Int.max)
  private let first = Guarded<(index: Int, error: IOLinkError)?>(nil)

  var lowest: Int { bound.load(ordering: .relaxed) }

  func record(_ error: IOLinkError, at index: Int) {
    first.withLock { first in
      guard first.map({ index < $0.index }) ?? true else { return }
      first = (index, error)
      bound.store(index, ordering: .relaxed)
    }
  }

  func rethrow() throws(IOLinkError) {
    if let error = first.withLock({ $0?.error }) { throw error }
  }
}
