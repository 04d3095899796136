import IOLinkCore

/// Makes the view of one dataset, depending on its layout, type and filters.
struct HDF5Image {
  let dataset: HDF5Dataset
  let layout: HDF5Layout
  private let type: HDF5PixelType
  private let metadata: MetadataNode
  private let scaling: HDF5Scaling?
  private let file: HDF5Objects
  private let virtual: HDF5VirtualSources?
  /// Whether the view has the axes and metadata that the file describes.
  private let isDescribed: Bool

  /// Opens a dataset with the axes and metadata that the file describes.
  ///
  /// - Parameters:
  ///   - path: The path by which it was found.
  ///   - address: The address of its header.
  ///   - file: The objects of its file.
  /// - Throws: `unsupported` when its elements are not numbers, or are numbers that no type here can hold; what reading its description
  ///   throws.
  init(_ path: String, at address: Int, in file: HDF5Objects) throws(IOLinkError) {
    try self.init(try file.structure.dataset(path, at: address), in: file, isDescribed: true) { dataset, type throws(IOLinkError) in
      let metadata = try HDF5Metadata(dataset, type, in: file)
      return (metadata.properties, metadata.component, metadata.tree, metadata.scaling)
    }
  }

  /// Opens a dataset whose axes are its dimensions in file order, slowest first, without metadata.
  ///
  /// - Parameter depth: The number of virtual datasets that lead to this one.
  init(plain dataset: HDF5Dataset, in file: HDF5Objects, depth: Int = 0) throws(IOLinkError) {
    try self.init(dataset, in: file, depth: depth) { dataset, type throws(IOLinkError) in
      (try ImageProperties(unknownAxes: AxisVector(dataset.shape + type.arrayShape)), nil, MetadataNode(), nil)
    }
  }

  private init(
    _ dataset: HDF5Dataset, in file: HDF5Objects, depth: Int = 0, isDescribed: Bool = false,
    _ describe: (HDF5Dataset, HDF5PixelType) throws(IOLinkError) -> (ImageProperties, component: Int?, MetadataNode, HDF5Scaling?)
  ) throws(IOLinkError) {
    guard let type = try HDF5PixelType(dataset.datatype) else {
      throw .hdf5(.unsupported, "\(dataset.path) is not numeric: its elements are of type \(dataset.datatype.summary)")
    }
    var dataset = dataset
    if case .virtual(let sources) = dataset.layout {
      virtual = try HDF5VirtualSources(sources, of: dataset.path, in: file, depth: depth)
      dataset.shape = try virtual?.shape(dataset) ?? dataset.shape
    } else {
      virtual = nil
    }
    let (properties, component, metadata, scaling) = try describe(dataset, type)
    self.scaling = scaling
    self.isDescribed = isDescribed
    self.dataset = dataset
    self.type = type
    self.metadata = metadata
    self.file = file
    layout = try HDF5Layout(dataset, type, properties: properties, component: component)
  }

  /// - Throws: `unsupported` for filters that cannot be decoded and for other files that the caller did not permit; `truncated` when
  ///   contiguous elements extend beyond the end of the file; `limitExceeded` for chunks above the limit.
  func view() throws(IOLinkError) -> any ImageView {
    let view = try plainView()
    switch dataset.layout {
    case .chunked where isDescribed, .virtual where isDescribed: return HDF5RefreshableImageView(view, dataset.path, in: file)
    case .chunked, .virtual, .contiguous, .compact, .external: return view
    }
  }

  private func plainView() throws(IOLinkError) -> any ImageView {
    let bytes = file.bytes
    switch (dataset.layout, directOrder) {
    case (.contiguous(let address?), let order?): return try contiguous(bytes, at: address, order, "contiguous")
    case (.contiguous(nil), _): return try unwritten()
    case (.contiguous(let address?), nil): return try converted(bytes, at: address, "contiguous")
    case (.compact(let elements), let order?): return try compact(elements, order)
    case (.compact(let elements), nil): return try converted(MemoryRandomAccess(elements), at: 0, "compact")
    case (.chunked(let chunks), _): return try chunked(chunks)
    case (.virtual(let sources), _):
      guard let virtual else { throw .hdf5(.unsupported, "\(dataset.path) has no sources") }
      try virtual.check()
      return try lazy(
        try HDF5VirtualSource(dataset, layout, type, virtual), "virtual, \(sources.mappings.count) sources")
    case (.external(let parts), _): return try external(parts)
    }
  }

  /// The byte order of stored elements that are those of the image; `nil` when they are converted or scaled.
  private var directOrder: ByteOrder? {
    if case .direct(let order) = type.storage, scaling == nil { order } else { nil }
  }

  private func contiguous(
    _ bytes: any RandomAccess, at address: Int, _ order: ByteOrder, _ storage: String, access: FileAccess? = nil
  ) throws(IOLinkError) -> any ImageView {
    do throws(IOLinkError) {
      let strides = try layout.contiguous(at: address)
      let end = try strides.byteRange(of: layout.properties.shape, layout.dataType).upperBound
      let short = end > bytes.byteCount ? CutShortSource(bytes, byteCount: end, format: "HDF5") : nil
      let fill = try dataset.fillValue.map { value throws(IOLinkError) in try type.native(value) } ?? []
      // One value does not describe a background that differs from component to component of an array element.
      if short != nil, fill.count > type.componentType.byteCount { return try converted(bytes, at: address, storage) }
      return try ContiguousImageView(
        short ?? bytes, layout: strides, dataType: layout.dataType, byteOrder: order, properties: layout.properties,
        metadata: metadata, runtime: file.context.runtime, access: access ?? file.context.access,
        storage: storage + (short.map { ", " + $0.shortage(from: address) } ?? ""), background: fill)
    } catch { throw error.located(format: "HDF5") }
  }

  private func compact(_ elements: [UInt8], _ order: ByteOrder) throws(IOLinkError) -> any ImageView {
    let count = try AxisVector(layout.dimensions).byteCount(of: layout.dataType.component)
    try file.context.limits.check(count, atMost: \.chunkByteCount, "bytes of a compact dataset")
    guard elements.count >= count else {
      throw .hdf5(.truncated, "\(dataset.path) has \(elements.count) bytes in its header, expected \(count)")
    }
    return try contiguous(MemoryRandomAccess(elements), at: 0, order, "compact", access: .read)
  }

  /// The view of a dataset of which nothing was written: every element is the fill value.
  private func unwritten() throws(IOLinkError) -> any ImageView {
    let fill = try dataset.fillValue.map { value throws(IOLinkError) in try type.native(value) }
    // The fill value may differ from component to component of an array element, so one value does not describe it.
    if scaling != nil { return try converted(nil, at: 0, "contiguous, never written") }
    if let fill, fill.count > type.componentType.byteCount { return try converted(nil, at: 0, "contiguous, never written") }
    var element = [UInt8](repeating: 0, count: layout.dataType.byteCount)
    var mutable = element.mutableSpan
    var span = unsafe mutable.mutableBytes  // bytes have no padding
    HDF5Fill.fill(&span, with: fill)
    return try MemoryImageView.uniform(
      layout.properties.shape, layout.dataType, element: unsafe element.span.bytes, properties: layout.properties, metadata: metadata)
  }

  private func chunked(_ chunks: HDF5ChunkedLayout) throws(IOLinkError) -> any ImageView {
    let filters = dataset.filters.map(\.summary).joined(separator: " + ")
    let index = try file.structure.chunkIndex(chunks, of: dataset)
    let bytes = file.bytes
    let shape = chunks.shape.map(String.init).joined(separator: " × ")
    let words = "chunks \(shape)" + (filters.isEmpty ? "" : ", \(filters)") + (file.shortage(of: index).map { ", cut short: \($0)" } ?? "")
    let source = try HDF5Source(
      dataset, chunks, layout, type, index: index, bytes: bytes, limits: file.context.limits, decoders: file.decoders)
    guard file.context.access == .update, dataset.filters.isEmpty, bytes.capabilities.contains(.write), let order = directOrder
    else { return try lazy(source, words) }
    return try lazy(HDF5UpdatableSource(source, in: bytes, order), words)
  }

  private func converted(_ bytes: (any RandomAccess)?, at offset: Int, _ storage: String) throws(IOLinkError) -> any ImageView {
    do throws(IOLinkError) {
      let count = try Checked.multiply(AxisVector(layout.dimensions).elementCount(), type.storedWidth)
      let end = try Checked.add(offset, count)
      let short = bytes.flatMap { end > $0.byteCount ? CutShortSource($0, byteCount: end, format: "HDF5") : nil }
      let storage = storage + (short.map { ", " + $0.shortage(from: offset) } ?? "")
      let source = try HDF5ConvertedSource(dataset, layout, type, in: short ?? bytes, at: offset, isCutShort: short != nil)
      try file.context.limits.check(source.bandByteCount, atMost: \.chunkByteCount, "bytes of a part that is converted at a time")
      return try lazy(source, storage)
    } catch { throw error.located(format: "HDF5") }
  }

  private func lazy(_ chunks: any ChunkSource, _ storage: String) throws(IOLinkError) -> any ImageView {
    let values: any ChunkSource = try scaling.map { scaling throws(IOLinkError) in
      try HDF5ScaledSource(chunks, scaling, limits: file.context.limits)
    } ?? chunks
    return try ChunkedImageView(
      values, properties: layout.properties, metadata: metadata, identity: file.bytes.identity,
      image: dataset.path + (scaling == nil ? "" : " scaled"), runtime: file.context.runtime, storage: storage)
  }

  private func external(_ parts: [HDF5Storage.ExternalPart]) throws(IOLinkError) -> any ImageView {
    guard file.context.permissions.contains(.siblings) else {
      let names = parts.map(\.file).joined(separator: ", ")
      throw .hdf5(.unsupported, "\(dataset.path) is stored in other files (\(names)), which the caller has not permitted to open")
    }
    let words = "external, \(parts.count) parts"
    let bytes = try HDF5ExternalBytes(
      parts, of: file.source, byteCount: try Checked.multiply(AxisVector(layout.dimensions).elementCount(), type.storedWidth))
    guard let order = directOrder else { return try converted(bytes, at: 0, words) }
    return try contiguous(bytes, at: 0, order, words, access: .read)
  }
}
