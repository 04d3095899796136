/// Hands encoded chunks to a sink one at a time, in ascending ordinal, whichever worker encoded them.
///
/// The worker that submits the next chunk stores it, and then all chunks after it that are ready. No worker waits for another.
final class OrderedStore: Sendable {
  private struct State {
    var ready: [Int: @Sendable () throws(IOLinkError) -> Void] = [:]
    /// Advances when the chunk is stored. Until then, and after a failure, no worker finds a next chunk.
    var next = 0
  }

  private let ordinals: [Int]
  private let state: Guarded<State>

  /// - Parameter ordinals: The ordinals of the chunks that will be submitted, ascending.
  init(_ ordinals: [Int]) {
    self.ordinals = ordinals
    state = Guarded(State())
  }

  /// Stores a chunk when its turn has come; otherwise keeps it for the worker that stores the chunk before it.
  ///
  /// - Throws: Any error that `store` throws, of this chunk or of another one that was waiting.
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
      state.next < ordinals.count ? state.ready.removeValue(forKey: ordinals[state.next]) : nil
    }
  }
}
