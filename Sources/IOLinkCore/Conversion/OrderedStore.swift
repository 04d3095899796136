/// Hands encoded chunks to a sink one at a time, in ascending component, whoever encoded them.
///
/// A worker that brings the next chunk stores it, and all that follow it and are ready; nobody waits.
final class OrderedStore: Sendable {
  private struct State {
    var ready: [Int: @Sendable () throws(IOLinkError) -> Void] = [:]
    /// Moves on when that chunk is stored: until then, and after a failure, nobody finds the next one.
    var next = 0
  }

  private let components: [Int]
  private let state: Guarded<State>

  /// - Parameter components: The chunks that will come, ascending.
  init(_ components: [Int]) {
    self.components = components
    state = Guarded(State())
  }

  func submit(
    _ chunk: ChunkIndex, _ store: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    state.withLock { $0.ready[chunk.ordinal] = store }
    while let job = claim() {
      try job()
      state.withLock { $0.next += 1 }
    }
  }

  private func claim() -> (@Sendable () throws(IOLinkError) -> Void)? {
    state.withLock { state in
      state.next < components.count ? state.ready.removeValue(forKey: components[state.next]) : nil
    }
  }
}
