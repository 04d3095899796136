internal import IOLinkCore

extension IOLinkError {
  /// Makes an error about a PNG file. The offset is in bytes from the beginning of the file.
  static func png(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "PNG", offset: offset)
  }
}
