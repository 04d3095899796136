import IOLink

/// `--axes`: the axes of an image as the caller knows them, slowest first as in the file.
struct AxesArgument {
  private let named: [(role: AxisRole, length: Int?)]

  /// - Throws: `invalidArgument` when a length is no positive number.
  init(_ text: String) throws(IOLinkError) {
    guard text.contains("=") else {
      named = AxisRole.list(text).map { ($0, nil) }
      return
    }
    var named: [(role: AxisRole, length: Int?)] = []
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", omittingEmptySubsequences: false)
      let length = sides.count == 2 ? Int(sides[1]) : nil
      guard sides.count == 1 || (length.map { $0 > 0 } ?? false) else {
        throw IOLinkError(.invalidArgument, "axis \"\(part)\" is not written as NAME or NAME=LENGTH")
      }
      named.append((.listed(String(sides[0])), length))
    }
    self.named = named
  }

  /// The image under these names, with axes split where lengths say so, and components as an axis, or an axis as
  /// components (`S`), where the count of names says so.
  ///
  /// - Throws: `invalidArgument` when names and lengths do not fit the image.
  func apply(to image: any ImageView) throws(IOLinkError) -> any ImageView {
    guard named.contains(where: { $0.length != nil }) else { return try image.reinterpreted(listing: named.map(\.role)) }
    guard named.last?.role == .component else { return try split(image, named) }
    let view =
      image.dataType.componentCount > 1
      ? image : try image.reinterpreted(listing: (0..<max(0, image.rank - 1)).map { AxisRole("axis\($0)") } + [.component])
    return try split(view, named.dropLast())
  }

  private func split(_ image: any ImageView, _ names: [(role: AxisRole, length: Int?)]) throws(IOLinkError) -> any ImageView {
    let lengths = image.properties.fileAxes.map(\.length)
    var view = try image.reinterpreted(axes: lengths.indices.map { AxisRole("axis\($0)") })
    var rest = names[...]
    for (index, length) in lengths.enumerated() {
      let axesLeft = lengths.count - index - 1
      var parts: [(role: AxisRole, length: Int?)] = []
      var product = 1
      while let next = rest.first, parts.isEmpty || (rest.count > axesLeft && (product < length || next.length == 1)) {
        parts.append(next)
        rest.removeFirst()
        product = try Checked.multiply(product, next.length ?? length)
      }
      guard product == length else { throw mismatch(lengths) }
      if parts.count > 1, let axis = view.properties.index(of: AxisRole("axis\(index)")) {
        let split = parts.enumerated().map { Axis(AxisRole("part\(index) \($0.offset)"), length: $0.element.length ?? length) }
        view = try view.split(axis: axis, into: split)
      }
    }
    guard rest.isEmpty else { throw mismatch(lengths) }
    return try view.reinterpreted(axes: names.map(\.role))
  }

  private func mismatch(_ lengths: [Int]) -> IOLinkError {
    let wanted = named.map { axis in axis.length.map { "\(axis.role)=\($0)" } ?? "\(axis.role)" }.joined(separator: ",")
    return IOLinkError(
      .invalidArgument, "axes \(wanted) do not fit the image, whose lengths are \(lengths) (slowest first)")
  }
}
