internal import IOLinkCore

extension IOLinkError {
  /// Makes an error about an NPY file. The offset is in bytes from the beginning of the file.
  static func npy(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "NPY", offset: offset)
  }

  /// Makes an error about an NPZ archive. The offset is in bytes from the beginning of the archive.
  static func npz(_ code: Code, _ reason: String, at offset: Int? = nil) -> IOLinkError {
    IOLinkError(code, reason, format: "NPZ", offset: offset)
  }
}
