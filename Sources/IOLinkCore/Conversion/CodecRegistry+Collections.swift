/// One of several images to write to one file.
public struct NamedImage: Sendable {
  /// The name of the image in the file. Formats with folders take it as a path, such as `/entry/data`.
  public let name: String
  /// The image to write.
  public let image: any ImageView
  /// Writing options of the codec for this image, which come before those of all images.
  public let options: [String: String]
  /// What is left out of the image already, such as coarser levels. Its report lists this too.
  public let leftOut: [LostItem]
  /// The coarser levels that the image has, finest first. They are written with the option `levels=keep`, and without the option `levels`.
  public let levels: [any ImageView]

  /// Names an image.
  public init(
    name: String, image: any ImageView, options: [String: String] = [:], leftOut: [LostItem] = [], levels: [any ImageView] = []
  ) {
    self.name = name
    self.image = image
    self.options = options
    self.leftOut = leftOut
    self.levels = levels
  }
}

/// The result of writing several images to one file.
public struct CollectionReport: Hashable, Sendable {
  /// The names of the images, in the order of the file.
  public var names: [String]
  /// The report of each image, in the same order.
  public var images: [TransferReport]
  /// What belongs to no image that was written, such as entries that cannot be read.
  public var leftOut: [LostItem]

  /// Makes a report of images that were written, one for each name.
  public init(names: [String], images: [TransferReport], leftOut: [LostItem] = []) {
    self.names = names
    self.images = images
    self.leftOut = leftOut
  }

  /// Everything that was lost. The path of what one of several images lost begins with its name: `/entry/data: /channels/0/name`.
  public var lost: [LostItem] {
    let own = zip(names, images).flatMap { name, report in
      report.lost.map { names.count == 1 ? $0 : LostItem(path: "\(name): \($0.path)", value: $0.value, reason: $0.reason) }
    }
    return own + leftOut
  }

  /// The uncompressed bytes of the pixels of all images.
  public var pixelByteCount: Int { images.reduce(0) { $0 + $1.pixelByteCount } }
}

extension CodecRegistry {
  /// Writes several images to a stream as one file, from the cursor of the stream on, and leaves the cursor after the file.
  ///
  /// The images are written one after another. Where a format must seek in its target or read it back, and the stream cannot do that,
  /// the file goes through the temporary storage of the runtime.
  ///
  /// - Parameters:
  ///   - images: The images to write, in the order of the file. They are read in parts, in bounded memory.
  ///   - surroundings: What the file of the images holds besides them: ``MultiImageView/surroundings``.
  ///   - stream: The target, which must have WRITE.
  ///   - format: The name of the codec.
  ///   - options: Writing options of the codec for all images, checked against those that it declares.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the images, on the calling thread.
  /// - Returns: The names of the images, and for each a report of everything that the format could not keep.
  /// - Throws: `invalidArgument` when the list of images is empty, two have the same name, the format cannot hold a name, no codec has the name
  ///   `format`, or the codec does not declare an option or allow its value; `unsupported` when the format holds one image only, cannot
  ///   hold one of the images, or needs capabilities that the stream lacks. These are thrown before anything is written, and name
  ///   the image. While pixels are written: any error that reading an image throws, `io` when the stream cannot be written, and
  ///   `cancelled`; the content of the stream is then incomplete.
  public func write(
    _ images: [NamedImage], surroundings: MetadataNode = MetadataNode(), to stream: any StreamAccess, format: String,
    options: [String: String] = [:], context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> CollectionReport {
    try withTarget(stream, for: format, context) { target throws(IOLinkError) in
      let (orders, sink) = try collectionSink(images, surroundings, on: target, format: format, options: options, context)
      let companions = try OpenCompanions(sink.companions, beside: target)
      var total = 0
      for image in images { total = try Checked.add(total, image.byteCount()) }
      var reports: [TransferReport] = []
      var completed = 0
      for (order, imageSink) in zip(orders, sink.images) {
        let (image, before) = (order.source, completed)
        do throws(IOLinkError) {
          let course = try run(
            order, imageSink, storage: target.storageBeside, context,
            progress.map { call in { call(Progress(completed: before + $0.completed, total: total)) } })
          let lost = image.leftOut + imageSink.lost + (context.salvage?.takeLost() ?? [])
          reports.append(TransferReport(lost: lost, pixelByteCount: try image.byteCount(), course: course))
        } catch { throw error.located(image: image.name) }
        completed += try image.byteCount()
      }
      try sink.finish()
      try companions.finish()
      return CollectionReport(names: images.map(\.name), images: reports, leftOut: sink.lost + companions.lost)
    }
  }

  /// Reads images from a source, changes each as a conversion says, and writes them to a stream as one file.
  ///
  /// - Parameters:
  ///   - source: The bytes to read.
  ///   - names: The names or indices of the images to convert; `nil` for all that can be read.
  ///   - stream: The target, which must have WRITE.
  ///   - conversion: What to change in each image; its ``Conversion/image`` is ignored.
  ///   - sourceFormat: The name of the codec that reads; `nil` lets the content decide.
  ///   - sourceOptions: Reading options of the codec that reads.
  ///   - format: The name of the codec that writes.
  ///   - options: Writing options of the codec that writes, for all images.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the images, on the calling thread.
  /// - Returns: The names of the images, for each a report of everything that the format could not keep, and what could not be read.
  /// - Throws: The same errors as ``open(_:format:options:access:)``, ``Conversion/images(of:named:levels:)`` and the form of `write` that takes
  ///   several images.
  public func convert(
    _ source: DataSource, images names: [String]?, to stream: any StreamAccess, _ conversion: Conversion = Conversion(),
    sourceFormat: String? = nil, sourceOptions: [String: String] = [:], format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> CollectionReport {
    let opened = try open(source, format: sourceFormat, options: sourceOptions)
    let (images, leftOut) = try conversion.images(of: opened, named: names, levels: LevelChoice(options))
    let surroundings = names == nil ? try opened.surroundings : MetadataNode()
    var report = try write(
      images, surroundings: surroundings, to: stream, format: format, options: options, context: context, progress: progress)
    report.leftOut += leftOut.without(textsIn: surroundings)
    return report
  }

  private func collectionSink(
    _ images: [NamedImage], _ surroundings: MetadataNode, on stream: OffsetStream, format: String, options: [String: String],
    _ context: OperationContext
  ) throws(IOLinkError) -> (orders: [WriteOrder], sink: CollectionSink) {
    let codec = try codec(named: format)
    let descriptor = codec.descriptor
    do throws(IOLinkError) {
      guard let writing = descriptor.writing else { throw IOLinkError(.unsupported, "the format can only be read") }
      guard !images.isEmpty else { throw IOLinkError(.invalidArgument, "the list of images is empty, expected at least one") }
      guard writing.features.contains(.severalImages) else {
        let able = formats(writing: .severalImages).joined(separator: ", ")
        throw IOLinkError(.unsupported, "a file of this format holds one image; the formats that hold several are \(able)")
      }
      var names: Set<String> = []
      var orders: [WriteOrder] = []
      for image in images {
        do throws(IOLinkError) {
          guard names.insert(image.name).inserted else { throw IOLinkError(.invalidArgument, "two images have this name") }
          orders.append(try order(image, descriptor, writing, options: options, context))
        } catch { throw error.located(image: image.name) }
      }
      let descriptions = orders.map { NamedImageDescription(name: $0.source.name, description: $0.description, options: $0.options) }
      let sink = try codec.createCollection(descriptions, surroundings: surroundings, on: stream, context: self.context())
      let images = zip(sink.images, descriptions).map { $0.listing($1.description.metadata.dropped) }
      return (orders, CollectionSink(images, lost: sink.lost, companions: sink.companions) { () throws(IOLinkError) in try sink.finish() })
    } catch {
      throw error.located(format: descriptor.name)
    }
  }
}

extension [LostItem] {
  /// Returns the items without the entries that are among the texts of the surroundings, whose loss the writer lists.
  package func without(textsIn surroundings: MetadataNode) -> [LostItem] {
    let names = Set(surroundings[child: "texts"]?.children.map(\.name) ?? [])
    return filter { $0.path != "/images" || !names.contains($0.value) }
  }
}

extension NamedImage {
  fileprivate func byteCount() throws(IOLinkError) -> Int { try image.shape.byteCount(of: image.dataType) }
}
