extension CodecRegistry {
  /// Writes an image to a stream, from where its cursor stands, and leaves the cursor behind the image.
  ///
  /// - Parameters:
  ///   - format: Names the codec.
  ///   - options: Writing options of the codec, checked against its declaration.
  ///   - context: Runtime and limits.
  ///   - read: Threads and cancellation of the operation.
  ///   - progress: Called now and then on the caller's thread.
  /// - Returns: What the format could not keep. Pixel values are always kept: what would change them is refused.
  /// - Throws: `unsupported` when the format cannot hold the image, before anything is written; otherwise what reading and
  ///   writing throw, and then the stream's content is incomplete.
  public func write(
    _ image: any ImageView, to stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OpenContext = OpenContext(), read: ReadContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let target = OffsetStream(stream)
    let sink = try sink(ImageDescription(image), on: target, format: format, options: options, context: context)
    try Transfer(image, to: sink.chunks, runtime: context.runtime).run(context: read, progress: progress)
    try target.seekToEnd()
    return TransferReport(lost: sink.lost, pixelByteCount: try image.shape.byteCount(of: image.dataType))
  }

  /// Starts to write an image of this description, from where the stream's cursor stands.
  ///
  /// - Throws: `unsupported` when the format cannot hold it, saying what it can.
  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OpenContext = OpenContext()
  ) throws(IOLinkError) -> ImageSink {
    try sink(image, on: OffsetStream(stream), format: format, options: options, context: context)
  }

  private func sink(
    _ image: ImageDescription, on stream: OffsetStream, format: String, options: [String: String], context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    let codec = try codec(named: format)
    let descriptor = codec.descriptor
    do throws(IOLinkError) {
      guard let writing = descriptor.writing else { throw IOLinkError(.unsupported, "the format cannot be written") }
      try writing.check(image)
      let checked = try CodecOptions(options, declared: descriptor.writeOptions)
      return try codec.create(image, on: stream, options: checked, context: context)
    } catch {
      throw error.located(format: descriptor.name)
    }
  }
}

extension CodecDescriptor.Writing {
  /// - Throws: `unsupported` when the format cannot hold images of this type or rank; the reason says what it can hold.
  func check(_ image: ImageDescription) throws(IOLinkError) {
    guard scalars.contains(image.dataType.scalar) else {
      let allowed = ScalarType.allCases.filter(scalars.contains).map(\.numpyName).joined(separator: ", ")
      throw IOLinkError(.unsupported, "\(image.dataType.numpyName) cannot be written, only \(allowed); convert the type first")
    }
    guard componentCounts.contains(image.dataType.componentCount) else {
      throw IOLinkError(
        .unsupported,
        "elements of \(image.dataType.componentCount) components cannot be written, only \(componentCounts.lowerBound) to \(componentCounts.upperBound)"
      )
    }
    let rank = image.properties.axes.filter { $0.length != 1 }.count
    guard rank <= maximumRank else {
      let channels = image.properties.axes.first { $0.role == .channel }?.length ?? 0
      let areSamples = componentCounts.contains(channels) && channels > 1 && image.dataType.componentCount == 1
      let advice = "crop or select first" + (areSamples ? ", or make the channels samples (YXS)" : "")
      throw IOLinkError(.unsupported, "\(rank) axes longer than 1 cannot be written, only \(maximumRank); \(advice)")
    }
    guard features.contains(.unknownAxes) || !image.properties.hasUnknownAxes else {
      throw IOLinkError(.unsupported, "axes without a name cannot be written; name them, slowest first (ZYX)")
    }
  }
}
