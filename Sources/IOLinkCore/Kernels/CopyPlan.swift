/// One axis of a strided copy: its length, and the signed distance in bytes between neighbouring elements on both sides.
struct CopyAxis {
  var length = 1
  var source = 0
  var destination = 0
}

/// A strided copy in its simplest equivalent form.
///
/// - Axes of length 1 are dropped.
/// - The destination ascends along every axis.
/// - Axes are sorted by destination stride, the fastest first.
/// - Axes that continue each other on both sides are joined.
/// - An innermost axis that is contiguous on both sides is part of `unit`.
/// - In a transposition, axes 0 and 1 are the fastest axes of the destination and of the source.
///
/// Interleaved RGB rows without padding are therefore a single run, and padded rows one run each. A plan lives on the stack.
struct CopyPlan {
  private var axes = InlineArray<33, CopyAxis>(repeating: CopyAxis())
  private(set) var count = 0
  /// The number of bytes that are contiguous on both sides.
  private(set) var unit: Int
  /// The size of the groups in which bytes are reversed; 1 is a plain copy. `unit` is a multiple of it.
  let swapWidth: Int
  /// The distance from the caller's source pointer to the first element in ascending order.
  private(set) var sourceOffset = 0
  /// The distance from the caller's destination pointer to the first element in ascending order.
  private(set) var destinationOffset = 0
  private(set) var isEmpty = false
  /// Whether the copy is a transposition of axes 0 and 1.
  private(set) var isTransposed = false

  init(unit: Int, swapWidth: Int) {
    self.unit = unit
    self.swapWidth = swapWidth
  }

  subscript(axis: Int) -> CopyAxis { axes[axis] }

  /// The number of bytes that are copied; `Int.max` when there are more.
  var byteCount: Int {
    guard !isEmpty else { return 0 }
    var total = unit
    for axis in 0..<count {
      let (product, overflow) = total.multipliedReportingOverflow(by: axes[axis].length)
      guard !overflow else { return Int.max }
      total = product
    }
    return total
  }

  /// Adds all axes of a shape, at most 32.
  mutating func append(_ shape: AxisVector, _ sourceStrides: AxisVector, _ destinationStrides: AxisVector) {
    for axis in 0..<shape.count {
      append(CopyAxis(length: shape[axis], source: sourceStrides[axis], destination: destinationStrides[axis]))
    }
  }

  /// Adds one axis, at its place in the order of destination strides.
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

  /// Brings the axes into their final order. Call once, after the last `append`.
  mutating func arrange() {
    merge()
    guard let axis = transposedAxis else { return }
    axes.swapAt(1, axis)
    isTransposed = true
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

  /// The axis of the smallest source stride, when walking the source in the order of the destination would waste the cache. The
  /// copy is then a transposition of this axis and axis 0. `nil` when it is not.
  private var transposedAxis: Int? {
    guard count > 1, unit <= 64, axes[0].source != 0 else { return nil }
    var fastest = 0
    for index in 1..<count where axes[index].source != 0 {
      if axes[index].source.magnitude < axes[fastest].source.magnitude { fastest = index }
    }
    return fastest == 0 ? nil : fastest
  }

  /// Keeps a range of positions along an axis.
  mutating func keep(_ range: Range<Int>, of axis: Int) {
    sourceOffset &+= range.lowerBound &* axes[axis].source
    destinationOffset &+= range.lowerBound &* axes[axis].destination
    axes[axis].length = range.count
  }

  /// Keeps a range of the bytes of every unit, in whole groups of `swapWidth`.
  mutating func keepBytes(_ range: Range<Int>) {
    sourceOffset &+= range.lowerBound
    destinationOffset &+= range.lowerBound
    unit = range.count
  }
}

extension CopyPlan {
  /// Calls `body` with the byte offsets of every plane of axes 0 and 1: once for every position along the other axes.
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
