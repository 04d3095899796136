/// A box that is cut into parts by planes across its axes: at `first` along each axis, and from there on at every `length`.
struct Partition {
  let shape: Shape
  private(set) var first: AxisVector
  private(set) var length: AxisVector

  /// - Parameters:
  ///   - first: The lengths of the first part; 1 or more.
  ///   - length: The lengths of the parts that follow; 1 or more.
  init(_ shape: Shape, first: AxisVector, length: AxisVector) {
    self.shape = shape
    self.first = first
    self.length = length
  }

  /// The number of parts along each axis.
  var counts: AxisVector {
    var counts = shape
    for axis in 0..<shape.count {
      let rest = shape[axis] - first[axis]
      counts[axis] = rest > 0 ? 1 + Checked.ceilingDivide(rest, length[axis]) : min(1, shape[axis])
    }
    return counts
  }

  /// The lengths of the largest part.
  var largest: Shape {
    var largest = shape
    for axis in 0..<shape.count { largest[axis] = min(shape[axis], max(first[axis], length[axis])) }
    return largest
  }

  /// Leaves one axis whole.
  func whole(along axis: Int) -> Partition { cut(along: axis, first: max(1, shape[axis]), length: max(1, shape[axis])) }

  /// Cuts one axis in another way.
  func cut(along axis: Int, first: Int, length: Int) -> Partition {
    var other = self
    other.first[axis] = first
    other.length[axis] = length
    return other
  }

  /// The part at a position, counted in parts along each axis.
  func part(at position: AxisVector) -> Region {
    var origin = position
    var size = position
    for axis in 0..<position.count {
      origin[axis] = position[axis] == 0 ? 0 : first[axis] + (position[axis] - 1) * length[axis]
      size[axis] = min(position[axis] == 0 ? first[axis] : length[axis], shape[axis] - origin[axis])
    }
    return Region(uncheckedOrigin: origin, size: size)
  }

  /// All parts, with the first axis of `order` as the slowest.
  func parts(order: AxisVector) -> some Sequence<Region> {
    let counts = counts
    return (0..<counts.reduce(1, *)).lazy.map { part(at: GridWalk.position($0, in: counts, order: order)) }
  }

  /// The pieces into which the planes cut a region that is not empty, with the first axis of `order` as the slowest.
  func pieces(of region: Region, order: AxisVector? = nil) -> some Sequence<Region> {
    var start = region.origin
    var counts = region.size
    for axis in 0..<region.rank {
      start[axis] = index(of: region.origin[axis], along: axis)
      counts[axis] = index(of: region.origin[axis] + region.size[axis] - 1, along: axis) - start[axis] + 1
    }
    return (0..<counts.reduce(1, *)).lazy.map { ordinal in
      var position = order.map { GridWalk.position(ordinal, in: counts, order: $0) } ?? GridWalk.position(ordinal, in: counts)
      for axis in 0..<position.count { position[axis] += start[axis] }
      return part(at: position).intersection(region)
    }
  }

  /// The part that has a position of the box.
  func part(around position: AxisVector) -> Region {
    var indices = position
    for axis in 0..<position.count { indices[axis] = index(of: position[axis], along: axis) }
    return part(at: indices)
  }

  private func index(of place: Int, along axis: Int) -> Int {
    place < first[axis] ? 0 : 1 + (place - first[axis]) / length[axis]
  }
}
