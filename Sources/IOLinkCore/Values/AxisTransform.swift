/// An index transform: a part of an image, with its axes in any order and direction.
///
/// The transform maps output position p to source position s. Where `sourceAxis(of: i) == a`, s[a] = start[a] + step[a] × p[i];
/// for a source axis a along which no output axis runs, s[a] = start[a]. Transforms compose, so a chain of lazy operations is
/// a single transform.
public struct AxisTransform: Hashable, Sendable {
  /// For every output axis, the source axis that it runs along, or `newAxis`; ``sourceAxis(of:)`` reads it.
  private let source: AxisVector
  /// The shape of the output.
  public let shape: Shape
  /// The first index along each source axis.
  public let start: AxisVector
  /// The distance between neighbouring indices along each source axis, never 0; an axis with a negative step runs backwards.
  public let step: AxisVector
  /// The roles of the new axes, in the order in which they appear in the output.
  public let newRoles: [AxisRole]

  /// Marks an output axis of length 1 that runs along no axis of the source.
  private static let newAxis = -1

  /// Returns the source axis along which an output axis runs; `nil` for a new axis of length 1.
  public func sourceAxis(of output: Int) -> Int? { source[output] == Self.newAxis ? nil : source[output] }

  /// Creates the transform that changes nothing in an image of this shape.
  public init(identity shape: Shape) {
    source = .identity(rank: shape.count)
    self.shape = shape
    start = AxisVector(repeating: 0, count: shape.count)
    step = AxisVector(repeating: 1, count: shape.count)
    newRoles = []
  }

  private init(source: AxisVector, shape: Shape, start: AxisVector, step: AxisVector, newRoles: [AxisRole]) {
    self.source = source
    self.shape = shape
    self.start = start
    self.step = step
    self.newRoles = newRoles
  }

  /// Creates a transform that takes `count` elements along each axis: every `step`-th, beginning with index `start`.
  ///
  /// - Throws: `invalidArgument` when the ranks differ, a step is 0, a count is negative, or an element would lie outside
  ///   `shape`; `limitExceeded` when the last index does not fit in an `Int`.
  public init(selecting start: AxisVector, count: Shape, step: AxisVector, in shape: Shape) throws(IOLinkError) {
    guard start.count == shape.count, count.count == shape.count, step.count == shape.count else {
      throw IOLinkError(.invalidArgument, "the selection has rank \(start.count), expected that of the image, \(shape.count)")
    }
    for axis in 0..<shape.count {
      guard step[axis] != 0, count[axis] >= 0 else {
        throw IOLinkError(
          .invalidArgument,
          "count is \(count[axis]) and step is \(step[axis]) along axis \(axis), expected a count of 0 or more and a step other than 0")
      }
      if count[axis] == 0 { continue }
      let last = try Checked.add(start[axis], Checked.multiply(count[axis] - 1, step[axis]))
      guard start[axis] >= 0, start[axis] < shape[axis], last >= 0, last < shape[axis] else {
        throw IOLinkError(
          .invalidArgument, "indices \(start[axis]) to \(last) do not lie inside axis \(axis), which has length \(shape[axis])")
      }
    }
    self.init(source: .identity(rank: shape.count), shape: count, start: start, step: step, newRoles: [])
  }

  /// Creates a transform that reorders axes: output axis i runs along source axis `permutation[i]`.
  ///
  /// - Throws: `invalidArgument` when `permutation` does not name each axis exactly once.
  public init(permuting permutation: AxisVector, of shape: Shape) throws(IOLinkError) {
    guard permutation.isPermutation(of: shape.count) else {
      throw IOLinkError(.invalidArgument, "\(permutation) is not a permutation of \(shape.count) axes")
    }
    self.init(
      source: permutation, shape: shape.permuted(by: permutation), start: AxisVector(repeating: 0, count: shape.count),
      step: AxisVector(repeating: 1, count: shape.count), newRoles: [])
  }

  /// Creates a transform that keeps one index along an axis and drops the axis.
  ///
  /// - Throws: `invalidArgument` when the axis or the index does not exist.
  public init(fixing axis: Int, at index: Int, in shape: Shape) throws(IOLinkError) {
    guard axis >= 0, axis < shape.count, index >= 0, index < shape[axis] else {
      throw IOLinkError(.invalidArgument, "index \(index) lies outside axis \(axis) of an image of shape \(shape)")
    }
    var source = AxisVector.identity(rank: shape.count)
    var output = shape
    var start = AxisVector(repeating: 0, count: shape.count)
    source.remove(at: axis)
    output.remove(at: axis)
    start[axis] = index
    self.init(
      source: source, shape: output, start: start, step: AxisVector(repeating: 1, count: shape.count), newRoles: [])
  }

  /// Creates a transform that adds an axis of length 1, whose index in the output is `position`.
  ///
  /// - Throws: `invalidArgument` when `position` is not between 0 and the rank of `shape`.
  public init(inserting role: AxisRole, at position: Int, in shape: Shape) throws(IOLinkError) {
    guard position >= 0, position <= shape.count else {
      throw IOLinkError(.invalidArgument, "position of the new axis is \(position), expected 0 to \(shape.count)")
    }
    var source = AxisVector.identity(rank: shape.count)
    var output = shape
    source.insert(Self.newAxis, at: position)
    output.insert(1, at: position)
    self.init(
      source: source, shape: output, start: AxisVector(repeating: 0, count: shape.count),
      step: AxisVector(repeating: 1, count: shape.count), newRoles: [role])
  }

  /// The rank of the images to which this transform applies.
  public var sourceRank: Int { start.count }

  /// Returns one transform that does what this one and then `next` do.
  ///
  /// - Throws: `invalidArgument` when `next` does not apply to images of this output's rank, or reaches outside its shape.
  public func then(_ next: AxisTransform) throws(IOLinkError) -> AxisTransform {
    guard next.sourceRank == shape.count else {
      throw IOLinkError(
        .invalidArgument, "the next transform applies to images of rank \(next.sourceRank), but the output has rank \(shape.count)")
    }
    guard next.stays(inside: shape) else {
      throw IOLinkError(.invalidArgument, "the next transform reaches outside the output's shape \(shape)")
    }
    var newStart = start
    var newStep = step
    for output in 0..<shape.count {
      guard let axis = sourceAxis(of: output) else { continue }
      // A product can overflow only where the axis has at most one element, and there the step does not matter.
      let isEmpty = next.source.firstIndex(of: output).map { next.shape[$0] == 0 } ?? false
      if !isEmpty { newStart[axis] = start[axis] + step[axis] * next.start[output] }
      let product = step[axis].multipliedReportingOverflow(by: next.step[output])
      newStep[axis] = product.overflow ? 1 : product.partialValue
    }
    var newSource = AxisVector(repeating: 0, count: next.shape.count)
    var roles: [AxisRole] = []
    var pending = next.newRoles[...]
    for output in 0..<next.shape.count {
      if let middle = next.sourceAxis(of: output) {
        newSource[output] = source[middle]
        if sourceAxis(of: middle) == nil { roles.append(role(ofNewAxis: middle)) }
      } else {
        newSource[output] = Self.newAxis
        roles.append(pending.popFirst() ?? .unknown)
      }
    }
    return AxisTransform(source: newSource, shape: next.shape, start: newStart, step: newStep, newRoles: roles)
  }

  /// Whether every index that this transform takes lies inside a source of this shape.
  private func stays(inside shape: Shape) -> Bool {
    var lengths = AxisVector(repeating: 1, count: sourceRank)
    for output in 0..<self.shape.count {
      if let axis = sourceAxis(of: output) { lengths[axis] = self.shape[output] }
    }
    return lengths.indices.allSatisfy { axis in
      guard lengths[axis] > 0 else { return true }
      let (distance, overflows) = step[axis].multipliedReportingOverflow(by: lengths[axis] - 1)
      let (last, passes) = start[axis].addingReportingOverflow(distance)
      let range = 0..<max(0, shape[axis])
      return !overflows && !passes && range.contains(start[axis]) && range.contains(last)
    }
  }

  private func role(ofNewAxis output: Int) -> AxisRole {
    let earlier = (0..<output).filter { sourceAxis(of: $0) == nil }.count
    return earlier < newRoles.count ? newRoles[earlier] : .unknown
  }

  /// Returns the layout of the output in memory in which the source has `layout`. Pixels are not moved.
  public func apply(to layout: StridedLayout) -> StridedLayout {
    var offset = layout.byteOffset
    for axis in 0..<start.count { offset &+= start[axis] &* layout.strides[axis] }
    var strides = AxisVector(repeating: 0, count: shape.count)
    for output in 0..<shape.count {
      guard let axis = sourceAxis(of: output) else { continue }
      strides[output] = layout.strides[axis] &* step[axis]
    }
    return StridedLayout(
      byteOffset: shape.contains(0) ? layout.byteOffset : offset, strides: strides, componentStride: layout.componentStride)
  }

  /// Returns the properties of the output. Lengths, calibration and source order follow the elements.
  ///
  /// Where axes leave canonical order, as in a transposition, the roles are assigned again in canonical order: what ran along
  /// ROW now runs along COLUMN. An unknown axis stays unknown wherever it moves.
  ///
  /// - Throws: `invalidArgument` when a new axis has a role that the image has already; `limitExceeded` when the output has
  ///   more than 32 axes.
  func apply(to properties: ImageProperties) throws(IOLinkError) -> ImageProperties {
    var axes: [Axis] = []
    for output in 0..<shape.count {
      if let axis = sourceAxis(of: output) {
        axes.append(properties.axes[axis].selecting(start: start[axis], step: step[axis], count: shape[output]))
      } else {
        axes.append(Axis(role(ofNewAxis: output), length: 1))
      }
    }
    let named = axes.indices.filter { axes[$0].role != .unknown }
    let roles = named.map { axes[$0].role }.enumerated().ordered {
      ($0.element.canonicalRank, $0.offset) < ($1.element.canonicalRank, $1.offset)
    }
    for (position, role) in zip(named, roles) { axes[position].role = role.element }
    let new = (0..<shape.count).filter { sourceAxis(of: $0) == nil }
    let kept = properties.sourceOrder.compactMap { axis in source.firstIndex(of: axis) }
    // New axes become the slowest in source order. Unknown axes must keep the order of their array, so new ones follow them.
    return try properties.with(axes: axes, sourceOrder: AxisVector(properties.hasUnknownAxes ? kept + new : new + kept))
  }

  /// Returns the elements of the source that an output region selects, with all steps positive, and the layout of the region
  /// in terms of the source's axes.
  ///
  /// - Returns: Start, count and step (1 or more) along each source axis, and the layout with one stride per source axis.
  func selection(of region: Region, layout: StridedLayout) -> (Selection, StridedLayout) {
    var start = self.start
    var count = AxisVector(repeating: 1, count: sourceRank)
    var step = AxisVector(repeating: 1, count: sourceRank)
    var strides = AxisVector(repeating: 0, count: sourceRank)
    var offset = layout.byteOffset
    for output in 0..<shape.count {
      guard let axis = sourceAxis(of: output) else { continue }
      let length = region.size[output]
      let first = length == 0 ? self.start[axis] : self.start[axis] + self.step[axis] * region.origin[output]
      count[axis] = length
      strides[axis] = layout.strides[output]
      if length <= 1 {
        start[axis] = first
      } else if self.step[axis] > 0 {
        start[axis] = first
        step[axis] = self.step[axis]
      } else {
        start[axis] = first + self.step[axis] * (length - 1)
        step[axis] = -self.step[axis]
        strides[axis] = -layout.strides[output]
        offset += layout.strides[output] * (length - 1)
      }
    }
    return (
      Selection(start: start, count: count, step: step),
      StridedLayout(byteOffset: offset, strides: strides, componentStride: layout.componentStride)
    )
  }
}
