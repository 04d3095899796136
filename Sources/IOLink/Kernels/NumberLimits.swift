/// The smallest and the largest of some numbers; the other way round when there was none.
struct NumberLimits {
  var smallest = Double.infinity
  var largest = -Double.infinity

  var range: ClosedRange<Double>? { smallest <= largest ? smallest...largest : nil }

  mutating func merge(_ other: NumberLimits) {
    smallest = Swift.min(smallest, other.smallest)
    largest = Swift.max(largest, other.largest)
  }
}

extension PixelNumber {
  @unsafe
  @inline(__always)
  static func limits(_ start: UnsafeRawPointer, count: Int, stride: Int) -> NumberLimits {
    var limits = NumberLimits()
    // The caller vouches for `count` numbers; loads are unaligned. Comparisons with NaN are false.
    for index in 0..<count {
      let number = unsafe start.loadUnaligned(fromByteOffset: index &* stride, as: Self.self).double
      limits.smallest = number < limits.smallest ? number : limits.smallest
      limits.largest = number > limits.largest ? number : limits.largest
    }
    return limits
  }
}

extension PixelNumber where Self: FixedWidthInteger {
  @unsafe
  @inline(__always)
  static func limits(_ start: UnsafeRawPointer, count: Int, stride: Int) -> NumberLimits {
    guard count > 0 else { return NumberLimits() }
    var smallest = max
    var largest = min
    // The caller vouches for `count` numbers; loads are unaligned. Two loops, so that the dense one vectorises.
    if stride == MemoryLayout<Self>.size {
      for index in 0..<count {
        let number = unsafe start.loadUnaligned(fromByteOffset: index &* MemoryLayout<Self>.size, as: Self.self)
        smallest = Swift.min(smallest, number)
        largest = Swift.max(largest, number)
      }
    } else {
      for index in 0..<count {
        let number = unsafe start.loadUnaligned(fromByteOffset: index &* stride, as: Self.self)
        smallest = Swift.min(smallest, number)
        largest = Swift.max(largest, number)
      }
    }
    return NumberLimits(smallest: Double(smallest), largest: Double(largest))
  }
}

extension PixelNumber where Self: BinaryFloatingPoint & SIMDScalar {
  @unsafe
  @inline(__always)
  static func limits(_ start: UnsafeRawPointer, count: Int, stride: Int) -> NumberLimits {
    // Eight running minima: one alone would wait for itself. Comparisons with NaN are false.
    var smallest = SIMD8<Self>(repeating: .infinity)
    var largest = SIMD8<Self>(repeating: -.infinity)
    var index = 0
    if stride == MemoryLayout<Self>.size {
      while index &+ 8 <= count {
        // Eight numbers from `index` on are below `count`, for which the caller vouches.
        let numbers = unsafe start.loadUnaligned(fromByteOffset: index &* stride, as: SIMD8<Self>.self)
        smallest.replace(with: numbers, where: numbers .< smallest)
        largest.replace(with: numbers, where: numbers .> largest)
        index &+= 8
      }
    }
    while index < count {
      let number = unsafe start.loadUnaligned(fromByteOffset: index &* stride, as: Self.self)
      let lane = index & 7
      if number < smallest[lane] { smallest[lane] = number }
      if number > largest[lane] { largest[lane] = number }
      index &+= 1
    }
    return NumberLimits(smallest: Double(smallest.min()), largest: Double(largest.max()))
  }
}
