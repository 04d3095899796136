/// A copy that repeats one unit of the source along the fastest axis of the destination, which has no gaps there.
enum UnitFill {
  /// The size of what is copied again and again along a row: it stays in the first-level cache.
  private static let blockBytes = 16 << 10

  /// Whether the rows are long enough to be filled by copying what they have already.
  static func suits(_ plan: CopyPlan) -> Bool {
    plan[0].source == 0 && plan[0].destination == plan.unit && plan[0].length &* plan.unit >= 64
  }

  @unsafe
  static func run(_ plan: CopyPlan, from source: UnsafeRawPointer, to destination: UnsafeMutableRawPointer) {
    let rows = plan.count > 1 ? plan[1] : CopyAxis()
    let rowBytes = plan[0].length &* plan.unit
    plan.forEachPlane { sourceOffset, destinationOffset in
      for row in 0..<rows.length {
        // The offsets are those of elements inside the shape, for which the caller vouches.
        let to = unsafe destination + (destinationOffset &+ row &* rows.destination)
        unsafe ByteRuns.move(
          from: source + (sourceOffset &+ row &* rows.source), to: to, byteCount: plan.unit, swapWidth: plan.swapWidth)
        var filled = plan.unit
        while filled < rowBytes {
          // What is filled so far is a whole number of units, and so is a block of it that begins the row.
          let next = min(filled, max(plan.unit, blockBytes / plan.unit &* plan.unit), rowBytes &- filled)
          unsafe (to + filled).copyMemory(from: to, byteCount: next)
          filled &+= next
        }
      }
    }
  }
}
