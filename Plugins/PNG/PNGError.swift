internal import IOLinkCore

extension IOLinkError {
  /// - Parameter offset: In the file.
  static func png(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "PNG", offset: offset)
  }
}
