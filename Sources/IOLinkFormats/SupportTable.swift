public import IOLinkCore

/// Makes the support table of the documentation from what the codecs declare.
public enum SupportTable {
  /// The table in Markdown, with one row for each format.
  public static func markdown(_ descriptors: [CodecDescriptor]) -> String {
    var rows = ["| format | reads | writes |", "|---|---|---|"]
    for descriptor in descriptors {
      let writes = descriptor.writing.map { $0.lines.joined(separator: "; ") } ?? "–"
      rows.append("| \(descriptor.name) | \(descriptor.reads.joined(separator: "; ")) | \(writes) |")
    }
    return rows.joined(separator: "\n")
  }
}
