import Synchronization

/// Decoded chunks that later reads may want, shared by all open images under one budget of memory.
///
/// Concurrent misses of one chunk decode it once. Least recently used chunks go first.
public final class ChunkCache: Sendable {
  /// (source identity, image, chunk), and how the image is cut: options of a codec may change what one chunk is.
  struct Key: Hashable {
    let source: SourceIdentity
    let image: String
    let cut: Int
    let chunk: Int
  }

  /// One chunk; its lock is held while it is decoded, and no other lock with it.
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

  /// Whether a chunk of this size is kept at all.
  func keeps(byteCount: Int) -> Bool { byteCount <= budget / 4 }

  /// The chunk, decoded now if it is not there.
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

  /// Drops a chunk that could not be decoded; it would count against the budget.
  private func forget(_ entry: Entry, of key: Key) {
    state.withLock { state in
      guard state.entries[key] === entry else { return }
      state.entries[key] = nil
      state.byteCount -= entry.byteCount
    }
  }

  /// Whether the chunk is there already.
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

  /// Drops the chunks that were not used for longest, until a quarter of the budget is free.
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
