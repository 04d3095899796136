/// Says which values of a metadata tree describe positions in the image, and how they follow when the image is cropped, flipped,
/// stepped, permuted or reduced to one position; which describe the numbers of its elements; and which only how the file was stored.
///
/// A codec declares its bindings in ``CodecDescriptor/bindings``. Values that cannot follow are removed from the tree, and whoever
/// writes the image reports them as lost. The keys that all formats share are in ``core``.
public struct MetadataBinding: Sendable {
  /// How values follow the elements of an image.
  public enum Rule: Sendable {
    /// The children whose names are the numbers 0, 1, 2 … each describe one index along the axis. They are renumbered.
    case entries(along: AxisRole)
    /// An array of numbers, slowest dimension first: the leading dimensions run along these axes. A dimension for an axis
    /// that the image does not have is 1 long. A list of texts has one text for each element of such an array, the last axis fastest.
    case array(along: [AxisRole])
    /// The children are named after axes (`column`, `angle`), and each is an array of one number or text for each element along its
    /// axis. They follow the axis, also under a new name.
    case axes
    /// One number or text for each component of an element, wherever the components are: in the elements or along CHANNEL.
    case components
    /// The value describes the elements of index 0 along these axes, and stays as long as they stay first.
    case first(along: [AxisRole])
    /// The value describes the image as it is along these axes, or along all axes if the list is empty. It cannot follow.
    case whole(along: [AxisRole])
    /// The value describes the numbers of the elements, such as a factor that scales them or the number that stands for missing ones. It is
    /// removed where a conversion maps the numbers to others, and stays where they are kept or saturate.
    case numbers
    /// The value says how the file was stored that the image comes from, such as its compression. It stays with the image, but every file
    /// has its own: it never counts as lost.
    case storage
    /// The values place the image in the world.
    case geometry(any MetadataGeometry)
  }

  /// The paths of the values or nodes. A last component `*` stands for every child.
  public let paths: [String]
  /// How they follow.
  public let rule: Rule
  /// The components of each path.
  private let components: [[String]]

  /// Binds the values at some paths.
  public init(_ paths: String..., rule: Rule) { self.init(paths: paths, rule: rule) }

  /// Binds the values at the paths of a list.
  public init(paths: [String], rule: Rule) {
    self.paths = paths
    self.rule = rule
    components = paths.map { $0.split(separator: "/").map(String.init) }
  }

  /// The bindings of the keys that all formats share: `/channels/<index>/…` along CHANNEL; `/planes/…`, arrays of
  /// SEQUENCE × SLICE × CHANNEL numbers or texts; `/labels/<axis>`, a text for each element along an axis; and `/coordinates/<axis>`, the
  /// positions of the elements along an axis that are not evenly spaced. ``MetadataKey`` lists the keys.
  public static let core = [
    MetadataBinding("/channels", rule: .entries(along: .channel)),
    MetadataBinding("/planes/*", rule: .array(along: [.sequence, .slice, .channel])),
    MetadataBinding("/labels", "/coordinates", rule: .axes),
  ]

  /// Whether the values describe the numbers of the elements rather than positions.
  public var isAboutNumbers: Bool { if case .numbers = rule { true } else { false } }

  /// The paths of the nodes in a tree that the binding concerns.
  func matches(in tree: MetadataNode) -> [[String]] {
    components.flatMap { names -> [[String]] in
      guard names.last == "*" else { return tree[node: names] == nil ? [] : [names] }
      let parent = Array(names.dropLast())
      return tree[node: parent]?.children.map { parent + [$0.name] } ?? []
    }
  }
}

/// Values that place an image in the world, such as the tie points of a map.
public protocol MetadataGeometry: Sendable {
  /// Returns the tree with values that place the remaining elements where they were; `nil` when no values can.
  ///
  /// - Parameters:
  ///   - tree: The whole metadata of the image before the operation.
  ///   - movement: What the operation did.
  func moved(_ tree: MetadataNode, by movement: AxisMovement) -> MetadataNode?

  /// Returns the world coordinates of an element's centre; `nil` when the tree does not state them.
  func location(of element: [AxisRole: Int], in tree: MetadataNode) -> [Double]?

  /// Trees that state such values, for tests: each way to place an image at least once.
  var examples: [MetadataNode] { get }
}
