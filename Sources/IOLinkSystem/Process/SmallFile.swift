#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Reads the short texts in which Linux describes a process, in `/proc` and `/sys`.
enum SmallFile {
  private static let largest = 64 << 10

  /// The first 64 KiB of a file as text; `nil` when it cannot be read.
  static func text(of path: String) -> String? {
    guard let file = try? Descriptor(path: path, flags: O_RDONLY) else { return nil }
    var bytes = [UInt8](repeating: 0, count: largest)
    var elements = bytes.mutableSpan
    var span = unsafe elements.mutableBytes  // bytes have no padding
    guard let count = try? file.fill(&span, at: 0) else { return nil }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  /// The text after `name:` on the first line that begins with it, without spaces at its ends; `nil` where there is none.
  static func value(of name: String, in text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
      return trimmed(line.dropFirst(name.utf8.count + 1))
    }
    return nil
  }

  /// The number that a text begins with, up to the first space; `nil` where there is none.
  static func number(in text: some StringProtocol) -> Int? {
    text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}
