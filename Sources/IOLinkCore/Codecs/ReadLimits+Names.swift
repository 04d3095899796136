/// Limits by the names that they have as text, on the command line and in Python: `chunk=4G`.
extension ReadLimits {
  private struct Name {
    let text: String
    let limit: WritableKeyPath<ReadLimits, Int>
    let isByteCount: Bool
  }

  private static var named: [Name] {
    [
      Name(text: "chunk", limit: \.chunkByteCount, isByteCount: true),
      Name(text: "metadata", limit: \.metadataByteCount, isByteCount: true),
      Name(text: "images", limit: \.imageCount, isByteCount: false), Name(text: "nesting", limit: \.nesting, isByteCount: false),
      Name(text: "entries", limit: \.entryCount, isByteCount: false),
    ]
  }

  /// Every limit under its name.
  public var values: [(name: String, value: Int)] { Self.named.map { ($0.text, self[keyPath: $0.limit]) } }

  /// Sets the limits that are named, and keeps the others.
  ///
  /// - Parameter texts: A positive number for each name; byte counts (`chunk`, `metadata`) may also be written as `512M` or `4G`.
  /// - Throws: `invalidArgument` when a name is unknown, with the names there are, or a number is not positive;
  ///   `limitExceeded` when a number does not fit in an `Int`. All limits are then unchanged.
  public mutating func set(_ texts: [String: String]) throws(IOLinkError) {
    var changed = self
    for (name, text) in texts.ordered(by: { $0.key < $1.key }) {
      guard let known = Self.named.first(where: { $0.text == name }) else {
        let allowed = Self.named.map(\.text).joined(separator: ", ")
        throw IOLinkError(.invalidArgument, "limit \"\(name)\" is unknown, expected one of \(allowed)")
      }
      guard !known.isByteCount else {
        do throws(IOLinkError) { changed[keyPath: known.limit] = try ByteText.parse(text) } catch {
          throw IOLinkError(error.code, "limit \(name): \(error.reason)")
        }
        continue
      }
      guard let number = Int(text), number > 0 else {
        throw IOLinkError(.invalidArgument, "limit \(name) is \"\(text)\", expected a positive number")
      }
      changed[keyPath: known.limit] = number
    }
    self = changed
  }
}
