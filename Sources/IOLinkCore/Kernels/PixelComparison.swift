/// How two arrays of the same type differ, component by component.
public struct PixelComparison: Hashable, Sendable {
  /// Components compared; both parts of a complex one count as one.
  public private(set) var count = 0
  /// Components that are not equal. NaN equals NaN, 0 equals −0, any true boolean equals any other.
  public private(set) var differingCount = 0
  /// The largest |a − b|; of complex components, the largest distance. Infinite where NaN meets a component.
  public private(set) var maximumDifference = 0.0
  /// The index of the first component that differs.
  public private(set) var firstDifference: Int?

  /// Nothing compared yet.
  public init() {}

  /// Compares all components.
  ///
  /// - Parameters:
  ///   - left: Components one behind the other, native byte order, any alignment.
  ///   - right: Exactly as many.
  ///   - scalar: The type of both.
  /// - Throws: `invalidArgument` when the byte counts differ or are not a whole number of components.
  /// - Complexity: O(bytes); equal parts at the speed of memory.
  public init(_ left: RawSpan, _ right: RawSpan, as componentType: ComponentType) throws(IOLinkError) {
    guard left.byteCount == right.byteCount, left.byteCount % componentType.byteCount == 0 else {
      throw IOLinkError(
        .invalidArgument,
        "\(left.byteCount) and \(right.byteCount) bytes, expected the same whole number of \(componentType.numpyName)")
    }
    self = unsafe left.withUnsafeBytes { first in
      unsafe right.withUnsafeBytes { second in
        guard let first = first.baseAddress, let second = second.baseAddress else { return PixelComparison() }
        // Both spans hold this many components, as checked above.
        return unsafe componentType.dispatch(
          ComparisonVisitor(left: first, right: second, count: left.byteCount / componentType.byteCount))
      }
    }
  }

  public var isEqual: Bool { differingCount == 0 }

  /// Takes in the comparison of the components that follow, so that large images can be compared piece by piece.
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

  /// - Parameter byteCount: A multiple of 8.
  @unsafe
  @inline(__always)
  private func haveSameBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, byteCount: Int) -> Bool {
    var differences: UInt64 = 0
    var offset = 0
    // The caller vouches for byteCount bytes on both sides.
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
    // Scaled, so that squares neither overflow nor vanish.
    let ratio = min(parts.0, parts.1) / long
    return long * (1 + ratio * ratio).squareRoot()
  }
}

extension Double {
  /// |self − other|; 0 for two NaNs and for equal infinities, infinite where one is NaN.
  @inline(__always)
  fileprivate func distance(from other: Double) -> Double {
    if self == other || (self != self && other != other) { return 0 }
    let distance = (self - other).magnitude
    return distance == distance ? distance : .infinity
  }
}
