/// Names that a caller gives to the axes of an image, slowest first as in the file.
///
/// As text, they are letters (`ZYX`), names (`angle,Z,Y,X`), or names with lengths where an axis of the file is to be split
/// (`T=3,Z=5,C=2,Y,X`). `S` stands for the components.
public struct AxisNames: Hashable, Sendable {
  private struct Name: Hashable, Sendable {
    let role: AxisRole
    let length: Int?
  }

  private let named: [Name]

  /// Names the axes without splitting any of them.
  ///
  /// - Parameter roles: One role for each axis of the file, slowest first.
  public init(_ roles: [AxisRole]) { self.init(named: roles.map { Name(role: $0, length: nil) }) }

  private init(named: [Name]) { self.named = named }

  /// Reads names from text: letters, or names separated by commas, each with a length or without.
  ///
  /// - Throws: `invalidArgument` when a length is not a positive number.
  public init(parsing text: String) throws(IOLinkError) {
    guard text.contains("=") else {
      self.init(AxisRole.list(text))
      return
    }
    var named: [Name] = []
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      let length = sides.count == 2 ? Int(sides[1]) : nil
      guard sides.count == 1 || (length.map { $0 > 0 } ?? false) else {
        throw IOLinkError(.invalidArgument, "axis is \"\(part)\", expected NAME or NAME=LENGTH with a positive length")
      }
      named.append(Name(role: .listed(String(sides[0])), length: length))
    }
    self.init(named: named)
  }

  /// Gives the axes of an image these names. The view is lazy.
  ///
  /// An axis is split where the lengths say so. Components become an axis, or an axis becomes the components (`S`), as
  /// ``ImageView/reinterpreted(listing:)`` describes.
  ///
  /// - Parameter image: The image to name the axes of.
  /// - Returns: A view of the image with the named axes.
  /// - Throws: `invalidArgument` when the names and lengths do not fit the image; `limitExceeded` when the product of the lengths
  ///   does not fit in an `Int`, or the result would have more than 32 axes.
  public func apply(to image: any ImageView) throws(IOLinkError) -> any ImageView {
    guard named.contains(where: { $0.length != nil }) else { return try image.reinterpreted(listing: named.map(\.role)) }
    guard named.last?.role == .component else { return try split(image, named) }
    let view =
      image.dataType.componentCount > 1
      ? image : try image.reinterpreted(listing: (0..<max(0, image.rank - 1)).map { AxisRole("axis\($0)") } + [.component])
    return try split(view, Array(named.dropLast()))
  }

  private func split(_ image: any ImageView, _ names: [Name]) throws(IOLinkError) -> any ImageView {
    let lengths = image.properties.fileAxes.map(\.length)
    var view = try image.reinterpreted(axes: lengths.indices.map { AxisRole("axis\($0)") })
    var rest = names[...]
    var movement = AxisMovement()
    for (index, length) in lengths.enumerated() {
      let axesLeft = lengths.count - index - 1
      var parts: [Name] = []
      var product = 1
      while let next = rest.first, parts.isEmpty || (rest.count > axesLeft && (product < length || next.length == 1)) {
        parts.append(next)
        rest.removeFirst()
        product = try Checked.multiply(product, next.length ?? length)
      }
      guard product == length else { throw mismatch(lengths) }
      let before = image.properties.fileAxes[index].role
      movement.merge(AxisMovement(of: before, length: length, to: parts.count == 1 ? .axis(parts[0].role) : .nowhere))
      if parts.count > 1, let axis = view.properties.index(of: AxisRole("axis\(index)")) {
        let split = parts.enumerated().map { Axis(AxisRole("part\(index) \($0.offset)"), length: $0.element.length ?? length) }
        view = try view.split(axis: axis, into: split)
      }
    }
    guard rest.isEmpty else { throw mismatch(lengths) }
    // The names in between are not those of the result, so the metadata follow in one step.
    return try view.reinterpreted(axes: names.map(\.role)).with(metadata: image.metadata.following(movement))
  }

  private func mismatch(_ lengths: [Int]) -> IOLinkError {
    let wanted = named.map { axis in axis.length.map { "\(axis.role)=\($0)" } ?? "\(axis.role)" }.joined(separator: ",")
    return IOLinkError(
      .invalidArgument, "axes \(wanted) do not fit the image, whose lengths are \(lengths) (slowest first)")
  }
}
