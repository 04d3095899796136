/// A component, and how it becomes another one: the rules of `ValueConversion.Mode.cast`.
///
/// A source hands itself over as an integer, a `Float` or a `Double`, whichever holds it exactly; a target takes it
/// from there. All of it is inlined into one loop per pair of types.
protocol ConvertibleComponent: BitwiseCopyable {
  /// Exact, except integers beyond 2^53.
  var double: Double { get }
  func cast<Target: ConvertibleComponent>(to: Target.Type) -> Target
  static func cast(integer: some FixedWidthInteger) -> Self
  static func cast(float: Float) -> Self
  static func cast(double: Double) -> Self
  /// The limits of `count` components, `stride` bytes apart, NaN left out.
  @unsafe static func limits(_ start: UnsafeRawPointer, count: Int, stride: Int) -> ComponentLimits
  /// |self − other|: 0 exactly when they are equal, infinite where NaN meets a component.
  func difference(from other: Self) -> Double
}

/// Integers saturate; fractions are rounded to nearest, ties to even; NaN is 0.
///
/// Rounding is done by adding a component so large that the fraction falls off: baseline x86-64 has no rounding
/// instruction, and `rounded()` would be a call per element.
extension ConvertibleComponent where Self: FixedWidthInteger {
  @inline(__always)
  var double: Double { Double(self) }

  @inline(__always)
  func cast<Target: ConvertibleComponent>(to: Target.Type) -> Target { Target.cast(integer: self) }

  @inline(__always)
  static func cast(integer: some FixedWidthInteger) -> Self { Self(clamping: integer) }

  @inline(__always)
  static func cast(float: Float) -> Self {
    guard bitWidth <= 16 else { return cast(double: Double(float)) }
    let component = float == float ? float : 0
    let raised = component > Float(Self.min) ? component : Float(Self.min)
    let clamped = raised < Float(Self.max) ? raised : Float(Self.max)
    let magic: Float = 0x1.8p23
    return Self(truncatingIfNeeded: (clamped + magic).bitPattern &- magic.bitPattern)
  }

  @inline(__always)
  static func cast(double: Double) -> Self {
    let component = double == double ? double : 0
    if bitWidth <= 32 {
      let raised = component > Double(Self.min) ? component : Double(Self.min)
      let clamped = raised < Double(Self.max) ? raised : Double(Self.max)
      let magic: Double = 0x1.8p52
      return Self(truncatingIfNeeded: (clamped + magic).bitPattern &- magic.bitPattern)
    }
    // From 2^52 on there are no fractions. Double(Self.max) is 2^63 or 2^64, one more than the largest value.
    let magic: Double = 0x1p52
    let magnitude = component.magnitude
    let rounded = magnitude < magic ? (magnitude + magic) - magic : magnitude
    let signed = component < 0 ? -rounded : rounded
    if signed <= Double(Self.min) { return Self.min }
    if signed >= Double(Self.max) { return Self.max }
    // By name: the initialiser that a generic integer takes from a float is a slow one.
    return isSigned ? Self(truncatingIfNeeded: Int64(signed)) : Self(truncatingIfNeeded: UInt64(signed))
  }
}

extension UInt8: ConvertibleComponent {}
extension UInt16: ConvertibleComponent {}
extension UInt32: ConvertibleComponent {}
extension UInt64: ConvertibleComponent {}
extension Int8: ConvertibleComponent {}
extension Int16: ConvertibleComponent {}
extension Int32: ConvertibleComponent {}
extension Int64: ConvertibleComponent {}

extension Float: ConvertibleComponent {
  @inline(__always)
  var double: Double { Double(self) }
  @inline(__always)
  func cast<Target: ConvertibleComponent>(to: Target.Type) -> Target { Target.cast(float: self) }
  @inline(__always)
  static func cast(integer: some FixedWidthInteger) -> Float { Float(integer) }
  @inline(__always)
  static func cast(float: Float) -> Float { float }
  @inline(__always)
  static func cast(double: Double) -> Float { Float(double) }
}

extension Double: ConvertibleComponent {
  @inline(__always)
  var double: Double { self }
  @inline(__always)
  func cast<Target: ConvertibleComponent>(to: Target.Type) -> Target { Target.cast(double: self) }
  @inline(__always)
  static func cast(integer: some FixedWidthInteger) -> Double { Double(integer) }
  @inline(__always)
  static func cast(float: Float) -> Double { Double(float) }
  @inline(__always)
  static func cast(double: Double) -> Double { double }
}

/// A byte that is false when it is 0 and true otherwise; written as 0 or 1. NaN is not 0, so it is true.
struct BooleanComponent: ConvertibleComponent {
  var byte: UInt8

  @inline(__always)
  init(_ isTrue: Bool) { byte = isTrue ? 1 : 0 }
  @inline(__always)
  var double: Double { byte != 0 ? 1 : 0 }
  @inline(__always)
  func cast<Target: ConvertibleComponent>(to: Target.Type) -> Target { Target.cast(integer: byte != 0 ? UInt8(1) : 0) }
  @inline(__always)
  static func cast(integer: some FixedWidthInteger) -> BooleanComponent { BooleanComponent(integer != 0) }
  @inline(__always)
  static func cast(float: Float) -> BooleanComponent { BooleanComponent(float != 0) }
  @inline(__always)
  static func cast(double: Double) -> BooleanComponent { BooleanComponent(double != 0) }
}

/// A real component becomes a complex one with imaginary part 0. Never a source: both parts are cast as real components.
struct ComplexComponent<Part: ConvertibleComponent>: ConvertibleComponent {
  var real: Part
  var imaginary: Part

  @inline(__always)
  init(_ real: Part) {
    self.real = real
    imaginary = Part.cast(integer: 0)
  }
  @inline(__always)
  var double: Double { real.double }
  @inline(__always)
  func cast<Target: ConvertibleComponent>(to: Target.Type) -> Target { real.cast(to: Target.self) }
  @inline(__always)
  static func cast(integer: some FixedWidthInteger) -> Self { Self(Part.cast(integer: integer)) }
  @inline(__always)
  static func cast(float: Float) -> Self { Self(Part.cast(float: float)) }
  @inline(__always)
  static func cast(double: Double) -> Self { Self(Part.cast(double: double)) }
}
