/// A box of components in a stored array, divided into runs of bytes that are each read or written at once.
struct RunPlan {
  struct Run {
    let start: AxisVector
    let size: Shape
  }

  enum Gaps {
    /// Bytes between the components may be read with them.
    case read
    /// Bytes between the components must not be touched.
    case leave
  }

  /// The lengths of a run: whole along some axes, a band of one axis, and 1 along the rest.
  private var band: AxisVector
  private let size: Shape
  private var counts: AxisVector
  let count: Int
  /// Whether the components of a run follow each other without gaps.
  let isDense: Bool

  /// - Parameters:
  ///   - size: The lengths of the box, with the components as an axis of their own.
  ///   - layout: Where the box lies in the stored array. The strides of axes longer than 1 are positive, and no two components
  ///     share a byte.
  ///   - componentType: The type of a component.
  ///   - gaps: What may be done with the bytes between components.
  /// - Throws: `limitExceeded` when the number of runs does not fit in an `Int`.
  init(_ size: Shape, stored layout: StridedLayout, _ componentType: ComponentType, gaps: Gaps) throws(IOLinkError) {
    self.size = size
    let rank = size.count
    band = AxisVector(repeating: 1, count: rank)
    let fastestFirst = (0..<rank).sorted { (layout.strides[$0], $0) < (layout.strides[$1], $1) }
    var useful = componentType.byteCount
    var span = useful
    for axis in fastestFirst where size[axis] > 1 {
      let stride = layout.strides[axis]
      // A run grows along this axis as long as it stays small enough and enough of it is wanted.
      let fits = span >= Self.maximumByteCount ? 1 : (Self.maximumByteCount - span) / max(1, stride) + 1
      let length = min(size[axis], fits)
      let longer = (length - 1) * stride + span
      let isTight = useful == span && stride == span
      let pays = gaps == .read && (useful * length * Self.worthwhileShare >= longer || longer <= Self.cheapByteCount)
      guard length > 1, isTight || pays else { break }
      band[axis] = length
      useful *= length
      span = longer
      if length < size[axis] { break }
    }
    isDense = useful == span
    counts = size
    for axis in 0..<rank { counts[axis] = Checked.ceilingDivide(size[axis], band[axis]) }
    count = try counts.elementCount()
  }

  /// Returns one of the runs.
  ///
  /// - Parameter index: At least 0 and less than `count`. Runs with neighbouring indices are near each other in the array when
  ///   its first axes are the fastest.
  func run(_ index: Int) -> Run {
    var start = GridWalk.position(index, in: counts)
    var extent = band
    for axis in 0..<band.count {
      start[axis] *= band[axis]
      extent[axis] = min(band[axis], size[axis] - start[axis])
    }
    return Run(start: start, size: extent)
  }

  /// The largest size of a run in bytes. Cancellation is checked between two runs.
  private static let maximumByteCount = 4 << 20
  /// A run may have gaps when at least one in this many of its bytes is wanted.
  private static let worthwhileShare = 8
  /// A run that does not exceed this many bytes may have gaps of any size.
  private static let cheapByteCount = 16 << 10
}
