/// A box cut into parts of bounded size: whole along the first axes, in bands along one, single along the rest.
struct Bands: Sequence {
  private let size: Shape
  private let band: Shape
  private var counts: AxisVector

  init(_ size: Shape, maximumByteCount: Int, elementByteCount: Int) {
    let slowestFirst = AxisVector((0..<size.count).reversed())
    self.init(
      size, band: GridWalk.box(in: size, order: slowestFirst, elementByteCount: elementByteCount, atMost: maximumByteCount))
  }

  /// - Parameter band: Lengths of a band, 1 or more.
  init(_ size: Shape, band: Shape) {
    self.size = size
    self.band = band
    counts = size
    for axis in 0..<size.count { counts[axis] = Checked.ceilingDivide(size[axis], band[axis]) }
  }

  struct Band {
    let origin: AxisVector
    let size: Shape

    /// The band of a region, in the image.
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
