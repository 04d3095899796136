/// A box of elements: origin and size per axis, canonical order, half-open. Never minimum and maximum.
public struct Region: Hashable, Sendable {
  public let origin: AxisVector
  public let size: Shape

  /// - Throws: `invalidArgument` when the ranks differ, an entry is negative, or origin + size passes the largest integer.
  public init(origin: AxisVector, size: Shape) throws(IOLinkError) {
    guard origin.count == size.count else {
      throw IOLinkError(.invalidArgument, "region has origin \(origin) and size \(size) of different rank")
    }
    for axis in 0..<size.count {
      guard origin[axis] >= 0, size[axis] >= 0, !origin[axis].addingReportingOverflow(size[axis]).overflow else {
        throw IOLinkError(.invalidArgument, "region has origin \(origin) and size \(size)")
      }
    }
    self.origin = origin
    self.size = size
  }

  /// All of an image of this shape.
  public init(of shape: Shape) {
    origin = AxisVector(repeating: 0, count: shape.count)
    size = shape
  }

  /// For boxes known to be valid.
  init(uncheckedOrigin origin: AxisVector, size: Shape) {
    self.origin = origin
    self.size = size
  }

  public var rank: Int { size.count }
  public var isEmpty: Bool { size.contains(0) }

  /// The half-open range along one axis.
  public func range(along axis: Int) -> Range<Int> { origin[axis]..<(origin[axis] + size[axis]) }

  /// - Throws: `invalidArgument` when the region does not lie inside an image of this shape.
  public func validate(in shape: Shape) throws(IOLinkError) {
    guard rank == shape.count else {
      throw IOLinkError(.invalidArgument, "region of rank \(rank) in an image of rank \(shape.count)")
    }
    for axis in 0..<rank where origin[axis] + size[axis] > shape[axis] {
      throw IOLinkError(
        .invalidArgument, "region \(self) passes the image's shape \(shape) along axis \(axis)")
    }
  }

  /// The common part; of size 0 where there is none.
  public func intersection(_ other: Region) -> Region {
    var origin = AxisVector(repeating: 0, count: rank)
    var size = origin
    for axis in 0..<rank {
      let lower = max(self.origin[axis], other.origin[axis])
      let upper = min(self.origin[axis] + self.size[axis], other.origin[axis] + other.size[axis])
      origin[axis] = lower
      size[axis] = max(0, upper - lower)
    }
    return Region(uncheckedOrigin: origin, size: size)
  }
}

extension Region: CustomStringConvertible {
  public var description: String { "origin \(origin) size \(size)" }
}
