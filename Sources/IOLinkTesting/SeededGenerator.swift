/// A reproducible random number generator: the same seed gives the same sequence on every machine.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014 (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// The seed that the generator started with.
  public let seed: UInt64
  private var state: UInt64

  /// Creates a generator at the beginning of the sequence of a seed.
  public init(seed: UInt64) {
    self.seed = seed
    state = seed
  }

  /// A generator whose seed differs from run to run, for tests that print it.
  public static func random() -> SeededGenerator {
    SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mix(state)
  }

  /// Scrambles a number with the finalizer of SplitMix64.
  static func mix(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension SeededGenerator: CustomStringConvertible {
  /// An expression that creates the same generator, to be pasted into a test: `SeededGenerator(seed: 0x1f)`.
  public var description: String { "SeededGenerator(seed: 0x\(String(seed, radix: 16)))" }
}
