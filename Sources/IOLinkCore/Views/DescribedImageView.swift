/// The pixels of another view with other properties or metadata.
struct DescribedImageView: ImageView {
  private let base: any ImageView
  let properties: ImageProperties
  let metadata: MetadataNode

  init(_ base: any ImageView, properties: ImageProperties, metadata: MetadataNode) throws(IOLinkError) {
    guard properties.shape == base.shape else {
      throw IOLinkError(.invalidArgument, "the properties have shape \(properties.shape), expected that of the image, \(base.shape)")
    }
    self.base = (base as? DescribedImageView)?.base ?? base
    self.properties = properties
    self.metadata = metadata
  }

  init(_ base: any ImageView, metadata: MetadataNode) {
    self.base = (base as? DescribedImageView)?.base ?? base
    properties = base.properties
    self.metadata = metadata
  }

  var shape: Shape { base.shape }
  var dataType: DataType { base.dataType }
  var capabilities: Capabilities { base.capabilities }
  var chunkShape: Shape? { base.chunkShape }
  var memory: StridedMemory? { base.memory }
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
