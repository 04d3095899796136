/// Whether the bytes of each component are reversed.
public enum ByteSwap: Hashable, Sendable {
  /// `none` keeps the order of the bytes; `swap` reverses the bytes of each component, or of each part of a complex one.
  case none, swap

  /// The swap that brings components from a byte order into the native one, and back.
  public init(from order: ByteOrder) { self = order == .native ? .none : .swap }
}

/// Copies pixels between any two layouts of the same shape, and checks that both lie inside their memory.
public enum PixelCopy {
  /// Copies all components of all elements.
  ///
  /// - Parameters:
  ///   - shape: The lengths of the axes, in canonical order.
  ///   - dataType: The type of an element on both sides.
  ///   - source: The memory to copy from.
  ///   - sourceLayout: Where the elements lie in `source`. A stride of 0 repeats an element.
  ///   - destination: The memory to copy to; it does not overlap `source`.
  ///   - destinationLayout: Where the elements go in `destination`. No two elements may share a byte; this is not checked.
  ///   - swapping: Whether the bytes of each component are reversed.
  ///   - context: The threads that a large copy may use, and how it is stopped.
  /// - Throws: `invalidArgument` when a layout has another rank than the shape, a length is negative, or an element lies outside
  ///   its memory; `limitExceeded` when an offset does not fit in an `Int`; `cancelled` when the caller asks to stop.
  /// - Complexity: O(elements). Up to 8 axes, a copy of less than 2 MiB allocates nothing, except at most 64 KiB of scratch for a
  ///   transposition.
  public static func copy(
    _ shape: Shape, _ dataType: DataType, from source: RawSpan, _ sourceLayout: StridedLayout,
    to destination: inout MutableRawSpan, _ destinationLayout: StridedLayout, swappingBytes swapping: ByteSwap = .none,
    context: OperationContext = .default
  ) throws(IOLinkError) {
    try sourceLayout.check(shape, dataType, byteCount: source.byteCount, "source")
    try destinationLayout.check(shape, dataType, byteCount: destination.byteCount, "destination")
    guard !shape.contains(0) else { return }

    let unit = dataType.componentType.byteCount
    var plan = CopyPlan(unit: unit, swapWidth: swapping == .swap ? dataType.componentType.swapWidth : 1)
    plan.append(
      CopyAxis(
        length: dataType.componentCount, source: sourceLayout.componentStride,
        destination: destinationLayout.componentStride))
    plan.append(shape, sourceLayout.strides, destinationLayout.strides)
    plan.arrange()
    // The destination holds this many bytes, so the product does not overflow. Asking the plan would copy it.
    guard context.isWorthParts(shape.reduce(dataType.byteCount, &*)) else {
      return move(&plan, from: source, at: sourceLayout.byteOffset, to: &destination, at: destinationLayout.byteOffset)
    }
    try moveInParts(plan, from: source, at: sourceLayout.byteOffset, to: &destination, at: destinationLayout.byteOffset, context)
  }

  /// Carries out a large plan. It is a function of its own so that small copies do not copy their plan for the closures.
  @inline(never)
  private static func moveInParts(
    _ plan: CopyPlan, from source: RawSpan, at sourceOffset: Int, to destination: inout MutableRawSpan, at destinationOffset: Int,
    _ context: OperationContext
  ) throws(IOLinkError) {
    try SharedSource.lend(source) { from throws(IOLinkError) in
      try SharedDestination.lend(&destination) { to throws(IOLinkError) in
        try context.inParts(of: plan) { part throws(IOLinkError) in
          var part = part
          try from.withAll { source throws(IOLinkError) in
            to.withAll { move(&part, from: source, at: sourceOffset, to: &$0, at: destinationOffset) }
          }
        } combine: { _, _ in }
      }
    }
  }

  /// Carries out a plan whose elements lie inside both spans.
  private static func move(
    _ plan: inout CopyPlan, from source: RawSpan, at sourceOffset: Int, to destination: inout MutableRawSpan, at destinationOffset: Int
  ) {
    unsafe source.withUnsafeBytes { from in
      unsafe destination.withUnsafeMutableBytes { to in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        // The caller vouches for every element of the plan.
        unsafe StridedCopy.run(&plan, from: from + sourceOffset, to: to + destinationOffset)
      }
    }
  }
}

extension StridedLayout {
  /// Checks that every element lies inside a span of `byteCount` bytes.
  ///
  /// - Parameter side: What the layout is called in the error: "source" or "destination".
  /// - Throws: `invalidArgument` when the ranks differ, a length is negative, or an element lies outside; `limitExceeded` when an
  ///   offset does not fit in an `Int`.
  func check(
    _ shape: Shape, _ dataType: DataType, byteCount: Int, _ side: String
  ) throws(IOLinkError) {
    for length in shape where length < 0 {
      throw IOLinkError(.invalidArgument, "a length is \(length) in shape \(shape), expected 0 or more")
    }
    let range = try byteRange(of: shape, dataType)
    guard !range.isEmpty else { return }
    guard range.lowerBound >= 0, range.upperBound <= byteCount else {
      throw IOLinkError(
        .invalidArgument,
        "the \(side) layout touches bytes \(range.lowerBound) to \(range.upperBound), expected a range inside \(byteCount) bytes")
    }
  }
}
