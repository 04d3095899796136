import IOLinkCore

/// The view of a dataset that can grow: one with chunks, or one that consists of others.
struct HDF5RefreshableImageView: RefreshableImageView {
  private let base: any ImageView
  private let path: String
  private let file: HDF5Objects

  init(_ base: any ImageView, _ path: String, in file: HDF5Objects) {
    self.base = base
    self.path = path
    self.file = file
  }

  func refreshed() throws(IOLinkError) -> any ImageView {
    let file = try file.refreshed()
    return try HDF5Image(path, at: file.structure.address(of: path), in: file).view()
  }

  var shape: Shape { base.shape }
  var dataType: DataType { base.dataType }
  var properties: ImageProperties { base.properties }
  var metadata: MetadataNode { base.metadata }
  var capabilities: Capabilities { base.capabilities }
  var chunking: Chunking? { base.chunking }
  var storedChunks: StoredChunks? { base.storedChunks }
  var memory: StridedMemory? { base.memory }
  var storage: String? { base.storage }

  func fetch(
    _ region: Region, into destination: inout MutableRawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try base.fetch(region, into: &destination, layout: layout, context: context)
  }

  func store(
    _ region: Region, from source: RawSpan, layout: StridedLayout, context: OperationContext
  ) throws(IOLinkError) {
    try base.store(region, from: source, layout: layout, context: context)
  }

  func transformed(by transform: AxisTransform) throws(IOLinkError) -> any ImageView { try base.transformed(by: transform) }
  func with(properties: ImageProperties) throws(IOLinkError) -> any ImageView { try base.with(properties: properties) }
  func with(metadata: MetadataNode) -> any ImageView { base.with(metadata: metadata) }
}
