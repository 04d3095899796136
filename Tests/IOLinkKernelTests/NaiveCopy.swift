/// The oracle: a strided copy byte by byte over arrays, with every index looked up. Shares nothing with the kernels.
struct NaiveCopy {
  var shape: [Int]
  var unit: Int
  var swapWidth: Int
  var source: (offset: Int, strides: [Int])
  var destination: (offset: Int, strides: [Int])

  func run(_ bytes: [UInt8], into result: inout [UInt8]) {
    guard !shape.contains(0) else { return }
    var position = [Int](repeating: 0, count: shape.count)
    while true {
      var from = source.offset
      var to = destination.offset
      for axis in shape.indices {
        from += position[axis] * source.strides[axis]
        to += position[axis] * destination.strides[axis]
      }
      for byte in 0..<unit {
        let group = byte / swapWidth * swapWidth
        result[to + byte] = bytes[from + group + (swapWidth - 1 - (byte - group))]
      }
      guard let axis = shape.indices.first(where: { position[$0] + 1 < shape[$0] }) else { return }
      for finished in 0..<axis { position[finished] = 0 }
      position[axis] += 1
    }
  }
}

/// A small generator whose sequence is given by its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Bytes without a short period.
  mutating func bytes(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count + 8)
    while result.count < count { unsafe withUnsafeBytes(of: next()) { unsafe result.append(contentsOf: $0) } }
    return Array(result.prefix(count))
  }
}
