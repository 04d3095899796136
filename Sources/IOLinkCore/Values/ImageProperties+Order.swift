extension ImageProperties {
  /// Returns the indices of the axes that a caller names, slowest first.
  ///
  /// - Parameter names: Letters in a row (`TZYXC`) or names separated by commas (`angle,Z,Y,X`). `nil` and empty text stand for
  ///   the source order.
  /// - Throws: `invalidArgument` when the names are not those of all axes, each once.
  public func axisOrder(_ names: String?) throws(IOLinkError) -> AxisVector {
    guard let names, !names.isEmpty else { return sourceOrder }
    var order: [Int] = []
    for role in AxisRole.list(names) {
      guard let axis = index(of: role), !order.contains(axis) else {
        throw IOLinkError(.invalidArgument, "order \"\(names)\": \(wanted)")
      }
      order.append(axis)
    }
    guard order.count == rank else { throw IOLinkError(.invalidArgument, "order \"\(names)\": \(wanted)") }
    return AxisVector(order)
  }

  private var wanted: String {
    "expected each axis of the image once: " + fileAxes.map(\.role.description).joined(separator: ", ")
  }
}

extension AxisRole {
  /// The components of an element, where they are listed among the axes, as `S` in `YXS`.
  public static let component = AxisRole("component")

  /// Returns the roles in a list of axes: letters in a row (`TZYX`, `YXS`), or names separated by commas (`angle,Z,Y,X`).
  ///
  /// Text without commas that is not a row of such letters is the name of one axis.
  public static func list(_ text: String) -> [AxisRole] {
    if text.contains(",") {
      return text.split(separator: ",").map { listed(String($0.filter { $0 != " " })) }
    }
    let letters = text.map { listed(String($0)) }
    return letters.allSatisfy { $0.canonicalRank < 5 || $0 == component } ? letters : [listed(text)]
  }

  /// Returns the role of one entry of such a list: `S`, `samples` and `components` are ``component``, and everything else is
  /// the role of that name.
  public static func listed(_ name: String) -> AxisRole {
    ["s", "samples", "components"].contains(name.lowercased()) ? component : AxisRole(name)
  }
}
