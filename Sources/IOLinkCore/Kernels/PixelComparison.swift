/// How two arrays of the same type differ, component by component.
public struct PixelComparison: Hashable, Sendable {
  /// The number of components that were compared. A complex component counts once.
  public private(set) var count = 0
  /// The number of components that are not equal. NaN equals NaN, 0 equals −0, and all true booleans are equal.
  public private(set) var differingCount = 0
  /// The largest |a − b|, and for complex components the largest distance; infinite where only one of two components is NaN.
  public private(set) var maximumDifference = 0.0
  /// The index of the first component that differs; `nil` when there is none.
  public private(set) var firstDifference: Int?

  /// Makes a comparison of no components.
  public init() {}

  /// Compares all components of two arrays.
  ///
  /// - Parameters:
  ///   - left: Dense components in native byte order, at any alignment.
  ///   - right: As many components as `left` has, of the same type.
  ///   - componentType: The type of the components.
  ///   - context: The threads that a large comparison may use, and how it is stopped.
  /// - Throws: `invalidArgument` when the byte counts differ or are not a whole number of components; `cancelled` when the caller
  ///   asks to stop.
  /// - Complexity: O(bytes). Equal parts are compared at the speed of memory.
  public init(
    _ left: RawSpan, _ right: RawSpan, as componentType: ComponentType, context: OperationContext = .default
  ) throws(IOLinkError) {
    let size = componentType.byteCount
    guard left.byteCount == right.byteCount, left.byteCount % size == 0 else {
      throw IOLinkError(
        .invalidArgument,
        "\(left.byteCount) and \(right.byteCount) bytes, expected the same whole number of \(componentType.numpyName) components")
    }
    let count = left.byteCount / size
    self = try SharedSource.lend(left) { left throws(IOLinkError) in
      try SharedSource.lend(right) { right throws(IOLinkError) in
        try context.inParts(of: count, elementByteCount: size) { range throws(IOLinkError) in
          let part = (range.lowerBound * size)..<(range.upperBound * size)
          return try left.withPart(part) { left throws(IOLinkError) in
            try right.withPart(part) { right throws(IOLinkError) in Self.compare(left, right, componentType, count: range.count) }
          }
        } combine: {
          $0.append($1)
        }
      }
    }
  }

  private static func compare(_ left: RawSpan, _ right: RawSpan, _ componentType: ComponentType, count: Int) -> PixelComparison {
    unsafe left.withUnsafeBytes { first in
      unsafe right.withUnsafeBytes { second in
        guard let first = first.baseAddress, let second = second.baseAddress else { return PixelComparison() }
        // Both spans hold `count` components.
        return unsafe componentType.dispatch(ComparisonVisitor(left: first, right: second, count: count))
      }
    }
  }

  /// Whether all components that were compared are equal.
  public var isEqual: Bool { differingCount == 0 }

  /// Adds the comparison of the components that follow, so that large images can be compared piece by piece.
  public mutating func append(_ next: PixelComparison) {
    if let index = next.firstDifference, firstDifference == nil { firstDifference = count + index }
    count += next.count
    differingCount += next.differingCount
    maximumDifference = max(maximumDifference, next.maximumDifference)
  }

  fileprivate init(count: Int, differingCount: Int, maximumDifference: Double, firstDifference: Int?) {
    self.count = count
    self.differingCount = differingCount
    self.maximumDifference = maximumDifference
    self.firstDifference = firstDifference
  }
}

@unsafe
private struct ComparisonVisitor: ComponentVisitor {
  let left: UnsafeRawPointer
  let right: UnsafeRawPointer
  let count: Int

  @inline(never)
  func visit<Component: ConvertibleComponent>(_: Component.Type) -> PixelComparison {
    let size = MemoryLayout<Component>.size
    let blockBytes = 1024
    let byteCount = unsafe count &* size
    var differing = 0
    var maximum = 0.0
    var first: Int?
    var start = 0
    while start < byteCount {
      let end = min(start &+ blockBytes, byteCount)
      // Blocks end at `byteCount`, for which the caller vouches; 1024 is a whole number of components of any type.
      let isSame = unsafe end &- start == blockBytes && haveSameBytes(left + start, right + start, byteCount: blockBytes)
      if !isSame {
        for offset in Swift.stride(from: start, to: end, by: size) {
          let a = unsafe left.loadUnaligned(fromByteOffset: offset, as: Component.self)
          let b = unsafe right.loadUnaligned(fromByteOffset: offset, as: Component.self)
          let difference = a.difference(from: b)
          guard difference != 0 else { continue }
          differing &+= 1
          maximum = max(maximum, difference)
          first = first ?? offset / size
        }
      }
      start = end
    }
    return unsafe PixelComparison(
      count: count, differingCount: differing, maximumDifference: maximum, firstDifference: first)
  }

  /// Whether two blocks have the same bytes.
  ///
  /// - Parameter byteCount: The size of both, a multiple of 8.
  @unsafe
  @inline(__always)
  private func haveSameBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, byteCount: Int) -> Bool {
    var differences: UInt64 = 0
    var offset = 0
    // The caller vouches for `byteCount` bytes on both sides.
    while offset < byteCount {
      differences |=
        unsafe left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        ^ right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
    return differences == 0
  }
}

extension ConvertibleComponent {
  @inline(__always)
  func difference(from other: Self) -> Double { double.distance(from: other.double) }
}

extension ConvertibleComponent where Self: FixedWidthInteger {
  @inline(__always)
  func difference(from other: Self) -> Double {
    Double(self > other ? Magnitude(truncatingIfNeeded: self &- other) : Magnitude(truncatingIfNeeded: other &- self))
  }
}

extension ComplexComponent {
  @inline(__always)
  func difference(from other: Self) -> Double {
    let parts = (real.difference(from: other.real), imaginary.difference(from: other.imaginary))
    let long = max(parts.0, parts.1)
    guard long > 0, long.isFinite else { return long }
    // The parts are divided by the longer one, so that their squares neither overflow nor underflow.
    let ratio = min(parts.0, parts.1) / long
    return long * (1 + ratio * ratio).squareRoot()
  }
}

extension Double {
  /// |self − other|; 0 for two NaNs and for equal infinities, infinite where only one is NaN.
  @inline(__always)
  fileprivate func distance(from other: Double) -> Double {
    if self == other || (self != self && other != other) { return 0 }
    let distance = (self - other).magnitude
    return distance == distance ? distance : .infinity
  }
}
