extension ImageProperties {
  /// The indices of the axes that a caller names, slowest first: letters (`TZYXC`) or names separated by commas
  /// (`angle,Z,Y,X`). `nil` gives the source order.
  ///
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
    "the image has the axes " + fileAxes.map(\.role.description).joined(separator: ", ") + ", each must be named once"
  }
}

extension AxisRole {
  /// The samples of a pixel where they are listed with the axes, as `S` in `YXS`.
  public static let component = AxisRole("component")

  /// Axes as people write them: letters in a row (`TZYX`, `YXS`), or names separated by commas (`angle,Z,Y,X`).
  public static func list(_ text: String) -> [AxisRole] {
    if text.contains(",") {
      return text.split(separator: ",").map { listed(String($0.filter { $0 != " " })) }
    }
    let letters = text.map { listed(String($0)) }
    return letters.allSatisfy { $0.canonicalRank < 5 || $0 == component } ? letters : [listed(text)]
  }

  /// One of a list.
  public static func listed(_ name: String) -> AxisRole {
    ["s", "samples", "components"].contains(name.lowercased()) ? component : AxisRole(name)
  }
}
