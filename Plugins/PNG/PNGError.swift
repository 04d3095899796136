internal import IOLinkCore

extension IOLinkError {
  /// Makes an error about a PNG file. The offset is in bytes from the beginning of the file.
  static func png(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "PNG", offset: offset)
  }

  /// Whether the file is damaged or cut short, so that a part of it may still be read.
  var isDamage: Bool { code == .malformed || code == .truncated }
}
