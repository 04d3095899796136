/// A ``ChunkSource`` as an image.
///
/// A read decodes the chunks that its region touches, on all cores. A chunk that is dense in the caller's memory is decoded
/// straight into it; every other chunk is decoded into scratch memory and copied once. An image of an ``UpdatableChunkSource`` has
/// WRITE.
public struct ChunkedImageView: ImageView {
  private let reader: ChunkReader
  private let transform: AxisTransform
  public let properties: ImageProperties
  public let metadata: MetadataNode
  public let storage: String?

  /// Creates an image of the chunks that a source decodes.
  ///
  /// - Parameters:
  ///   - source: Decodes the chunks. The axes of its grid are those of `properties`, followed by one for the components where
  ///     elements have several.
  ///   - properties: The axes of the image and what its values mean.
  ///   - metadata: The metadata of the image.
  ///   - identity: Identifies the file. Together with `image` and the ordinal of a chunk it is the key of the cache.
  ///   - image: Identifies the image within the file. It must include those options of the codec that change the values of pixels.
  ///   - runtime: Supplies the threads and the cache.
  ///   - storage: A human-readable description of the storage.
  /// - Throws: `invalidArgument` when the shape of the properties differs from that of the grid.
  public init(
    _ source: any ChunkSource, properties: ImageProperties, metadata: MetadataNode = MetadataNode(),
    identity: SourceIdentity, image: String = "", runtime: Runtime, storage: String? = nil
  ) throws(IOLinkError) {
    var shape = properties.shape
    self.transform = AxisTransform(identity: shape)
    if source.dataType.componentCount > 1 { shape.append(source.dataType.componentCount) }
    guard shape == source.grid.shape else {
      throw IOLinkError(.invalidArgument, "the properties have shape \(shape), expected that of the grid, \(source.grid.shape)")
    }
    reader = ChunkReader(
      source, identity: identity, image: image, axisNames: properties.axes.map(\.role.name), runtime: runtime)
    self.properties = properties
    self.metadata = metadata
    self.storage = storage
  }

  private init(
    _ reader: ChunkReader, _ transform: AxisTransform, _ properties: ImageProperties, _ metadata: MetadataNode, _ storage: String?
  ) {
    self.reader = reader
    self.transform = transform
    self.properties = properties
    self.metadata = metadata
    self.storage = storage
  }

  public var shape: Shape { transform.shape }
  public var dataType: DataType { reader.source.dataType }
  public var capabilities: Capabilities { reader.source is any UpdatableChunkSource ? [.read, .write] : .read }

  public var chunking: Chunking? {
    var chunk = reader.source.grid.chunkShape
    if dataType.componentCount > 1 { chunk.remove(at: chunk.count - 1) }
    let isSequential = reader.source is any SequentialChunkSource
    return transform.chunking(
      Chunking(shape: chunk, origin: AxisVector(repeating: 0, count: chunk.count), isSequential: isSequential))
  }

  public var storedChunks: StoredChunks? {
    (reader.source as? any StoredChunkSource).map { StoredChunks(source: $0, transform: transform) }
  }

  /// The threads that decode the chunks, unless a call names others.
  var runtime: Runtime { reader.runtime }

  public func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let (selection, target) = transform.selection(of: region, layout: layout)
    try reader.read(selection, into: &destination, layout: target, context: context)
  }

  public func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let (selection, given) = transform.selection(of: region, layout: layout)
    try reader.write(selection, from: source, layout: given, context: context)
  }

  public func transformed(by next: AxisTransform) throws(IOLinkError) -> any ImageView {
    let after = try next.apply(to: properties)
    return ChunkedImageView(
      reader, try transform.then(next), after, next.apply(to: metadata, from: properties, to: after), storage)
  }

  public func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    guard properties.shape == shape else {
      throw IOLinkError(.invalidArgument, "the properties have shape \(properties.shape), expected that of the image, \(shape)")
    }
    return ChunkedImageView(reader, transform, properties, metadata, storage)
  }

  public func with(metadata: MetadataNode) -> any ImageView {
    ChunkedImageView(reader, transform, properties, metadata, storage)
  }
}
