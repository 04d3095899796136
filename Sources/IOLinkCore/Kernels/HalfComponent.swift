/// A 16-bit floating-point number: 1 sign bit, 5 exponent bits (bias 15), 10 bits of fraction.
///
/// It is converted by integer arithmetic, which vectorises: baseline x86-64 has no instruction for the conversion, and `Float16`
/// does not exist on every platform.
///
/// Source: IEEE 754-2019, binary16 and binary32.
struct HalfComponent: ConvertibleComponent {
  var bits: UInt16

  @inline(__always)
  init(bits: UInt16) { self.bits = bits }

  /// The same number as a `Float`, which holds it exactly.
  @inline(__always)
  var float: Float {
    let magnitude = UInt32(bits & 0x7FFF) &<< 13
    // Read as a `Float`, these bits have the fraction in its place and an exponent that is too small by 112. The product is
    // exact, also for subnormal halves. An exponent of all ones (infinity, NaN) must stay all ones.
    let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let special = magnitude | 0x7F80_0000
    let sign = UInt32(bits & 0x8000) &<< 16
    return Float(bitPattern: (magnitude >= 0x0F80_0000 ? special : scaled) | sign)
  }

  /// Rounds a number to the nearest half, ties to even; from 65,520 on, to infinity.
  @inline(__always)
  init(_ float: Float) {
    let sign = float.bitPattern & 0x8000_0000
    let magnitude = float.bitPattern ^ sign
    // From 2^-14 on, the exponent is rebiased by 112 and 13 bits of the fraction are rounded away; a carry goes to the exponent.
    let isOdd = (magnitude &>> 13) & 1
    let normal = (magnitude &- (112 &<< 23) &+ 0xFFF &+ isOdd) &>> 13
    // Below 2^-14, adding 0.5 gives a sum whose last fraction bit is worth 2^-24, the smallest half.
    let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
    let finite = magnitude < 0x3880_0000 ? subnormal : normal
    let isNaN = magnitude > 0x7F80_0000
    let special = isNaN ? 0x7E00 | ((magnitude &>> 13) & 0x1FF) : 0x7C00
    bits = UInt16(truncatingIfNeeded: (magnitude >= 0x4780_0000 ? special : finite) | (sign &>> 16))
  }

  /// Rounds a number to the nearest half, once. Going through `Float` would round twice, so an inexact first step rounds to an odd
  /// fraction.
  @inline(__always)
  init(_ double: Double) {
    let nearest = Float(double)
    let isInexact = Double(nearest) != double && double == double
    var pattern = nearest.bitPattern
    if isInexact && pattern & 1 == 0 {
      pattern = Double(nearest).magnitude > double.magnitude ? pattern &- 1 : pattern &+ 1
    }
    self.init(Float(bitPattern: pattern))
  }

  @inline(__always)
  var double: Double { Double(float) }
  @inline(__always)
  func cast<Target: ConvertibleComponent>(to: Target.Type) -> Target { Target.cast(float: float) }
  /// Goes through `Float`: integers that it does not hold exactly are larger than the largest half.
  @inline(__always)
  static func cast(integer: some FixedWidthInteger) -> HalfComponent { HalfComponent(Float(integer)) }
  @inline(__always)
  static func cast(float: Float) -> HalfComponent { HalfComponent(float) }
  @inline(__always)
  static func cast(double: Double) -> HalfComponent { HalfComponent(double) }
}
