/// What an operation on an image did to its axes: which elements along each axis remain, and where they are now.
///
/// ``AxisRole/component`` stands for the components of elements, which operations can turn into an axis and back.
public struct AxisMovement: Sendable {
  /// What became of one axis: of its `length` elements, `count` remain, every `step`-th from `start` on.
  public struct Part: Hashable, Sendable {
    /// Where the elements of the axis are now.
    public enum Target: Hashable, Sendable {
      /// They run along the axis of this role.
      case axis(AxisRole)
      /// The axis is gone; the image is the one at index `start`.
      case index
      /// They no longer run along one axis, because the axis was split.
      case nowhere
    }

    /// The length of the axis before the operation.
    public let length: Int
    /// The index of the first element that remains.
    public let start: Int
    /// The distance between neighbouring elements that remain; it is negative where the order is reversed, and never 0.
    public let step: Int
    /// How many elements remain.
    public let count: Int
    /// Where the elements are now.
    public let target: Target

    /// Returns the new index of an element, or `nil` when the element does not remain.
    public func position(of index: Int) -> Int? {
      guard count > 0, (0..<length).contains(index) else { return nil }
      let (quotient, remainder) = (index - start).quotientAndRemainder(dividingBy: step)
      return remainder == 0 && (0..<count).contains(quotient) ? quotient : nil
    }

    /// The indices of the elements that remain, in their new order.
    var indices: [Int] { (0..<count).map { start + $0 * step } }
    var keepsAll: Bool { count == length && (count == 0 || start == 0) && (step == 1 || count <= 1) }
  }

  private var parts: [AxisRole: Part] = [:]
  /// The lengths of all axes before a movement by an index transform, which lists that run along several axes need; otherwise empty.
  private(set) var lengths: [AxisRole: Int] = [:]

  /// What became of the axis of this role; `nil` when the operation did not change it, or the image did not have the axis.
  public subscript(role: AxisRole) -> Part? { parts[role] }

  /// The roles of the axes that the operation changed.
  public var roles: Set<AxisRole> { Set(parts.keys) }

  /// The length of the axis of another role that has this role now; `nil` when no axis has changed to this role.
  func length(arrivingAt role: AxisRole) -> Int? { parts.first { $0.key != role && $0.value.target == .axis(role) }?.value.length }

  /// Whether no axis was changed.
  var isIdentity: Bool { parts.isEmpty }

  /// The movement that changes nothing.
  init() {}

  /// Adds what another movement did to other axes.
  mutating func merge(_ other: AxisMovement) {
    parts.merge(other.parts) { $1 }
    lengths.merge(other.lengths) { $1 }
  }

  /// The movement by an index transform.
  ///
  /// - Parameters:
  ///   - source: The properties of the image before the transform.
  ///   - output: The properties of its result.
  init(_ transform: AxisTransform, from source: ImageProperties, to output: ImageProperties) {
    for (index, axis) in source.axes.enumerated() where axis.role != .unknown {
      lengths[axis.role] = axis.length
      let place = (0..<transform.shape.count).first { transform.sourceAxis(of: $0) == index }
      let part = Part(
        length: axis.length, start: transform.start[index], step: transform.step[index],
        count: place.map { transform.shape[$0] } ?? 1, target: place.map { .axis(output.axes[$0].role) } ?? .index)
      if !part.keepsAll || part.target != .axis(axis.role) { parts[axis.role] = part }
    }
  }

  /// The movement by which all elements along an axis go elsewhere, in the same order.
  init(of role: AxisRole, length: Int, to target: Part.Target) {
    guard role != .unknown, target != .axis(role) else { return }
    parts[role] = Part(length: length, start: 0, step: 1, count: length, target: target)
  }

  /// The movement by new roles: the axis of index i had the role `before[i]` and has the role `after[i]`.
  init(renaming before: [Axis], to after: [Axis]) {
    for (old, new) in zip(before, after) where old.role != new.role && old.role != .unknown {
      parts[old.role] = Part(length: old.length, start: 0, step: 1, count: old.length, target: .axis(new.role))
    }
  }
}

extension AxisTransform {
  /// Returns the metadata of the output.
  ///
  /// - Parameters:
  ///   - metadata: The metadata of the source.
  ///   - source: The properties of the source.
  ///   - output: The properties of the output.
  func apply(to metadata: MetadataNode, from source: ImageProperties, to output: ImageProperties) -> MetadataNode {
    metadata.isEmpty ? metadata : metadata.following(AxisMovement(self, from: source, to: output))
  }
}
