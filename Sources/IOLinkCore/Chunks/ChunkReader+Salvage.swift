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
    let part = Salvage.Part(image: ObjectIdentifier(source), start: piece.chunk.ordinal)
    salvage.add(part, place(of: piece.chunk), error.salvageReason)
  }

  /// Where a chunk is in the image, slowest axis first: `slice 3, row 64..<128`. Axes along which it has everything are left out.
  private func place(of chunk: ChunkIndex) -> String {
    let region = source.grid.region(of: chunk)
    var parts: [String] = []
    for (axis, name) in axisNames.enumerated().reversed() {
      let (first, count) = (region.origin[axis], region.size[axis])
      guard count < source.grid.shape[axis] else { continue }
      let title = name.isEmpty ? "axis \(axis)" : name
      parts.append(count == 1 ? "\(title) \(first)" : "\(title) \(first)..<\(first + count)")
    }
    if let component = region.origin.indices.last, component == axisNames.count, region.size[component] < source.grid.shape[component] {
      parts.append("component \(region.origin[component])")
    }
    return parts.isEmpty ? "all pixels" : parts.joined(separator: ", ")
  }
}
