/// Where the elements of an image lie in a block of bytes.
///
/// Element (i₀, i₁, …), component c starts at `byteOffset + Σ iₐ × strides[a] + c × componentStride`. Strides are signed
/// bytes, canonical order; 0 is a broadcast (never writable). Planar RGB, `a[..., ::-1]` and Fortran arrays are all
/// layouts of a zero-copy view. Alignment is not promised.
public struct StridedLayout: Hashable, Sendable {
  public var byteOffset: Int
  public var strides: AxisVector
  public var componentStride: Int

  public init(byteOffset: Int = 0, strides: AxisVector, componentStride: Int) {
    self.byteOffset = byteOffset
    self.strides = strides
    self.componentStride = componentStride
  }

  /// Dense, components interleaved, in the given order of axes.
  ///
  /// - Parameter order: Axis indices, slowest first; `nil` is canonical order with COLUMN fastest.
  /// - Throws: `limitExceeded` when the byte count does not fit in an `Int`.
  public init(dense shape: Shape, _ dataType: DataType, order: AxisVector? = nil, byteOffset: Int = 0) throws(IOLinkError) {
    var strides = AxisVector(repeating: 0, count: shape.count)
    var stride = dataType.byteCount
    for position in 0..<shape.count {
      let axis = order.map { $0[shape.count - 1 - position] } ?? position
      strides[axis] = stride
      stride = try Checked.multiply(stride, max(1, shape[axis]))
    }
    self.init(byteOffset: byteOffset, strides: strides, componentStride: dataType.componentType.byteCount)
  }

  /// Offset of the first byte of an element.
  public func offset(of position: AxisVector) -> Int {
    var offset = byteOffset
    for axis in 0..<strides.count { offset &+= position[axis] &* strides[axis] }
    return offset
  }

  /// The half-open range of bytes that an image of this shape touches; empty for an empty image.
  ///
  /// - Throws: `invalidArgument` when the ranks differ or a length is negative; `limitExceeded` when an offset passes the
  ///   largest integer.
  public func byteRange(of shape: Shape, _ dataType: DataType) throws(IOLinkError) -> Range<Int> {
    guard strides.count == shape.count else {
      throw IOLinkError(.invalidArgument, "layout of rank \(strides.count) for shape \(shape)")
    }
    for length in shape where length < 0 { throw IOLinkError(.invalidArgument, "length \(length) in shape \(shape)") }
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

  /// Whether the elements lie one behind the other, without gaps, in some order of axes with components interleaved.
  public func isDense(_ shape: Shape, _ dataType: DataType, order: AxisVector) -> Bool {
    guard let dense = try? StridedLayout(dense: shape, dataType, order: order) else { return false }
    guard strides.areEqual(dense.strides, over: shape) else { return false }
    return dataType.componentCount == 1 || componentStride == dense.componentStride
  }

  /// Whether two different elements may share a byte. Exact for nested strides; conservative otherwise.
  ///
  /// - Complexity: O(rank²). Allocates nothing up to rank 7.
  public func overlaps(_ shape: Shape, _ dataType: DataType) -> Bool {
    if shape.contains(0) { return false }
    var lengths = shape
    var steps = strides
    lengths.append(dataType.componentCount)
    steps.append(componentStride)
    var extent = UInt(dataType.componentType.byteCount)
    // From the smallest step to the largest: each must pass over all that the smaller ones reach.
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

  /// The axis longer than 1 with the smallest step; `nil` when there is none.
  private static func smallestStep(_ steps: AxisVector, _ lengths: AxisVector) -> Int? {
    var found: Int?
    for axis in 0..<lengths.count where lengths[axis] > 1 {
      if found.map({ steps[axis].magnitude < steps[$0].magnitude }) ?? true { found = axis }
    }
    return found
  }

  /// Whether every component starts at a multiple of its own size, given that byte 0 does.
  public func isAligned(_ dataType: DataType) -> Bool {
    let unit = dataType.componentType.swapWidth
    return byteOffset % unit == 0 && componentStride % unit == 0 && strides.allSatisfy { $0 % unit == 0 }
  }
}

extension StridedLayout {
  /// The same with the component as one last axis, where there is more than one: a layout of components.
  func ofComponents(_ dataType: DataType) -> StridedLayout {
    guard dataType.componentCount > 1 else { return self }
    var components = self
    components.strides.append(componentStride)
    components.componentStride = 0
    return components
  }
}

extension Region {
  /// The same with the component as one last axis, where there is more than one: a box of components.
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
  /// Whether both, taken as strides, give the same positions over a box of this shape: strides along axes of length 1 do not matter.
  func areEqual(_ other: AxisVector, over shape: Shape) -> Bool {
    for axis in 0..<shape.count where shape[axis] > 1 && self[axis] != other[axis] { return false }
    return true
  }
}
