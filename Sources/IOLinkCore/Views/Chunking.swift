/// How the storage of an image is cut into chunks, each of which must be decoded as a whole.
public struct Chunking: Hashable, Sendable {
  /// The lengths of a chunk along the axes of the image, in canonical order; 1 or more. A chunk has all components of its elements.
  public var shape: Shape
  /// The position of the first boundary between chunks along each axis: one chunk length apart, others follow. It is 0 where chunks
  /// begin with the image, and less than the length of a chunk.
  public var origin: AxisVector
  /// Whether chunks can only be decoded one after another, in the source order of the image.
  public var isSequential: Bool

  /// Describes chunks.
  public init(shape: Shape, origin: AxisVector, isSequential: Bool = false) {
    self.shape = shape
    self.origin = origin
    self.isSequential = isSequential
  }
}

extension ImageView {
  /// The shape of the regions that are cheapest to read, in canonical order; `nil` when the storage does not suggest one.
  public var chunkShape: Shape? {
    guard var chunk = chunking?.shape else { return nil }
    for axis in 0..<chunk.count { chunk[axis] = max(1, min(chunk[axis], shape[axis])) }
    return chunk
  }
}

extension AxisTransform {
  /// Returns the chunks in the output of a source that is cut into `chunking`.
  ///
  /// Where a step does not divide the length of a chunk, boundaries are at irregular distances, and the result is an approximation.
  func chunking(_ chunking: Chunking) -> Chunking {
    var result = Chunking(
      shape: AxisVector(repeating: 1, count: shape.count), origin: AxisVector(repeating: 0, count: shape.count),
      isSequential: chunking.isSequential)
    for output in 0..<shape.count {
      guard let axis = sourceAxis(of: output) else { continue }
      let (length, step) = (chunking.shape[axis], Int(clamping: self.step[axis].magnitude))
      let distance = self.step[axis] > 0 ? chunking.origin[axis] - start[axis] : start[axis] - chunking.origin[axis]
      let rest = (distance % length + length) % length
      let first = self.step[axis] > 0 ? Checked.ceilingDivide(rest, step) : rest / step + 1
      result.shape[output] = Checked.ceilingDivide(length, step)
      result.origin[output] = first % result.shape[output]
    }
    return result
  }
}
