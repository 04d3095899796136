/// Hands encoded chunks to a sink one at a time, in ascending ordinal, whichever worker encoded them.
///
/// The worker that submits the next chunk stores it, and then all chunks after it that are ready. No worker waits for another.
final class OrderedStore: Sendable {
  private struct State {
    var ready: [Int: @Sendable () throws(IOLinkError) -> Void] = [:]
    /// Advances when the chunk is stored. Until then, and after a failure, no worker finds a next chunk.
    var next = 0
  }

  private let ordinal: @Sendable (Int) -> Int
  private let count: Int
  private let state: Guarded<State>

  /// - Parameter chunks: The chunks that will be submitted, in ascending ordinal.
  init(_ chunks: some RandomAccessCollection<ChunkIndex> & Sendable) {
    count = chunks.count
    ordinal = { chunks[chunks.index(chunks.startIndex, offsetBy: $0)].ordinal }
    state = Guarded(State())
  }

  /// Stores a chunk when its turn has come; otherwise keeps it for the worker that stores the chunk before it.
  ///
  /// - Throws: Any error that `store` throws, of this chunk or of another one that was waiting.
  func submit(
    _ chunk: ChunkIndex, _ store: @escaping @Sendable () throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    state.withLock { $0.ready[chunk.ordinal] = store }
    try storeReady()
  }

  /// Stores a chunk, and then all chunks after it that are ready, if its turn has come.
  ///
  /// - Returns: Whether it was stored. Otherwise it must be submitted.
  /// - Throws: Any error that `store` throws, of this chunk or of another one that was waiting.
  func storeInTurn(_ chunk: ChunkIndex, _ store: () throws(IOLinkError) -> Void) throws(IOLinkError) -> Bool {
    // Nobody else can store this chunk, which was not submitted, so the turn does not pass before it is stored.
    guard state.withLock({ $0.next < count && ordinal($0.next) == chunk.ordinal }) else { return false }
    try store()
    state.withLock { $0.next += 1 }
    try storeReady()
    return true
  }

  private func storeReady() throws(IOLinkError) {
    while let job = claim() {
      try job()
      state.withLock { $0.next += 1 }
    }
  }

  private func claim() -> (@Sendable () throws(IOLinkError) -> Void)? {
    state.withLock { state in
      state.next < count ? state.ready.removeValue(forKey: ordinal(state.next)) : nil
    }
  }
}
