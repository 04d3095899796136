/// How the bytes of a row are predicted from those before them.
///
/// Source: PNG (third edition), section 9.
enum PNGFilter: UInt8, CaseIterable {
  case none, sub, up, average, paeth

  /// Of `left`, `above` and `aboveLeft` the one next to left + above − aboveLeft.
  @inline(__always)
  static func paeth(_ left: UInt8, _ above: UInt8, _ aboveLeft: UInt8) -> UInt8 {
    let a = Int32(left)
    let b = Int32(above)
    let c = Int32(aboveLeft)
    let towardsLeft = b &- c
    let towardsAbove = a &- c
    let distanceLeft = magnitude(towardsLeft)
    let distanceAbove = magnitude(towardsAbove)
    let distanceBoth = magnitude(towardsLeft &+ towardsAbove)
    let upper = distanceAbove <= distanceBoth ? above : aboveLeft
    return distanceLeft <= distanceAbove && distanceLeft <= distanceBoth ? left : upper
  }

  @inline(__always)
  private static func magnitude(_ value: Int32) -> Int32 {
    let sign = value &>> 31
    return (value ^ sign) &- sign
  }
}
