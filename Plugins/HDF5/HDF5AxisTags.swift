import IOLinkCore

/// The axes of a dataset as vigra and ilastik describe them, in JSON.
///
/// Source: vigranumpy, class AxisTags, `toJSON` and `fromJSON`; the flags are those of `AxisInfo.typeFlags`.
enum HDF5AxisTags {
  /// Returns the text of the attribute; `nil` unless each dimension is X, Y, Z, T or C, because ilastik refuses all others.
  ///
  /// - Parameter axes: The axes, slowest first, without the component, which is last and called C.
  static func text(_ axes: [Axis], hasComponents: Bool) -> String? {
    var keys = axes.map { tag($0.role) }
    if hasComponents { keys.append(("c", 1)) }
    guard !keys.isEmpty, !keys.contains(where: { $0 == nil }) else { return nil }
    let tags = keys.compactMap { $0 }
    guard Set(tags.map(\.key)).count == tags.count else { return nil }
    let entries = tags.enumerated().map { index, tag in
      let axis = axes.indices.contains(index) ? axes[index] : nil
      let spacing = axis?.spacing.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
      let resolution = spacing.map { "\($0)" } ?? "0.0"
      let unit = JSONValue.quoted(spacing == nil ? "" : axis?.unit ?? "")
      return "{\"key\": \"\(tag.key)\", \"typeFlags\": \(tag.flags), \"resolution\": \(resolution), \"description\": \(unit)}"
    }
    return "{\"axes\": [" + entries.joined(separator: ", ") + "]}"
  }

  private static func tag(_ role: AxisRole) -> (key: String, flags: Int)? {
    switch role {
    case .column: ("x", 2)
    case .row: ("y", 2)
    case .slice: ("z", 2)
    case .sequence: ("t", 8)
    case .channel: ("c", 1)
    default: nil
    }
  }
}
