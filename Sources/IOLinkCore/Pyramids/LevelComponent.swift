/// A component of which several become one in a coarser level.
protocol LevelComponent: BitwiseCopyable {
  /// Holds the sum of up to eight components exactly, or as exactly as a `Double` does.
  associatedtype Sum: BitwiseCopyable
  static var zero: Sum { get }
  static func add(_ sum: Sum, _ component: Self) -> Sum
  static func add(_ sum: Sum, _ other: Sum) -> Sum
  /// Returns the mean of 2^`shift` components.
  static func mean(_ sum: Sum, shift: Int) -> Self
  /// Whether the component comes before another one that occurs as often.
  func isSmaller(than other: Self) -> Bool
  func isSame(as other: Self) -> Bool
}

/// Integers whose sums fit in a wider type. Halves are rounded up.
extension LevelComponent where Self: FixedWidthInteger, Sum: FixedWidthInteger {
  @inline(__always) static var zero: Sum { 0 }
  @inline(__always) static func add(_ sum: Sum, _ component: Self) -> Sum { sum &+ Sum(truncatingIfNeeded: component) }
  @inline(__always) static func add(_ sum: Sum, _ other: Sum) -> Sum { sum &+ other }
  @inline(__always) static func mean(_ sum: Sum, shift: Int) -> Self {
    let half = (Sum(1) &<< Sum(truncatingIfNeeded: shift)) &>> 1
    return Self(truncatingIfNeeded: (sum &+ half) &>> Sum(truncatingIfNeeded: shift))
  }
}

extension LevelComponent where Self: Comparable {
  @inline(__always) func isSmaller(than other: Self) -> Bool { self < other }
  @inline(__always) func isSame(as other: Self) -> Bool { self == other }
}

extension UInt8: LevelComponent { typealias Sum = UInt16 }
extension UInt16: LevelComponent { typealias Sum = UInt32 }
extension UInt32: LevelComponent { typealias Sum = UInt64 }
extension Int8: LevelComponent { typealias Sum = Int16 }
extension Int16: LevelComponent { typealias Sum = Int32 }
extension Int32: LevelComponent { typealias Sum = Int64 }

/// The sum of up to eight 64-bit integers, as the sums of their eighths and of what these leave.
struct EighthsSum<Number: FixedWidthInteger & BitwiseCopyable>: BitwiseCopyable {
  var eighths: Number
  var rest: Number
}

extension LevelComponent where Self: FixedWidthInteger, Sum == EighthsSum<Self> {
  @inline(__always) static var zero: Sum { EighthsSum(eighths: 0, rest: 0) }
  @inline(__always) static func add(_ sum: Sum, _ component: Self) -> Sum {
    EighthsSum(eighths: sum.eighths &+ component &>> 3, rest: sum.rest &+ component & 7)
  }
  @inline(__always) static func add(_ sum: Sum, _ other: Sum) -> Sum {
    EighthsSum(eighths: sum.eighths &+ other.eighths, rest: sum.rest &+ other.rest)
  }
  @inline(__always) static func mean(_ sum: Sum, shift: Int) -> Self {
    // Of 2^shift components at most 2^shift eighths are added, so the first term is at most the largest component.
    let half = (Self(1) &<< Self(truncatingIfNeeded: shift)) &>> 1
    return sum.eighths &<< Self(truncatingIfNeeded: 3 &- shift) &+ (sum.rest &+ half) &>> Self(truncatingIfNeeded: shift)
  }
}

extension UInt64: LevelComponent { typealias Sum = EighthsSum<UInt64> }
extension Int64: LevelComponent { typealias Sum = EighthsSum<Int64> }

/// Floating-point numbers are added as doubles, so that the mean is rounded once.
extension LevelComponent where Sum == Double {
  @inline(__always) static var zero: Double { 0 }
  @inline(__always) static func add(_ sum: Double, _ other: Double) -> Double { sum + other }
}

/// 1, 1/2, 1/4 or 1/8.
@inline(__always)
private func inverse(_ shift: Int) -> Double { Double(bitPattern: UInt64(truncatingIfNeeded: 1023 &- shift) &<< 52) }

extension Float: LevelComponent {
  typealias Sum = Double
  @inline(__always) static func add(_ sum: Double, _ component: Float) -> Double { sum + Double(component) }
  @inline(__always) static func mean(_ sum: Double, shift: Int) -> Float { Float(sum * inverse(shift)) }
}

extension Double: LevelComponent {
  typealias Sum = Double
  @inline(__always) static func mean(_ sum: Double, shift: Int) -> Double { sum * inverse(shift) }
}

extension HalfComponent: LevelComponent {
  typealias Sum = Double
  @inline(__always) static func add(_ sum: Double, _ component: HalfComponent) -> Double { sum + Double(component.float) }
  @inline(__always) static func mean(_ sum: Double, shift: Int) -> HalfComponent { HalfComponent(Float(sum * inverse(shift))) }
  @inline(__always) func isSmaller(than other: HalfComponent) -> Bool { float < other.float }
  @inline(__always) func isSame(as other: HalfComponent) -> Bool { float == other.float }
}

/// A Boolean counts as 0 or 1. Levels of Booleans are made by their mode.
extension BooleanComponent: LevelComponent {
  @inline(__always) static var zero: UInt16 { 0 }
  @inline(__always) static func add(_ sum: UInt16, _ component: BooleanComponent) -> UInt16 { sum &+ (component.byte != 0 ? 1 : 0) }
  @inline(__always) static func add(_ sum: UInt16, _ other: UInt16) -> UInt16 { sum &+ other }
  @inline(__always) static func mean(_ sum: UInt16, shift: Int) -> BooleanComponent { BooleanComponent(sum &* 2 > 1 &<< shift) }
  @inline(__always) func isSmaller(than other: BooleanComponent) -> Bool { byte == 0 && other.byte != 0 }
  @inline(__always) func isSame(as other: BooleanComponent) -> Bool { (byte != 0) == (other.byte != 0) }
}
