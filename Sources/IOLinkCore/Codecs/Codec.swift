/// A format: how it is recognised, opened and written. Stateless; one value serves any number of files and threads.
public protocol Codec: Sendable {
  var descriptor: CodecDescriptor { get }

  /// Whether a source is of this format, by its first bytes; the name is only a hint.
  func detect(_ probe: Probe) -> Detection

  /// Opens the images of a source. Reads structure, never pixels.
  ///
  /// - Parameters:
  ///   - options: Declared by ``CodecDescriptor/readOptions``, already validated.
  ///   - context: Limits, mode and runtime.
  /// - Throws: `unrecognized` when it is another format; `malformed`, `truncated`, `limitExceeded` when it is damaged or
  ///   hostile; `unsupported` when it is legal but not read here.
  func open(
    _ source: DataSource, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> any MultiImageView

  /// Starts to write one image.
  ///
  /// - Parameters:
  ///   - image: What will be written.
  ///   - stream: Empty, with WRITE; with SEEK and READ where it is a file.
  ///   - options: Declared by ``CodecDescriptor/writeOptions``, already validated.
  /// - Throws: `unsupported` when the format cannot hold the type, the axes or the shape, saying what it can hold, or
  ///   needs SEEK and the stream has none; `invalidArgument` when options contradict the image.
  func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink
}

extension Codec {
  public func create(
    _ image: ImageDescription, on stream: any StreamAccess, options: CodecOptions, context: OpenContext
  ) throws(IOLinkError) -> ImageSink {
    throw IOLinkError(.unsupported, "the format cannot be written", format: descriptor.name)
  }
}

/// The beginning of a source, for detection.
public struct Probe: Sendable {
  /// At most ``byteLimit`` bytes.
  public let prefix: [UInt8]
  public let byteCount: Int
  /// File name without folder.
  public let name: String?

  public static let byteLimit = 16 << 10

  public init(prefix: [UInt8], byteCount: Int, name: String?) {
    self.prefix = prefix
    self.byteCount = byteCount
    self.name = name
  }

  /// - Throws: `io` when the source cannot be read.
  public init(_ source: DataSource) throws(IOLinkError) {
    self.init(prefix: try source.bytes.prefix(Self.byteLimit), byteCount: source.bytes.byteCount, name: source.name)
  }

  public func starts(with bytes: [UInt8]) -> Bool { prefix.starts(with: bytes) }

  /// Lower case, without the dot; `nil` where the name has none.
  public var fileExtension: String? { name.flatMap(fileExtension(of:)) }
}

/// The extension of a file name: lower case, without the dot; `nil` where there is none.
public func fileExtension(of name: String) -> String? {
  guard let dot = name.lastIndex(of: "."), name.index(after: dot) < name.endIndex else { return nil }
  return name[name.index(after: dot)...].lowercased()
}

/// What a codec says to a source.
public enum Detection: Hashable, Sendable {
  /// It is not this format, for this reason.
  case no(String)
  /// It may be: the bytes do not tell.
  case maybe
  /// The bytes say so.
  case yes
}

/// What a writing codec gives.
public struct ImageSink: Sendable {
  public let chunks: any ChunkSink
  /// What the format cannot keep of the image's axes, calibration and metadata.
  public let lost: [LostItem]

  public init(_ chunks: any ChunkSink, lost: [LostItem] = []) {
    self.chunks = chunks
    self.lost = lost
  }
}

/// Something a conversion could not keep.
public struct LostItem: Hashable, Sendable {
  /// `/axes/slice/spacing`, or a path in the metadata.
  public let path: String
  public let value: String
  public let reason: String

  public init(path: String, value: String, reason: String) {
    self.path = path
    self.value = value
    self.reason = reason
  }
}

/// An image that is going to be written.
public struct ImageDescription: Sendable {
  public let dataType: DataType
  public let properties: ImageProperties
  public let metadata: MetadataNode

  public init(dataType: DataType, properties: ImageProperties, metadata: MetadataNode = MetadataNode()) {
    self.dataType = dataType
    self.properties = properties
    self.metadata = metadata
  }

  public init(_ image: some ImageView) {
    self.init(dataType: image.dataType, properties: image.properties, metadata: image.metadata)
  }

  /// Canonical order.
  public var shape: Shape { properties.shape }
}
