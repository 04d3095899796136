import IOLinkCore

/// A chunked dataset.
final class HDF5Source: ChunkSource {
  let grid: ChunkGrid
  let dataType: DataType
  let bytes: any RandomAccess
  private let index: any HDF5ChunkIndexReader
  let filters: HDF5Filters
  /// The filters as the dataset lists them.
  let listedFilters: [HDF5Filter]
  let type: HDF5PixelType
  private let limits: ReadLimits
  /// Whether chunks that extend beyond the shape are stored without filters.
  private let rawEdges: Bool
  /// The grid axis of each dimension of the dataset.
  private let axes: AxisVector
  /// The fill value in native form; `nil` means zeros.
  let fill: [UInt8]?

  /// - Parameters:
  ///   - index: The index of the dataset's chunks.
  ///   - decoders: The application's decoders of filters.
  /// - Throws: `malformed` when the parameters of a filter are impossible; `unsupported` when a filter cannot be decoded; `limitExceeded`
  ///   when a chunk is larger than the limits allow.
  init(
    _ dataset: HDF5Dataset, _ chunks: HDF5ChunkedLayout, _ layout: HDF5Layout, _ type: HDF5PixelType,
    index: any HDF5ChunkIndexReader, bytes: any RandomAccess, limits: ReadLimits, decoders: HDF5FilterDecoders
  ) throws(IOLinkError) {
    grid = try layout.grid(chunk: chunks.shape, edges: .padded)
    dataType = layout.dataType
    axes = AxisVector(Array(layout.axisOfDimension.prefix(layout.datasetRank)))
    self.bytes = bytes
    self.type = type
    self.index = index
    self.limits = limits
    rawEdges = chunks.rawEdges
    fill = try dataset.fillValue.map { value throws(IOLinkError) in try type.native(value) }
    try limits.check(try grid.chunkShape.byteCount(of: dataType.component), atMost: \.chunkByteCount, "bytes of a chunk")
    let element = try Checked.multiply(AxisVector(type.arrayShape).elementCount(), type.storedWidth)
    guard element == chunks.elementByteCount else {
      throw .hdf5(.malformed, "\(dataset.path): the layout's elements have \(chunks.elementByteCount) bytes, those of its type \(element)")
    }
    let chunkByteCount = try Checked.multiply(grid.chunkShape.elementCount(), type.storedWidth)
    listedFilters = dataset.filters
    filters = try HDF5Filters(dataset.filters, chunkByteCount: chunkByteCount, elementByteCount: element, decoders: decoders)
  }

  /// Returns where a chunk is stored; `nil` when it was never written.
  func location(of chunk: ChunkIndex) throws(IOLinkError) -> HDF5ChunkLocation? {
    try index.location(of: axes.map { chunk.position[$0] })
  }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    guard let place = try location(of: chunk) else {
      HDF5Fill.fill(&elements, with: fill)
      return
    }
    do throws(IOLinkError) {
      guard let order = type.decodedOrder else {
        try convert(chunk, place, into: &elements, workspace)
        return
      }
      try decode(chunk, place, into: &elements, workspace)
      type.finish(&elements, order)
    } catch {
      throw error.located(format: "HDF5", offset: place.address)
    }
  }

  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) { HDF5Fill.fill(&elements, with: fill) }

  /// Decodes a chunk whose numbers have another size in the file than in memory.
  private func convert(
    _ chunk: ChunkIndex, _ place: HDF5ChunkLocation, into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    let count = elements.byteCount / dataType.componentType.byteCount
    try ScratchBuffer().withBytes(try Checked.multiply(count, type.storedWidth)) { stored throws(IOLinkError) in
      try decode(chunk, place, into: &stored, workspace)
      type.convert(stored.bytes, into: &elements)
    }
  }

  /// Whether a chunk is stored without the filters because it extends beyond the shape.
  func isRaw(_ chunk: ChunkIndex) -> Bool { rawEdges && grid.region(of: chunk).size != grid.chunkShape }

  /// Reads a chunk and undoes its filters.
  private func decode(
    _ chunk: ChunkIndex, _ place: HDF5ChunkLocation, into elements: inout MutableRawSpan, _ workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    if filters.isEmpty || isRaw(chunk) {
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

/// A dataset in one piece whose numbers are converted one by one, or that was never written.
final class HDF5ConvertedSource: ChunkSource {
  let grid: ChunkGrid
  /// What a band takes in the file or in memory, whichever is more.
  let bandByteCount: Int
  let dataType: DataType
  private let type: HDF5PixelType
  private let layout: HDF5Layout
  private let fill: [UInt8]?
  /// The stored elements; `nil` when none were written.
  private let bytes: (any RandomAccess)?
  private let offset: Int

  /// - Parameters:
  ///   - bytes: Where the elements are, adjacent, starting at `offset`; `nil` when they were never written.
  ///   - isCutShort: Whether some of them are missing. Smaller parts are then converted at a time, so that more of them can be read.
  /// - Throws: `truncated` when the elements do not lie inside `bytes`; `limitExceeded` when sizes do not fit in an `Int`.
  init(
    _ dataset: HDF5Dataset, _ layout: HDF5Layout, _ type: HDF5PixelType, in bytes: (any RandomAccess)?, at offset: Int,
    isCutShort: Bool = false
  ) throws(IOLinkError) {
    // Stored elements may be much wider than converted ones.
    let width = max(type.storedWidth, layout.dataType.componentType.byteCount)
    grid = try layout.grid(chunk: try layout.bands(of: isCutShort ? 4 << 10 : 1 << 20, width: width), edges: .clipped)
    bandByteCount = try Checked.multiply(grid.chunkShape.elementCount(), width)
    dataType = layout.dataType
    self.layout = layout
    self.type = type
    self.bytes = bytes
    self.offset = offset
    fill = try dataset.fillValue.map { value throws(IOLinkError) in try type.native(value) }
    try bytes?.validate(
      offset: offset, byteCount: try Checked.multiply(AxisVector(layout.dimensions).elementCount(), type.storedWidth))
  }

  func decodeChunk(
    _ chunk: ChunkIndex, into elements: inout MutableRawSpan, workspace: ChunkWorkspace
  ) throws(IOLinkError) {
    guard let bytes else {
      HDF5Fill.fill(&elements, with: fill)
      return
    }
    // A band is contiguous in the file: whole along the fast dimensions, and of length 1 along the slow ones.
    let (start, _) = layout.box(grid.region(of: chunk))
    var first = 0
    for dimension in layout.dimensions.indices {
      first = first * layout.dimensions[dimension] + (dimension < start.count ? start[dimension] : 0)
    }
    let count = elements.byteCount / dataType.componentType.byteCount
    try workspace.stored.withBytes(count * type.storedWidth) { stored throws(IOLinkError) in
      try bytes.read(at: offset + first * type.storedWidth, into: &stored)
      type.convert(stored.bytes, into: &elements)
    }
  }

  func fillBackground(of chunk: ChunkIndex, into elements: inout MutableRawSpan) { HDF5Fill.fill(&elements, with: fill) }
}

/// Fills elements that were never written.
enum HDF5Fill {
  /// Whether a fill value in native form consists of zeros.
  static func isZero(_ element: [UInt8]?) -> Bool { element?.allSatisfy { $0 == 0 } ?? true }

  /// Repeats one element over all of `elements`; `nil` fills with zeros.
  static func fill(_ elements: inout MutableRawSpan, with element: [UInt8]?) {
    guard let element, !isZero(element) else {
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
}
