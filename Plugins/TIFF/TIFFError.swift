internal import IOLinkCore

extension IOLinkError {
  /// Makes an error about a TIFF file. All errors of this format are made here.
  ///
  /// - Parameter offset: The offset in bytes from the beginning of the file.
  static func tiff(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "TIFF", offset: offset)
  }
}
