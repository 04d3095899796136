/// A format: how files of it are recognised, opened and written.
///
/// A codec has no state. One value serves any number of files and threads.
public protocol Codec: Sendable {
  /// The name of the format, its options, and what the codec can read and write.
  var descriptor: CodecDescriptor { get }

  /// Tells from the first bytes of a source whether it is of this format. The name of the source is only a hint.
  func detect(_ probe: Probe) -> Detection

  /// Opens the images of a source. Reads structure, never pixels.
  ///
  /// - Parameters:
  ///   - source: The bytes to open.
  ///   - options: The options that ``CodecDescriptor/readOptions`` declares; names and values have been checked.
  ///   - context: The runtime, the limits and the permissions to open with.
  /// - Returns: The images of the source, with their names.
  /// - Throws: `unrecognized` when the source is of another format; `malformed` or `truncated` when it is damaged; `unsupported`
  ///   when it is valid but uses a feature that is not read here; `limitExceeded` when opening it would pass a limit;
  ///   `invalidArgument` when the options do not fit the source; `io` when the source cannot be read.
  func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView

  /// Starts to write one image. Codecs that only read do not implement it.
  ///
  /// - Parameters:
  ///   - image: The type, axes and metadata of the image that will be written.
  ///   - stream: An empty stream with WRITE; where it is a file, it also has SEEK and READ.
  ///   - options: The options that ``CodecDescriptor/writeOptions`` declares; names and values have been checked.
  ///   - context: The runtime and the limits to write with.
  /// - Returns: A sink for the chunks of the image, and a list of what the format cannot keep.
  /// - Throws: `unsupported` when the format cannot hold the type, the axes or the shape, with a reason that says what it can
  ///   hold; when it needs a capability that the stream lacks; and when the codec only reads. `invalidArgument` when the options
  ///   contradict the image; `limitExceeded` when a size does not fit in an `Int`; `io` when the stream cannot be written.
  func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink

  /// Starts to write several images to one file. Only codecs whose descriptor has ``CodecDescriptor/Writing/Features/severalImages``
  /// implement it.
  ///
  /// All names and descriptions are known from the beginning, so that a codec can refuse any of them before it writes, and write what
  /// describes all images first.
  ///
  /// - Parameters:
  ///   - images: The images in the order of the file, with at least one. Options have been checked as those of `create`.
  ///   - stream: An empty stream with WRITE; where it is a file, it also has SEEK and READ.
  ///   - context: The runtime and the limits to write with.
  /// - Returns: A sink for each image, and what completes the file.
  /// - Throws: The same errors as ``create(_:on:options:context:)``; `invalidArgument` when the format cannot hold a name, or two images
  ///   would have the same name. The reason names the image. Nothing has been written then, unless the error is `io`.
  func createCollection(
    _ images: [NamedImageDescription], on stream: any StreamAccess, context: OpenContext
  ) throws(IOLinkError) -> CollectionSink

  /// Starts to write several images, and what the file they come from holds besides them, to one file. Codecs that keep images alone do
  /// not implement it: what surrounds the images is then listed as lost.
  ///
  /// - Parameters:
  ///   - images: The images, as for ``createCollection(_:on:context:)``.
  ///   - surroundings: What surrounds the images, as ``MultiImageView/surroundings`` describes it.
  ///   - stream: An empty stream with WRITE; where it is a file, it also has SEEK and READ.
  ///   - context: The runtime and the limits to write with.
  /// - Returns: A sink for each image, what completes the file, and what it cannot keep of the surroundings.
  /// - Throws: The same errors as ``createCollection(_:on:context:)``.
  func createCollection(
    _ images: [NamedImageDescription], surroundings: MetadataNode, on stream: any StreamAccess, context: OpenContext
  ) throws(IOLinkError) -> CollectionSink
}

extension Codec {
  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    throw IOLinkError(.unsupported, "the format can only be read", format: descriptor.name)
  }

  public func createCollection(
    _ images: [NamedImageDescription], on stream: any StreamAccess, context: OpenContext
  ) throws(IOLinkError) -> CollectionSink {
    throw IOLinkError(.unsupported, "a file of this format holds one image, which does not have a name", format: descriptor.name)
  }

  public func createCollection(
    _ images: [NamedImageDescription], surroundings: MetadataNode, on stream: any StreamAccess, context: OpenContext
  ) throws(IOLinkError) -> CollectionSink {
    let sink = try createCollection(images, on: stream, context: context)
    return CollectionSink(sink.images, lost: sink.lost + surroundings.lost(reason: "the format holds images alone")) { () throws(IOLinkError) in
      try sink.finish()
    }
  }
}

/// The beginning of a source, from which codecs detect its format.
public struct Probe: Sendable {
  /// The first bytes of the source: at most ``byteLimit``, and fewer where the source is shorter.
  public let prefix: [UInt8]
  /// The size of the whole source, in bytes.
  public let byteCount: Int
  /// The name of the file without its folder; `nil` where the source has none.
  public let name: String?

  /// The maximum number of bytes in a probe: 16 KiB.
  public static let byteLimit = 16 << 10

  /// Makes a probe from the first bytes of a source.
  ///
  /// - Parameters:
  ///   - prefix: The first bytes, at most ``byteLimit``.
  ///   - byteCount: The size of the whole source.
  ///   - name: The name of the file without its folder.
  public init(prefix: [UInt8], byteCount: Int, name: String?) {
    self.prefix = prefix
    self.byteCount = byteCount
    self.name = name
  }

  /// Reads the first bytes of a source.
  ///
  /// - Throws: `io` when the source cannot be read; `truncated` when it has become shorter since it was opened; `invalidArgument`
  ///   when it has been closed.
  public init(_ source: DataSource) throws(IOLinkError) {
    self.init(prefix: try source.bytes.prefix(Self.byteLimit), byteCount: source.bytes.byteCount, name: source.name)
  }

  /// Whether the source begins with these bytes.
  public func starts(with bytes: [UInt8]) -> Bool { prefix.starts(with: bytes) }

  /// The extension of the name in lower case, without the dot; `nil` where there is none.
  public var fileExtension: String? { name.flatMap(fileExtension(of:)) }
}

/// The extension of a file name in lower case, without the dot; `nil` where the name has none.
public func fileExtension(of name: String) -> String? {
  guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), name.index(after: dot) < name.endIndex else { return nil }
  return name[name.index(after: dot)...].lowercased()
}

/// The name of the file that stands beside another one and has another extension: `a.xml` beside `a.h5`. A name without an extension gets one.
package func companionName(of name: String, withExtension other: String) -> String {
  guard fileExtension(of: name) != nil, let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return "\(name).\(other)" }
  return "\(name[..<dot]).\(other)"
}

/// A codec's answer to whether a source is of its format.
public enum Detection: Hashable, Sendable {
  /// The source is not of this format, for this reason.
  case no(String)
  /// The source may be of this format; its first bytes do not tell.
  case maybe
  /// The first bytes identify the format.
  case yes
}

/// An image that is being written: where its chunks go, and what will be lost.
public struct ImageSink: Sendable {
  /// Takes the chunks of the image.
  public let chunks: any ChunkSink
  /// The axes, calibration and metadata of the image that the format cannot keep.
  public let lost: [LostItem]
  /// Take the chunks of the coarser levels, finest first: one for each of ``ImageDescription/levels``. They are finished before ``chunks``
  /// is, and take their chunks in any order (``ChunkOrder/any``) while the image and other levels are written.
  public let levels: [any ChunkSink]
  /// Takes the chunks of ``ImageDescription/thumbnail``, and is finished before all others; `nil` without a thumbnail.
  public let thumbnail: (any ChunkSink)?
  /// The files that belong beside the one that is written. In a file of several images, ``CollectionSink/companions`` has them instead.
  public let companions: [CompanionFile]

  /// Makes the result of a codec's `create`.
  public init(
    _ chunks: any ChunkSink, lost: [LostItem] = [], levels: [any ChunkSink] = [], thumbnail: (any ChunkSink)? = nil,
    companions: [CompanionFile] = []
  ) {
    self.chunks = chunks
    self.lost = lost
    self.levels = levels
    self.thumbnail = thumbnail
    self.companions = companions
  }
}

/// A value that a format could not keep.
public struct LostItem: Hashable, Sendable {
  /// What was lost: a property such as `/axes/slice/spacing`, or a path in the metadata.
  public let path: String
  /// The lost value as text.
  public let value: String
  /// Why it was lost, as one phrase: `the format stores no calibration`.
  public let reason: String

  /// Makes an item for the report of a conversion.
  public init(path: String, value: String, reason: String) {
    self.path = path
    self.value = value
    self.reason = reason
  }
}

/// Everything about an image except its pixels: what a codec is told before it writes.
public struct ImageDescription: Sendable {
  /// What descriptions share until one of them changes. A description is part of many values, which are small because of this.
  private struct Content: Sendable {
    let dataType: DataType
    let properties: ImageProperties
    let metadata: MetadataNode
    var levels: [LevelDescription] = []
    var thumbnail: PictureDescription?
    var stored: StoredForm?
  }

  private var content: Shared<Content>

  /// The type of an element.
  public var dataType: DataType { content.value.dataType }
  /// The axes, their calibration, and what the values mean. Units have the spelling of ``AxisUnit``, whatever the caller wrote.
  public var properties: ImageProperties { content.value.properties }
  /// The metadata to store with the image.
  public var metadata: MetadataNode { content.value.metadata }
  /// The coarser levels to write with the image, finest first. Only codecs that declare ``CodecDescriptor/Writing/Features/levels`` are
  /// given any.
  public var levels: [LevelDescription] {
    get { content.value.levels }
    set { content.change { $0.levels = newValue } }
  }
  /// A small picture to store beside the image. Only codecs that declare ``OptionDeclaration/thumbnail`` are given one.
  public internal(set) var thumbnail: PictureDescription? {
    get { content.value.thumbnail }
    set { content.change { $0.thumbnail = newValue } }
  }
  /// How the chunks of the image are stored where it comes from; `nil` for an image without such chunks.
  public internal(set) var stored: StoredForm? {
    get { content.value.stored }
    set { content.change { $0.stored = newValue } }
  }

  /// Describes an image that does not exist yet.
  public init(dataType: DataType, properties: ImageProperties, metadata: MetadataNode = MetadataNode()) {
    content = Shared(Content(dataType: dataType, properties: properties.withNormalizedUnits, metadata: metadata))
  }

  /// Describes an image that exists.
  public init(_ image: some ImageView) {
    self.init(dataType: image.dataType, properties: image.properties, metadata: image.metadata)
    stored = image.storedChunks?.form
  }

  /// The lengths of the axes, in canonical order.
  public var shape: Shape { properties.shape }
}
