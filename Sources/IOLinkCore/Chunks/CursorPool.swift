/// The idle cursors of a sequential source, kept for the next reader.
final class CursorPool: Sendable {
  /// Sendable because a cursor is either in the pool or with one reader, never both.
  private struct Idle: @unchecked Sendable {
    var cursors: [any ChunkCursor] = []
    /// Chunks that were found to be missing or damaged, and why: no cursor that stands at or before one can pass it.
    var damage: [(chunk: Int, error: IOLinkError)] = []

    /// Why a cursor that stands at a chunk cannot decode a later one; `nil` where nothing is known to be in its way.
    func obstacle(from start: Int, to chunk: Int) -> IOLinkError? {
      damage.last { start <= $0.chunk && $0.chunk <= chunk }?.error
    }
  }

  private let source: any SequentialChunkSource
  private let idle = Guarded(Idle(), renewal: { Idle() })

  init(_ source: any SequentialChunkSource) { self.source = source }

  /// A cursor that stands at or before `chunk`: the reader's present one where it does, otherwise the nearest idle one,
  /// otherwise a new one.
  ///
  /// - Throws: The error that was recorded for a chunk between the cursor and `chunk`; any error that makes a cursor fail.
  func cursor(for chunk: Int, present: (any ChunkCursor)?) throws(IOLinkError) -> any ChunkCursor {
    if let present {
      if present.next <= chunk, idle.withLock({ $0.obstacle(from: present.next, to: chunk) }) == nil { return present }
      give(back: present)
    }
    if let found = take(before: chunk) { return found }
    let made = try source.makeCursor(before: chunk)
    if let error = idle.withLock({ $0.obstacle(from: made.next, to: chunk) }) { throw error }
    return made
  }

  /// Records that a chunk cannot be decoded, so that what comes after it is not decoded up to there again and again.
  func record(_ error: IOLinkError, at chunk: Int) {
    guard Salvage.covers(error) else { return }
    idle.withLock { idle in
      idle.damage.append((chunk, error))
      if idle.damage.count > Self.knownDamage { idle.damage.removeFirst() }
    }
  }

  /// Takes the idle cursor that is nearest before `chunk` out of the pool.
  private func take(before chunk: Int) -> (any ChunkCursor)? {
    let found = idle.withLock { idle -> Idle in
      let usable = idle.cursors.indices.filter {
        idle.cursors[$0].next <= chunk && idle.obstacle(from: idle.cursors[$0].next, to: chunk) == nil
      }
      guard let best = usable.max(by: { idle.cursors[$0].next < idle.cursors[$1].next }) else { return Idle() }
      return Idle(cursors: [idle.cursors.remove(at: best)])
    }
    return found.cursors.first
  }

  /// Puts a cursor back into the pool; where there are too many, the one that has been idle for longest is dropped.
  func give(back cursor: (any ChunkCursor)?) {
    guard let cursor else { return }
    let returned = Idle(cursors: [cursor])
    idle.withLock { idle in
      idle.cursors.append(contentsOf: returned.cursors)
      if idle.cursors.count > Self.capacity { idle.cursors.removeFirst() }
    }
  }

  private static let capacity = 4
  private static let knownDamage = 64
}
