import Dispatch
import IOLinkCore
import IOLinkSystem
import Synchronization
import Testing

/// An event that happens once, and that any number of threads may wait for.
///
/// Waiting always ends after a while, so that the test of a faulty program fails instead of hanging.
final class Moment: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let seconds: Double

  init(seconds: Double = 20) { self.seconds = seconds }

  func happen() { semaphore.signal() }

  /// Whether it has happened.
  @discardableResult
  func wait() -> Bool {
    guard semaphore.wait(timeout: .now() + seconds) == .success else { return false }
    semaphore.signal()  // for the next thread that waits
    return true
  }
}

/// A number of threads that wait for each other. Later ones pass.
final class Meeting: Sendable {
  private let count: Int
  private let arrived = Atomic<Int>(0)
  private let complete: Moment

  init(_ count: Int, seconds: Double = 20) {
    self.count = count
    complete = Moment(seconds: seconds)
  }

  /// Whether all threads have arrived.
  @discardableResult
  func join() -> Bool {
    let number = arrived.wrappingAdd(1, ordering: .relaxed).newValue
    if number == count { complete.happen() }
    return number > count || complete.wait()
  }
}

/// An executor that provides as many threads as are requested, all of which are present before the first begins to work. It
/// records the requests.
///
/// For one caller at a time.
final class ThreadExecutor: Executor {
  let threadCount: Int
  /// The number of workers of each run.
  let requests = Guarded<[Int]>([])
  private let pool: ThreadPool
  private let onReturn: @Sendable () -> Void

  /// - Parameter onReturn: Called by each of several workers when it has nothing left to do.
  init(_ threadCount: Int, onReturn: @escaping @Sendable () -> Void = {}) {
    self.threadCount = threadCount
    self.onReturn = onReturn
    pool = ThreadPool(threadCount: threadCount)
  }

  func run(workers: Int, _ work: @Sendable () -> Void) {
    requests.withLock { $0.append(workers) }
    guard workers > 1 else { return work() }
    let everyone = Meeting(min(workers, threadCount))
    pool.run(workers: workers) {
      everyone.join()
      work()
      onReturn()
    }
  }
}

/// Watches how workers use their workspaces. The first two are held until both are inside at the same time.
final class WorkspaceWatch: Sendable {
  private struct State {
    var inside: Set<ObjectIdentifier> = []
    var seen: Set<ObjectIdentifier> = []
    var complaints: [String] = []
  }

  private let state = Guarded(State())
  private let meeting = Meeting(2)

  /// Uses all buffers of a workspace until the other worker arrives.
  func use(_ workspace: ChunkWorkspace, mark: UInt8) {
    let identity = ObjectIdentifier(workspace)
    let isFree = state.withLock { state in
      state.seen.insert(identity)
      return state.inside.insert(identity).inserted
    }
    let buffers = [workspace.stored, workspace.scratch, workspace.extra]
    if isFree { for buffer in buffers { Self.fill(buffer, mark) } } else { complain("two workers have one workspace") }
    if !meeting.join() { complain("no second worker came") }
    guard isFree else { return }
    for buffer in buffers where !Self.holds(buffer, mark) { complain("another worker wrote into the workspace") }
    state.withLock { _ = $0.inside.remove(identity) }
  }

  var complaints: [String] { state.withLock { $0.complaints } }
  var workspaceCount: Int { state.withLock { $0.seen.count } }

  private func complain(_ text: String) { state.withLock { $0.complaints.append(text) } }

  private static func fill(_ buffer: ScratchBuffer, _ mark: UInt8) {
    let marks = [UInt8](repeating: mark, count: 64)
    buffer.withBytes(64) { span in span.copy(from: unsafe marks.span.bytes) }  // bytes have no padding
  }

  private static func holds(_ buffer: ScratchBuffer, _ mark: UInt8) -> Bool {
    buffer.withBytes(64) { span in span.bytes.byteArray().allSatisfy { $0 == mark } }
  }
}

/// The code of the error that is thrown; `nil` if none is.
func thrownCode(_ body: () throws -> Void) -> IOLinkError.Code? {
  do { try body() } catch { return (error as? IOLinkError)?.code }
  return nil
}
