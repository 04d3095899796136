/// A box of elements, given by its origin and its size along each axis, in canonical order.
///
/// Along each axis the region is half-open: it reaches from `origin` up to, but not including, `origin + size`.
public struct Region: Hashable, Sendable {
  /// The index of the first element along each axis.
  public let origin: AxisVector
  /// The number of elements along each axis; may be 0.
  public let size: Shape

  /// Creates a region from its origin and size.
  ///
  /// - Throws: `invalidArgument` when the ranks differ, an entry is negative, or origin + size does not fit in an `Int`.
  public init(origin: AxisVector, size: Shape) throws(IOLinkError) {
    guard origin.count == size.count else {
      throw IOLinkError(.invalidArgument, "region: origin \(origin) and size \(size) have different ranks")
    }
    for axis in 0..<size.count {
      guard origin[axis] >= 0, size[axis] >= 0, !origin[axis].addingReportingOverflow(size[axis]).overflow else {
        throw IOLinkError(
          .invalidArgument, "region: origin is \(origin) and size is \(size), expected 0 or more and a sum within the range of an integer")
      }
    }
    self.origin = origin
    self.size = size
  }

  /// Creates the region that covers an image of this shape.
  public init(of shape: Shape) {
    origin = AxisVector(repeating: 0, count: shape.count)
    size = shape
  }

  /// Creates a region from values that are known to be valid.
  init(uncheckedOrigin origin: AxisVector, size: Shape) {
    self.origin = origin
    self.size = size
  }

  /// The number of axes.
  public var rank: Int { size.count }
  /// Whether the size along any axis is 0.
  public var isEmpty: Bool { size.contains(0) }

  /// Returns the indices that the region covers along one axis.
  public func range(along axis: Int) -> Range<Int> { origin[axis]..<(origin[axis] + size[axis]) }

  /// Checks that the region lies inside an image of this shape.
  ///
  /// - Throws: `invalidArgument` when it does not, or when the ranks differ.
  public func validate(in shape: Shape) throws(IOLinkError) {
    guard rank == shape.count else {
      throw IOLinkError(.invalidArgument, "the region has rank \(rank), expected that of the image, \(shape.count)")
    }
    for axis in 0..<rank where origin[axis] + size[axis] > shape[axis] {
      throw IOLinkError(
        .invalidArgument, "region \(self) extends past the image's shape \(shape) along axis \(axis)")
    }
  }

  /// Returns the part that this region and another one of the same rank share. Its size is 0 along every axis where they do not
  /// overlap.
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
