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
      return "lost: \(items.count) values (\(reason)): " + items.prefix(shownCount).map { shortened($0.path) }.joined(separator: ", ") + rest
    }
  }

  /// Returns one line for each value.
  static func all(_ lost: [LostItem]) -> [String] { lost.map(line) }

  private static func line(_ item: LostItem) -> String { "lost: \(item.path) = \(shortened(item.value)) (\(item.reason))" }

  /// Returns the beginning of a text on one line.
  private static func shortened(_ text: String) -> String {
    let line = text.prefix(60).split(whereSeparator: \.isNewline).joined(separator: " ")
    return text.dropFirst(60).isEmpty ? line : line + "…"
  }
}
