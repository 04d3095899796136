/// The idle cursors of a sequential source, kept for the next reader.
final class CursorPool: Sendable {
  /// Sendable because a cursor is either in the pool or with one reader, never both.
  private struct Idle: @unchecked Sendable {
    var cursors: [any ChunkCursor] = []
  }

  private let source: any SequentialChunkSource
  private let idle = Guarded(Idle(), renewal: { Idle() })

  init(_ source: any SequentialChunkSource) { self.source = source }

  /// A cursor that stands at or before `chunk`: the reader's present one where it does, otherwise the nearest idle one,
  /// otherwise a new one.
  func cursor(for chunk: Int, present: (any ChunkCursor)?) throws(IOLinkError) -> any ChunkCursor {
    if let present {
      if present.next <= chunk { return present }
      give(back: present)
    }
    if let found = take(before: chunk) { return found }
    return try source.makeCursor(before: chunk)
  }

  /// Takes the idle cursor that is nearest before `chunk` out of the pool.
  private func take(before chunk: Int) -> (any ChunkCursor)? {
    let found = idle.withLock { idle -> Idle in
      let usable = idle.cursors.indices.filter { idle.cursors[$0].next <= chunk }
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
}
