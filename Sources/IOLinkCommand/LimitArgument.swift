import IOLink

/// The values of `--limit`, such as `chunk=4G`: limits on what reading may allocate.
enum LimitArgument {
  private static var names: [(name: String, limit: WritableKeyPath<ReadLimits, Int>, isByteCount: Bool)] {
    [
      ("chunk", \.chunkByteCount, true), ("metadata", \.metadataByteCount, true), ("images", \.imageCount, false),
      ("nesting", \.nesting, false), ("entries", \.entryCount, false),
    ]
  }

  /// The limits that the texts state; a limit that is not named keeps its default.
  ///
  /// - Throws: `invalidArgument` when a name is unknown or a number is not positive.
  static func parse(_ texts: [String]) throws(IOLinkError) -> ReadLimits {
    var limits = ReadLimits()
    for (name, text) in try KeyValue.parse(texts).sorted(by: { $0.key < $1.key }) {
      guard let known = names.first(where: { $0.name == name }) else {
        let allowed = names.map(\.name).joined(separator: ", ")
        throw IOLinkError(.invalidArgument, "limit \"\(name)\" is unknown, expected one of \(allowed)")
      }
      guard !known.isByteCount else {
        limits[keyPath: known.limit] = try ByteText.parse(text)
        continue
      }
      guard let number = Int(text), number > 0 else {
        throw IOLinkError(.invalidArgument, "limit \(name) is \"\(text)\", expected a positive number")
      }
      limits[keyPath: known.limit] = number
    }
    return limits
  }
}
