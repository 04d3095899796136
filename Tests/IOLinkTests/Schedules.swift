import Dispatch
import IOLinkCore
import IOLinkSystem
import Synchronization
import Testing

/// Something that happens once, and that any number of threads may wait for.
///
/// Waiting ends after a while in any case, so that a test of a wrong program fails instead of hanging.
final class Moment: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)
  private let seconds: Double

  init(seconds: Double = 20) { self.seconds = seconds }

  func happen() { semaphore.signal() }

  /// Whether it happened.
  @discardableResult
  func wait() -> Bool {
    guard semaphore.wait(timeout: .now() + seconds) == .success else { return false }
    semaphore.signal()  // for the next who waits
    return true
  }
}

/// So many threads that wait for each other; those that come later pass.
final class Meeting: Sendable {
  private let count: Int
  private let arrived = Atomic<Int>(0)
  private let complete: Moment

  init(_ count: Int, seconds: Double = 20) {
    self.count = count
    complete = Moment(seconds: seconds)
  }

  /// Whether all came.
  @discardableResult
  func join() -> Bool {
    let number = arrived.wrappingAdd(1, ordering: .relaxed).newValue
    if number == count { complete.happen() }
    return number > count || complete.wait()
  }
}

/// As many threads as are asked for, all of them there before the first begins to work. Remembers what it was asked for.
///
/// For one caller at a time.
final class ThreadExecutor: Executor {
  let threadCount: Int
  /// The number of workers of each run.
  let requests = Guarded<[Int]>([])
  private let pool: ThreadPool
  private let onReturn: @Sendable () -> Void

  /// - Parameter onReturn: Called by each worker of more than one that has nothing left to do.
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

/// Watches what workers do with their workspaces: the first two are held until both are inside at once.
final class WorkspaceWatch: Sendable {
  private struct State {
    var inside: Set<ObjectIdentifier> = []
    var seen: Set<ObjectIdentifier> = []
    var complaints: [String] = []
  }

  private let state = Guarded(State())
  private let meeting = Meeting(2)

  /// Uses all buffers of a workspace, for as long as it takes the other worker to come.
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

/// The code of the error that is thrown; `nil` when none is.
func thrownCode(_ body: () throws -> Void) -> IOLinkError.Code? {
  do { try body() } catch { return (error as? IOLinkError)?.code }
  return nil
}
