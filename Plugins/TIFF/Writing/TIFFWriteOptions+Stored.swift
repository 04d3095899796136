internal import IOLinkCore

/// The shape of the chunks of a page.
struct TIFFChunkShape: Hashable, Sendable {
  let width: Int
  let height: Int
  let isTiled: Bool
}

extension TIFFWriteOptions {
  /// Chooses the form in which the chunks of an image are stored already, so that they can be copied. Nothing that was asked for changes.
  mutating func keepChunks(of image: ImageDescription, row: Int?, column: Int) {
    (chunk, library.kept) = (nil, nil)
    guard compression != .none, level == nil, let row, let stored = image.stored,
      let encoding = stored.encoding.description(as: TIFFChunkEncoding.self), encoding.compression == compression,
      predictor == nil || predictor == encoding.predictor, library.quality == nil
    else { return }
    let shape = TIFFChunkShape(width: stored.chunkShape[column], height: stored.chunkShape[row], isTiled: encoding.isTiled)
    guard choosesChunks ? shape.isUsual(for: image, row: row, column: column, layout) : tile == shape.width && tile == shape.height else {
      return
    }
    if choosesChunks { chunk = shape }
    if let jpeg = encoding.jpeg {
      guard library.choosesSubsampling || jpeg.subsampling == library.subsampling else { return }
      // A decoder keeps the tables of one stream for the next, so streams with tables of their own cannot stand beside those without.
      guard stored.coversImage(edges: shape.isTiled ? .padded : .clipped) else { return }
      library.kept = jpeg
    }
    predictor = encoding.predictor
  }
}

extension TIFFChunkShape {
  /// Whether a file may have such chunks: tiles whose edges are multiples of 16, or strips as wide as the image.
  fileprivate func isUsual(for image: ImageDescription, row: Int, column: Int, _ layout: TIFFWriteOptions.Layout) -> Bool {
    if isTiled { return width.isMultiple(of: 16) && height.isMultiple(of: 16) }
    return layout == .plain && image.levels.isEmpty && width == image.shape[column] && height <= image.shape[row]
  }
}
