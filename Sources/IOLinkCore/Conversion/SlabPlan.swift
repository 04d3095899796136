/// Cuts a grid into boxes of whole chunks, slabs, that fit a memory budget.
///
/// A sequential container gets its chunks in ascending ordinal, so slabs run along the fast axes of its order. Where the budget allows,
/// slabs also consist of whole chunks of the source, so that each of those is decoded once.
struct SlabPlan {
  /// The slabs, along the axes of the grid and without padding.
  let slabs: Partition
  /// Whether no chunk of the source is in two slabs.
  let keepsSourceChunks: Bool

  /// - Parameter source: The chunks of the source along the axes of the grid; `nil` where it has none.
  init(_ grid: ChunkGrid, componentType: ComponentType, isSequential: Bool, source: Chunking?, byteBudget: Int) {
    let budget = Budget(byteCount: byteBudget, componentByteCount: componentType.byteCount)
    let single = Partition(grid.shape, first: grid.chunkShape, length: grid.chunkShape)
    let common = source.map { Self.common(grid, $0) } ?? single
    if isSequential {
      slabs = budget.grow(single, order: grid.order, steps: common, isSequential: true)
    } else if budget.holds(common) || source == nil {
      slabs = budget.grow(common, order: grid.order, steps: common, isSequential: false)
    } else {
      let covering = source.map { Self.covering(grid, $0, budget) } ?? single
      slabs = budget.grow(covering, order: grid.order, steps: covering, isSequential: false)
    }
    keepsSourceChunks = source.map(slabs.keeps) ?? true
  }

  /// The smallest slabs that cut neither a chunk of the grid nor one of the source.
  private static func common(_ grid: ChunkGrid, _ source: Chunking) -> Partition {
    var result = Partition(grid.shape, first: grid.chunkShape, length: grid.chunkShape)
    for axis in 0..<grid.shape.count {
      let (target, length) = (grid.chunkShape[axis], source.shape[axis])
      var first = target
      while first < grid.shape[axis], (first - source.origin[axis]) % length != 0 { first += target }
      let period = (target / Self.greatestCommonDivisor(target, length)).multipliedReportingOverflow(by: length)
      result =
        first < grid.shape[axis]
        ? result.cut(along: axis, first: first, length: period.overflow ? grid.shape[axis] : period.partialValue)
        : result.whole(along: axis)
    }
    return result
  }

  /// Slabs that are at least as long as chunks of the source along as many axes as the budget allows, the fastest ones first.
  private static func covering(_ grid: ChunkGrid, _ source: Chunking, _ budget: Budget) -> Partition {
    var result = Partition(grid.shape, first: grid.chunkShape, length: grid.chunkShape)
    for axis in grid.order.reversed() {
      let needed = min(grid.counts[axis], Checked.ceilingDivide(source.shape[axis], grid.chunkShape[axis]))
      let length = max(1, needed) * grid.chunkShape[axis]
      let wider = result.cut(along: axis, first: length, length: length)
      if budget.holds(wider) { result = wider }
    }
    return result
  }

  private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }
}

/// The chunks of a grid that cover a region of whole chunks, in ascending ordinal.
struct ChunkBox: RandomAccessCollection, Sendable {
  private let grid: ChunkGrid
  private var first: AxisVector
  private var size: Shape

  init(_ grid: ChunkGrid, _ region: Region) {
    self.grid = grid
    first = region.origin
    size = region.size
    for axis in 0..<first.count {
      first[axis] = region.origin[axis] / grid.chunkShape[axis]
      size[axis] = Checked.ceilingDivide(region.size[axis], grid.chunkShape[axis])
    }
  }

  var startIndex: Int { 0 }
  var endIndex: Int { size.reduce(1, *) }

  subscript(index: Int) -> ChunkIndex {
    var position = GridWalk.position(index, in: size, order: grid.order)
    for axis in 0..<first.count { position[axis] += first[axis] }
    return grid.chunk(at: position)
  }
}

/// How many bytes a part of an image may have.
struct Budget {
  let byteCount: Int
  let componentByteCount: Int

  /// Cuts a box into parts that keep the chunks of a source whole. A chunk that is larger than the budget is a part of its own.
  ///
  /// - Parameter order: The axes, slowest first.
  func parts(of shape: Shape, keeping source: Chunking, order: AxisVector) -> Partition {
    var first = source.origin
    for axis in 0..<first.count where first[axis] == 0 { first[axis] = source.shape[axis] }
    let chunks = Partition(shape, first: first, length: source.shape)
    return grow(chunks, order: order, steps: chunks, isSequential: source.isSequential)
  }

  func holds(_ partition: Partition) -> Bool { size(of: partition) <= byteCount }

  private func size(of partition: Partition) -> Int {
    var bytes = componentByteCount
    for length in partition.largest {
      let product = bytes.multipliedReportingOverflow(by: max(1, length))
      if product.overflow { return Int.max }
      bytes = product.partialValue
    }
    return bytes
  }

  /// Makes parts as large as the budget allows, along the fast axes first.
  ///
  /// - Parameters:
  ///   - order: The axes, slowest first.
  ///   - steps: By what parts grow. Where even one step does not fit, they grow by their own length.
  ///   - isSequential: Whether the parts, one after another, must pass through the box in the given order.
  func grow(_ partition: Partition, order: AxisVector, steps: Partition, isSequential: Bool) -> Partition {
    var result = partition
    for axis in order.reversed() {
      let whole = result.whole(along: axis)
      if holds(whole) {
        result = whole
        continue
      }
      let step = result.cut(along: axis, first: steps.first[axis], length: steps.length[axis])
      if holds(step) { result = step }
      let (first, length) = (result.first[axis], result.length[axis])
      let count = max(1, min(byteCount / size(of: result), Checked.ceilingDivide(result.shape[axis], length)))
      result = result.cut(along: axis, first: first + (count - 1) * length, length: count * length)
      if isSequential || count > 1 { break }
    }
    return result
  }
}

extension Partition {
  /// Whether no chunk of a source is in two parts.
  func keeps(_ source: Chunking) -> Bool {
    let counts = counts
    return counts.indices.allSatisfy { axis in
      counts[axis] < 2
        || ((first[axis] - source.origin[axis]) % source.shape[axis] == 0 && (counts[axis] < 3 || length[axis] % source.shape[axis] == 0))
    }
  }
}
