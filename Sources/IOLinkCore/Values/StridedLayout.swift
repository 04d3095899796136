/// Where the elements of an image lie in a block of bytes.
///
/// Component c of element (i₀, i₁, …) starts at `byteOffset + Σ iₐ × strides[a] + c × componentStride`. Strides are signed
/// numbers of bytes, in canonical order. A stride of 0 is a broadcast, which is never writable. Planar RGB, `a[..., ::-1]` and
/// Fortran arrays are all layouts of a zero-copy view. Components need not be aligned.
public struct StridedLayout: Hashable, Sendable {
  /// The offset of the element whose indices are all 0, in bytes.
  public var byteOffset: Int
  /// The distance in bytes between neighbouring elements along each axis, negative where the axis runs backwards.
  public var strides: AxisVector
  /// The distance in bytes between neighbouring components of an element.
  public var componentStride: Int

  /// Creates a layout from its parts. ``byteRange(of:_:)`` tells which bytes it needs for a shape.
  public init(byteOffset: Int = 0, strides: AxisVector, componentStride: Int) {
    self.byteOffset = byteOffset
    self.strides = strides
    self.componentStride = componentStride
  }

  /// Creates the layout of a dense image with interleaved components.
  ///
  /// - Parameters:
  ///   - shape: The lengths in canonical order, none of them negative.
  ///   - dataType: The type of the elements.
  ///   - order: All axis indices, slowest first; `nil` means canonical order with COLUMN fastest.
  ///   - byteOffset: The offset of the first element.
  /// - Throws: `invalidArgument` when `order` does not name each axis exactly once; `limitExceeded` when the byte count does not
  ///   fit in an `Int`.
  public init(dense shape: Shape, _ dataType: DataType, order: AxisVector? = nil, byteOffset: Int = 0) throws(IOLinkError) {
    if let order, !order.isPermutation(of: shape.count) {
      throw IOLinkError(.invalidArgument, "the axis order \(order) is not a permutation of \(shape.count) axes")
    }
    var strides = AxisVector(repeating: 0, count: shape.count)
    var stride = dataType.byteCount
    for position in 0..<shape.count {
      let axis = order.map { $0[shape.count - 1 - position] } ?? position
      strides[axis] = stride
      stride = try Checked.multiply(stride, max(1, shape[axis]))
    }
    self.init(byteOffset: byteOffset, strides: strides, componentStride: dataType.componentType.byteCount)
  }

  /// Returns the offset of the first byte of an element's first component.
  public func offset(of position: AxisVector) -> Int {
    var offset = byteOffset
    for axis in 0..<strides.count { offset &+= position[axis] &* strides[axis] }
    return offset
  }

  /// Returns the range of bytes, from the first to the last, in which the elements of an image of this shape lie. It is empty
  /// for an empty image.
  ///
  /// - Throws: `invalidArgument` when the ranks differ or a length is negative; `limitExceeded` when an offset does not fit in
  ///   an `Int`.
  public func byteRange(of shape: Shape, _ dataType: DataType) throws(IOLinkError) -> Range<Int> {
    guard strides.count == shape.count else {
      throw IOLinkError(.invalidArgument, "the layout has rank \(strides.count), which differs from that of shape \(shape)")
    }
    for length in shape where length < 0 {
      throw IOLinkError(.invalidArgument, "shape \(shape) has length \(length), expected 0 or more")
    }
    if shape.contains(0) { return byteOffset..<byteOffset }
    var lower = byteOffset
    var upper = byteOffset
    func extend(_ length: Int, _ stride: Int) throws(IOLinkError) {
      let reach = try Checked.multiply(length - 1, stride)
      if reach < 0 { lower = try Checked.add(lower, reach) } else { upper = try Checked.add(upper, reach) }
    }
    for axis in 0..<shape.count { try extend(shape[axis], strides[axis]) }
    try extend(dataType.componentCount, componentStride)
    return lower..<(try Checked.add(upper, dataType.componentType.byteCount))
  }

  /// Returns whether the elements lie one after another without gaps, in the given order of axes and with interleaved components.
  ///
  /// - Parameter order: All axis indices, slowest first.
  public func isDense(_ shape: Shape, _ dataType: DataType, order: AxisVector) -> Bool {
    guard let dense = try? StridedLayout(dense: shape, dataType, order: order) else { return false }
    guard strides.areEqual(dense.strides, over: shape) else { return false }
    return dataType.componentCount == 1 || componentStride == dense.componentStride
  }

  /// Returns whether two different elements, or two components of one, may share a byte.
  ///
  /// The answer is exact when each stride passes over everything that the smaller ones reach; otherwise it is `true`, even
  /// if the strides happen not to collide.
  ///
  /// - Complexity: O(rank²). Allocates nothing up to rank 7.
  public func overlaps(_ shape: Shape, _ dataType: DataType) -> Bool {
    if shape.contains(0) || ascends(shape, dataType) { return false }
    var lengths = shape
    var steps = strides
    lengths.append(dataType.componentCount)
    steps.append(componentStride)
    var extent = UInt(dataType.componentType.byteCount)
    // The steps are taken from the smallest to the largest. Each must pass over everything that the smaller ones reach.
    while let axis = Self.smallestStep(steps, lengths) {
      guard steps[axis].magnitude >= extent else { return true }
      let reach = steps[axis].magnitude.multipliedReportingOverflow(by: UInt(lengths[axis] - 1))
      let sum = reach.partialValue.addingReportingOverflow(extent)
      guard !reach.overflow, !sum.overflow else { return true }
      extent = sum.partialValue
      lengths[axis] = 1
    }
    return false
  }

  /// Whether the component and then each axis steps over everything before it, as in most layouts: then no two elements overlap.
  private func ascends(_ shape: Shape, _ dataType: DataType) -> Bool {
    var extent = UInt(dataType.componentType.byteCount)
    func passes(_ stride: Int, _ length: Int) -> Bool {
      guard length > 1 else { return true }
      guard stride.magnitude >= extent else { return false }
      let reach = stride.magnitude.multipliedReportingOverflow(by: UInt(length - 1))
      let sum = reach.partialValue.addingReportingOverflow(extent)
      extent = sum.partialValue
      return !reach.overflow && !sum.overflow
    }
    guard passes(componentStride, dataType.componentCount) else { return false }
    for axis in 0..<shape.count where !passes(strides[axis], shape[axis]) { return false }
    return true
  }

  /// Returns the axis with the smallest step among those longer than 1, or `nil` when all have length 1.
  private static func smallestStep(_ steps: AxisVector, _ lengths: AxisVector) -> Int? {
    var found: Int?
    for axis in 0..<lengths.count where lengths[axis] > 1 {
      if found.map({ steps[axis].magnitude < steps[$0].magnitude }) ?? true { found = axis }
    }
    return found
  }

  /// Returns whether every component starts at a multiple of its ``ComponentType/swapWidth``, provided that byte 0 does.
  public func isAligned(_ dataType: DataType) -> Bool {
    let unit = dataType.componentType.swapWidth
    return byteOffset % unit == 0 && componentStride % unit == 0 && strides.allSatisfy { $0 % unit == 0 }
  }
}

extension StridedLayout {
  /// Returns the layout of the components: the same layout, with the components as one more, last axis where there are several.
  func ofComponents(_ dataType: DataType) -> StridedLayout {
    guard dataType.componentCount > 1 else { return self }
    var components = self
    components.strides.append(componentStride)
    components.componentStride = 0
    return components
  }
}

extension Region {
  /// Returns the box of the components: the same box, with the components as one more, last axis where there are several.
  func ofComponents(_ dataType: DataType) -> Region {
    guard dataType.componentCount > 1 else { return self }
    var origin = origin
    var size = size
    origin.append(0)
    size.append(dataType.componentCount)
    return Region(uncheckedOrigin: origin, size: size)
  }
}

extension AxisVector {
  /// Returns whether both vectors, taken as strides, lead to the same offsets in a box of this shape. Strides along axes of
  /// length 1 do not matter.
  func areEqual(_ other: AxisVector, over shape: Shape) -> Bool {
    for axis in 0..<shape.count where shape[axis] > 1 && self[axis] != other[axis] { return false }
    return true
  }
}
