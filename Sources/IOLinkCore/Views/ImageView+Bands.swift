extension ImageView {
  /// All of the image in regions of bounded size that follow each other in canonical order, COLUMN fastest.
  ///
  /// - Parameter byteCount: Of one region, at most; a single element may be larger.
  public func bands(byteCount: Int) -> [Region] {
    Bands(shape, maximumByteCount: byteCount, elementByteCount: dataType.byteCount).map {
      Region(uncheckedOrigin: $0.origin, size: $0.size)
    }
  }
}
