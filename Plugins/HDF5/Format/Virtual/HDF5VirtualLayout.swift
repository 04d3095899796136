import IOLinkCore

/// Returns the shape of a source dataset, slowest dimension first; `nil` when the file or the dataset does not exist.
typealias HDF5SourceShape = (_ file: String, _ dataset: String) throws(IOLinkError) -> [Int]?

/// A virtual dataset: which boxes of which other datasets its elements come from. What none of them covers has the fill value.
///
/// Where libhdf5 lets a program choose, this does what it does by default: the dataset grows as far as any source has elements, and
/// numbered sources end before the first that is missing.
struct HDF5VirtualLayout: Hashable, Sendable {
  /// The sources in the order in which they apply: later ones win.
  let mappings: [HDF5VirtualMapping]

  /// Returns the shape, which depends on the sources where the dataset is unlimited.
  ///
  /// - Parameters:
  ///   - stored: The shape as the file states it.
  ///   - maximum: The maximum shape; `nil` is unlimited.
  ///   - sourceShape: Returns the shape of a source.
  /// - Throws: `malformed` when a mapping has another rank; what `sourceShape` throws.
  func shape(stored: [Int], maximum: [Int?], sourceShape: HDF5SourceShape) throws(IOLinkError) -> [Int] {
    var shape = stored
    let unlimited = Set(mappings.compactMap(\.destination.unlimitedDimension))
    for dimension in unlimited {
      guard stored.indices.contains(dimension) else { throw .hdf5(.malformed, "a virtual dataset has \(stored.count) dimensions") }
      shape[dimension] = 0
    }
    for mapping in mappings where !unlimited.isEmpty {
      let growing = mapping.destination.unlimitedDimension
      for (dimension, end) in mapping.destination.end.enumerated() where unlimited.contains(dimension) && dimension != growing {
        shape[dimension] = max(shape[dimension], end)
      }
      guard let growing else { continue }
      let most = maximum.indices.contains(growing) ? maximum[growing] : nil
      shape[growing] = max(shape[growing], min(try mapping.end(most, sourceShape), most ?? .max))
    }
    return shape
  }

  /// Calls `body` for the pieces of a box, in the order in which they apply.
  ///
  /// - Parameters:
  ///   - box: The box of the virtual dataset.
  ///   - shape: The shape of the virtual dataset, as ``shape(stored:maximum:sourceShape:)`` returns it.
  ///   - sourceShape: Returns the shape of a source.
  /// - Throws: `malformed` when a mapping fits neither the virtual dataset nor its source; `limitExceeded` when one has too many parts;
  ///   what the closures throw.
  /// - Complexity: O(*m* + *p*), where *m* is the number of mappings and *p* is the number of pieces.
  func forEachPiece(
    in box: HDF5Box, shape: [Int], sourceShape: HDF5SourceShape, _ body: (HDF5VirtualPiece) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    guard box.origin.count == shape.count, box.size.count == shape.count, !box.size.contains(0) else { return }
    for mapping in mappings {
      guard let common = try mapping.reach(shape).intersection(box) else { continue }
      switch mapping.kind {
      case .numbered(let dimension): try mapping.forEachNumberedPiece(dimension, in: common, shape, sourceShape, body)
      case .fixed, .growing:
        let (file, dataset) = (mapping.fileName.name(0), mapping.datasetName.name(0))
        guard let length = try sourceShape(file, dataset) else { continue }
        try mapping.pair(file, dataset, sourceShape: length, shape)?.forEachPiece(in: common, body)
      }
    }
  }
}

extension HDF5VirtualMapping {
  /// Returns a box outside of which the mapping does not have any element.
  fileprivate func reach(_ shape: [Int]) throws(IOLinkError) -> HDF5Box {
    if let rank = destination.rank, rank != shape.count {
      throw .hdf5(.malformed, "a selection has \(rank) dimensions, the virtual dataset has \(shape.count)")
    }
    var box = HDF5Box(origin: shape.map { _ in 0 }, size: shape)
    switch destination {
    case .none: box.size = shape.map { _ in 0 }
    case .all: break
    case .hyperslab(let dimensions):
      for (index, dimension) in dimensions.enumerated() {
        let end = dimension.isUnlimited ? shape[index] : min(HDF5SelectionPositions(dimension).end, shape[index])
        box.origin[index] = min(dimension.start, end)
        box.size[index] = end - box.origin[index]
      }
    case .blocks, .points: box.size = zip(destination.end, shape).map(min)
    }
    return box
  }

  /// Returns the corresponding elements of the virtual dataset and one source; `nil` when there are none.
  fileprivate func pair(_ file: String, _ dataset: String, sourceShape: [Int], _ shape: [Int]) throws(IOLinkError) -> HDF5SelectionPair? {
    let from = try HDF5SelectionOrder(source, shape: sourceShape)
    guard case .growing(let sourceDimension, let dimension) = kind else {
      return try HDF5SelectionPair(
        file: file, dataset: dataset, source: from, destination: HDF5SelectionOrder(destination, shape: shape))
    }
    guard case .regular(let positions) = from, case .hyperslab(let dimensions) = destination else { return nil }
    let available = positions[sourceDimension].count
    // As many coordinates as the source has; the dataset's shape may be smaller.
    let to = dimensions.enumerated().map { index, blocks in
      index == dimension ? HDF5SelectionPositions(blocks, below: .max, atMost: available) : HDF5SelectionPositions(blocks)
    }
    guard available > 0 else { return nil }
    return try HDF5SelectionPair(file: file, dataset: dataset, source: from, destination: .regular(to))
  }

  /// Returns where the mapping ends along its unlimited dimension.
  ///
  /// - Parameter most: The maximum length.
  fileprivate func end(_ most: Int?, _ sourceShape: HDF5SourceShape) throws(IOLinkError) -> Int {
    switch kind {
    case .fixed: return 0
    case .growing(let sourceDimension, let dimension):
      guard let shape = try sourceShape(fileName.name(0), datasetName.name(0)), let blocks = destination.dimension(dimension),
        case .regular(let positions) = try HDF5SelectionOrder(source, shape: shape)
      else { return 0 }
      return HDF5SelectionPositions(blocks, below: .max, atMost: positions[sourceDimension].count).end
    case .numbered(let dimension):
      guard let blocks = destination.dimension(dimension), let length = blocks.block else { return 0 }
      var number = 0
      var end = 0
      while number < Self.maximumNumber, end < most ?? .max, try sourceShape(fileName.name(number), datasetName.name(number)) != nil {
        end = try Checked.add(blocks.start, Checked.add(Checked.multiply(number, blocks.stride), length))
        number += 1
      }
      return end
    }
  }

  /// The most numbered sources of one mapping.
  private static let maximumNumber = 1 << 16

  fileprivate func forEachNumberedPiece(
    _ dimension: Int, in box: HDF5Box, _ shape: [Int], _ sourceShape: HDF5SourceShape,
    _ body: (HDF5VirtualPiece) throws(IOLinkError) -> Void
  ) throws(IOLinkError) {
    guard let blocks = destination.dimension(dimension), let length = blocks.block else { return }
    let wanted = box.range(dimension)
    let first = max(0, wanted.lowerBound - blocks.start - length + 1) / blocks.stride
    let last = (wanted.upperBound - 1 - blocks.start) / blocks.stride
    for number in first..<max(first, min(last + 1, Self.maximumNumber)) {
      let (file, dataset) = (fileName.name(number), datasetName.name(number))
      guard let source = try sourceShape(file, dataset) else { continue }
      let start = try Checked.add(blocks.start, Checked.multiply(number, blocks.stride))
      let only = HDF5Selection.Dimension(start: start, stride: max(1, length), count: 1, block: length)
      let to = destination.replacing(dimension, with: only)
      // The last block may extend beyond the shape.
      var room = shape
      room[dimension] = max(room[dimension], try Checked.add(start, length))
      try HDF5SelectionPair(
        file: file, dataset: dataset, source: HDF5SelectionOrder(self.source, shape: source),
        destination: HDF5SelectionOrder(to, shape: room)
      ).forEachPiece(in: box, body)
    }
  }
}
