/// One of several images that are written to one file: its name, its description and the options to write it with.
public struct NamedImageDescription: Sendable {
  /// The name of the image in the file. Formats with folders take it as a path, such as `/entry/data`.
  public let name: String
  /// The type, axes and metadata of the image.
  public let description: ImageDescription
  /// The writing options, which have been checked.
  public let options: CodecOptions

  /// Describes an image of a collection.
  public init(name: String, description: ImageDescription, options: CodecOptions) {
    self.name = name
    self.description = description
    self.options = options
  }
}

/// A file of several images that is being written.
///
/// The images are written one after another or at once; where a sink takes its chunks in sequential order, the image before it must be
/// finished first. When all sinks are finished, `finish()` completes the file.
public struct CollectionSink: Sendable {
  /// A sink for each image, in the order of the images. Finishing one completes that image, but not the file.
  public let images: [ImageSink]
  /// What the file cannot keep of what surrounds the images.
  public let lost: [LostItem]
  /// The files that belong beside the one that is written. Their content is fetched after `finish()`.
  public let companions: [CompanionFile]
  private let completion: @Sendable () throws(IOLinkError) -> Void

  /// Makes the result of a codec's `createCollection`.
  ///
  /// - Parameters:
  ///   - images: A sink for each image.
  ///   - lost: What the file cannot keep of what surrounds the images.
  ///   - companions: The files that belong beside the one that is written.
  ///   - completion: Completes the file. Called once, after all sinks are finished.
  /// - Throws: Nothing. `finish()` throws any error that `completion` throws.
  public init(
    _ images: [ImageSink], lost: [LostItem] = [], companions: [CompanionFile] = [],
    completion: @escaping @Sendable () throws(IOLinkError) -> Void
  ) {
    self.images = images
    self.lost = lost
    self.companions = companions
    self.completion = completion
  }

  /// Completes the file. Called once, after all sinks are finished.
  ///
  /// - Throws: `io` when the target cannot be written.
  public func finish() throws(IOLinkError) { try completion() }
}

extension MetadataNode {
  /// Lists every value as lost for one reason.
  package func lost(reason: String) -> [LostItem] {
    leaves.map { LostItem(path: $0.path, value: "\($0.value)", reason: reason) }
  }
}
