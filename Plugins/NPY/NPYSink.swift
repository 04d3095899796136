internal import IOLinkCore

/// Writes an NPY file: a header with room to grow, then the elements in C order of the chosen axes.
enum NPYSink {
  /// - Throws: `invalidArgument` when the axes of the option `order` are not those of the image; `limitExceeded` when the array has more
  ///   bytes than an `Int` can count; `io` when the header cannot be written.
  static func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions
  ) throws(IOLinkError) -> ImageSink {
    let order = try options.axisOrder(of: image.properties)
    let byteOrder = options.byteOrder
    let dataType = image.dataType
    @Sendable func header(_ shape: Shape) -> NPYHeader {
      NPYHeader(dataType, lengths: order.map { shape[$0] }, byteOrder: byteOrder)
    }
    try stream.write(header(image.shape).encoded())
    let initial = image.shape
    let chunks = try ContiguousChunkSink(
      image.shape, dataType, axisOrder: order, byteOrder: byteOrder, on: stream, offset: header(image.shape).dataOffset,
      completion: { final throws(IOLinkError) in
        guard final != initial else { return }
        try stream.seek(to: 0)
        try stream.write(header(final).encoded())
      })
    let found = try NPYLayout(header(initial)).properties
    return ImageSink(chunks, lost: image.lost(keeping: [], readAs: found, reason: "NPY stores only the type and the shape"))
  }
}
