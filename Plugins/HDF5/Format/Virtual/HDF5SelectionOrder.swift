import IOLinkCore

/// The elements of a selection in their order.
enum HDF5SelectionOrder: Sendable {
  case regular([HDF5SelectionPositions])
  case tree(HDF5SelectionTree)
  case points([[Int]])

  /// - Parameter shape: The shape of the dataset.
  /// - Throws: `malformed` when the selection has another rank, or elements beyond the shape; `limitExceeded` when it has too many parts.
  init(_ selection: HDF5Selection, shape: [Int]) throws(IOLinkError) {
    if let rank = selection.rank, rank != shape.count {
      throw .hdf5(.malformed, "a selection has \(rank) dimensions, its dataset has \(shape.count)")
    }
    switch selection {
    case .none: self = .regular(shape.map { _ in HDF5SelectionPositions(all: 0) })
    case .all: self = .regular(shape.map(HDF5SelectionPositions.init(all:)))
    case .hyperslab(let dimensions):
      self = .regular(zip(dimensions, shape).map { HDF5SelectionPositions($0, below: $0.isUnlimited ? $1 : nil) })
    case .blocks(let boxes): self = .tree(try HDF5SelectionTree(boxes))
    case .points(let points): self = .points(points)
    }
    for (end, length) in zip(selection.end, shape) where end > length {
      throw .hdf5(.malformed, "a selection has elements up to \(selection.end), its dataset has the shape \(shape)")
    }
  }

  /// Returns the number of elements.
  func count() throws(IOLinkError) -> Int {
    switch self {
    case .regular(let dimensions):
      var count = 1
      for dimension in dimensions {
        if dimension.count == 0 { return 0 }
        count = try Checked.multiply(count, dimension.count)
      }
      return count
    case .tree(let tree): return tree.count
    case .points(let points): return points.count
    }
  }

  /// Returns the coordinates of an element, and how many further ones follow along the last dimension, itself included.
  ///
  /// - Precondition: The number of the element is below the count.
  func run(at element: Int) -> (origin: [Int], length: Int) {
    switch self {
    case .regular(let dimensions):
      var origin = dimensions.map { _ in 0 }
      var rest = element
      var length = 1
      for dimension in dimensions.indices.reversed() {
        let positions = dimensions[dimension]
        let index = rest % positions.count
        origin[dimension] = positions[index]
        if dimension == dimensions.count - 1 { length = positions.runLength(at: index) }
        rest /= positions.count
      }
      return (origin, length)
    case .tree(let tree): return tree.run(at: element)
    case .points(let points): return (points[element], 1)
    }
  }

  /// Calls `body` for the elements in a box, in their order: the number of the first one, its coordinates, and how many follow along the
  /// last dimension, itself included.
  func forEachRun(in box: HDF5Box, _ body: (Int, [Int], Int) throws(IOLinkError) -> Void) throws(IOLinkError) {
    switch self {
    case .regular(let dimensions): try Self.forEachRun(dimensions, in: box, body)
    case .tree(let tree): try tree.forEachRun(in: box, body)
    case .points(let points):
      for (number, point) in points.enumerated() where point.indices.allSatisfy({ box.range($0).contains(point[$0]) }) {
        try body(number, point, 1)
      }
    }
  }

  private static func forEachRun(
    _ dimensions: [HDF5SelectionPositions], in box: HDF5Box, _ body: (Int, [Int], Int) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    let ranges = dimensions.indices.map { dimensions[$0].indices(in: box.range($0)) }
    guard let last = dimensions.last, let lastRange = ranges.last, !ranges.contains(where: \.isEmpty) else { return }
    var indices = ranges.map(\.lowerBound)
    while true {
      var number = 0
      for (index, positions) in zip(indices, dimensions) { number = number * positions.count + index }
      let length = min(last.runLength(at: indices[indices.count - 1]), lastRange.upperBound - indices[indices.count - 1])
      try body(number, zip(dimensions, indices).map { $0[$1] }, length)
      indices[indices.count - 1] += length - 1
      guard let dimension = indices.indices.last(where: { indices[$0] + 1 < ranges[$0].upperBound }) else { return }
      indices[dimension] += 1
      for faster in indices.indices where faster > dimension { indices[faster] = ranges[faster].lowerBound }
    }
  }
}

extension HDF5Selection {
  /// The coordinates after the last ones along each dimension. Unlimited dimensions, ``none`` and ``all`` do not have any.
  var end: [Int] {
    switch self {
    case .none, .all: []
    case .hyperslab(let dimensions): dimensions.map { $0.isUnlimited ? 0 : HDF5SelectionPositions($0).end }
    case .blocks(let boxes): Self.end(boxes.map { box in box.origin.indices.map { box.range($0).upperBound } })
    case .points(let points): Self.end(points.map { $0.map { $0 + 1 } })
    }
  }

  private static func end(_ ends: [[Int]]) -> [Int] {
    ends.dropFirst().reduce(ends.first ?? []) { zip($0, $1).map(max) }
  }
}
