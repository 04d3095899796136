/// One axis of a strided copy: how many elements, and the signed distance in bytes between neighbours on both sides.
struct CopyAxis {
  var length = 1
  var source = 0
  var destination = 0
}

/// A strided copy in its simplest equivalent form.
///
/// Axes of length 1 are dropped; the destination ascends along every axis; axes are sorted by destination stride, fastest
/// first; axes that continue each other on both sides are one; an innermost axis that is contiguous on both sides is part
/// of `unit`. Interleaved RGB rows without padding are so a single run, padded ones one run a row. Lives on the stack.
struct CopyPlan {
  private var axes = InlineArray<33, CopyAxis>(repeating: CopyAxis())
  private(set) var count = 0
  /// Bytes that are contiguous on both sides.
  private(set) var unit: Int
  /// Bytes are reversed in groups of this many; 1 is a plain copy. `unit` is a multiple of it.
  let swapWidth: Int
  /// From the pointers given by the caller to the first element of the ascending order.
  private(set) var sourceOffset = 0
  private(set) var destinationOffset = 0
  private(set) var isEmpty = false

  init(unit: Int, swapWidth: Int) {
    self.unit = unit
    self.swapWidth = swapWidth
  }

  subscript(axis: Int) -> CopyAxis { axes[axis] }

  /// Takes in all axes of a shape; at most 32.
  mutating func append(_ shape: AxisVector, _ sourceStrides: AxisVector, _ destinationStrides: AxisVector) {
    for axis in 0..<shape.count {
      append(CopyAxis(length: shape[axis], source: sourceStrides[axis], destination: destinationStrides[axis]))
    }
  }

  mutating func append(_ axis: CopyAxis) {
    guard axis.length != 1 else { return }
    guard axis.length > 0 else {
      isEmpty = true
      return
    }
    var axis = axis
    if axis.destination < 0 {
      sourceOffset &+= (axis.length &- 1) &* axis.source
      destinationOffset &+= (axis.length &- 1) &* axis.destination
      axis.source = 0 &- axis.source
      axis.destination = 0 &- axis.destination
    }
    var position = count
    while position > 0, axes[position - 1].destination > axis.destination {
      axes[position] = axes[position - 1]
      position -= 1
    }
    axes[position] = axis
    count += 1
  }

  /// Joins axes that continue each other. Call once, after the last `append`.
  mutating func merge() {
    var kept = 0
    for index in 0..<count {
      let axis = axes[index]
      if kept == 0 {
        if axis.source == unit, axis.destination == unit {
          unit &*= axis.length
          continue
        }
      } else {
        let inner = axes[kept - 1]
        if axis.source == inner.source &* inner.length, axis.destination == inner.destination &* inner.length {
          axes[kept - 1].length &*= axis.length
          continue
        }
      }
      axes[kept] = axis
      kept += 1
    }
    count = kept
  }

  /// The axis along which the source is contiguous, when walking it in the destination's order would waste the cache:
  /// the copy is a transposition of this axis and axis 0. `nil` when it is not.
  var transposedAxis: Int? {
    guard count > 1, unit <= 64, axes[0].source != 0 else { return nil }
    var fastest = 0
    for index in 1..<count where axes[index].source != 0 {
      if axes[index].source.magnitude < axes[fastest].source.magnitude { fastest = index }
    }
    return fastest == 0 ? nil : fastest
  }

  /// Swaps axis 1 and `axis`, so that axes 0 and 1 are the plane of the inner loops.
  mutating func bringToPlane(_ axis: Int) {
    axes.swapAt(1, axis)
  }
}

extension CopyPlan {
  /// Calls `body` with the byte offsets of every plane of axes 0 and 1, that is, for every position along axes 2 and up.
  func forEachPlane(_ body: (_ sourceOffset: Int, _ destinationOffset: Int) -> Void) {
    guard count > 2 else {
      body(sourceOffset, destinationOffset)
      return
    }
    var position = InlineArray<33, Int>(repeating: 0)
    var source = sourceOffset
    var destination = destinationOffset
    while true {
      body(source, destination)
      var axis = 2
      while true {
        position[axis] &+= 1
        source &+= axes[axis].source
        destination &+= axes[axis].destination
        if position[axis] < axes[axis].length { break }
        source &-= axes[axis].source &* axes[axis].length
        destination &-= axes[axis].destination &* axes[axis].length
        position[axis] = 0
        axis += 1
        if axis == count { return }
      }
    }
  }
}
