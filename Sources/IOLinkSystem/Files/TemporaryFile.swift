import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Creates files under new names.
enum TemporaryFile {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
  private static let longestName = 255

  /// Creates a file `FOLDER/STEMxxxxxxxx` for reading and writing.
  ///
  /// - Parameters:
  ///   - folder: The folder of the file.
  ///   - stem: The beginning of its name, shortened where the name would be too long.
  ///   - permissions: The mode of the file, before the process's mask is applied.
  ///   - target: The file that the error names.
  /// - Throws: `io` when the file cannot be created.
  static func create(
    in folder: String, stem: String, permissions: mode_t, target: String
  ) throws(IOLinkError) -> (descriptor: Descriptor, path: String) {
    var lastNumber = EEXIST
    for _ in 0..<64 {
      let path = "\(folder)/\(shortened(stem))\(randomSuffix())"
      let number = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, permissions)  // a C string, alive for the call
      if number >= 0 { return (Descriptor(owning: number, path: target), path) }
      lastNumber = errno
      guard lastNumber == EEXIST || lastNumber == EINTR else { break }
    }
    throw .system(lastNumber, "create", target)
  }

  /// Creates a file and removes its name, in the folder that `TMPDIR` names, otherwise in `/tmp`.
  ///
  /// The system deletes the file when it is closed, or when the process ends in any way.
  ///
  /// - Parameter target: What the error names.
  /// - Throws: `io` when the file cannot be created.
  static func createUnlinked(for target: String) throws(IOLinkError) -> Descriptor {
    let folder = Environment.value(of: "TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    let (descriptor, path) = try create(in: folder, stem: ".iolink-", permissions: 0o600, target: target)
    _ = unsafe unlink(path)  // a C string, alive for the call
    return descriptor
  }

  private static func randomSuffix() -> String {
    String((0..<8).map { _ in alphabet[Int.random(in: alphabet.indices)] })
  }

  /// As many whole characters of `stem` as leave room for the suffix in a name that file systems accept.
  private static func shortened(_ stem: String) -> String {
    var stem = stem
    while stem.utf8.count > longestName - 8, let last = stem.dropLast(8).indices.last { stem.remove(at: last) }
    return stem
  }
}
