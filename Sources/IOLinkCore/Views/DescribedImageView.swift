/// The pixels of another view under other properties or metadata, or with fewer capabilities.
struct DescribedImageView: ImageView {
  private let base: any ImageView
  let properties: ImageProperties
  let metadata: MetadataNode
  let capabilities: Capabilities

  /// - Parameters:
  ///   - properties: `nil` keeps those of the base; so do `metadata` and `capabilities`.
  ///   - capabilities: What remains of the base's own. Without MEMORY_ACCESS the view has no memory.
  init(
    _ base: any ImageView, properties: ImageProperties? = nil, metadata: MetadataNode? = nil, capabilities: Capabilities? = nil
  ) {
    self.base = (base as? DescribedImageView)?.base ?? base
    self.properties = properties ?? base.properties
    self.metadata = metadata ?? base.metadata
    self.capabilities = capabilities.map(base.capabilities.intersection) ?? base.capabilities
  }

  var shape: Shape { base.shape }
  var dataType: DataType { base.dataType }
  var chunking: Chunking? { base.chunking }
  var storedChunks: StoredChunks? { base.storedChunks }
  var memory: StridedMemory? { capabilities.contains(.memoryAccess) ? base.memory : nil }
  var storage: String? { base.storage }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try base.fetch(region, into: &destination, layout: layout, context: context)
  }

  func store(_ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext) throws(IOLinkError) {
    try base.store(region, from: source, layout: layout, context: context)
  }

  func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView {
    // The base's own transform would apply the base's own roles, and a new axis may have one of these.
    try TransformedImageView(self, transform)
  }
}
