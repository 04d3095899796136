public import IOLinkCore

/// The support table of the documentation, made of what the codecs declare.
public enum SupportTable {
  /// One row a format, in Markdown.
  public static func markdown(_ descriptors: [CodecDescriptor]) -> String {
    var rows = ["| format | reads | writes |", "|---|---|---|"]
    for descriptor in descriptors {
      let writes = descriptor.writing.map { $0.lines.joined(separator: "; ") } ?? "–"
      rows.append("| \(descriptor.name) | \(descriptor.reads.joined(separator: "; ")) | \(writes) |")
    }
    return rows.joined(separator: "\n")
  }
}
