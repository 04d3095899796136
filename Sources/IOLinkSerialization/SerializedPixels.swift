import IOLinkCore

/// The pixels of an image as a section of a stream: dense, COLUMN fastest, components interleaved, big-endian.
enum SerializedPixels {
  /// The number of bytes that are read or written at a time.
  private static let pieceByteCount = 4 << 20

  static func encode(_ image: any ImageView, to stream: any StreamAccess, context: OperationContext) throws(IOLinkError) {
    var length = SectionWriter()
    length.append(UInt64(try image.shape.byteCount(of: image.dataType)))
    try stream.write(length.bytes)
    for region in image.bands(byteCount: pieceByteCount) {
      let bytes = try image.bytes(of: region, context: context)
      try stream.write(SerializedNumbers.swapped(bytes, image.dataType.componentType))
    }
  }

  /// Reads the description of an image from its section, and the pixels from the stream.
  ///
  /// - Parameter reader: The section that describes the image.
  /// - Throws: `truncated`, before anything is allocated, when the stream is too short for the pixels; `unsupported` when the size of
  ///   the stream is not known; `malformed` when the description is damaged or does not match the pixels.
  static func decode(
    described reader: inout SectionReader, from stream: any StreamAccess, limits: ReadLimits, context: OperationContext
  ) throws(IOLinkError) -> MemoryImageView {
    let dataType = try reader.dataType()
    var fields = try reader.section()
    let properties = try fields.properties()
    var description = try reader.section()
    let metadata = try description.metadata(limits: limits)
    let place = stream.position
    let byteCount = try SectionReader.count(from: stream)
    guard try properties.shape.byteCount(of: dataType) == byteCount else {
      throw IOLinkError(
        .malformed, "the pixels have \(byteCount) bytes, which does not match an image of shape \(properties.shape) and type \(dataType)",
        offset: place)
    }
    guard let end = stream.byteCount else {
      throw IOLinkError(.unsupported, "an image can only be read from a stream of known size", offset: place)
    }
    guard byteCount <= end - stream.position else {
      throw IOLinkError(.truncated, "the pixels have \(byteCount) bytes, but the stream has \(end - stream.position) left", offset: place)
    }
    let image = try MemoryImageView.allocate(
      properties.shape, dataType, properties: properties, metadata: metadata, zeroFill: .uninitialized,
      allocator: context.allocator)
    for region in image.bands(byteCount: pieceByteCount) {
      try context.checkCancellation()
      let bytes = try stream.bytes(count: region.size.byteCount(of: dataType))
      let layout = try StridedLayout(dense: region.size, dataType)
      let numbers = SerializedNumbers.swapped(bytes, dataType.componentType)
      try image.write(region, from: unsafe numbers.span.bytes, layout: layout, context: context)  // bytes have no padding
    }
    return image
  }
}
