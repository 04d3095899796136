import IOLinkCore

/// A chunked dataset that our own code decodes. The library only says where the chunks are.
final class HDF5Source: ChunkSource {
  let grid: ChunkGrid
  let dataType: DataType
  private let bytes: any RandomAccess
  private let index: HDF5ChunkIndex
  private let filters: HDF5Filters
  private let limits: ReadLimits
  /// Whether chunks that extend beyond the shape are stored without filters.
  private let rawEdges: Bool
  private let swapWidth: Int?
  private let bits: HDF5BitRange?
  /// The fill value as one element in native byte order; `nil` means zeros.
  private let fill: [UInt8]?

  /// - Returns: `nil` when our own code cannot decode the filters.
  /// - Throws: `malformed` when the parameters of a filter are impossible; `unsupported` when they need something that cannot be decoded;
  ///   `limitExceeded` when a chunk is larger than the limits allow.
  init?(
    _ dataset: HDF5Dataset, chunk: [Int], rawEdges: Bool, _ layout: HDF5Layout, _ type: HDF5PixelType, byteOrder: ByteOrder,
    structure: any HDF5StructureReader, bytes: any RandomAccess, limits: ReadLimits
  ) throws(IOLinkError) {
    grid = try layout.grid(chunk: chunk, edges: .padded)
    dataType = layout.dataType
    self.bytes = bytes
    self.rawEdges = rawEdges
    bits = type.bits
    fill = HDF5Fill.native(dataset.fillValue, type, byteOrder)
    self.limits = limits
    index = HDF5ChunkIndex(dataset, in: structure, chunkCount: grid.chunkCount, fileByteCount: bytes.byteCount)
    let chunkByteCount = try grid.chunkShape.byteCount(of: dataType.component)
    try limits.check(chunkByteCount, atMost: \.chunkByteCount, "bytes of a chunk")
    let element = layout.dimensions.dropFirst(layout.datasetRank).reduce(dataType.componentType.byteCount, *)
    guard let filters = try HDF5Filters(dataset.filters, chunkByteCount: chunkByteCount, elementByteCount: element) else {
      return nil
    }
    self.filters = filters
    let swaps = byteOrder != .native && dataType.componentType.swapWidth > 1
    swapWidth = swaps ? dataType.componentType.swapWidth : nil
  }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    guard let place = try index.location(chunk.ordinal) else {
      HDF5Fill.fill(&elements, with: fill)
      return
    }
    do throws(IOLinkError) {
      try decode(chunk, place, into: &elements, workspace)
    } catch {
      throw error.located(format: "HDF5", offset: place.address)
    }
    if let swapWidth { ByteSwapping.swap(&elements, width: swapWidth) }
    bits?.extract(&elements)
  }

  private func decode(
    _ chunk: ChunkIndex, _ place: HDF5ChunkLocation, into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let isRaw = rawEdges && grid.region(of: chunk).size != grid.chunkShape
    if filters.isEmpty || isRaw {
      guard place.byteCount == elements.byteCount else {
        throw .hdf5(.malformed, "a chunk has \(place.byteCount) bytes, expected \(elements.byteCount)")
      }
      try bytes.read(at: place.address, into: &elements)
      return
    }
    try bytes.validate(offset: place.address, byteCount: place.byteCount)
    try limits.check(place.byteCount, atMost: \.chunkByteCount, "bytes of a stored chunk")
    try workspace.stored.withBytes(place.byteCount) { stored throws(IOLinkError) in
      try bytes.read(at: place.address, into: &stored)
      try filters.decode(stored.bytes, skipping: place.filterMask, into: &elements, workspace: workspace)
    }
  }
}

/// Fills elements that were never written.
enum HDF5Fill {
  /// Repeats one element over all of `elements`; `nil` fills with zeros.
  static func fill(_ elements: inout MutableRawSpan, with element: [UInt8]?) {
    guard let element, !element.isEmpty, element.contains(where: { $0 != 0 }) else {
      elements.zero()
      return
    }
    let total = elements.byteCount
    var done = min(element.count, total)
    elements.copy(from: unsafe element.span.bytes.extracting(0..<done))  // bytes have no padding
    while done < total {
      let length = min(done, total - done)
      let copy = elements.bytes.extracting(0..<length).byteArray()
      elements.copy(from: unsafe copy.span.bytes, at: done)  // bytes have no padding
      done += length
    }
  }

  /// Converts a stored element to native byte order.
  static func native(_ stored: [UInt8]?, _ type: HDF5PixelType, _ order: ByteOrder) -> [UInt8]? {
    guard var element = stored else { return nil }
    let width = type.componentType.swapWidth
    if order != .native, width > 1, element.count % width == 0 {
      var mutable = element.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      ByteSwapping.swap(&span, width: width)
    }
    if let bits = type.bits {
      var mutable = element.mutableSpan
      var span = unsafe mutable.mutableBytes  // bytes have no padding
      bits.extract(&span)
    }
    return element
  }
}

/// A dataset that only the library can decode, region by region and under its lock: unusual number formats, virtual datasets, and filters
/// that only the library has.
final class HDF5LibrarySource: ChunkSource {
  let grid: ChunkGrid
  let dataType: DataType
  private let dataset: HDF5Dataset
  private let layout: HDF5Layout
  private let structure: any HDF5StructureReader

  /// - Parameter chunk: The chunk shape in the dataset's own dimensions.
  /// - Throws: `limitExceeded` when a chunk is larger than the limits allow.
  init(
    _ dataset: HDF5Dataset, chunk: [Int], _ layout: HDF5Layout, structure: any HDF5StructureReader, limits: ReadLimits
  ) throws(IOLinkError) {
    // The library decodes whole chunks, even if only a part of them lies in the image.
    let whole = try AxisVector(chunk + layout.dimensions.dropFirst(layout.datasetRank)).byteCount(of: layout.dataType.component)
    try limits.check(whole, atMost: \.chunkByteCount, "bytes of a chunk")
    grid = try layout.grid(chunk: chunk, edges: .clipped)
    dataType = layout.dataType
    self.dataset = dataset
    self.layout = layout
    self.structure = structure
  }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let (start, count) = layout.box(grid.region(of: chunk))
    try structure.read(dataset, start: start, count: count, as: dataType.componentType, into: &elements)
  }
}
