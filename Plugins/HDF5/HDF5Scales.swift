import IOLinkCore

/// What the metadata of an image says about the scales of its axes.
///
/// `/hdf5/scales/<axis>` holds the paths of the scales that were attached to the dimension, and below it the first and last coordinate as they
/// were then. From these the writer sees whether the axis still is what the scales describe.
enum HDF5Scales {
  static let path = ["hdf5", "scales"]
  static let ends = "ends"

  static func node(of role: AxisRole, in tree: MetadataNode) -> MetadataNode? {
    tree[child: path[0]]?[child: path[1]]?[child: role.name]
  }

  /// Adds the paths of scales to the metadata of an image.
  static func add(_ paths: [String], of axis: Axis, to tree: inout MetadataNode) {
    tree[components: path + [axis.role.name]] = .texts(paths)
    if let values = ends(of: axis, tree) { tree[components: path + [axis.role.name, ends]] = .reals(values) }
  }

  /// Returns the coordinates of the first and the last element along an axis; `nil` if the image does not tell them.
  static func ends(of axis: Axis, _ tree: MetadataNode) -> [Double]? {
    switch content(of: axis, tree) {
    case .even(let origin, let spacing): [origin, origin + Double(axis.length - 1) * spacing]
    case .listed(let values): values.count > 1 ? [values[0], values[values.count - 1]] : values + values
    case .texts, .nothing: nil
    }
  }

  /// Returns where the elements along an axis lie, as far as an image tells.
  static func content(of axis: Axis, _ tree: MetadataNode) -> HDF5SmallDataset.Content {
    guard axis.length <= maximumCount else { return .nothing }
    if let spacing = axis.spacing {
      let origin = axis.origin ?? 0
      let last = origin + Double(axis.length) * spacing
      return spacing != 0 && last.isFinite && origin.isFinite ? .even(origin: origin, spacing: spacing) : .nothing
    }
    if case .numbers(let numbers)? = tree[components: ["coordinates", axis.role.name]], numbers.shape.count <= 1, numbers.count > 0,
      numbers.count == axis.length, !numbers.componentType.isComplex
    {
      return .listed(numbers.doubles)
    }
    if let origin = axis.origin, origin.isFinite, axis.length == 1 { return .listed([origin]) }
    let labels = labels(of: axis, tree) ?? []
    return labels.count == axis.length && axis.length > 0 && labels.allSatisfy({ !$0.utf8.contains(0) }) ? .texts(labels, isList: true) : .nothing
  }

  /// Returns the texts that stand for the positions along an axis.
  static func labels(of axis: Axis, _ tree: MetadataNode) -> [String]? { tree[components: ["labels", axis.role.name]]?.allTexts }

  /// Coordinates of more elements than these are not listed. Our own reader takes no longer ones.
  private static let maximumCount = 1 << 16
}
