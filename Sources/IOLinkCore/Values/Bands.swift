/// A box divided into parts of bounded size. A part is whole along some of the axes, a band of one axis, and one element
/// thick along the rest.
struct Bands: Sequence {
  private let size: Shape
  private let band: Shape
  private var counts: AxisVector

  init(_ size: Shape, maximumByteCount: Int, elementByteCount: Int) {
    let slowestFirst = AxisVector((0..<size.count).reversed())
    self.init(
      size, band: GridWalk.box(in: size, order: slowestFirst, elementByteCount: elementByteCount, atMost: maximumByteCount))
  }

  /// - Parameter band: The lengths of a part, each 1 or more. Parts at the end of an axis may be shorter.
  init(_ size: Shape, band: Shape) {
    self.size = size
    self.band = band
    counts = size
    for axis in 0..<size.count { counts[axis] = Checked.ceilingDivide(size[axis], band[axis]) }
  }

  struct Band {
    let origin: AxisVector
    let size: Shape

    /// Returns this part as a region of the image, given the region of the image that was divided.
    func region(in region: Region) -> Region {
      var start = origin
      for axis in 0..<start.count { start[axis] += region.origin[axis] }
      return Region(uncheckedOrigin: start, size: size)
    }
  }

  /// The number of parts; 0 when the box is empty.
  var count: Int { counts.reduce(1, *) }

  /// Returns one of the parts. The first axis of their grid is the fastest.
  subscript(index: Int) -> Band {
    var origin = GridWalk.position(index, in: counts)
    var extent = band
    for axis in 0..<size.count {
      origin[axis] *= band[axis]
      extent[axis] = Swift.min(band[axis], size[axis] - origin[axis])
    }
    return Band(origin: origin, size: extent)
  }

  func makeIterator() -> some IteratorProtocol<Band> { (0..<count).lazy.map { self[$0] }.makeIterator() }
}
