/// What is written of an image: the image, its levels, and the options, all checked.
struct WriteOrder {
  let source: NamedImage
  /// What the codec is told, with the levels to write.
  let description: ImageDescription
  let options: CodecOptions
  /// How levels are made; `nil` where those of the source are written, or none.
  let downsampling: Downsampling?
  /// The picture that is stored beside the image.
  var thumbnail: (any ImageView)?
}

extension CodecRegistry {
  /// Decides which levels are written with an image, and checks everything about it.
  ///
  /// - Throws: `invalidArgument` when the codec does not declare an option or allow its value, or a level does not fit the image;
  ///   `unsupported` when the format cannot hold the image or its levels, with a reason that says what it can hold.
  func order(
    _ source: NamedImage, _ descriptor: CodecDescriptor, _ writing: CodecDescriptor.Writing, options: [String: String],
    _ context: OperationContext = .default
  ) throws(IOLinkError) -> WriteOrder {
    let given = options.merging(source.options) { _, own in own }
    let asksForLevels = !source.levels.isEmpty && given[OptionDeclaration.levels.name] == nil
    var description = ImageDescription(source.image)
    description.stored?.isCopied = context.copiesStoredChunks
    let checked = try checked(given, for: description, descriptor)
    if asksForLevels { try checkLevels(descriptor) }
    let thumbnail = try thumbnail(of: source, checked, context)
    description.thumbnail = thumbnail.map { PictureDescription(dataType: $0.dataType, properties: $0.properties) }
    switch asksForLevels ? .kept : checked.levels {
    case .none: return WriteOrder(source: source, description: description, options: checked, downsampling: nil, thumbnail: thumbnail)
    case .kept:
      var finer = description.shape
      for (index, level) in source.levels.enumerated() {
        var image = ImageDescription(level)
        image.stored?.isCopied = context.copiesStoredChunks
        description.levels.append(try LevelDescription(image, of: description, after: finer, number: index + 1))
        finer = level.shape
      }
      return WriteOrder(source: source, description: description, options: checked, downsampling: nil, thumbnail: thumbnail)
    case .made(let count):
      let downsampling = checked.downsampling ?? Downsampling(fitting: description)
      try downsampling.check(description.dataType.componentType)
      let halvesSlices = writing.features.contains(.volumeLevels)
      description.levels = try description.levels(count: count, halvesSlices: halvesSlices, downsampling)
      // Levels are made of decoded pixels.
      if !description.levels.isEmpty { description.stored?.isCopied = false }
      return WriteOrder(source: source, description: description, options: checked, downsampling: downsampling, thumbnail: thumbnail)
    }
  }

  /// Makes the picture that is stored beside an image.
  private func thumbnail(of source: NamedImage, _ options: CodecOptions, _ context: OperationContext) throws(IOLinkError) -> (any ImageView)? {
    guard let size = options.thumbnailSize else { return nil }
    var planes: [any ImageView] = []
    for level in [source.image] + source.levels { planes.append(try level.plane()) }
    return try Picture.make(of: planes, size: size, context: context)
  }

  /// Checks that a format can hold an image, and the options to write it with.
  ///
  /// - Throws: As ``order(_:_:_:options:)`` does.
  func checked(
    _ options: [String: String], for image: ImageDescription, _ descriptor: CodecDescriptor
  ) throws(IOLinkError) -> CodecOptions {
    guard let writing = descriptor.writing else { throw IOLinkError(.unsupported, "the format can only be read") }
    try writing.check(image)
    let name = OptionDeclaration.levels.name
    if options[name] != nil, !descriptor.writeOptions.contains(where: { $0.name == name }) { try checkLevels(descriptor) }
    return try CodecOptions(options, declared: descriptor.writeOptions)
  }

  /// - Throws: `unsupported` when the format has no levels.
  private func checkLevels(_ descriptor: CodecDescriptor) throws(IOLinkError) {
    guard let writing = descriptor.writing, !writing.features.contains(.levels) else { return }
    let able = formats(writing: .levels).joined(separator: ", ")
    throw IOLinkError(.unsupported, "a file of this format holds no coarser levels of an image; the formats that do are \(able)")
  }

  /// Checks that a format can hold an image with its levels and options.
  ///
  /// - Throws: What writing it throws before anything is written.
  package func check(_ source: NamedImage, format: String, options: [String: String]) throws(IOLinkError) {
    let codec = try codec(named: format)
    do throws(IOLinkError) {
      guard let writing = codec.descriptor.writing else { throw IOLinkError(.unsupported, "the format can only be read") }
      let order = try order(source, codec.descriptor, writing, options: options)
      _ = try codec.create(order.description, on: MemoryStream(), options: order.options, context: context())
    } catch { throw error.located(format: codec.descriptor.name) }
  }

  /// Writes the pixels of an image and of its levels, and completes its sink.
  func run(
    _ order: WriteOrder, _ sink: ImageSink, storage: (any TemporaryStorage)?, _ context: OperationContext,
    _ progress: ((Progress) -> Void)?
  ) throws(IOLinkError) -> TransferCourse {
    guard sink.levels.count == order.description.levels.count else {
      throw IOLinkError(.unsupported, "the codec takes \(sink.levels.count) of \(order.description.levels.count) coarser levels")
    }
    if let thumbnail = order.thumbnail {
      guard let chunks = sink.thumbnail else { throw IOLinkError(.unsupported, "the codec takes no thumbnail") }
      _ = try Transfer(thumbnail, to: chunks, runtime: runtime, storage: storage).run(context: context)
    }
    var transfer = try Transfer(order.source.image, to: sink.chunks, runtime: runtime, storage: storage)
    if let downsampling = order.downsampling, !sink.levels.isEmpty {
      transfer.levels = MadeLevels(sink, order.description, downsampling)
      return try transfer.run(context: context, progress: progress)
    }
    var copied = 0
    for (level, chunks) in zip(order.source.levels, sink.levels).reversed() {
      let course = try Transfer(level, to: chunks, runtime: runtime, storage: storage).run(context: context)
      copied += course.copiedChunks
    }
    var course = try transfer.run(context: context, progress: progress)
    course.copiedChunks += copied
    return course
  }

  /// Writes an image with its coarser levels to a stream, as `write(_:to:format:options:context:progress:)` writes one
  /// without.
  ///
  /// Without the option `levels`, all levels are written. `levels=none` writes only the finest, and any other value makes new levels of it.
  ///
  /// - Parameters:
  ///   - pyramid: The levels to write. Each has the axes and the type of the finest, and no axis is longer than in the level before.
  ///   - stream: The target, which must have WRITE.
  ///   - format: The name of the codec.
  ///   - options: Writing options of the codec, checked against those that it declares.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the finest level, on the calling thread.
  /// - Returns: A report of everything that the format could not keep.
  /// - Throws: `unsupported` when the format holds no levels, with the names of those that do; `invalidArgument` when a level has another type
  ///   or other axes than the finest, or an axis that is longer than in the level before; otherwise the errors of the form that takes an image.
  public func write(
    _ pyramid: any LodImageView, to stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> TransferReport {
    let isDropped = LevelChoice(options) == .none && options[OptionDeclaration.levels.name] != nil
    let image = NamedImage(
      name: "", image: try pyramid.level(0), leftOut: isDropped ? pyramid.leftOut : [], levels: try pyramid.coarserLevels())
    return try write(image, to: stream, format: format, options: options, context: context, progress: progress)
  }
}

extension LodImageView {
  /// The levels after level `first`, finest first.
  ///
  /// - Throws: The errors of ``level(_:)``.
  package func coarserLevels(after first: Int = 0) throws(IOLinkError) -> [any ImageView] {
    var levels: [any ImageView] = []
    for index in (first + 1)..<max(first + 1, levelCount) { levels.append(try level(index)) }
    return levels
  }
}

extension LevelChoice {
  /// The levels that the options of a call ask for.
  package init(_ options: [String: String]) { self.init(options[OptionDeclaration.levels.name]?.lowercased()) }
}
