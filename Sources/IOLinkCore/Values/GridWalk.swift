/// Index arithmetic for boxes that are divided into a grid of cells.
enum GridWalk {
  /// Returns the position of a cell, given its ordinal. The first axis of `order` is the slowest.
  ///
  /// - Parameters:
  ///   - ordinal: At least 0 and less than the product of `counts`.
  ///   - counts: The number of cells along each axis.
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

  /// Returns the position of a cell in a grid whose first axis is the fastest.
  static func position(_ ordinal: Int, in counts: AxisVector) -> AxisVector {
    var position = counts
    var rest = ordinal
    for axis in 0..<counts.count {
      position[axis] = rest % counts[axis]
      rest /= counts[axis]
    }
    return position
  }

  /// Returns the ordinal of a cell. The first axis of `order` is the slowest.
  static func ordinal(_ position: AxisVector, in counts: AxisVector, order: AxisVector) -> Int {
    var ordinal = 0
    for index in 0..<order.count {
      let axis = order[index]
      ordinal = ordinal * counts[axis] + position[axis]
    }
    return ordinal
  }

  /// Returns the shape of the largest box of at most `byteCount` bytes, or of one element where that is larger. The box is whole
  /// along the fast axes, a band along the next one, and one element thick along the rest.
  ///
  /// - Parameter order: The axis indices, slowest first.
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
