import IOLinkCore

/// The coordinates that a regular selection has along one dimension, in ascending order.
struct HDF5SelectionPositions: Hashable, Sendable {
  private let start: Int
  private let stride: Int
  private let block: Int
  let count: Int

  /// All coordinates below a length.
  init(all length: Int) {
    start = 0
    stride = max(1, length)
    block = max(1, length)
    count = max(0, length)
  }

  /// - Parameters:
  ///   - dimension: Blocks along the dimension.
  ///   - end: The coordinates are below this; `nil` keeps all, of which there must be a limited number.
  ///   - limit: The most coordinates.
  init(_ dimension: HDF5Selection.Dimension, below end: Int? = nil, atMost limit: Int = .max) {
    start = dimension.start
    let room = end.map { max(0, $0 - dimension.start) } ?? .max
    let length = dimension.block ?? room
    let isOneBlock = dimension.count == 1 || dimension.block == nil || dimension.block == dimension.stride
    let stride = max(dimension.stride, 1)
    // Blocks that touch are one block.
    let whole = dimension.count.map { $0.multipliedReportingOverflow(by: length) }.map { $0.overflow ? .max : $0.partialValue } ?? .max
    if isOneBlock {
      count = min(whole, room, limit)
      block = max(1, count)
      self.stride = block
    } else {
      let reached = (room / stride).multipliedReportingOverflow(by: length)
      count = min(whole, (reached.overflow ? .max : reached.partialValue + min(room % stride, length)), limit)
      block = max(1, length)
      self.stride = stride
    }
  }

  /// The coordinate after the last one; 0 when there are none.
  var end: Int { count == 0 ? 0 : self[count - 1] + 1 }

  /// - Precondition: The index is below ``count``.
  subscript(index: Int) -> Int { start + index / block * stride + index % block }

  /// Returns how many consecutive coordinates there are from an index on.
  func runLength(at index: Int) -> Int { min(block - index % block, count - index) }

  /// Returns the indices of the coordinates in a range.
  func indices(in range: Range<Int>) -> Range<Int> {
    let lower = index(of: range.lowerBound)
    return lower..<max(lower, index(of: range.upperBound))
  }

  /// Returns the number of coordinates below a coordinate.
  private func index(of coordinate: Int) -> Int {
    guard count > 0, coordinate > start else { return 0 }
    guard coordinate <= self[count - 1] else { return count }
    let distance = coordinate - start
    return min(count, distance / stride * block + min(distance % stride, block))
  }
}
