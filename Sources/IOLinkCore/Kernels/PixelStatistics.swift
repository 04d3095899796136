/// Statistics of the components of an image, for scaling a preview and for rescaling values by their actual range.
public enum PixelStatistics {
  /// Finds the smallest and the largest component of an array.
  ///
  /// - Parameters:
  ///   - bytes: Dense components in native byte order, at any alignment.
  ///   - componentType: The type of the components. Booleans count as 0 and 1.
  ///   - context: The threads that may share a large array, and how the operation is stopped.
  /// - Returns: The smallest and the largest component, without NaN but with infinities; `nil` when there are none. Integers beyond
  ///   2^53 are rounded.
  /// - Throws: `invalidArgument` for complex components, or when the bytes are not a whole number of components; `cancelled` when the
  ///   caller asks to stop.
  /// - Complexity: O(bytes).
  public static func range(
    of bytes: RawSpan, as componentType: ComponentType, context: OperationContext = .default
  ) throws(IOLinkError) -> ClosedRange<Double>? {
    guard bytes.byteCount % componentType.byteCount == 0 else {
      throw IOLinkError(.invalidArgument, "\(bytes.byteCount) bytes are not a whole number of \(componentType.numpyName) components")
    }
    let count = bytes.byteCount / componentType.byteCount
    let layout = StridedLayout(strides: [componentType.byteCount], componentStride: componentType.byteCount)
    return try range(of: bytes, [count], DataType(componentType), layout, context: context)
  }

  /// Finds the smallest and the largest component of an image in any layout.
  ///
  /// - Parameters:
  ///   - bytes: The memory of the image.
  ///   - shape: The lengths of the axes, in canonical order.
  ///   - dataType: The type of an element. Components are in native byte order.
  ///   - layout: Where the elements lie in `bytes`.
  ///   - context: The threads that may share a large image, and how the operation is stopped.
  /// - Returns: The smallest and the largest component, as ``range(of:as:context:)`` returns them.
  /// - Throws: `invalidArgument` for complex components, when the layout has another rank than the shape, when a length is negative, and
  ///   when an element lies outside `bytes`; `limitExceeded` when an offset does not fit in an `Int`; `cancelled` when
  ///   the caller asks to stop.
  /// - Complexity: O(elements). Elements that a stride of 0 repeats are visited once.
  public static func range(
    of bytes: RawSpan, _ shape: Shape, _ dataType: DataType, _ layout: StridedLayout, context: OperationContext = .default
  ) throws(IOLinkError) -> ClosedRange<Double>? {
    guard !dataType.componentType.isComplex else {
      throw IOLinkError(.invalidArgument, "\(dataType) has no smallest and largest component: complex numbers have no order")
    }
    try layout.check(shape, dataType, byteCount: bytes.byteCount, "source")
    var plan = CopyPlan(unit: dataType.componentType.byteCount, swapWidth: 1)
    plan.append(CopyAxis(along: layout.componentStride, length: dataType.componentCount))
    for axis in 0..<shape.count { plan.append(CopyAxis(along: layout.strides[axis], length: shape[axis])) }
    guard !plan.isEmpty else { return nil }
    plan.merge()
    let found = try SharedSource.lend(bytes) { shared throws(IOLinkError) in
      try context.inParts(of: plan) { part throws(IOLinkError) -> ComponentLimits in
        try shared.withAll { bytes throws(IOLinkError) in limits(of: part, in: bytes, at: layout.byteOffset, dataType.componentType) }
      } combine: {
        $0.merge($1)
      }
    }
    return found.range
  }

  /// The limits of the elements of a plan, all of which lie inside the span.
  private static func limits(of plan: CopyPlan, in bytes: RawSpan, at offset: Int, _ componentType: ComponentType) -> ComponentLimits {
    unsafe bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return ComponentLimits() }
      // The caller vouches for every element of the plan.
      return unsafe componentType.dispatchPart(RangeVisitor(plan: plan, start: base + offset))
    }
  }
}

extension CopyAxis {
  /// An axis of a plan that has only one side. A stride of 0 repeats the same element, so visiting it once is enough.
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
    // Where the unit has several components, they are the inner loop and axis 0 the next one; otherwise axis 0 is the inner loop.
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
