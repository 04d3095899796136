/// A 16-bit float: 1 sign bit, 5 exponent bits (bias 15), 10 bits of fraction.
///
/// Converted by integer arithmetic, which vectorises: baseline x86-64 has no instruction for it, and `Float16` does not
/// exist on every platform.
///
/// Source: IEEE 754-2019, binary16 and binary32.
struct HalfComponent: ConvertibleComponent {
  var bits: UInt16

  @inline(__always)
  init(bits: UInt16) { self.bits = bits }

  /// Exact.
  @inline(__always)
  var float: Float {
    let magnitude = UInt32(bits & 0x7FFF) &<< 13
    // As a float these bits have the fraction in place and an exponent that is 112 too small; the product is exact,
    // for subnormal halves too. All ones in the exponent (infinity, NaN) must stay all ones.
    let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let special = magnitude | 0x7F80_0000
    let sign = UInt32(bits & 0x8000) &<< 16
    return Float(bitPattern: (magnitude >= 0x0F80_0000 ? special : scaled) | sign)
  }

  /// Rounded to nearest, ties to even; from 65,520 on infinity.
  @inline(__always)
  init(_ float: Float) {
    let sign = float.bitPattern & 0x8000_0000
    let magnitude = float.bitPattern ^ sign
    // From 2^-14 on: rebias the exponent by 112 and round away 13 bits of the fraction; a carry moves into the exponent.
    let isOdd = (magnitude &>> 13) & 1
    let normal = (magnitude &- (112 &<< 23) &+ 0xFFF &+ isOdd) &>> 13
    // Below, adding one half makes the sum's last fraction bit worth 2^-24, the smallest half.
    let subnormal = (Float(bitPattern: magnitude) + 0.5).bitPattern &- Float(0.5).bitPattern
    let finite = magnitude < 0x3880_0000 ? subnormal : normal
    let isNaN = magnitude > 0x7F80_0000
    let special = isNaN ? 0x7E00 | ((magnitude &>> 13) & 0x1FF) : 0x7C00
    bits = UInt16(truncatingIfNeeded: (magnitude >= 0x4780_0000 ? special : finite) | (sign &>> 16))
  }

  /// Rounded once: the way over `Float` would round twice, so that step rounds to an odd fraction when it is inexact.
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
  /// Integers that `Float` does not hold exactly are beyond the largest half.
  @inline(__always)
  static func cast(integer: some FixedWidthInteger) -> HalfComponent { HalfComponent(Float(integer)) }
  @inline(__always)
  static func cast(float: Float) -> HalfComponent { HalfComponent(float) }
  @inline(__always)
  static func cast(double: Double) -> HalfComponent { HalfComponent(double) }
}
