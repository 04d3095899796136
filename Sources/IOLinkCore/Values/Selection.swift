/// Samples of an image: along each axis `count` of them from `start`, every `step`-th (≥ 1).
struct Selection: Sendable {
  var start: AxisVector
  var count: Shape
  var step: AxisVector

  /// The box around them.
  var bounds: Region {
    var size = count
    for axis in 0..<count.count where count[axis] > 0 { size[axis] = (count[axis] - 1) * step[axis] + 1 }
    return Region(uncheckedOrigin: start, size: size)
  }

  var isContiguous: Bool {
    for axis in 0..<count.count where step[axis] != 1 && count[axis] > 1 { return false }
    return true
  }
}
