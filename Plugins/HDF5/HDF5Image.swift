import IOLinkCore

/// Makes the view of one dataset, depending on its layout, type and filters.
struct HDF5Image {
  private let dataset: HDF5Dataset
  private let type: HDF5PixelType
  private let metadata: HDF5Metadata
  private let layout: HDF5Layout
  private let source: DataSource
  private let structure: any HDF5StructureReader
  private let context: OpenContext

  /// - Throws: `unsupported` when its elements are not numbers, or are numbers that no type here can hold.
  init(_ path: String, in objects: HDF5Objects, source: DataSource, context: OpenContext) throws(IOLinkError) {
    dataset = try objects.structure.dataset(at: path)
    guard let type = try HDF5PixelType(dataset.datatype) else {
      throw .hdf5(.unsupported, "\(path) is not numeric: its elements are of type \(dataset.datatype.summary)")
    }
    self.type = type
    metadata = try HDF5Metadata(dataset, type, in: objects)
    layout = try HDF5Layout(dataset, type, properties: metadata.properties, component: metadata.component)
    self.source = source
    structure = objects.structure
    self.context = context
  }

  /// - Throws: `unsupported` for filters that cannot be decoded and for other files that the caller did not permit; `truncated` when
  ///   contiguous elements extend beyond the end of the file; `limitExceeded` for chunks above the limit.
  func view() throws(IOLinkError) -> any ImageView {
    switch (dataset.layout, type.storage) {
    case (.contiguous(let address?), .direct(let order)): return try contiguous(source.bytes, at: address, order, "contiguous")
    case (.contiguous(nil), .direct(let order)): return try uniform(order, "contiguous, never written")
    case (.contiguous, .converted): return try converted(nil, "contiguous")
    case (.compact, .direct(let order)): return try compact(order)
    case (.compact, .converted): return try converted(nil, "compact")
    case (.chunked(let chunk, let rawEdges), _): return try chunked(chunk, rawEdges)
    case (.virtual(let sources), _): return try virtual(sources)
    case (.external(let parts), let storage): return try external(parts, storage)
    }
  }

  private func contiguous(
    _ bytes: any RandomAccess, at address: Int, _ order: ByteOrder, _ storage: String, access: FileAccess? = nil
  ) throws(IOLinkError) -> any ImageView {
    do throws(IOLinkError) {
      return try ContiguousImageView(
        bytes, layout: try layout.contiguous(at: address), dataType: layout.dataType, byteOrder: order,
        properties: layout.properties, metadata: metadata.tree, runtime: context.runtime, access: access ?? context.access,
        storage: storage)
    } catch { throw error.located(format: "HDF5") }
  }

  private func compact(_ order: ByteOrder) throws(IOLinkError) -> any ImageView {
    let count = try AxisVector(layout.dimensions).byteCount(of: layout.dataType.component)
    try context.limits.check(count, atMost: \.chunkByteCount, "bytes of a compact dataset")
    var bytes = [UInt8](repeating: 0, count: count)
    var mutable = bytes.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    let start = [Int](repeating: 0, count: dataset.shape.count)
    try structure.read(dataset, start: start, count: dataset.shape, as: nil, into: &span)
    return try contiguous(MemoryRandomAccess(bytes), at: 0, order, "compact", access: .read)
  }

  private func uniform(_ order: ByteOrder, _ storage: String) throws(IOLinkError) -> any ImageView {
    let fill = HDF5Fill.native(dataset.fillValue, type, order)
    // The fill value may differ from component to component of an array element, so one value does not describe it.
    if let fill, fill.count > type.componentType.byteCount { return try converted(nil, storage) }
    var element = [UInt8](repeating: 0, count: layout.dataType.byteCount)
    var mutable = element.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    HDF5Fill.fill(&span, with: fill)
    return try MemoryImageView.uniform(
      layout.properties.shape, layout.dataType, element: unsafe element.span.bytes, properties: layout.properties,
      metadata: metadata.tree)
  }

  private func chunked(_ chunk: [Int], _ rawEdges: Bool) throws(IOLinkError) -> any ImageView {
    let filters = dataset.filters.map(\.summary).joined(separator: " + ")
    let words = "chunks \(chunk.map(String.init).joined(separator: " × "))" + (filters.isEmpty ? "" : ", \(filters)")
    if let order = type.decodedOrder,
      let source = try HDF5Source(
        dataset, chunk: chunk, rawEdges: rawEdges, layout, type, byteOrder: order, structure: structure, bytes: source.bytes,
        limits: context.limits)
    {
      return try lazy(source, words)
    }
    for filter in dataset.filters where !structure.canDecode(filter: filter.id) { throw filter.unsupported }
    return try converted(chunk, words)
  }

  /// Makes a view whose chunks the library reads and converts.
  private func converted(_ chunk: [Int]?, _ storage: String) throws(IOLinkError) -> any ImageView {
    let bands = try layout.bands(of: 1 << 20)
    let source = try HDF5LibrarySource(
      dataset, chunk: chunk ?? bands, layout, structure: structure, limits: context.limits)
    return try lazy(source, storage)
  }

  private func lazy(_ chunks: any ChunkSource, _ storage: String) throws(IOLinkError) -> any ImageView {
    try ChunkedImageView(
      chunks, properties: layout.properties, metadata: metadata.tree, identity: source.bytes.identity, image: dataset.path,
      runtime: context.runtime, storage: storage)
  }

  private func virtual(_ sources: [HDF5Storage.VirtualSource]) throws(IOLinkError) -> any ImageView {
    var permitted = HDF5VirtualSources(context: context)
    try permitted.check(sources, of: dataset.path, structure, source)
    return try converted(try layout.bands(of: 4 << 20), "virtual, \(sources.count) sources")
  }

  private func external(
    _ parts: [HDF5Storage.ExternalPart], _ storage: HDF5PixelType.Storage
  ) throws(IOLinkError) -> any ImageView {
    guard context.permissions.contains(.siblings) else {
      let names = parts.map(\.file).joined(separator: ", ")
      throw .hdf5(.unsupported, "\(dataset.path) is stored in other files (\(names)), which the caller has not permitted to open")
    }
    guard case .direct(let order) = storage else {
      throw .hdf5(
        .unsupported,
        "\(dataset.path) is stored in other files as \(dataset.datatype.summary), which is only supported in this file")
    }
    let bytes = try HDF5ExternalBytes(
      parts, of: source, byteCount: try AxisVector(layout.dimensions).byteCount(of: layout.dataType.component))
    return try contiguous(bytes, at: 0, order, "external, \(parts.count) parts", access: .read)
  }
}
