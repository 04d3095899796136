/// How an image is cut into chunks, and in which order components lie inside one.
///
/// A grid counts *components*, not elements: its axes are the image's, in canonical order, and, where an element has more
/// than one component, the component as one last axis. So interleaved, planar and separately stored components are only
/// different chunk shapes and orders.
public struct ChunkGrid: Hashable, Sendable {
  /// Lengths of the axes, component last where there is more than one.
  public let shape: Shape
  /// Lengths of a whole chunk; at most `shape` unless edges are padded.
  public let chunkShape: Shape
  /// Axis indices, slowest first: the order of components inside a chunk, and of the chunks' components.
  public let order: AxisVector
  public let edges: Edges
  /// How many chunks lie along each axis.
  public let counts: AxisVector
  /// How many chunks there are.
  public let chunkCount: Int

  public enum Edges: Hashable, Sendable {
    /// Chunks at the image's end are as short as what is left.
    case clipped
    /// All chunks are whole; what lies outside the image is meaningless.
    case padded
  }

  /// - Parameters:
  ///   - image: The image's shape, canonical order.
  ///   - dataType: With more than one component, the grid gets a component axis.
  ///   - chunkShape: Rank of `image`, or one more where there is a component axis (without it: all components).
  ///   - order: Slowest first, over the axes of the grid; `nil` is canonical order with the component fastest.
  /// - Throws: `malformed` when a chunk length is not positive or ranks differ; `limitExceeded` when the number of
  ///   chunks or the bytes of one do not fit in an `Int`.
  public init(
    image: Shape, dataType: DataType, chunkShape: Shape, order: AxisVector? = nil, edges: Edges = .clipped
  ) throws(IOLinkError) {
    var shape = image
    var chunk = chunkShape
    let hasComponents = dataType.componentCount > 1
    if hasComponents {
      shape.append(dataType.componentCount)
      if chunk.count == image.count { chunk.append(dataType.componentCount) }
    }
    guard chunk.count == shape.count, chunk.allSatisfy({ $0 > 0 }) else {
      throw IOLinkError(.malformed, "chunk shape \(chunkShape) for an image of shape \(image)")
    }
    let canonical = AxisVector((0..<image.count).reversed() + (hasComponents ? [image.count] : []))
    let order = order ?? canonical
    guard order.isPermutation(of: shape.count) else {
      throw IOLinkError(.malformed, "\(order) is not an order of \(shape.count) axes")
    }
    var counts = shape
    for axis in 0..<shape.count {
      if edges == .clipped { chunk[axis] = max(1, min(chunk[axis], shape[axis])) }
      counts[axis] = Checked.ceilingDivide(shape[axis], chunk[axis])
    }
    self.shape = shape
    self.chunkShape = chunk
    self.order = order
    self.edges = edges
    self.counts = counts
    chunkCount = try counts.elementCount()
    _ = try chunk.byteCount(of: dataType.component)
  }

  /// The chunk of this ordinal: 0 ..< chunkCount, slowest axis of `order` slowest.
  public func chunk(_ ordinal: Int) -> ChunkIndex {
    ChunkIndex(ordinal: ordinal, position: GridWalk.position(ordinal, in: counts, order: order))
  }

  /// The chunk at this position in the grid.
  public func chunk(at position: AxisVector) -> ChunkIndex {
    ChunkIndex(ordinal: GridWalk.ordinal(position, in: counts, order: order), position: position)
  }

  /// The part of the image that a chunk covers, without padding, in grid axes.
  public func region(of chunk: ChunkIndex) -> Region {
    var origin = chunkShape
    var size = chunkShape
    for axis in 0..<shape.count {
      origin[axis] = chunk.position[axis] * chunkShape[axis]
      size[axis] = min(chunkShape[axis], shape[axis] - origin[axis])
    }
    return Region(uncheckedOrigin: origin, size: size)
  }

  /// The lengths a decoder gives for this chunk: whole where edges are padded, what is left where they are clipped.
  public func storedShape(of chunk: ChunkIndex) -> Shape {
    edges == .padded ? chunkShape : region(of: chunk).size
  }

  /// Components in a stored chunk.
  public func storedCount(of chunk: ChunkIndex) -> Int {
    storedShape(of: chunk).reduce(1, *)  // at most the product that init checked
  }

  /// Byte strides of a dense box of this shape in the grid's order.
  func strides(of box: Shape, _ componentType: ComponentType) -> AxisVector {
    var strides = AxisVector(repeating: 0, count: box.count)
    var stride = componentType.byteCount
    for axis in order.reversed() {
      strides[axis] = stride
      stride *= max(1, box[axis])
    }
    return strides
  }
}

/// A chunk: its ordinal in the grid's order, and its place along every grid axis.
public struct ChunkIndex: Hashable, Sendable {
  public let ordinal: Int
  public let position: AxisVector
}
