/// Counts how often the chunks of sources are decoded during one operation.
final class DecodeTally: Sendable {
  private struct State {
    var decodes = 0
    var distinct = 0
    /// One bit for each chunk of each source.
    var seen: [ObjectIdentifier: [UInt64]] = [:]
    var isComplete = true
  }

  private let state = Guarded(State())

  /// The most chunks of a source that are told from one another.
  private static let chunkLimit = 1 << 26

  func add(_ chunk: Int, of source: any ChunkSource) {
    let (key, count, bit) = (ObjectIdentifier(source), source.grid.chunkCount, UInt64(1) << (chunk % 64))
    state.withLock { state in
      guard count <= Self.chunkLimit else { return state.isComplete = false }
      if state.seen[key] == nil { state.seen[key] = Array(repeating: 0, count: count / 64 + 1) }
      if let word = state.seen[key]?[chunk / 64], word & bit == 0 { state.distinct += 1 }
      state.seen[key]?[chunk / 64] |= bit
      state.decodes += 1
    }
  }

  /// How often a chunk was decoded on average; `nil` when no chunk was decoded, or there are too many chunks to tell.
  var decodesPerChunk: Double? {
    state.withLock { $0.isComplete && $0.distinct > 0 ? Double($0.decodes) / Double($0.distinct) : nil }
  }
}
