extension ChunkReader {
  /// Fills the wanted part of a chunk that is missing or damaged with background, and lists the chunk.
  ///
  /// - Throws: `error`, unless the caller asked for salvage and it covers the error; `cancelled`.
  func fill(
    _ piece: Piece, after error: IOLinkError, _ shared: SharedDestination, _ workspace: ChunkWorkspace, _ context: OperationContext
  ) throws(IOLinkError) {
    guard let salvage = context.salvage, Salvage.covers(error) else { throw error }
    try context.checkCancellation()
    let byteCount = source.grid.storedCount(of: piece.chunk) * source.dataType.componentType.byteCount
    try workspace.decoded.withBytes(byteCount) { span throws(IOLinkError) in
      source.fillBackground(of: piece.chunk, into: &span)
      try scatter(piece, span.bytes, shared)
    }
    let place = SalvagedPlace.box(source.grid.region(of: piece.chunk), in: source.grid.shape, names: axisNames)
    salvage.add(Salvage.Key(image: ObjectIdentifier(source), start: piece.chunk.ordinal), place, error.salvageReason)
  }
}
