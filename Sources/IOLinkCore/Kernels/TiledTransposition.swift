/// A copy in which source and destination have different fastest axes, and both are contiguous along theirs.
///
/// A block of the plane is transposed, tile by tile in registers, into scratch that stays in the cache (at most 64 KiB). From there
/// it goes to the destination in runs of two cache lines or more. Neither side is walked across its cache lines, even where rows are
/// a power of two apart and would all map to the same cache set. Bytes are reversed on the way out of scratch.
enum TiledTransposition {
  /// The bytes of a block along the contiguous axis of the source: enough for the hardware to prefetch. The size was chosen by
  /// measuring blocks from 64 × 64 to 4096 × 64 bytes; it is twice as fast as 128 × 128.
  static let readBytes = 1024

  /// The shape of a block, in units.
  private struct Block {
    /// The length along the contiguous axis of the destination.
    let rows: Int
    /// The length along the contiguous axis of the source.
    let runs: Int
    /// The rows that are transposed before any others.
    let band: Int

    /// Where so many rows of the source as make a long run lie within 1 MiB, a block is one tile wide: the second-level cache keeps
    /// the rest of their cache lines for the blocks beside it, and the destination is written in long runs. For bytes this takes
    /// three quarters of the time of the other shape, two cache lines along the destination, which touches each cache line of the
    /// source once. With tiles of four units or fewer, it takes longer.
    ///
    /// Two lines, because processors fetch lines in pairs: for bytes and floats, blocks of one line take 1.3 to 1.7 times as long.
    init(_ plan: CopyPlan, edge: Int) {
      let longRun = max(1, 1024 / plan.unit)
      if edge >= 8, plan[0].source.magnitude <= (1 << 20) / longRun {
        rows = min(plan[0].length, longRun)
        runs = min(plan[1].length, edge)
        band = rows
      } else {
        rows = min(plan[0].length, max(1, 128 / plan.unit))
        runs = min(plan[1].length, 512, max(1, TiledTransposition.readBytes / plan.unit))
        band = plan[0].length
      }
    }
  }

  /// Whether the plane of axes 0 and 1 (contiguous in destination and source) is worth tiling.
  static func suits(_ plan: CopyPlan) -> Bool {
    plan[0].destination == plan.unit && plan[1].source == plan.unit && plan[0].length &* plan.unit >= 32
      && plan[1].length &* plan.unit >= 32
  }

  @unsafe
  static func run(_ plan: CopyPlan, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    switch plan.unit {
    case 1: unsafe run(plan, from: source, to: destination, WholeMover<UInt8>())
    case 2: unsafe run(plan, from: source, to: destination, WholeMover<UInt16>())
    case 4: unsafe run(plan, from: source, to: destination, WholeMover<UInt32>())
    case 8: unsafe run(plan, from: source, to: destination, WholeMover<UInt64>())
    case 16: unsafe run(plan, from: source, to: destination, WholeMover<SIMD2<UInt64>>())
    case 3: unsafe run(plan, from: source, to: destination, PairMover<UInt16>(second: 1))
    case 5...7: unsafe run(plan, from: source, to: destination, PairMover<UInt32>(second: plan.unit - 4))
    case 9...15: unsafe run(plan, from: source, to: destination, PairMover<UInt64>(second: plan.unit - 8))
    case 17...31: unsafe run(plan, from: source, to: destination, PairMover<SIMD2<UInt64>>(second: plan.unit - 16))
    default: unsafe run(plan, from: source, to: destination, RunMover(byteCount: plan.unit, swapWidth: 1))
    }
  }

  @unsafe
  @inline(__always)
  private static func run(
    _ plan: CopyPlan, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, _ mover: some UnitMover
  ) {
    let (rows, runs) = (plan[0], plan[1])
    let block = Block(plan, edge: type(of: mover).tileEdge)
    unsafe withUnsafeTemporaryAllocation(byteCount: block.rows &* block.runs &* plan.unit, alignment: 64) { scratch in
      guard let staging = scratch.baseAddress else { return }
      plan.forEachPlane { sourceOffset, destinationOffset in
        for firstOfBand in stride(from: 0, to: rows.length, by: block.band) {
          for firstRun in stride(from: 0, to: runs.length, by: block.runs) {
            for firstRow in stride(from: firstOfBand, to: min(firstOfBand &+ block.band, rows.length), by: block.rows) {
              // The block's first element is inside the shape, for which the caller vouches; scratch holds a whole block.
              unsafe move(
                mover, plan, from: source + (sourceOffset &+ firstRow &* rows.source &+ firstRun &* plan.unit),
                to: destination + (destinationOffset &+ firstRow &* plan.unit &+ firstRun &* runs.destination),
                rowCount: min(block.rows, rows.length &- firstRow), runCount: min(block.runs, runs.length &- firstRun),
                through: staging, runStride: block.rows &* plan.unit)
            }
          }
        }
      }
    }
  }

  /// Transposes a block into scratch, and copies it to the destination run by run.
  @unsafe
  @inline(__always)
  private static func move(
    _ mover: some UnitMover, _ plan: CopyPlan, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer, rowCount: Int,
    runCount: Int, through scratch: UnsafeMutableRawPointer, runStride: Int
  ) {
    unsafe gather(
      mover, from: source, rowStride: plan[0].source, rowCount: rowCount, runCount: runCount, unit: plan.unit, to: scratch,
      runStride: runStride)
    var to = unsafe destination
    var staged = UnsafeRawPointer(scratch)
    // The caller vouches for `runCount` runs of `rowCount` units on both sides.
    for _ in 0..<runCount {
      unsafe ByteRuns.move(from: staged, to: to, byteCount: rowCount &* plan.unit, swapWidth: plan.swapWidth)
      unsafe staged += runStride
      unsafe to += plan[1].destination
    }
  }

  /// Transposes `rowCount` rows of `runCount` units into `runCount` runs of `rowCount` units.
  @unsafe
  @inline(__always)
  private static func gather<Mover: UnitMover>(
    _ mover: Mover, from source: UnsafeRawPointer, rowStride: Int, rowCount: Int, runCount: Int, unit: Int,
    to scratch: UnsafeMutableRawPointer, runStride: Int
  ) {
    let edge = Mover.tileEdge
    let tiledRows = rowCount &- rowCount % edge
    let tiledRuns = runCount &- runCount % edge
    var row = 0
    // `row` and `run` stay below `rowCount` and `runCount`; the caller vouches for these elements on both sides.
    while row < tiledRows {
      var run = 0
      while run < tiledRuns {
        unsafe mover.transposeTile(
          from: source + (row &* rowStride &+ run &* unit), rowStride: rowStride,
          to: scratch + (run &* runStride &+ row &* unit), rowStride: runStride)
        run &+= edge
      }
      while run < runCount {
        for tileRow in row..<(row &+ edge) {
          unsafe mover.move(
            from: source + (tileRow &* rowStride &+ run &* unit), to: scratch + (run &* runStride &+ tileRow &* unit))
        }
        run &+= 1
      }
      row &+= edge
    }
    while row < rowCount {
      for run in 0..<runCount {
        unsafe mover.move(
          from: source + (row &* rowStride &+ run &* unit), to: scratch + (run &* runStride &+ row &* unit))
      }
      row &+= 1
    }
  }
}
