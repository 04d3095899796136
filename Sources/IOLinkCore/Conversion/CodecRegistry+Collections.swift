/// One of several images to write to one file.
public struct NamedImage: Sendable {
  /// The name of the image in the file. Formats with folders take it as a path, such as `/entry/data`.
  public let name: String
  /// The image to write.
  public let image: any ImageView
  /// Writing options of the codec for this image, which come before those of all images.
  public let options: [String: String]

  /// Names an image.
  public init(name: String, image: any ImageView, options: [String: String] = [:]) {
    self.name = name
    self.image = image
    self.options = options
  }
}

extension CodecRegistry {
  /// Writes several images to a stream as one file, from the cursor of the stream on, and leaves the cursor after the file.
  ///
  /// The images are written one after another. Where a format must seek in its target or read it back, and the stream cannot do that,
  /// the file goes through the temporary storage of the runtime.
  ///
  /// - Parameters:
  ///   - images: The images to write, in the order of the file. They are read in parts, in bounded memory.
  ///   - stream: The target, which must have WRITE.
  ///   - format: The name of the codec.
  ///   - options: Writing options of the codec for all images, checked against those that it declares.
  ///   - context: Threads and cancellation of this call.
  ///   - progress: Called between parts of the images, on the calling thread.
  /// - Returns: For each image, a report of everything that the format could not keep.
  /// - Throws: `invalidArgument` when the list of images is empty, two have the same name, the format cannot hold a name, no codec has the name
  ///   `format`, or the codec does not declare an option or allow its value; `unsupported` when the format holds one image only, cannot
  ///   hold one of the images, or needs capabilities that the stream lacks. These are thrown before anything is written, and name
  ///   the image. While pixels are written: any error that reading an image throws, `io` when the stream cannot be written, and
  ///   `cancelled`; the content of the stream is then incomplete.
  public func write(
    _ images: [NamedImage], to stream: any StreamAccess, format: String, options: [String: String] = [:],
    context: OperationContext = .default, progress: ((Progress) -> Void)? = nil
  ) throws(IOLinkError) -> [TransferReport] {
    try withTarget(stream, for: format, context) { target throws(IOLinkError) in
      let sink = try collectionSink(images, on: target, format: format, options: options)
      var total = 0
      for image in images { total = try Checked.add(total, image.byteCount()) }
      var reports: [TransferReport] = []
      var completed = 0
      for (image, imageSink) in zip(images, sink.images) {
        let before = completed
        do throws(IOLinkError) {
          let transfer = try Transfer(image.image, to: imageSink.chunks, runtime: runtime, storage: target.storageBeside)
          let course = try transfer.run(
            context: context, progress: progress.map { call in { call(Progress(completed: before + $0.completed, total: total)) } })
          let lost = imageSink.lost + (context.salvage?.takeLost() ?? [])
          reports.append(TransferReport(lost: lost, pixelByteCount: try image.byteCount(), course: course))
        } catch { throw error.located(image: image.name) }
        completed += try image.byteCount()
      }
      try sink.finish()
      return reports
    }
  }

  private func collectionSink(
    _ images: [NamedImage], on stream: OffsetStream, format: String, options: [String: String]
  ) throws(IOLinkError) -> CollectionSink {
    let codec = try codec(named: format)
    let descriptor = codec.descriptor
    do throws(IOLinkError) {
      guard let writing = descriptor.writing else { throw IOLinkError(.unsupported, "the format can only be read") }
      guard !images.isEmpty else { throw IOLinkError(.invalidArgument, "the list of images is empty, expected at least one") }
      guard writing.features.contains(.severalImages) else {
        throw IOLinkError(.unsupported, "a file of this format holds one image, which does not have a name")
      }
      var names: Set<String> = []
      var descriptions: [NamedImageDescription] = []
      for image in images {
        do throws(IOLinkError) {
          guard names.insert(image.name).inserted else { throw IOLinkError(.invalidArgument, "two images have this name") }
          let description = ImageDescription(image.image)
          try writing.check(description)
          let checked = try CodecOptions(options.merging(image.options) { _, own in own }, declared: descriptor.writeOptions)
          descriptions.append(NamedImageDescription(name: image.name, description: description, options: checked))
        } catch { throw error.located(image: image.name) }
      }
      let sink = try codec.createCollection(descriptions, on: stream, context: context())
      let images = zip(sink.images, descriptions).map { $0.listing(dropped: $1.description.metadata) }
      return CollectionSink(images) { () throws(IOLinkError) in try sink.finish() }
    } catch {
      throw error.located(format: descriptor.name)
    }
  }
}

extension NamedImage {
  fileprivate func byteCount() throws(IOLinkError) -> Int { try image.shape.byteCount(of: image.dataType) }
}
