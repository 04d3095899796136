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

  func makeIterator() -> AnyIterator<Band> {
    var position: AxisVector? = counts.contains(0) ? nil : AxisVector(repeating: 0, count: size.count)
    return AnyIterator {
      guard var current = position else { return nil }
      var origin = current
      var extent = band
      for axis in 0..<size.count {
        origin[axis] = current[axis] * band[axis]
        extent[axis] = Swift.min(band[axis], size[axis] - origin[axis])
      }
      position = current.advance(in: counts) ? current : nil
      return Band(origin: origin, size: extent)
    }
  }
}
