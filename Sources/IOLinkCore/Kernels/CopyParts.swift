/// A plan that is divided into parts of bounded size, each of which is a plan of its own.
///
/// A part is whole along the fastest axes of the destination, a band of one axis, and 1 thick along the rest. A part of a
/// transposition is a block of the transposed plane, so that it uses whole cache lines on both sides.
struct CopyParts {
  private let plan: CopyPlan
  /// The bytes of `plan.unit` that a part has.
  private let unitBand: Int
  /// The length of a part along each axis.
  private let bands: InlineArray<33, Int>
  /// The number of parts.
  let count: Int

  /// - Parameters:
  ///   - plan: A plan that is arranged and not empty.
  ///   - byteCount: The maximum size of a part; at least 8 bytes, the longest group of bytes that is reversed.
  init(_ plan: CopyPlan, atMost byteCount: Int) {
    let unitBand = min(plan.unit, byteCount / plan.swapWidth * plan.swapWidth)
    var bands = InlineArray<33, Int>(repeating: 1)
    var room = byteCount / unitBand
    if plan.isTransposed {
      let (rows, runs) = (plan[0].length, plan[1].length)
      let read = min(runs, max(1, TiledTransposition.readBytes / plan.unit), room)
      bands[0] = min(rows, room / read)
      bands[1] = min(runs, room / bands[0])
    }
    for axis in 0..<plan.count {
      if axis > 1 || !plan.isTransposed { bands[axis] = min(plan[axis].length, room) }
      room = bands[axis] == plan[axis].length ? max(1, room / bands[axis]) : 1
    }
    self.plan = plan
    self.unitBand = unitBand
    self.bands = bands
    var parts = Checked.ceilingDivide(plan.unit, unitBand)
    for axis in 0..<plan.count { parts *= Checked.ceilingDivide(plan[axis].length, bands[axis]) }
    count = parts
  }

  /// The elements of one part. Parts with neighbouring indices are near each other in the destination.
  subscript(index: Int) -> CopyPlan {
    var part = plan
    var rest = index
    func next(_ length: Int, _ band: Int) -> Range<Int> {
      let (later, position) = rest.quotientAndRemainder(dividingBy: Checked.ceilingDivide(length, band))
      rest = later
      return (position * band)..<min((position + 1) * band, length)
    }
    part.keepBytes(next(plan.unit, unitBand))
    for axis in 0..<plan.count { part.keep(next(plan[axis].length, bands[axis]), of: axis) }
    return part
  }
}
