/// Whether bytes of each component are reversed on the way.
public enum ByteSwap: Hashable, Sendable {
  case none, swap

  /// What brings components of `order` into the machine's order, and back.
  public init(from order: ByteOrder) { self = order == .native ? .none : .swap }
}

/// Copies pixels between any two layouts of one shape, checked.
public enum PixelCopy {
  /// Copies all elements, all components.
  ///
  /// - Parameters:
  ///   - shape: Canonical order.
  ///   - dataType: The type on both sides.
  ///   - source: Bytes that the source layout counts from.
  ///   - sourceLayout: Strides of 0 repeat an element.
  ///   - destination: Bytes that the destination layout counts from.
  ///   - destinationLayout: No two elements share a byte.
  ///   - swapping: Whether the bytes of each component (each half of a complex one) are reversed.
  /// - Throws: `invalidArgument` when a layout has another rank than the shape, a length is negative, or an element lies
  ///   outside its span; `limitExceeded` when an offset passes the largest integer.
  /// - Complexity: O(elements); allocates nothing up to 8 axes but 64 KiB of scratch at most for transpositions.
  public static func copy(
    _ shape: Shape, _ dataType: DataType, from source: RawSpan, _ sourceLayout: StridedLayout,
    to destination: inout MutableRawSpan, _ destinationLayout: StridedLayout, swappingBytes swapping: ByteSwap = .none
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
    unsafe source.withUnsafeBytes { from in
      unsafe destination.withUnsafeMutableBytes { to in
        guard let from = from.baseAddress, let to = to.baseAddress else { return }
        // Both byte ranges were checked against their spans, so every element of the plan is inside.
        unsafe StridedCopy.run(&plan, from: from + sourceLayout.byteOffset, to: to + destinationLayout.byteOffset)
      }
    }
  }
}

extension StridedLayout {
  /// Whether every element lies inside a span.
  ///
  /// - Throws: `invalidArgument` when the ranks differ, a length is negative or an element lies outside; `limitExceeded`
  ///   when an offset passes the largest integer.
  func check(
    _ shape: Shape, _ dataType: DataType, byteCount: Int, _ side: String
  ) throws(IOLinkError) {
    for length in shape where length < 0 {
      throw IOLinkError(.invalidArgument, "length \(length) in shape \(shape)")
    }
    let range = try byteRange(of: shape, dataType)
    guard !range.isEmpty else { return }
    guard range.lowerBound >= 0, range.upperBound <= byteCount else {
      throw IOLinkError(
        .invalidArgument,
        "the \(side) layout touches bytes \(range.lowerBound) to \(range.upperBound) of \(byteCount)")
    }
  }
}
