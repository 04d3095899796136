import Synchronization

/// Something that runs work on several threads. IOLinkSystem has the executor that the library normally uses.
public protocol Executor: Sendable {
  /// The number of threads that may work for one caller at once, the caller's included; 1 or more.
  var threadCount: Int { get }

  /// Calls `work` on up to `workers` threads, the caller's included, and returns when all calls have returned.
  ///
  /// When it is called on a worker thread, it calls `work` once, on that thread.
  func run(workers: Int, _ work: @Sendable () -> Void)

  /// Calls `work` once, on a thread that may block, and returns without waiting for it.
  ///
  /// An executor without threads of its own calls `work` on the calling thread before it returns.
  func start(_ work: @escaping @Sendable () -> Void)
}

extension Executor {
  public func start(_ work: @escaping @Sendable () -> Void) { work() }
}

/// An executor that does all work on the caller's thread.
public struct SerialExecutor: Executor {
  /// Makes an executor with one thread, the caller's.
  public init() {}
  public var threadCount: Int { 1 }
  public func run(workers: Int, _ work: @Sendable () -> Void) { work() }
}

extension Executor {
  /// Calls `body` for each index in 0 ..< `count`, on several threads.
  ///
  /// Workers claim indices in ascending order. When a call throws, workers claim no index above the lowest one that has failed.
  ///
  /// - Parameters:
  ///   - count: The number of indices.
  ///   - workers: The maximum number of threads to use; there are never more than ``threadCount``, or than indices.
  ///   - makeState: Makes the state of one worker. It is called once for each thread.
  ///   - body: Does the work of one index, with the state of the worker that runs it.
  /// - Throws: The error that `body` throws for the lowest index that failed.
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
