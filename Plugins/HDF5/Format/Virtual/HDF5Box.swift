import IOLinkCore

/// A box of elements in a dataset, slowest dimension first.
struct HDF5Box: Hashable, Sendable {
  var origin: [Int]
  var size: [Int]

  /// Returns the coordinates along a dimension.
  func range(_ dimension: Int) -> Range<Int> { origin[dimension]..<origin[dimension] + size[dimension] }

  /// Returns the elements that are in both boxes, which have the same rank; `nil` when they have none in common.
  func intersection(_ other: HDF5Box) -> HDF5Box? {
    var result = self
    for dimension in origin.indices {
      let common = range(dimension).clamped(to: other.range(dimension))
      guard !common.isEmpty else { return nil }
      result.origin[dimension] = common.lowerBound
      result.size[dimension] = common.count
    }
    return result
  }
}
