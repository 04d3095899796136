import Synchronization

/// A cache of decoded chunks, shared by all open images of a runtime under one memory budget.
///
/// A chunk that several threads miss at the same time is decoded once. The least recently used chunks are dropped first.
public final class ChunkCache: Sendable {
  /// What a cached chunk is a chunk of. `cut` is a hash of how the image is cut into chunks, which a codec's options may change.
  struct Key: Hashable {
    let source: SourceIdentity
    let image: String
    let cut: Int
    let chunk: Int
  }

  /// One chunk. Its lock is held while the chunk is decoded; no other lock is held at the same time.
  private final class Entry: Sendable {
    let block = Guarded<MemoryBlock?>(nil)
    let byteCount: Int
    let lastUse = Atomic<Int>(0)
    init(byteCount: Int) { self.byteCount = byteCount }
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var byteCount = 0
  }

  private let budget: Int
  private let clock = Atomic<Int>(0)
  private let state = Guarded(State(), renewal: { State() })

  init(byteCount: Int) { budget = max(0, byteCount) }

  /// Whether a chunk of this size is kept at all: it may take at most a quarter of the budget.
  func keeps(byteCount: Int) -> Bool { byteCount <= budget / 4 }

  /// The decoded chunk, from the cache or decoded now.
  ///
  /// - Throws: Any error that `decode` throws; the chunk is then not kept.
  func block(
    for key: Key, byteCount: Int, decode: (inout MutableRawSpan) throws(IOLinkError) -> Void
  ) throws(IOLinkError) -> MemoryBlock {
    let entry = entry(for: key, byteCount: byteCount)
    let result = entry.block.withLock { block -> Result<MemoryBlock, IOLinkError> in
      if let block { return .success(block) }
      let fresh = MemoryBlock(allocating: byteCount, isZeroed: .uninitialized)
      do throws(IOLinkError) {
        try fresh.withMutableBytes { span throws(IOLinkError) in try decode(&span) }
        block = fresh
        return .success(fresh)
      } catch {
        return .failure(error)
      }
    }
    if case .failure = result { forget(entry, of: key) }
    return try result.get()
  }

  /// Drops a chunk that could not be decoded, so that it does not count against the budget.
  private func forget(_ entry: Entry, of key: Key) {
    state.withLock { state in
      guard state.entries[key] === entry else { return }
      state.entries[key] = nil
      state.byteCount -= entry.byteCount
    }
  }

  /// Whether the chunk is in the cache. Waits while another thread decodes it.
  func contains(_ key: Key) -> Bool {
    guard let entry = state.withLock({ $0.entries[key] }) else { return false }
    return entry.block.withLock { $0 != nil }
  }

  private func entry(for key: Key, byteCount: Int) -> Entry {
    let now = clock.wrappingAdd(1, ordering: .relaxed).newValue
    return state.withLock { state in
      if let entry = state.entries[key] {
        entry.lastUse.store(now, ordering: .relaxed)
        return entry
      }
      let entry = Entry(byteCount: byteCount)
      entry.lastUse.store(now, ordering: .relaxed)
      state.entries[key] = entry
      state.byteCount += byteCount
      if state.byteCount > budget { evict(from: &state, keeping: key) }
      return entry
    }
  }

  /// Drops the least recently used chunks until a quarter of the budget is free.
  private func evict(from state: inout State, keeping newest: Key) {
    let oldestFirst = state.entries.sorted {
      $0.value.lastUse.load(ordering: .relaxed) < $1.value.lastUse.load(ordering: .relaxed)
    }
    for (key, entry) in oldestFirst where key != newest {
      if state.byteCount <= budget / 4 * 3 { break }
      state.entries[key] = nil
      state.byteCount -= entry.byteCount
    }
  }
}
