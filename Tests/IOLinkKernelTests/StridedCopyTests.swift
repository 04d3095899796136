import Testing

@testable import IOLinkCore

/// The kernel against `NaiveCopy`, over all units, swaps, orders, signs, gaps and broadcasts.
struct StridedCopyTests {
  /// A layout of a shape: axes nested in some order, with gaps, flips and (for a source) broadcasts.
  struct RandomLayout {
    var offset = 0
    var strides: [Int]
    var byteCount: Int

    init(shape: [Int], unit: Int, mayBroadcast: Bool, _ random: inout SeededGenerator) {
      strides = Array(repeating: 0, count: shape.count)
      var stride = unit + (Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 1...5, using: &random) : 0)
      byteCount = unit
      for axis in shape.indices.shuffled(using: &random) {
        if mayBroadcast, Int.random(in: 0..<10, using: &random) == 0 { continue }
        strides[axis] = stride
        byteCount += stride * max(0, shape[axis] - 1)
        stride = stride * max(1, shape[axis])
        if Int.random(in: 0..<4, using: &random) == 0 { stride += Int.random(in: 1...7, using: &random) }
        if Int.random(in: 0..<4, using: &random) == 0 {
          offset += strides[axis] * max(0, shape[axis] - 1)
          strides[axis] = -strides[axis]
        }
      }
    }
  }

  static func check(
    shape: [Int], unit: Int, swapWidth: Int, _ source: RandomLayout, _ destination: RandomLayout,
    _ random: inout SeededGenerator
  ) -> Bool {
    let bytes = random.bytes(source.byteCount)
    var result = random.bytes(destination.byteCount)
    var expected = result
    NaiveCopy(
      shape: shape, unit: unit, swapWidth: swapWidth, source: (source.offset, source.strides),
      destination: (destination.offset, destination.strides)
    ).run(bytes, into: &expected)
    unsafe bytes.withUnsafeBytes { from in
      unsafe result.withUnsafeMutableBytes { to in
        var plan = CopyPlan(unit: unit, swapWidth: swapWidth)
        plan.append(AxisVector(shape), AxisVector(source.strides), AxisVector(destination.strides))
        plan.arrange()
        unsafe StridedCopy.run(&plan, from: from.baseAddress! + source.offset, to: to.baseAddress! + destination.offset)
      }
    }
    return result == expected
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 24, 31, 32, 33, 48, 65, 100])
  func anyLayout(unit: Int) {
    let seed = UInt64(20_261_123 + unit)
    var random = SeededGenerator(seed: seed)
    for round in 0..<100 {
      let rank = Int.random(in: 0...10, using: &random)
      var budget = 6_000 / unit
      let shape = (0..<rank).map { _ in
        let length = Int.random(in: 1...Swift.max(1, Swift.min(budget, rank > 4 ? 4 : 70)), using: &random)
        budget /= length
        return length
      }
      let swapWidth = [1, 1, 2, 4, 8].filter { unit % $0 == 0 }.randomElement(using: &random)!
      let source = RandomLayout(shape: shape, unit: unit, mayBroadcast: true, &random)
      let destination = RandomLayout(shape: shape, unit: unit, mayBroadcast: false, &random)
      #expect(
        Self.check(shape: shape, unit: unit, swapWidth: swapWidth, source, destination, &random),
        "seed \(seed), round \(round): \(shape), swap \(swapWidth), \(source) → \(destination)")
    }
  }

  /// Dense on both sides, so that tiles, their edges and blocks of several tiles all occur.
  @Test(arguments: [1, 2, 3, 4, 6, 8, 12, 16])
  func transposition(unit: Int) {
    var random = SeededGenerator(seed: UInt64(unit))
    for (columns, rows) in [(1, 1), (2, 3), (16, 16), (17, 15), (64, 64), (65, 130), (3, 300), (300, 4), (129, 257)] {
      for swapWidth in [1, 2, 4, 8] where unit % swapWidth == 0 {
        var source = RandomLayout(shape: [], unit: unit, mayBroadcast: false, &random)
        source.byteCount = columns * rows * unit
        var destination = source
        source.strides = [unit, unit * columns]
        destination.strides = [unit * rows, unit]
        #expect(
          Self.check(shape: [columns, rows], unit: unit, swapWidth: swapWidth, source, destination, &random),
          "\(columns) × \(rows), swap \(swapWidth)")
      }
    }
  }

  @Test func emptyShapesTouchNothing() {
    var bytes: [UInt8] = [1, 2, 3, 4]
    unsafe bytes.withUnsafeMutableBytes { buffer in
      let other = [UInt8](repeating: 9, count: 4)
      unsafe other.withUnsafeBytes { from in
        var plan = CopyPlan(unit: 1, swapWidth: 1)
        plan.append([0, 1 << 40], [1, 1], [1, 1])
        plan.arrange()
        unsafe StridedCopy.run(&plan, from: from.baseAddress!, to: buffer.baseAddress!)
      }
    }
    #expect(bytes == [1, 2, 3, 4])
  }

  @Test func planMergesWhatIsContiguous() {
    // Interleaved RGB, three rows without padding, is one run; with padding one run a row.
    var dense = CopyPlan(unit: 1, swapWidth: 1)
    dense.append([3, 10, 3], [1, 3, 30], [1, 3, 30])
    dense.merge()
    #expect(dense.count == 0)
    #expect(dense.unit == 90)
    var padded = CopyPlan(unit: 1, swapWidth: 1)
    padded.append([3, 10, 3], [1, 3, 32], [1, 3, 30])
    padded.merge()
    #expect(padded.count == 1)
    #expect(padded.unit == 30)
    // Flipped alike on both sides is not flipped.
    var flipped = CopyPlan(unit: 2, swapWidth: 1)
    flipped.append([4, 5], [-2, -8], [-2, -8])
    flipped.merge()
    #expect(flipped.count == 0)
    #expect(flipped.unit == 40)
    #expect(flipped.sourceOffset == -38)
    // Flipped in the destination alone is flipped in the source: writing ascends.
    var mirrored = CopyPlan(unit: 2, swapWidth: 1)
    mirrored.append([4], [2], [-2])
    #expect(mirrored[0].destination == 2)
    #expect(mirrored[0].source == -2)
    #expect(mirrored.sourceOffset == 6)
  }
}
