public import IOLinkCore

/// Temporary storage in files without a name.
public struct TemporaryFiles: TemporaryStorage {
  private let folder: String?

  /// Makes storage. A file is created only when a stream is needed.
  ///
  /// - Parameter folder: The folder whose file system holds the files; `nil` for the one that the environment variable `TMPDIR` names,
  ///   otherwise `/tmp`.
  public init(in folder: String? = nil) { self.folder = folder }

  /// Creates a file without a name, which is deleted when the stream is released or the process ends.
  ///
  /// - Throws: `io` when the file cannot be created.
  public func makeStream() throws(IOLinkError) -> any StreamAccess {
    FileStream(try TemporaryFile.createUnlinked(in: folder, for: "a temporary file"), [.read, .write])
  }
}
