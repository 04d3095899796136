/// A coarser level that is written with an image.
public struct LevelDescription: Sendable {
  /// The type, axes, calibration and metadata of the level. The calibration is that of its own elements.
  public let image: ImageDescription
  /// How many elements of the image lie beside each other, along each of its axes in canonical order, where the level has one; rounded to the
  /// nearest integer where the level was made elsewhere.
  public let factors: AxisVector

  /// Describes a level.
  public init(image: ImageDescription, factors: AxisVector) {
    self.image = image
    self.factors = factors
  }

  /// The lengths of the axes, in canonical order.
  public var shape: Shape { image.shape }
}

extension ImageDescription {
  /// Describes the levels that are made of this image, finest first, without the image itself.
  ///
  /// Each level has half as many columns and rows as the one before, rounded down as in most programs: every element stands for a whole block
  /// of the level before, and the last element of an axis of odd length for none. With
  /// ``CodecDescriptor/Writing/Features/volumeLevels``, slices are halved too once they are as fine as the plane: where their distance is
  /// less than twice the distance of columns or rows, or not known. Axes of length 1 stay. The spacing of halved axes doubles, and their
  /// origin moves to the centre of the elements that became one, except with ``Downsampling/nearest``.
  ///
  /// - Parameters:
  ///   - count: The number of levels, this image included, unless one has a single column and row before; `nil` for as many as it takes
  ///     until no halved axis is longer than ``LevelChoice/automaticLength``.
  ///   - halvesSlices: Whether the format has levels of volumes.
  ///   - downsampling: How elements become one.
  /// - Throws: `unsupported` when the axes of the image have no names.
  func levels(count: Int?, halvesSlices: Bool, _ downsampling: Downsampling) throws(IOLinkError) -> [LevelDescription] {
    guard properties.index(of: .column) != nil else {
      throw IOLinkError(
        .unsupported, "levels halve columns and rows, but the image does not name its axes; name the axes, slowest first (ZYX)")
    }
    var levels: [LevelDescription] = []
    var last = LevelDescription(image: self, factors: AxisVector(repeating: 1, count: shape.count))
    while count.map({ levels.count < $0 - 1 }) ?? last.image.isLong(halvesSlices: halvesSlices) {
      let halved = last.image.halvedAxes(halvesSlices: halvesSlices)
      guard !halved.isEmpty else { break }
      last = last.halved(along: halved, downsampling)
      levels.append(last)
    }
    return levels
  }

  private func isLong(halvesSlices: Bool) -> Bool {
    halvedAxes(halvesSlices: halvesSlices).contains { shape[$0] > LevelChoice.automaticLength }
  }

  /// The axes that the next coarser level halves.
  private func halvedAxes(halvesSlices: Bool) -> [Int] {
    var axes = [AxisRole.column, .row].compactMap { properties.index(of: $0) }
    if halvesSlices, let slice = properties.index(of: .slice), isFine(slice, comparedWith: axes) { axes.append(slice) }
    return axes.filter { shape[$0] > 1 }
  }

  /// Whether slices are so close that halving their number brings the distances closer to each other. Distances in different units are not
  /// compared.
  private func isFine(_ slice: Int, comparedWith plane: [Int]) -> Bool {
    guard let distance = properties.axes[slice].spacing else { return true }
    let others = plane.map { properties.axes[$0] }.filter { $0.unit == properties.axes[slice].unit }.compactMap(\.spacing)
    guard let smallest = others.map(\.magnitude).min() else { return true }
    return distance.magnitude < 2 * smallest
  }
}

extension LevelDescription {
  fileprivate func halved(along halved: [Int], _ downsampling: Downsampling) -> LevelDescription {
    var (lengths, factors, properties) = (shape, factors, image.properties)
    for index in halved {
      lengths[index] /= 2
      factors[index] *= 2
      let axis = properties.axes[index]
      let shift = downsampling == .nearest ? 0 : (axis.spacing ?? 0) / 2
      properties.calibrate(index, spacing: axis.spacing.map { $0 * 2 }, origin: axis.origin.map { $0 + shift }, unit: axis.unit)
    }
    let coarser = ImageDescription(dataType: image.dataType, properties: properties.with(lengths: lengths), metadata: image.metadata)
    return LevelDescription(image: coarser, factors: factors)
  }

  /// Describes a level that exists beside an image.
  ///
  /// - Throws: `invalidArgument` when it has another type or other axes than the image, or more elements than the level before it along any axis.
  init(_ level: ImageDescription, of image: ImageDescription, after finer: Shape, number: Int) throws(IOLinkError) {
    let axes = level.properties.axes.map(\.role)
    guard level.dataType == image.dataType, axes == image.properties.axes.map(\.role) else {
      throw IOLinkError(
        .invalidArgument, "level \(number) has the type \(level.dataType) and \(axes.count) axes, expected those of the image, \(image.dataType)")
    }
    guard zip(level.shape, finer).allSatisfy({ $0 <= $1 }), level.shape.contains(0) == finer.contains(0) else {
      throw IOLinkError(.invalidArgument, "level \(number) has the shape \(level.shape), but the level before it has \(finer)")
    }
    var factors = image.shape
    for axis in 0..<factors.count { factors[axis] = max(1, (image.shape[axis] + level.shape[axis] / 2) / max(1, level.shape[axis])) }
    self.init(image: level, factors: factors)
  }
}
