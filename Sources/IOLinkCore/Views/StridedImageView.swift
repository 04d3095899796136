/// A view whose elements lie at regular distances, in memory or in a source. What strides can express needs no view around
/// it: it is the same bytes under another layout.
protocol StridedImageView: ImageView {
  var layout: StridedLayout { get }

  /// The same bytes seen as elements of another type and layout.
  ///
  /// - Throws: `invalidArgument` when the layout passes the bytes or the shapes differ.
  func viewed(as dataType: DataType, layout: StridedLayout, properties: ImageProperties) throws(IOLinkError) -> any ImageView
}
