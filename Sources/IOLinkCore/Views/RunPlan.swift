/// A box of components in a stored array as runs of bytes that are read or written in one go.
struct RunPlan {
  struct Run {
    let start: AxisVector
    let size: Shape
  }

  enum Gaps {
    /// Bytes between the components may be read along.
    case read
    /// They belong to somebody else.
    case leave
  }

  /// Axes that a run covers completely, then one that it covers in bands.
  private var band: AxisVector
  private let size: Shape
  private var counts: AxisVector
  let count: Int
  /// No byte of a run lies between its components.
  let isDense: Bool

  /// - Parameters:
  ///   - size: Components along each axis, the component's included.
  ///   - layout: Strides of axes longer than 1 are positive, and no two components share a byte.
  init(_ size: Shape, stored layout: StridedLayout, _ componentType: ComponentType, gaps: Gaps) throws(IOLinkError) {
    self.size = size
    let rank = size.count
    band = AxisVector(repeating: 1, count: rank)
    let fastestFirst = (0..<rank).sorted { (layout.strides[$0], $0) < (layout.strides[$1], $1) }
    var useful = componentType.byteCount
    var span = useful
    for axis in fastestFirst where size[axis] > 1 {
      let stride = layout.strides[axis]
      // A run grows along this axis as far as it stays small enough and mostly useful.
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

  /// - Parameter index: 0 ..< count; neighbours lie near each other where the first axes are the fastest.
  func run(_ index: Int) -> Run {
    var start = GridWalk.position(index, in: counts)
    var extent = band
    for axis in 0..<band.count {
      start[axis] *= band[axis]
      extent[axis] = min(band[axis], size[axis] - start[axis])
    }
    return Run(start: start, size: extent)
  }

  /// The longest single read or write: cancellation is looked at in between.
  private static let maximumByteCount = 4 << 20
  /// A gap is read over when at least one byte in so many is wanted …
  private static let worthwhileShare = 8
  /// … or the whole run is no longer than this.
  private static let cheapByteCount = 16 << 10
}
