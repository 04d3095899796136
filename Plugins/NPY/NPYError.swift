internal import IOLinkCore

extension IOLinkError {
  /// An error about an NPY file; offset in bytes from its beginning.
  static func npy(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "NPY", offset: offset)
  }

  /// An error about an NPZ archive.
  static func npz(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "NPZ", offset: offset)
  }
}
