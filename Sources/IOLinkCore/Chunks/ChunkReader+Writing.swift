extension ChunkReader {
  /// Overwrites the selected elements in the file.
  ///
  /// - Parameters:
  ///   - selection: Along the axes of the image; inside the image and not empty.
  ///   - layout: Along the axes of the image; inside `elements`.
  /// - Throws: `unsupported` when the source cannot be updated, or a chunk has no place in the file; `io`; `cancelled`.
  func write(
    _ selection: Selection, from elements: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    guard let target = source as? any UpdatableChunkSource else {
      throw IOLinkError(.unsupported, "the chunks of the image cannot be written in place")
    }
    let (wanted, given, box) = chunks(of: selection, layout: layout)
    for index in 0..<(try box.size.elementCount()) {
      try context.checkCancellation()
      guard let piece = piece(at: position(index, in: box), wanted, given) else { continue }
      let place = try target.place(of: piece.chunk)
      var stored = piece.source
      stored.byteOffset = try Checked.add(stored.byteOffset, place.offset)
      let part = try ContiguousImageView(
        place.bytes, layout: stored, dataType: source.dataType.component, byteOrder: place.byteOrder,
        properties: ImageProperties(unknownAxes: piece.count), runtime: runtime, access: .update)
      try part.write(Region(of: piece.count), from: elements, layout: piece.target, context: context)
    }
  }
}
