/// The copy in which the fastest axes of source and destination differ and both are contiguous.
///
/// A block of the plane is transposed, tile by tile in registers, into scratch that stays in the cache (at most 64 KiB),
/// and leaves it in runs of whole cache lines. So neither side is walked across its lines, not even where a power of two
/// between rows maps them all to the same cache set. Bytes are reversed while the runs leave.
enum TiledTransposition {
  /// Bytes of a block along the destination's contiguous axis, and along the source's: whole lines where it writes, and
  /// reads long enough for the hardware to fetch ahead. Tried from 64 × 64 to 4096 × 64; this doubles 128 × 128.
  private static let runBytes = 64
  private static let readBytes = 1024

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
    let unit = plan.unit
    let runs = plan[1]
    let rows = plan[0]
    let rowBlock = min(rows.length, max(1, runBytes / unit))
    let runBlock = min(runs.length, max(1, readBytes / unit))
    let scratchStride = rowBlock &* unit
    unsafe withUnsafeTemporaryAllocation(byteCount: scratchStride &* runBlock, alignment: 64) { scratch in
      guard let staging = scratch.baseAddress else { return }
      plan.forEachPlane { sourceOffset, destinationOffset in
        var firstRun = 0
        while firstRun < runs.length {
          let runCount = min(runBlock, runs.length &- firstRun)
          var firstRow = 0
          while firstRow < rows.length {
            let rowCount = min(rowBlock, rows.length &- firstRow)
            // The block's first element is inside the shape, for which the caller vouches; scratch holds a whole block.
            let from = unsafe source + (sourceOffset &+ firstRow &* rows.source &+ firstRun &* unit)
            unsafe gather(
              mover, from: from, rowStride: rows.source, rowCount: rowCount, runCount: runCount, unit: unit, to: staging,
              runStride: scratchStride)
            var to = unsafe destination + (destinationOffset &+ firstRow &* unit &+ firstRun &* runs.destination)
            var staged = UnsafeRawPointer(staging)
            for _ in 0..<runCount {
              unsafe ByteRuns.move(from: staged, to: to, byteCount: rowCount &* unit, swapWidth: plan.swapWidth)
              unsafe staged += scratchStride
              unsafe to += runs.destination
            }
            firstRow &+= rowBlock
          }
          firstRun &+= runBlock
        }
      }
    }
  }

  /// Transposes rowCount rows of runCount units into runCount runs of rowCount units.
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
    // Row and run stay below rowCount and runCount, whose elements the caller vouches for on both sides.
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
