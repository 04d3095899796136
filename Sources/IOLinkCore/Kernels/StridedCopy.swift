/// Copies elements between two strided layouts of the same shape: the inner loop of every read, write, crop and permutation.
enum StridedCopy {
  /// Carries out a plan that has been arranged. The plan does not change; it is inout because it would be copied otherwise.
  ///
  /// The two sides must not overlap. Up to 8 axes nothing is allocated, except at most 64 KiB of scratch for a transposition.
  ///
  /// - Parameters:
  ///   - source: The element at position 0.
  ///   - destination: The element at position 0.
  @unsafe
  static func run(_ plan: inout CopyPlan, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    guard !plan.isEmpty else { return }
    guard plan.count > 0 else {
      unsafe ByteRuns.move(
        from: source + plan.sourceOffset, to: destination + plan.destinationOffset, byteCount: plan.unit,
        swapWidth: plan.swapWidth)
      return
    }
    if plan.isTransposed {
      if TiledTransposition.suits(plan) {
        unsafe TiledTransposition.run(plan, from: source, to: destination)
      } else {
        unsafe withMover(plan, BlockedPlanes(plan: plan, source: source, destination: destination))
      }
    } else if UnitFill.suits(plan) {
      unsafe UnitFill.run(plan, from: source, to: destination)
    } else {
      unsafe withMover(plan, RowByRow(plan: plan, source: source, destination: destination))
    }
  }

  /// Chooses the mover for the plan's unit once, outside all loops.
  @unsafe
  @inline(__always)
  private static func withMover(_ plan: CopyPlan, _ loops: some MoverLoops) {
    switch (plan.unit, plan.swapWidth) {
    case (1, _): unsafe loops.run(WholeMover<UInt8>())
    case (2, 1): unsafe loops.run(WholeMover<UInt16>())
    case (4, 1): unsafe loops.run(WholeMover<UInt32>())
    case (8, 1): unsafe loops.run(WholeMover<UInt64>())
    case (16, 1): unsafe loops.run(WholeMover<SIMD2<UInt64>>())
    case (3, 1): unsafe loops.run(PairMover<UInt16>(second: 1))
    case (5...7, 1): unsafe loops.run(PairMover<UInt32>(second: plan.unit - 4))
    case (9...15, 1): unsafe loops.run(PairMover<UInt64>(second: plan.unit - 8))
    case (17...31, 1): unsafe loops.run(PairMover<SIMD2<UInt64>>(second: plan.unit - 16))
    case (2, 2): unsafe loops.run(ReversingMover<UInt16>())
    case (4, 4): unsafe loops.run(ReversingMover<UInt32>())
    case (8, 8): unsafe loops.run(ReversingMover<UInt64>())
    default: unsafe loops.run(RunMover(byteCount: plan.unit, swapWidth: plan.swapWidth))
    }
  }
}

/// Loops that are specialised over a mover.
protocol MoverLoops {
  @unsafe func run(_ mover: some UnitMover)
}

/// Loops that walk both sides in the order of the destination.
@unsafe
private struct RowByRow: MoverLoops {
  let plan: CopyPlan
  let source: UnsafeRawPointer
  let destination: UnsafeMutableRawPointer

  @unsafe
  @inline(__always)
  func run(_ mover: some UnitMover) {
    let row = unsafe plan[0]
    let rows = unsafe plan.count > 1 ? plan[1] : CopyAxis()
    unsafe plan.forEachPlane { sourceOffset, destinationOffset in
      // Every offset below is that of an element inside the shape, for which the caller vouches.
      var from = unsafe source + sourceOffset
      var to = unsafe destination + destinationOffset
      for _ in 0..<rows.length {
        unsafe moveRow(row, from, to, mover)
        unsafe from += rows.source
        unsafe to += rows.destination
      }
    }
  }
}

/// Loops that walk blocks along their longer edge. Blocks stay in the first-level cache.
///
/// They are for a source that is contiguous across the rows of the destination, where one of the two edges is short (interleaved to
/// planar and back) or the destination has gaps.
@unsafe
private struct BlockedPlanes: MoverLoops {
  let plan: CopyPlan
  let source: UnsafeRawPointer
  let destination: UnsafeMutableRawPointer

  @unsafe
  @inline(__always)
  func run(_ mover: some UnitMover) {
    var long = unsafe plan[0]
    var short = unsafe plan[1]
    if short.length > long.length { swap(&long, &short) }
    // A block has at most 64 lines of 64 bytes on each side, or is a long strip along a short edge.
    let shortBlock = min(short.length, 32)
    let unit = unsafe plan.unit
    let longBlock = max(32, 4096 / shortBlock / unit)
    unsafe plan.forEachPlane { sourceOffset, destinationOffset in
      var shortStart = 0
      while shortStart < short.length {
        let shortEnd = min(short.length, shortStart &+ shortBlock)
        var longStart = 0
        while longStart < long.length {
          let block = CopyAxis(
            length: min(longBlock, long.length &- longStart), source: long.source, destination: long.destination)
          for index in shortStart..<shortEnd {
            // The offsets are those of an element inside the shape, for which the caller vouches.
            let from = unsafe source + (sourceOffset &+ index &* short.source &+ longStart &* long.source)
            let to = unsafe destination + (destinationOffset &+ index &* short.destination &+ longStart &* long.destination)
            unsafe moveRow(block, from, to, mover)
          }
          longStart &+= longBlock
        }
        shortStart = shortEnd
      }
    }
  }
}

/// Copies the elements along one axis, one by one.
@unsafe
@inline(__always)
private func moveRow(
  _ axis: CopyAxis, _ source: UnsafeRawPointer, _ destination: UnsafeMutableRawPointer, _ mover: some UnitMover
) {
  var from = unsafe source
  var to = unsafe destination
  // The caller vouches for every element of the row; the pointers are used only while elements remain.
  for _ in 0..<axis.length {
    unsafe mover.move(from: from, to: to)
    unsafe from += axis.source
    unsafe to += axis.destination
  }
}
