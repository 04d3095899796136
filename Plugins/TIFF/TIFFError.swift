internal import IOLinkCore

extension IOLinkError {
  /// An error of this format: the one place where they are made.
  ///
  /// - Parameter offset: In bytes from the beginning of the file.
  static func tiff(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "TIFF", offset: offset)
  }
}
