extension CodecRegistry {
  /// Writes an image to a stream, from its cursor on, and leaves the cursor behind the image.
  ///
  /// A format that must seek in its target, or read from it, goes through the runtime's temporary storage where the stream
  /// cannot do that: any format can be written to a pipe.
  ///
  /// - Parameters:
  ///   - format: The name of the codec.
  ///   - options: Writing options of the codec, checked against its declaration.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called now and then on the caller's thread.
  /// - Returns: What the format could not keep. Pixel values are always kept: an image whose values it cannot hold is refused.
  /// - Throws: `notFound` when no codec has the name; `invalidArgument` for an option that it does not declare; `unsupported`
  ///   when the format cannot hold the image, before anything is written; otherwise what reading and writing throw, and then
  ///   the stream's content is incomplete.
  public func write(
    _ image: any ImageView, to stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let needed = try codec(named: format).descriptor.writing?.neededCapabilities ?? []
    if stream.capabilities.isSuperset(of: needed) || runtime.temporaryStorage == nil {
      return try writeDirectly(image, to: stream, format: format, options: options, context: context, progress: progress)
    }
    let spool = try temporaryStream()
    let report = try writeDirectly(image, to: spool, format: format, options: options, context: context, progress: progress)
    try spool.seek(to: 0)
    try stream.write(allOf: spool, cancellation: context.cancellation)
    return report
  }

  private func temporaryStream() throws(IOLinkError) -> any StreamAccess {
    guard let storage = runtime.temporaryStorage else {
      throw IOLinkError(.unsupported, "the runtime has no temporary storage")
    }
    return try storage.makeStream()
  }

  private func writeDirectly(
    _ image: any ImageView, to stream: any StreamAccess, format: String, options: [String: String],
    context: OperationContext, progress: ((Progress) -> Void)?
  ) throws(IOLinkError) -> TransferReport {
    let target = OffsetStream(stream)
    let sink = try sink(ImageDescription(image), on: target, format: format, options: options)
    try Transfer(image, to: sink.chunks, runtime: runtime).run(context: context, progress: progress)
    try target.seekToEnd()
    return TransferReport(lost: sink.lost, pixelByteCount: try image.shape.byteCount(of: image.dataType))
  }

  /// Starts to write an image region by region or frame by frame, from the stream's cursor on.
  ///
  /// - Parameters:
  ///   - image: What will be written. Where frames will be appended, the slowest axis of its source order may have length 0.
  ///   - completion: Called by the writer's `finish()` when the container is complete.
  /// - Throws: `unsupported` when the format cannot hold the image, saying what it can hold, or needs more of its target than
  ///   the stream can do; `notFound`, `invalidArgument` as ``write(_:to:format:options:context:progress:)``.
  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, format: String, options: [String: String] = [:],
    completion: @escaping @Sendable () throws(IOLinkError) -> Void = {}
  ) throws(IOLinkError) -> ImageWriter {
    let sink = try sink(image, on: OffsetStream(stream), format: format, options: options)
    return ImageWriter(sink, image, runtime: runtime, completion: completion)
  }

  /// Reads an image from a source and writes it to a stream, changed as the conversion says.
  ///
  /// - Parameters:
  ///   - conversion: Which image of the source, and what changes on the way; nothing unless given.
  ///   - sourceFormat: The name of the codec that reads; `nil` lets the content decide.
  ///   - sourceOptions: Reading options.
  ///   - format: The name of the codec that writes.
  ///   - options: Writing options.
  /// - Returns: What the format could not keep.
  /// - Throws: as ``open(_:format:options:access:)``, ``Conversion/image(of:)`` and
  ///   ``write(_:to:format:options:context:progress:)``.
  public func convert(
    _ source: DataSource, to stream: any StreamAccess, _ conversion: Conversion = Conversion(), sourceFormat: String? = nil,
    sourceOptions: [String: String] = [:], format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let images = try open(source, format: sourceFormat, options: sourceOptions)
    let image = try conversion.image(of: images)
    return try write(image, to: stream, format: format, options: options, context: context, progress: progress)
  }

  private func sink(
    _ image: ImageDescription, on stream: OffsetStream, format: String, options: [String: String]
  ) throws(IOLinkError) -> ImageSink {
    let codec = try codec(named: format)
    let descriptor = codec.descriptor
    do throws(IOLinkError) {
      guard let writing = descriptor.writing else { throw IOLinkError(.unsupported, "the format cannot be written") }
      try writing.check(image)
      let checked = try CodecOptions(options, declared: descriptor.writeOptions)
      return try codec.create(image, on: stream, options: checked, context: context())
    } catch {
      throw error.located(format: descriptor.name)
    }
  }
}

extension CodecDescriptor.Writing {
  /// - Throws: `unsupported` when the format cannot hold images of this type or rank; the reason says what it can hold.
  func check(_ image: ImageDescription) throws(IOLinkError) {
    guard componentTypes.contains(image.dataType.componentType) else {
      let allowed = ComponentType.allCases.filter(componentTypes.contains).map(\.numpyName).joined(separator: ", ")
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
