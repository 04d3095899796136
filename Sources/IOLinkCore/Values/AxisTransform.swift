/// An index transform: which part of an image, in which order and direction of axes.
///
/// Output position p maps to source position s with s[a] = start[a] + step[a] × p[i] where `sourceAxis(of: i) == a`, and
/// s[a] = start[a] for source axes that no output axis names. Transforms compose, so a chain of lazy operations is one.
public struct AxisTransform: Hashable, Sendable {
  /// For every output axis, the source axis that it runs along, or `newAxis`; ``sourceAxis(of:)`` reads it.
  private let source: AxisVector
  /// Output shape.
  public let shape: Shape
  /// Per source axis: the first index.
  public let start: AxisVector
  /// Per source axis: how far one step goes; negative runs backwards; never 0.
  public let step: AxisVector
  /// The roles of the new axes, in the order in which they appear.
  public let newRoles: [AxisRole]

  /// Marks an output axis of length 1 that runs along no axis of the source.
  private static let newAxis = -1

  /// The source axis that an output axis runs along; `nil` for a new axis of length 1.
  public func sourceAxis(of output: Int) -> Int? { source[output] == Self.newAxis ? nil : source[output] }

  /// Nothing changes.
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

  /// From a starting point: every `step`-th of `count` samples along each axis.
  ///
  /// - Throws: `invalidArgument` when a step is 0 or a sample would lie outside `shape`.
  public init(selecting start: AxisVector, count: Shape, step: AxisVector, in shape: Shape) throws(IOLinkError) {
    guard start.count == shape.count, count.count == shape.count, step.count == shape.count else {
      throw IOLinkError(.invalidArgument, "selection of rank \(start.count) in an image of rank \(shape.count)")
    }
    for axis in 0..<shape.count {
      guard step[axis] != 0, count[axis] >= 0 else {
        throw IOLinkError(.invalidArgument, "\(count[axis]) samples with step \(step[axis]) along axis \(axis)")
      }
      if count[axis] == 0 { continue }
      let last = try Checked.add(start[axis], Checked.multiply(count[axis] - 1, step[axis]))
      guard start[axis] >= 0, start[axis] < shape[axis], last >= 0, last < shape[axis] else {
        throw IOLinkError(.invalidArgument, "samples \(start[axis]) to \(last) along axis \(axis) of length \(shape[axis])")
      }
    }
    self.init(source: .identity(rank: shape.count), shape: count, start: start, step: step, newRoles: [])
  }

  /// Another order of axes: output axis i is source axis `permutation[i]`. Axes that are not named must have been fixed
  /// by ``fixing(_:at:in:)``.
  ///
  /// - Throws: `invalidArgument` when it is not a permutation.
  public init(permuting permutation: AxisVector, of shape: Shape) throws(IOLinkError) {
    guard permutation.isPermutation(of: shape.count) else {
      throw IOLinkError(.invalidArgument, "\(permutation) is not a permutation of \(shape.count) axes")
    }
    self.init(
      source: permutation, shape: shape.permuted(by: permutation), start: AxisVector(repeating: 0, count: shape.count),
      step: AxisVector(repeating: 1, count: shape.count), newRoles: [])
  }

  /// One index along an axis, which disappears.
  ///
  /// - Throws: `invalidArgument` when axis or index do not exist.
  public init(fixing axis: Int, at index: Int, in shape: Shape) throws(IOLinkError) {
    guard axis >= 0, axis < shape.count, index >= 0, index < shape[axis] else {
      throw IOLinkError(.invalidArgument, "index \(index) along axis \(axis) of shape \(shape)")
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

  /// A new axis of length 1 at `position`.
  ///
  /// - Throws: `invalidArgument` when the position does not exist.
  public init(inserting role: AxisRole, at position: Int, in shape: Shape) throws(IOLinkError) {
    guard position >= 0, position <= shape.count else {
      throw IOLinkError(.invalidArgument, "a new axis at position \(position) of \(shape.count)")
    }
    var source = AxisVector.identity(rank: shape.count)
    var output = shape
    source.insert(Self.newAxis, at: position)
    output.insert(1, at: position)
    self.init(
      source: source, shape: output, start: AxisVector(repeating: 0, count: shape.count),
      step: AxisVector(repeating: 1, count: shape.count), newRoles: [role])
  }

  /// The shape of the image this transform applies to has this rank.
  public var sourceRank: Int { start.count }

  /// This transform, then `next`, as one.
  ///
  /// - Throws: `invalidArgument` when `next` does not start from this output.
  public func then(_ next: AxisTransform) throws(IOLinkError) -> AxisTransform {
    guard next.sourceRank == shape.count else {
      throw IOLinkError(.invalidArgument, "a transform of rank \(next.sourceRank) after one of rank \(shape.count)")
    }
    var newStart = start
    var newStep = step
    for output in 0..<shape.count {
      guard let axis = sourceAxis(of: output) else { continue }
      // What overflows belongs to an axis of at most one sample, of which the step does not matter.
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

  private func role(ofNewAxis output: Int) -> AxisRole {
    let earlier = (0..<output).filter { sourceAxis(of: $0) == nil }.count
    return earlier < newRoles.count ? newRoles[earlier] : .unknown
  }

  /// The layout of the output over memory that has `layout` for the source. No pixel moves.
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

  /// The axes of the output: lengths, calibration and source order follow the samples.
  ///
  /// Where the samples leave canonical order (a transposition), roles stay with their places: what ran along ROW now
  /// runs along COLUMN. Unknown axes take along that they are.
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
    let roles = named.map { axes[$0].role }.enumerated().sorted {
      ($0.element.canonicalRank, $0.offset) < ($1.element.canonicalRank, $1.offset)
    }
    for (position, role) in zip(named, roles) { axes[position].role = role.element }
    let new = (0..<shape.count).filter { sourceAxis(of: $0) == nil }
    let kept = properties.sourceOrder.compactMap { axis in source.firstIndex(of: axis) }
    // New axes are the slowest; unknown ones keep their places, and new ones stand behind them.
    return try properties.with(axes: axes, sourceOrder: AxisVector(properties.hasUnknownAxes ? kept + new : new + kept))
  }

  /// The smallest box of the source that an output region touches, with steps all positive, and how the region's layout
  /// lies over it.
  ///
  /// - Returns: Per source axis start, count and step (≥ 1), and the destination's layout in source order of axes.
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

extension AxisTransform {
  /// What a chunk of the source looks like in the output.
  func chunkShape(_ chunk: Shape) -> Shape {
    var result = AxisVector(repeating: 1, count: shape.count)
    for output in 0..<shape.count {
      guard let axis = sourceAxis(of: output) else { continue }
      let length = Checked.ceilingDivide(chunk[axis], Int(clamping: step[axis].magnitude))
      result[output] = max(1, min(length, shape[output]))
    }
    return result
  }
}
