/// A view whose elements are at regular distances, in memory or in a source. An operation that strides can express does not wrap
/// such a view: it presents the same bytes in another layout.
protocol StridedImageView: ImageView {
  /// The offsets of the elements in the memory or the source.
  var layout: StridedLayout { get }

  /// Returns the same bytes as elements of another type and layout.
  ///
  /// - Throws: `invalidArgument` when the layout does not lie inside the memory or the source, or its rank is not that of the
  ///   properties; `limitExceeded` when an offset does not fit in an `Int`.
  func viewed(as dataType: DataType, layout: StridedLayout, properties: ImageProperties) throws(IOLinkError) -> any ImageView
}
