/// The samples of a pixel, side by side in a vector.
///
/// There is a concrete type for each width, because vector operators are only fast if the compiler knows the type.
protocol PNGLanes {
  associatedtype Bytes: BitwiseCopyable
  associatedtype Words

  static var zero: Bytes { get }
  static func add(_ a: Bytes, _ b: Bytes) -> Bytes
  /// The mean of each pair of bytes, rounded down.
  static func mean(_ a: Bytes, _ b: Bytes) -> Bytes
  static func widen(_ bytes: Bytes) -> Words
  static func narrow(_ words: Words) -> Bytes
  /// `stored` plus the neighbour that ``PNGFilter/paeth(_:_:_:)`` chooses, modulo 256.
  static func addPaeth(_ stored: Words, _ left: Words, _ above: Words, _ aboveLeft: Words) -> Words
}

/// The lanes for pixels of 3 or 4 bytes.
enum PNGFourLanes: PNGLanes {
  typealias Bytes = SIMD4<UInt8>
  typealias Words = SIMD4<Int16>

  @inline(__always) static var zero: Bytes { Bytes() }
  @inline(__always) static func add(_ a: Bytes, _ b: Bytes) -> Bytes { a &+ b }
  @inline(__always) static func mean(_ a: Bytes, _ b: Bytes) -> Bytes { (a & b) &+ ((a ^ b) &>> 1) }
  @inline(__always) static func widen(_ bytes: Bytes) -> Words { Words(truncatingIfNeeded: bytes) }
  @inline(__always) static func narrow(_ words: Words) -> Bytes { Bytes(truncatingIfNeeded: words) }

  @inline(__always)
  static func addPaeth(_ stored: Words, _ left: Words, _ above: Words, _ aboveLeft: Words) -> Words {
    let towardsLeft = above &- aboveLeft
    let towardsAbove = left &- aboveLeft
    let distanceLeft = magnitude(towardsLeft)
    let distanceAbove = magnitude(towardsAbove)
    let distanceBoth = magnitude(towardsLeft &+ towardsAbove)
    let upper = aboveLeft.replacing(with: above, where: distanceAbove .<= distanceBoth)
    let nearest = distanceAbove.replacing(with: distanceBoth, where: distanceBoth .< distanceAbove)
    return (stored &+ upper.replacing(with: left, where: distanceLeft .<= nearest)) & Words(repeating: 255)
  }

  @inline(__always)
  private static func magnitude(_ value: Words) -> Words {
    let sign = value &>> 15
    return (value ^ sign) &- sign
  }
}

/// The lanes for pixels of 6 or 8 bytes.
enum PNGEightLanes: PNGLanes {
  typealias Bytes = SIMD8<UInt8>
  typealias Words = SIMD8<Int16>

  @inline(__always) static var zero: Bytes { Bytes() }
  @inline(__always) static func add(_ a: Bytes, _ b: Bytes) -> Bytes { a &+ b }
  @inline(__always) static func mean(_ a: Bytes, _ b: Bytes) -> Bytes { (a & b) &+ ((a ^ b) &>> 1) }
  @inline(__always) static func widen(_ bytes: Bytes) -> Words { Words(truncatingIfNeeded: bytes) }
  @inline(__always) static func narrow(_ words: Words) -> Bytes { Bytes(truncatingIfNeeded: words) }

  @inline(__always)
  static func addPaeth(_ stored: Words, _ left: Words, _ above: Words, _ aboveLeft: Words) -> Words {
    let towardsLeft = above &- aboveLeft
    let towardsAbove = left &- aboveLeft
    let distanceLeft = magnitude(towardsLeft)
    let distanceAbove = magnitude(towardsAbove)
    let distanceBoth = magnitude(towardsLeft &+ towardsAbove)
    let upper = aboveLeft.replacing(with: above, where: distanceAbove .<= distanceBoth)
    let nearest = distanceAbove.replacing(with: distanceBoth, where: distanceBoth .< distanceAbove)
    return (stored &+ upper.replacing(with: left, where: distanceLeft .<= nearest)) & Words(repeating: 255)
  }

  @inline(__always)
  private static func magnitude(_ value: Words) -> Words {
    let sign = value &>> 15
    return (value ^ sign) &- sign
  }
}
