import IOLinkCore

/// How the dimensions of a dataset correspond to the axes of its image.
///
/// Dimensions are in file order, slowest first: those of the dataset, then those of an array datatype.
struct HDF5Layout: Sendable {
  let properties: ImageProperties
  let dataType: DataType
  /// The lengths of all dimensions.
  let dimensions: [Int]
  /// The number of dimensions that belong to the dataset itself.
  let datasetRank: Int
  /// The grid axis of each dimension: an index into the image's axes, or the image's rank for the component.
  let axisOfDimension: AxisVector

  /// - Parameters:
  ///   - properties: The properties, with one axis per dimension except the component.
  ///   - component: The dimension that holds components.
  /// - Throws: `malformed` when there are not as many axes as dimensions; `limitExceeded` when a size does not fit in an `Int`.
  init(
    _ dataset: HDF5Dataset, _ type: HDF5PixelType, properties: ImageProperties, component: Int?
  ) throws(IOLinkError) {
    let dimensions = dataset.shape + type.arrayShape
    self.dimensions = dimensions
    datasetRank = dataset.shape.count
    self.properties = properties
    var axes = Array(properties.sourceOrder)
    if let component { axes.insert(properties.rank, at: component) }
    axisOfDimension = AxisVector(axes)
    dataType = try DataType(type.componentType, componentCount: component.map { dimensions[$0] } ?? 1)
    guard axes.count == dimensions.count else {
      throw .hdf5(.malformed, "the dataset has \(dimensions.count) dimensions, but \(axes.count) axes")
    }
    _ = try AxisVector(dimensions).byteCount(of: DataType(type.componentType))
  }

  /// Returns the layout of one contiguous array that starts at `offset`.
  func contiguous(at offset: Int) throws(IOLinkError) -> StridedLayout {
    var layout = StridedLayout(
      byteOffset: offset, strides: AxisVector(repeating: 0, count: properties.rank), componentStride: dataType.componentType.byteCount)
    var stride = dataType.componentType.byteCount
    for dimension in dimensions.indices.reversed() {
      let axis = axisOfDimension[dimension]
      if axis == properties.rank { layout.componentStride = stride } else { layout.strides[axis] = stride }
      stride = try Checked.multiply(stride, max(1, dimensions[dimension]))
    }
    return layout
  }

  /// Returns the grid of chunks of this shape, which is given in the dataset's own dimensions.
  func grid(chunk: [Int], edges: ChunkGrid.Edges) throws(IOLinkError) -> ChunkGrid {
    let lengths = chunk + dimensions.dropFirst(datasetRank)
    var shape = AxisVector(repeating: 1, count: dimensions.count)
    for dimension in dimensions.indices { shape[axisOfDimension[dimension]] = max(1, lengths[dimension]) }
    return try ChunkGrid(
      image: properties.shape, dataType: dataType, chunkShape: shape, order: axisOfDimension, edges: edges)
  }

  /// Returns a chunk shape for datasets without chunks: as many whole rows as take about `byteCount` bytes.
  ///
  /// - Parameter width: The size of a component in bytes.
  func bands(of byteCount: Int, width: Int) throws(IOLinkError) -> [Int] {
    var chunk = [Int](repeating: 1, count: datasetRank)
    var bytes = width
    for length in dimensions.dropFirst(datasetRank) { bytes = try Checked.multiply(bytes, length) }
    for dimension in (0..<datasetRank).reversed() {
      chunk[dimension] = max(1, min(dimensions[dimension], byteCount / max(1, bytes)))
      bytes = try Checked.multiply(bytes, chunk[dimension])
      if chunk[dimension] < dimensions[dimension] { break }
    }
    return chunk
  }

  /// Returns a region of the grid in the dataset's own dimensions.
  func box(_ region: Region) -> (start: [Int], count: [Int]) {
    let axes = axisOfDimension.prefix(datasetRank)
    return (axes.map { region.origin[$0] }, axes.map { region.size[$0] })
  }
}
