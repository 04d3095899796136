import IOLinkCore

/// The name of a source file or source dataset. `%b` stands for the number of a block, and `%%` for `%`.
struct HDF5VirtualName: Hashable, Sendable {
  /// The name as the file states it.
  let pattern: String
  /// What is between the numbers.
  private let parts: [String]

  /// - Throws: `malformed` when anything else follows a `%`.
  init(_ pattern: String) throws(IOLinkError) {
    self.pattern = pattern
    var parts = [""]
    var isEscaped = false
    for character in pattern.unicodeScalars {
      switch (isEscaped, character) {
      case (false, "%"): isEscaped = true
      case (true, "b"):
        parts.append("")
        isEscaped = false
      case (true, "%"), (false, _):
        parts[parts.count - 1].unicodeScalars.append(character)
        isEscaped = false
      default: throw .hdf5(.malformed, "the name \"\(pattern)\" of a source has %\(character), expected %b or %%")
      }
    }
    guard !isEscaped else { throw .hdf5(.malformed, "the name \"\(pattern)\" of a source ends with %") }
    self.parts = parts
  }

  /// Whether the name differs from block to block.
  var hasNumber: Bool { parts.count > 1 }

  /// Returns the name of the source of a block.
  func name(_ block: Int) -> String { parts.joined(separator: "\(block)") }
}
