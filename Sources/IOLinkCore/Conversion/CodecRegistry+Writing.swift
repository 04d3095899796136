extension CodecRegistry {
  /// Writes an image to a stream, from the cursor of the stream on, and leaves the cursor after the image.
  ///
  /// Where a format must seek in its target or read it back, and the stream cannot do that, the image goes through the temporary
  /// storage of the runtime. With temporary storage, any format can be written to a pipe.
  ///
  /// - Parameters:
  ///   - image: The image to write. It is read in parts, in bounded memory.
  ///   - stream: The target, which must have WRITE.
  ///   - format: The name of the codec.
  ///   - options: Writing options of the codec, checked against those that it declares.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the image, on the calling thread.
  /// - Returns: A report of everything that the format could not keep. Pixel values are always kept: an image whose values the format
  ///   cannot hold is refused.
  /// - Throws: `invalidArgument` when no codec has the name, or the codec does not declare an option or allow its value;
  ///   `unsupported` when the format cannot hold the image or needs capabilities that the stream lacks. These are thrown before
  ///   anything is written. While pixels are written: any error that reading the image throws, `io` when the stream cannot be written,
  ///   and `cancelled`; the content of the stream is then incomplete.
  public func write(
    _ image: any ImageView, to stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    try write(NamedImage(name: "", image: image), to: stream, format: format, options: options, context: context, progress: progress)
  }

  /// Writes an image and the levels that it has, as the form that takes an image does. Its name is not used.
  package func write(
    _ source: NamedImage, to stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    try withTarget(stream, for: format, context) { target throws(IOLinkError) in
      let (order, sink) = try sink(source, on: target, format: format, options: options, context)
      let companions = try OpenCompanions(sink.companions, beside: target)
      let course = try run(order, sink, storage: target.storageBeside, context, progress)
      try companions.finish()
      let lost = sink.lost + companions.lost + (context.salvage?.takeLost() ?? []) + source.leftOut
      return TransferReport(
        lost: lost, pixelByteCount: try source.image.shape.byteCount(of: source.image.dataType), course: course)
    }
  }

  /// Lends a stream that has what the format needs: the given one from its cursor on, or temporary storage that is copied to it.
  func withTarget<Result>(
    _ stream: any StreamAccess, for format: String, _ context: OperationContext,
    _ body: (OffsetStream) throws(IOLinkError) -> Result
  ) throws(IOLinkError) -> Result {
    let needed = try codec(named: format).descriptor.writing?.neededCapabilities ?? []
    let isDirect = stream.capabilities.isSuperset(of: needed) || runtime.temporaryStorage == nil
    let base = isDirect ? stream : try temporaryStream()
    let target = OffsetStream(base)
    let result = try body(target)
    if isDirect {
      try target.seekToEnd()
    } else {
      try base.seek(to: 0)
      try stream.write(allOf: base, cancellation: context.cancellation)
    }
    return result
  }

  private func temporaryStream() throws(IOLinkError) -> any StreamAccess {
    guard let storage = runtime.temporaryStorage else {
      throw IOLinkError(.unsupported, "the runtime has no temporary storage")
    }
    return try storage.makeStream()
  }

  /// Starts writing an image region by region or frame by frame, at the cursor of a stream.
  ///
  /// - Parameters:
  ///   - image: The type, axes and metadata of the image. Where frames will be appended, the slowest axis of its source order may
  ///     have length 0.
  ///   - stream: The target, which must have WRITE, and whatever else the format needs.
  ///   - format: The name of the codec.
  ///   - options: Writing options of the codec, checked against those that it declares.
  ///   - completion: Called by the writer's `finish()` when the container is complete.
  /// - Returns: A writer, whose `finish()` must be called.
  /// - Throws: `invalidArgument` when no codec has the name, or the codec does not declare an option or allow its value;
  ///   `unsupported` when the format cannot hold the image, with a reason that says what it can hold, or when it needs capabilities
  ///   that the stream lacks; `io` when the stream cannot be written.
  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, format: String, options: [String: String] = [:],
    completion: @escaping @Sendable () throws(IOLinkError) -> Void = {}
  ) throws(IOLinkError) -> ImageWriter {
    let codec = try codec(named: format)
    do throws(IOLinkError) {
      let options = try checked(options, for: image, codec.descriptor)
      guard image.levels.isEmpty, [.none, .kept].contains(options.levels) else {
        throw IOLinkError(.unsupported, "levels are written with whole images; an image that is written region by region has none")
      }
      guard options.thumbnailSize == nil else {
        throw IOLinkError(.unsupported, "a thumbnail is made of a whole image; an image that is written region by region has none")
      }
      let target = OffsetStream(stream)
      let sink = try codec.create(image, on: target, options: options, context: context())
      let companions = try OpenCompanions(sink.companions, beside: target)
      return ImageWriter(sink.listing(image.metadata.dropped + companions.lost), image, runtime: runtime) { () throws(IOLinkError) in
        try companions.finish()
        try completion()
      }
    } catch { throw error.located(format: codec.descriptor.name) }
  }

  /// Reads an image from a source, changes it as a conversion says, and writes it to a stream.
  ///
  /// - Parameters:
  ///   - source: The bytes to read.
  ///   - stream: The target, which must have WRITE.
  ///   - conversion: Which image of the source to convert, and what to change; without it, the main image, unchanged.
  ///   - sourceFormat: The name of the codec that reads; `nil` lets the content decide.
  ///   - sourceOptions: Reading options of the codec that reads.
  ///   - format: The name of the codec that writes.
  ///   - options: Writing options of the codec that writes.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the image, on the calling thread.
  /// - Returns: A report of everything that the format could not keep, and of the images and levels that were not written
  ///   (``Conversion/leftOut(of:)``).
  /// - Throws: The same errors as ``open(_:format:options:access:)``, ``Conversion/image(of:)`` and
  ///   `write(_:to:format:options:context:progress:)`.
  public func convert(
    _ source: DataSource, to stream: any StreamAccess, _ conversion: Conversion = Conversion(), sourceFormat: String? = nil,
    sourceOptions: [String: String] = [:], format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let images = try open(source, format: sourceFormat, options: sourceOptions)
    let image = try conversion.input(of: images, levels: LevelChoice(options))
    return try write(image, to: stream, format: format, options: options, context: context, progress: progress)
  }

  private func sink(
    _ source: NamedImage, on stream: OffsetStream, format: String, options: [String: String], _ context: OperationContext
  ) throws(IOLinkError) -> (WriteOrder, ImageSink) {
    let codec = try codec(named: format)
    let descriptor = codec.descriptor
    do throws(IOLinkError) {
      guard let writing = descriptor.writing else { throw IOLinkError(.unsupported, "the format can only be read") }
      let order = try order(source, descriptor, writing, options: options, context)
      let sink = try codec.create(order.description, on: stream, options: order.options, context: self.context())
      return (order, sink.listing(order.description.metadata.dropped))
    } catch {
      throw error.located(format: descriptor.name)
    }
  }
}

extension ImageSink {
  /// Returns the same sink that also lists these items as lost, such as what operations on the image removed from its metadata.
  func listing(_ more: [LostItem]) -> ImageSink {
    ImageSink(chunks, lost: lost + more, levels: levels, thumbnail: thumbnail, companions: companions)
  }
}

extension CodecDescriptor.Writing {
  /// Checks that the format can hold images of this type and these axes.
  ///
  /// - Throws: `unsupported` when it cannot; the reason says what it can hold.
  func check(_ image: ImageDescription) throws(IOLinkError) {
    guard componentTypes.contains(image.dataType.componentType) else {
      let allowed = ComponentType.allCases.filter(componentTypes.contains).map(\.numpyName).joined(separator: ", ")
      throw IOLinkError(
        .unsupported,
        "components of type \(image.dataType.numpyName) cannot be written, expected one of \(allowed); convert the type first")
    }
    guard componentCounts.contains(image.dataType.componentCount) else {
      throw IOLinkError(
        .unsupported,
        "elements of \(image.dataType.componentCount) components cannot be written, expected \(componentCounts.lowerBound) to \(componentCounts.upperBound)"
      )
    }
    let rank = rank(of: image.properties)
    guard rank <= maximumRank else {
      let channels = image.properties.axes.first { $0.role == .channel }?.length ?? 0
      let areSamples = componentCounts.contains(channels) && channels > 1 && image.dataType.componentCount == 1
      let advice = "crop or select first" + (areSamples ? ", or make the channels components (YXS)" : "")
      throw IOLinkError(.unsupported, "the image has \(rank) axes longer than 1, expected at most \(maximumRank); \(advice)")
    }
    guard features.contains(.unknownAxes) || !image.properties.hasUnknownAxes else {
      throw IOLinkError(.unsupported, "axes without a name cannot be written; name them, slowest first (ZYX)")
    }
  }
}
