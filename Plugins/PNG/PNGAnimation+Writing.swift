internal import IOLinkCore

/// How long a frame is shown, as a fraction of seconds.
struct PNGDelay: Hashable {
  let numerator: UInt16
  let denominator: UInt16

  /// Of no stated duration: a viewer shows the next frame as soon as it likes.
  static let none = PNGDelay(numerator: 0, denominator: 1000)

  private init(numerator: UInt16, denominator: UInt16) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// Expresses a duration as a fraction of the same value, but for rounding; `nil` when there is none.
  init?(_ seconds: Double) {
    guard seconds >= 0, seconds <= Double(UInt16.max) else { return nil }
    // Continued fractions find the smallest denominator.
    var (previous, present) = ((0.0, 1.0), (1.0, 0.0))
    var rest = seconds
    for _ in 0..<24 {
      let whole = rest.rounded(.down)
      (previous, present) = (present, (whole * present.0 + previous.0, whole * present.1 + previous.1))
      guard present.0 <= Double(UInt16.max), present.1 <= Double(UInt16.max) else { return nil }
      if abs(present.0 / present.1 - seconds) <= 1e-12 * seconds {
        self.init(numerator: UInt16(present.0), denominator: UInt16(present.1))
        return
      }
      guard rest != whole else { return nil }
      rest = 1 / (rest - whole)
    }
    return nil
  }
}

/// The frames of an animation that is written: each replaces the whole canvas.
struct PNGWrittenAnimation {
  /// How long each frame is shown.
  let delays: [PNGDelay]
  /// How often the animation is played; 0 means forever.
  let playCount: Int
  /// Whether the delays are those of the metadata.
  let keepsDelays: Bool
  /// Whether the delays are the spacing of SEQUENCE.
  let keepsSpacing: Bool

  /// Takes the frames of an image; `nil` when it has only one.
  init?(_ image: ImageDescription) {
    guard let axis = image.properties.axes.first(where: { $0.role == .sequence && $0.length > 1 }) else { return nil }
    let stated = image.metadata["/png/animation/delays"]?.doubles?.compactMap { PNGDelay($0) }
    let spacing = axis.spacing.flatMap { spacing in axis.unit.flatMap { AxisUnit.seconds(per: $0) }.map { spacing * $0 } }
    let uniform = spacing.flatMap { $0 > 0 ? PNGDelay($0) : nil }
    if let stated, stated.count == axis.length {
      delays = stated
      keepsDelays = true
    } else {
      delays = Array(repeating: uniform ?? .none, count: axis.length)
      keepsDelays = false
    }
    keepsSpacing = uniform != nil && delays.allSatisfy { $0 == uniform }
    playCount = image.metadata["/png/animation/plays"]?.integer.flatMap { (0...PNGHeader.maximumLength).contains($0) ? $0 : nil } ?? 0
  }

  /// The contents of acTL.
  var control: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(UInt32(delays.count), order: .big)
    bytes.append(UInt32(playCount), order: .big)
    return bytes
  }
}
