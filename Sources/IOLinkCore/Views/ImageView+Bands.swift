extension ImageView {
  /// Divides the image into regions of bounded size.
  ///
  /// - Parameter byteCount: The largest size of a region in bytes. A region that is a single element may be larger.
  /// - Returns: Regions that cover the image without overlap, in canonical order with COLUMN fastest.
  public func bands(byteCount: Int) -> [Region] {
    Bands(shape, maximumByteCount: byteCount, elementByteCount: dataType.byteCount).map {
      Region(uncheckedOrigin: $0.origin, size: $0.size)
    }
  }
}
