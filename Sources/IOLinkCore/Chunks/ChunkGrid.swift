/// How an image is cut into chunks, and in which order components lie inside a chunk.
///
/// A grid counts *components*, not elements. Its axes are the axes of the image in canonical order; where an element has more
/// than one component, the components are one more axis, the last one. Interleaved, planar and separately stored components
/// therefore differ only in their chunk shape and order.
public struct ChunkGrid: Hashable, Sendable {
  /// The length of each axis of the grid: the shape of the image in canonical order, then the component count where it is
  /// greater than 1.
  public let shape: Shape
  /// The lengths of a whole chunk along the axes of the grid. They are at most `shape`, unless edges are padded.
  public let chunkShape: Shape
  /// The order of the components inside a chunk, and of the ordinals of the chunks: axis indices, slowest first.
  public let order: AxisVector
  /// How chunks end that reach past the image.
  public let edges: Edges
  /// The number of chunks along each axis of the grid.
  public let counts: AxisVector
  /// The number of chunks in the grid: the product of `counts`.
  public let chunkCount: Int

  /// How chunks end that reach past the image.
  public enum Edges: Hashable, Sendable {
    /// A chunk at the end of the image is as short as what is left of the image.
    case clipped
    /// All chunks are whole; components outside the image have no meaning.
    case padded
  }

  /// Makes the grid of an image.
  ///
  /// - Parameters:
  ///   - image: The shape of the image, in canonical order.
  ///   - dataType: The type of an element. With more than one component, the grid gets a component axis.
  ///   - chunkShape: The lengths of a chunk along the axes of the image, and along the component axis where there is one. Without
  ///     the last length, a chunk has all components.
  ///   - order: The axes of the grid, slowest first; `nil` means canonical order with the component fastest.
  ///   - edges: How chunks end that reach past the image.
  /// - Throws: `malformed` when a chunk length is not positive, the ranks of `image` and `chunkShape` differ, or `order` is not a
  ///   permutation of the axes of the grid; `invalidArgument` when a length of `image` is negative; `limitExceeded` when the
  ///   number of chunks or the bytes of one chunk do not fit in an `Int`.
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
      throw IOLinkError(
        .malformed, "the chunk shape is \(chunkShape), expected a positive length for each axis of an image of shape \(image)")
    }
    let canonical = AxisVector((0..<image.count).reversed() + (hasComponents ? [image.count] : []))
    let order = order ?? canonical
    guard order.isPermutation(of: shape.count) else {
      throw IOLinkError(.malformed, "the order of axes is \(order), expected each index of \(shape.count) axes once")
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

  /// Returns a grid of about 1 MiB for each chunk, whose chunks are whole along the fast axes, so that each lies densely in an array
  /// without compression.
  ///
  /// - Parameters:
  ///   - image: The shape of the image, in canonical order.
  ///   - dataType: The type of an element.
  ///   - axisOrder: Each axis of the image once, slowest first. Components are faster than all of them.
  /// - Throws: `invalidArgument` when a length of `image` is negative; `limitExceeded` when the number of chunks does not fit in an `Int`.
  public static func dense(_ image: Shape, _ dataType: DataType, axisOrder: AxisVector) throws(IOLinkError) -> ChunkGrid {
    let chunk = GridWalk.box(in: image, order: axisOrder, elementByteCount: dataType.byteCount, atMost: 1 << 20)
    let order = dataType.componentCount > 1 ? AxisVector(Array(axisOrder) + [image.count]) : axisOrder
    return try ChunkGrid(image: image, dataType: dataType, chunkShape: chunk, order: order)
  }

  /// The chunk of this ordinal. Ordinals are 0 ..< `chunkCount` and follow `order`.
  public func chunk(_ ordinal: Int) -> ChunkIndex {
    ChunkIndex(ordinal: ordinal, position: GridWalk.position(ordinal, in: counts, order: order))
  }

  /// The chunk at this position, counted in chunks along each axis of the grid.
  public func chunk(at position: AxisVector) -> ChunkIndex {
    ChunkIndex(ordinal: GridWalk.ordinal(position, in: counts, order: order), position: position)
  }

  /// The part of the image that a chunk covers, without padding, along the axes of the grid.
  public func region(of chunk: ChunkIndex) -> Region {
    var origin = chunkShape
    var size = chunkShape
    for axis in 0..<shape.count {
      origin[axis] = chunk.position[axis] * chunkShape[axis]
      size[axis] = min(chunkShape[axis], shape[axis] - origin[axis])
    }
    return Region(uncheckedOrigin: origin, size: size)
  }

  /// The shape of this chunk as it is stored: `chunkShape` where edges are padded; the part inside the image where they are
  /// clipped.
  public func storedShape(of chunk: ChunkIndex) -> Shape {
    edges == .padded ? chunkShape : region(of: chunk).size
  }

  /// The number of components of this chunk as it is stored.
  public func storedCount(of chunk: ChunkIndex) -> Int {
    storedShape(of: chunk).reduce(1, *)  // at most the product that init checked
  }

  /// The byte strides of a dense box of this shape in the order of the grid.
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

/// One chunk of a grid.
public struct ChunkIndex: Hashable, Sendable {
  /// The number of the chunk in the order of the grid, counted from 0.
  public let ordinal: Int
  /// The number of chunks before this one along each axis of the grid.
  public let position: AxisVector
}
