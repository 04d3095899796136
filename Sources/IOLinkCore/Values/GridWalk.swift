/// Index arithmetic of boxes that are cut into a grid of cells.
enum GridWalk {
  /// The position of a cell, given its ordinal: the first axis of `order` is the slowest.
  ///
  /// - Parameters:
  ///   - ordinal: 0 ..< the product of `counts`.
  ///   - counts: How many cells lie along each axis.
  static func position(_ ordinal: Int, in counts: AxisVector, order: AxisVector) -> AxisVector {
    var position = counts
    var rest = ordinal
    for index in (0..<order.count).reversed() {
      let axis = order[index]
      position[axis] = rest % counts[axis]
      rest /= counts[axis]
    }
    return position
  }

  /// The position of a cell where the first axis is the fastest.
  static func position(_ ordinal: Int, in counts: AxisVector) -> AxisVector {
    var position = counts
    var rest = ordinal
    for axis in 0..<counts.count {
      position[axis] = rest % counts[axis]
      rest /= counts[axis]
    }
    return position
  }

  /// The ordinal of a cell: the first axis of `order` is the slowest.
  static func ordinal(_ position: AxisVector, in counts: AxisVector, order: AxisVector) -> Int {
    var ordinal = 0
    for index in 0..<order.count {
      let axis = order[index]
      ordinal = ordinal * counts[axis] + position[axis]
    }
    return ordinal
  }

  /// The lengths of the largest box that is whole along the fast axes, in a band along one, single along the rest, and has at
  /// most this many bytes; at least one element.
  ///
  /// - Parameter order: The slowest axis first.
  static func box(in shape: Shape, order: AxisVector, elementByteCount: Int, atMost byteCount: Int) -> Shape {
    var box = AxisVector(repeating: 1, count: shape.count)
    var bytes = elementByteCount
    for index in (0..<order.count).reversed() {
      let axis = order[index]
      let length = max(1, min(shape[axis], byteCount / bytes))
      box[axis] = length
      bytes = bytes.multipliedReportingOverflow(by: length).partialValue
      if length < shape[axis] { break }
    }
    return box
  }
}
