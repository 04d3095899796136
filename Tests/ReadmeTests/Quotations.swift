import Foundation

/// The Swift blocks of documents, and the pieces of compiled examples that they quote.
///
/// A piece stands between `// Quoted: NAME` and `// Quoted: end`. Indentation and empty lines do not count.
struct Quotations {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// All files with this extension below these folders, by their paths from the root.
  static func files(_ pathExtension: String, below folders: String...) throws -> [String] {
    try folders.flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        .filter { $0.hasSuffix("." + pathExtension) }.sorted().map { "\(folder)/\($0)" }
    }
  }

  /// The fenced Swift blocks of a document, in order.
  static func blocks(of document: String) throws -> [[String]] {
    try text(document).components(separatedBy: "```swift\n").dropFirst().map { lines($0.components(separatedBy: "\n```")[0]) }
  }

  /// The marked pieces of a source file, by name.
  static func pieces(of example: String) throws -> [(name: String, lines: [String])] {
    let marker = "// Quoted: "
    var pieces: [(name: String, lines: [String])] = []
    var isInside = false
    for line in try lines(text(example)) {
      if line.hasPrefix(marker) {
        let name = String(line.dropFirst(marker.count))
        guard isInside == (name == "end") else { throw Misplaced(description: "\(example): \(line)") }
        isInside.toggle()
        if isInside { pieces.append((name, [])) }
      } else if isInside {
        pieces[pieces.count - 1].lines.append(line)
      }
    }
    guard !isInside else { throw Misplaced(description: "\(example): the last piece has no end") }
    return pieces
  }

  /// A marker inside another piece, or an end without a beginning.
  struct Misplaced: Error, CustomStringConvertible {
    let description: String
  }

  private static func lines(_ text: some StringProtocol) -> [String] {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
  }
}
