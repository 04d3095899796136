extension ChunkReader {
  /// Reads the wanted chunks in one pass of one cursor, in ascending ordinal. Chunks that were decoded before come from the
  /// cache; chunks that the cursor passes are kept there to the extent that the budget allows.
  func readInOrder(
    _ wanted: Selection, _ box: Region, _ decodedBytes: Int, _ cursors: CursorPool, _ target: StridedLayout,
    _ shared: SharedDestination, _ context: OperationContext
  ) throws(IOLinkError) {
    let workspace = ChunkWorkspace(
      executor: context.executor ?? runtime.executor, workers: runtime.workers(for: decodedBytes, context))
    var cursor: (any ChunkCursor)?
    defer { cursors.give(back: cursor) }
    for index in 0..<(try box.size.elementCount()) {
      guard let piece = piece(at: position(index, in: box), wanted, target) else { continue }
      let byteCount = source.grid.storedCount(of: piece.chunk) * source.dataType.componentType.byteCount
      do throws(IOLinkError) {
        if try takeCached(piece, byteCount, shared, workspace, context) { continue }
        try decodeInOrder(piece, byteCount, cursors, &cursor, shared, workspace, context)
      } catch {
        try fill(piece, after: error, shared, workspace, context)
      }
    }
  }

  /// Copies the wanted part of a chunk that is in the cache.
  ///
  /// - Returns: `false` when it is not there.
  private func takeCached(
    _ piece: Piece, _ byteCount: Int, _ shared: SharedDestination, _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) -> Bool {
    let key = key(piece.chunk.ordinal)
    guard runtime.cache.contains(key) else { return false }
    try context.checkCancellation()
    let block = try runtime.cache.block(for: key, byteCount: byteCount) { span throws(IOLinkError) in
      try decodeChunk(piece.chunk, into: &span, workspace, context)
    }
    try block.withBytes { bytes throws(IOLinkError) in try scatter(piece, bytes, shared) }
    return true
  }

  /// Decodes a chunk with the cursor of this reader, or with another one that can reach it.
  private func decodeInOrder(
    _ piece: Piece, _ byteCount: Int, _ cursors: CursorPool, _ cursor: inout (any ChunkCursor)?, _ shared: SharedDestination,
    _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    while true {
      let present = cursor
      cursor = nil  // `cursor(for:present:)` takes it over: it is in the pool or here, never both
      let moving = try cursors.cursor(for: piece.chunk.ordinal, present: present)
      do throws(IOLinkError) {
        try advance(moving, to: piece.chunk.ordinal, workspace, context)
        try take(moving, piece, byteCount, shared, workspace, context)
        cursor = moving
        return
      } catch {
        // It may stand in the middle of a chunk, so it must not go back to the pool.
        let failed = min(moving.next, piece.chunk.ordinal)
        cursors.record(error, at: failed)
        // Another cursor may begin after the chunk that this one could not pass.
        guard Salvage.covers(error), failed < piece.chunk.ordinal else { throw error }
      }
    }
  }

  /// Moves the cursor to a chunk, keeping the chunks on the way in the cache.
  private func advance(
    _ cursor: any ChunkCursor, to chunk: Int, _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    while cursor.next < chunk {
      try context.checkCancellation()
      let ordinal = cursor.next
      let byteCount = source.grid.storedCount(of: source.grid.chunk(ordinal)) * source.dataType.componentType.byteCount
      if runtime.cache.keeps(byteCount: byteCount), !runtime.cache.contains(key(ordinal)) {
        _ = try runtime.cache.block(for: key(ordinal), byteCount: byteCount) { span throws(IOLinkError) in
          try decodeNext(cursor, into: &span, workspace, context)
        }
        if cursor.next > ordinal { continue }  // otherwise another reader has decoded it in the meantime
      }
      try workspace.skipped.withBytes(byteCount) { span throws(IOLinkError) in
        try decodeNext(cursor, into: &span, workspace, context)
      }
    }
    try context.checkCancellation()
  }

  /// Decodes the chunk that the cursor stands at, directly into the destination or through the cache or scratch.
  private func take(
    _ cursor: any ChunkCursor, _ piece: Piece, _ byteCount: Int, _ shared: SharedDestination,
    _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    if piece.isWhole, piece.isInPlace {
      try shared.withPart(piece.target.byteOffset..<(piece.target.byteOffset + byteCount)) { part throws(IOLinkError) in
        try decodeNext(cursor, into: &part, workspace, context)
      }
      return
    }
    if runtime.cache.keeps(byteCount: byteCount) {
      let ordinal = cursor.next
      let block = try runtime.cache.block(for: key(ordinal), byteCount: byteCount) { span throws(IOLinkError) in
        try decodeNext(cursor, into: &span, workspace, context)
      }
      try block.withBytes { bytes throws(IOLinkError) in try scatter(piece, bytes, shared) }
      return
    }
    try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) in
      try decodeNext(cursor, into: &span, workspace, context)
      try scatter(piece, span.bytes, shared)
    }
  }

  private func decodeNext(
    _ cursor: any ChunkCursor, into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    context.tally?.add(cursor.next, of: source)
    try cursor.decodeNext(into: &elements, workspace: workspace)
  }
}
