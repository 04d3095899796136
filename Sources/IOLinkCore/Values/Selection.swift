/// Elements of an image: along each axis, `count` elements that begin at `start` and are `step` (1 or more) apart.
struct Selection: Sendable {
  var start: AxisVector
  var count: Shape
  var step: AxisVector

  /// The smallest box that holds all of the elements.
  var bounds: Region {
    var size = count
    for axis in 0..<count.count where count[axis] > 0 { size[axis] = (count[axis] - 1) * step[axis] + 1 }
    return Region(uncheckedOrigin: start, size: size)
  }

  /// Whether the elements fill their box.
  var isContiguous: Bool {
    for axis in 0..<count.count where step[axis] != 1 && count[axis] > 1 { return false }
    return true
  }
}
