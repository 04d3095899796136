/// What the components of an image are like: for autoscaling a preview and for rescaling by the actual range.
public enum PixelStatistics {
  /// The smallest and the largest component, ignoring NaN; `nil` when there is none.
  ///
  /// - Parameters:
  ///   - bytes: Components one behind the other, native byte order, any alignment.
  ///   - scalar: Their type. Booleans are 0 and 1.
  /// - Returns: As doubles; integers beyond 2^53 are rounded. Infinities count.
  /// - Throws: `invalidArgument` for complex components, or when the bytes are not a whole number of components.
  /// - Complexity: O(bytes).
  public static func range(of bytes: RawSpan, as componentType: ComponentType) throws(IOLinkError) -> ClosedRange<Double>? {
    guard bytes.byteCount % componentType.byteCount == 0 else {
      throw IOLinkError(.invalidArgument, "\(bytes.byteCount) bytes are not a whole number of \(componentType.numpyName)")
    }
    let count = bytes.byteCount / componentType.byteCount
    let layout = StridedLayout(strides: [componentType.byteCount], componentStride: componentType.byteCount)
    return try range(of: bytes, [count], DataType(componentType), layout)
  }

  /// The smallest and the largest number of an image in any layout, over all components.
  ///
  /// - Parameters:
  ///   - bytes: What the layout counts from.
  ///   - shape: Canonical order.
  ///   - dataType: Elements in native byte order.
  ///   - layout: Where they are; repeated elements are looked at once.
  /// - Returns: As ``range(of:as:)``.
  /// - Throws: `invalidArgument` for complex components and when an element lies outside `bytes`; `limitExceeded` when an
  ///   offset passes the largest integer.
  public static func range(
    of bytes: RawSpan, _ shape: Shape, _ dataType: DataType, _ layout: StridedLayout
  ) throws(IOLinkError) -> ClosedRange<Double>? {
    guard !dataType.componentType.isComplex else {
      throw IOLinkError(.invalidArgument, "\(dataType) has no smallest and largest component: complex components have no order")
    }
    try layout.check(shape, dataType, byteCount: bytes.byteCount, "source")
    var plan = CopyPlan(unit: dataType.componentType.byteCount, swapWidth: 1)
    plan.append(CopyAxis(along: layout.componentStride, length: dataType.componentCount))
    for axis in 0..<shape.count { plan.append(CopyAxis(along: layout.strides[axis], length: shape[axis])) }
    guard !plan.isEmpty else { return nil }
    plan.merge()
    let limits = unsafe bytes.withUnsafeBytes { buffer -> ComponentLimits in
      guard let base = buffer.baseAddress else { return ComponentLimits() }
      // The layout was checked against the span, so every element of the plan is inside.
      return unsafe dataType.componentType.dispatchPart(RangeVisitor(plan: plan, start: base + layout.byteOffset))
    }
    return limits.range
  }
}

extension CopyAxis {
  /// One side only. A stride of 0 repeats the same element: one of them is enough.
  fileprivate init(along stride: Int, length: Int) {
    self.init(length: stride == 0 ? min(length, 1) : length, source: stride, destination: stride)
  }
}

@unsafe
private struct RangeVisitor: ComponentVisitor {
  let plan: CopyPlan
  let start: UnsafeRawPointer

  @inline(never)
  func visit<Component: ConvertibleComponent>(_: Component.Type) -> ComponentLimits {
    let size = MemoryLayout<Component>.size
    // Contiguous components of all of axis 0 where it has no gaps; else of one position, and axis 0 is the loop inside.
    let plan = unsafe plan
    let isDense = plan.unit > size || plan.count == 0
    let inner = isDense ? CopyAxis(length: plan.unit / size, source: size, destination: size) : plan[0]
    let rows = isDense && plan.count > 0 ? plan[0] : CopyAxis()
    let planes = plan.count > 1 ? plan[1] : CopyAxis()
    var limits = ComponentLimits()
    plan.forEachPlane { offset, _ in
      for plane in 0..<planes.length {
        for row in 0..<rows.length {
          // An element inside the shape, for which the caller vouches.
          let first = unsafe start + (offset &+ plane &* planes.source &+ row &* rows.source)
          unsafe limits.merge(Component.limits(first, count: inner.length, stride: inner.source))
        }
      }
    }
    return limits
  }
}
