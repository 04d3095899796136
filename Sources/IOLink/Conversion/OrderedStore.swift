/// Hands encoded chunks to a sink one at a time, in ascending number, whoever encoded them.
///
/// A worker that brings the next chunk stores it, and all that follow it and are ready; nobody waits.
final class OrderedStore: Sendable {
  private struct State {
    var ready: [Int: (chunk: ChunkIndex, store: @Sendable () throws(IOLinkError) -> Void)] = [:]
    var next: Int
    var isStoring = false
    var failure: IOLinkError?
  }

  private let numbers: [Int]
  private let state: Guarded<State>

  /// - Parameter numbers: The chunks that will come, ascending.
  init(_ numbers: [Int]) {
    self.numbers = numbers
    state = Guarded(State(next: 0))
  }

  func submit(
    _ chunk: ChunkIndex, _ store: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    state.withLock { $0.ready[chunk.number] = (chunk, store) }
    while let job = claim() {
      do throws(IOLinkError) {
        try job()
        state.withLock { state in
          state.next += 1
          state.isStoring = false
        }
      } catch {
        state.withLock { $0.failure = error }  // isStoring stays: nothing is stored after a failure
        throw error
      }
    }
  }

  private func claim() -> (@Sendable () throws(IOLinkError) -> Void)? {
    state.withLock { state in
      guard !state.isStoring, state.failure == nil, state.next < numbers.count,
        let job = state.ready.removeValue(forKey: numbers[state.next])
      else { return nil }
      state.isStoring = true
      return job.store
    }
  }
}
