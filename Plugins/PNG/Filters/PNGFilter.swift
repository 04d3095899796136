/// How the bytes of a row are predicted from neighbouring bytes.
///
/// Source: PNG (third edition), section 9.
package enum PNGFilter: UInt8, CaseIterable, Sendable {
  case none, sub, up, average, paeth

  /// Returns whichever of `left`, `above` and `aboveLeft` is closest to left + above − aboveLeft. All values are bytes.
  @inline(__always)
  static func paeth(_ left: Int32, _ above: Int32, _ aboveLeft: Int32) -> Int32 {
    let towardsLeft = above &- aboveLeft
    let towardsAbove = left &- aboveLeft
    let distanceLeft = magnitude(towardsLeft)
    let distanceAbove = magnitude(towardsAbove)
    let distanceBoth = magnitude(towardsLeft &+ towardsAbove)
    let upper = distanceAbove <= distanceBoth ? above : aboveLeft
    return distanceLeft <= min(distanceAbove, distanceBoth) ? left : upper
  }

  /// The absolute value, computed without a branch.
  @inline(__always)
  private static func magnitude(_ value: Int32) -> Int32 {
    let sign = value &>> 31
    return (value ^ sign) &- sign
  }
}
