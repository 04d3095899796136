/// A ``ChunkSource`` as a full image: which chunks a region touches, decoding on all cores, straight into the caller's
/// memory where a chunk lies dense in it, and by scratch plus one strided copy where it does not.
public struct ChunkedImageView: ImageView {
  private let reader: ChunkReader
  private let transform: AxisTransform
  public let properties: ImageProperties
  public let metadata: MetadataNode
  public let storage: String?

  /// - Parameters:
  ///   - source: Its grid's image axes are those of `properties`.
  ///   - identity: The file; with `image` and the chunk's number the key of the cache.
  ///   - image: Which image of the file. Where options of the codec change the values of pixels, they belong in here.
  /// - Throws: `invalidArgument` when the shapes differ.
  public init(
    _ source: any ChunkSource, properties: ImageProperties, metadata: MetadataNode = MetadataNode(),
    identity: SourceIdentity, image: String = "", runtime: Runtime, storage: String? = nil
  ) throws(IOLinkError) {
    var shape = properties.shape
    self.transform = AxisTransform(identity: shape)
    if source.dataType.componentCount > 1 { shape.append(source.dataType.componentCount) }
    guard shape == source.grid.shape else {
      throw IOLinkError(.invalidArgument, "properties of shape \(shape) for a grid of shape \(source.grid.shape)")
    }
    reader = ChunkReader(source, identity: identity, image: image, runtime: runtime)
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
  public var capabilities: Capabilities { .read }

  public var chunkShape: Shape? {
    var chunk = reader.source.grid.chunkShape
    if dataType.componentCount > 1 { chunk.remove(at: chunk.count - 1) }
    return transform.chunkShape(chunk)
  }

  public func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    let (selection, target) = transform.selection(of: region, layout: layout)
    try reader.read(selection, into: &destination, layout: target, context: context)
  }

  public func transformed(by next: AxisTransform) throws(IOLinkError) -> any ImageView {
    ChunkedImageView(reader, try transform.then(next), try next.apply(to: properties), metadata, storage)
  }

  public func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView {
    guard properties.shape == shape else {
      throw IOLinkError(.invalidArgument, "properties of shape \(properties.shape) for an image of shape \(shape)")
    }
    return ChunkedImageView(reader, transform, properties, metadata, storage)
  }

  public func with(metadata: MetadataNode) -> any ImageView {
    ChunkedImageView(reader, transform, properties, metadata, storage)
  }
}
