/// The smallest and the largest of some components; the other way round when there was none.
struct ComponentLimits {
  var smallest = Double.infinity
  var largest = -Double.infinity

  var range: ClosedRange<Double>? { smallest <= largest ? smallest...largest : nil }

  mutating func merge(_ other: ComponentLimits) {
    smallest = Swift.min(smallest, other.smallest)
    largest = Swift.max(largest, other.largest)
  }
}

extension ConvertibleComponent {
  @unsafe
  @inline(__always)
  static func limits(_ start: UnsafeRawPointer, count: Int, stride: Int) -> ComponentLimits {
    var limits = ComponentLimits()
    // The caller vouches for `count` components; loads are unaligned. Comparisons with NaN are false.
    for index in 0..<count {
      let component = unsafe start.loadUnaligned(fromByteOffset: index &* stride, as: Self.self).double
      limits.smallest = component < limits.smallest ? component : limits.smallest
      limits.largest = component > limits.largest ? component : limits.largest
    }
    return limits
  }
}

extension ConvertibleComponent where Self: FixedWidthInteger {
  @unsafe
  @inline(__always)
  static func limits(_ start: UnsafeRawPointer, count: Int, stride: Int) -> ComponentLimits {
    guard count > 0 else { return ComponentLimits() }
    var smallest = max
    var largest = min
    // The caller vouches for `count` components; loads are unaligned. Two loops, so that the dense one vectorises.
    if stride == MemoryLayout<Self>.size {
      for index in 0..<count {
        let component = unsafe start.loadUnaligned(fromByteOffset: index &* MemoryLayout<Self>.size, as: Self.self)
        smallest = Swift.min(smallest, component)
        largest = Swift.max(largest, component)
      }
    } else {
      for index in 0..<count {
        let component = unsafe start.loadUnaligned(fromByteOffset: index &* stride, as: Self.self)
        smallest = Swift.min(smallest, component)
        largest = Swift.max(largest, component)
      }
    }
    return ComponentLimits(smallest: Double(smallest), largest: Double(largest))
  }
}

extension ConvertibleComponent where Self: BinaryFloatingPoint {
  @unsafe
  @inline(__always)
  static func limits(_ start: UnsafeRawPointer, count: Int, stride: Int) -> ComponentLimits {
    // Four running minima: one alone would wait for itself. Comparisons with NaN are false.
    var smallest: (Self, Self, Self, Self) = (.infinity, .infinity, .infinity, .infinity)
    var largest: (Self, Self, Self, Self) = (-.infinity, -.infinity, -.infinity, -.infinity)
    var index = 0
    // The components looked at are below `count`, for which the caller vouches; loads are unaligned.
    while index &+ 4 <= count {
      let a = unsafe start.loadUnaligned(fromByteOffset: index &* stride, as: Self.self)
      let b = unsafe start.loadUnaligned(fromByteOffset: (index &+ 1) &* stride, as: Self.self)
      let c = unsafe start.loadUnaligned(fromByteOffset: (index &+ 2) &* stride, as: Self.self)
      let d = unsafe start.loadUnaligned(fromByteOffset: (index &+ 3) &* stride, as: Self.self)
      smallest.0 = a < smallest.0 ? a : smallest.0
      smallest.1 = b < smallest.1 ? b : smallest.1
      smallest.2 = c < smallest.2 ? c : smallest.2
      smallest.3 = d < smallest.3 ? d : smallest.3
      largest.0 = a > largest.0 ? a : largest.0
      largest.1 = b > largest.1 ? b : largest.1
      largest.2 = c > largest.2 ? c : largest.2
      largest.3 = d > largest.3 ? d : largest.3
      index &+= 4
    }
    while index < count {
      let component = unsafe start.loadUnaligned(fromByteOffset: index &* stride, as: Self.self)
      smallest.0 = component < smallest.0 ? component : smallest.0
      largest.0 = component > largest.0 ? component : largest.0
      index &+= 1
    }
    return ComponentLimits(
      smallest: Double(Swift.min(smallest.0, smallest.1, smallest.2, smallest.3)),
      largest: Double(Swift.max(largest.0, largest.1, largest.2, largest.3)))
  }
}
