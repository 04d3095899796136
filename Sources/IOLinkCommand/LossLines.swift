import IOLink

/// The lines that tell what a conversion lost; `--json` has everything, whole.
enum LossLines {
  private static let shownCount = 5

  /// Returns one line for each reason, in the order in which they first occur: the value that was lost, or how many and the first paths.
  static func grouped(_ lost: [LostItem]) -> [String] {
    var reasons: [String] = []
    var groups: [String: [LostItem]] = [:]
    for item in lost {
      if groups[item.reason] == nil { reasons.append(item.reason) }
      groups[item.reason, default: []].append(item)
    }
    return reasons.map { reason in
      let items = groups[reason] ?? []
      if items.count == 1 { return line(items[0]) }
      let rest = items.count > shownCount ? " and \(items.count - shownCount) more" : ""
      return "lost: \(items.count) values (\(reason)): " + items.prefix(shownCount).map(\.path.shortened).joined(separator: ", ") + rest
    }
  }

  /// Returns one line for each value.
  static func all(_ lost: [LostItem]) -> [String] { lost.map(line) }

  private static func line(_ item: LostItem) -> String { "lost: \(item.path) = \(item.value.shortened) (\(item.reason))" }
}

extension String {
  /// The first 60 characters on one line, for values that may be of any length; `--json` has them whole.
  var shortened: String {
    let line = prefix(60).split(whereSeparator: \.isNewline).joined(separator: " ")
    return dropFirst(60).isEmpty ? line : line + "…"
  }
}
