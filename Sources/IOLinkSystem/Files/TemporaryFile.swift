import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Creates files under new names, or without one.
enum TemporaryFile {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
  private static let longestName = 255
  private static let attemptCount = 64

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
    var descriptor: Descriptor?
    let path = try takeName(in: folder, stem: stem, for: target) { path in
      let number = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, permissions)  // a C string, alive for the call
      guard number >= 0 else { return errno }
      descriptor = Descriptor(owning: number, path: target)
      return 0
    }
    guard let descriptor else { throw .system(EEXIST, "create", target) }
    return (descriptor, path)
  }

  /// Tries names `FOLDER/STEMxxxxxxxx` until one is free.
  ///
  /// - Parameter take: Gives a file this path, and returns 0, or the error of the system: `EEXIST` when the name is taken.
  /// - Returns: The path that was taken.
  /// - Throws: `io` when `take` fails for another reason, or always.
  static func takeName(
    in folder: String, stem: String, for target: String, _ take: (String) -> Int32
  ) throws(IOLinkError) -> String {
    var lastNumber = EEXIST
    for _ in 0..<attemptCount {
      let path = Path.joined(folder, name(stem, randomSuffix()))
      lastNumber = take(path)
      if lastNumber == 0 { return path }
      guard lastNumber == EEXIST || lastNumber == EINTR else { break }
    }
    throw .system(lastNumber, "create", target)
  }

  /// Creates a file that has no name, for reading and writing. The system deletes it when it is closed, or when the process ends in
  /// any way, unless it is given a name before.
  ///
  /// - Parameters:
  ///   - folder: The folder whose file system holds the file.
  ///   - permissions: The mode of the file, before the process's mask is applied.
  ///   - target: The file that the error names.
  /// - Returns: `nil` where the system or the file system has no files without names.
  /// - Throws: `io` when a file cannot be created in this folder at all.
  static func createUnnamed(in folder: String, permissions: mode_t, target: String) throws(IOLinkError) -> Descriptor? {
    #if canImport(Darwin)
      return nil
    #else
      var number: Int32
      repeat {
        number = unsafe open(folder, __O_TMPFILE | O_DIRECTORY | O_RDWR | O_CLOEXEC, permissions)  // a C string, alive for the call
      } while number < 0 && errno == EINTR
      if number >= 0 { return Descriptor(owning: number, path: target) }
      // File systems without such files answer in different ways; these answers concern every file in the folder.
      guard ![EACCES, EROFS, ENOENT, ENOTDIR, ENOSPC, EDQUOT, EMFILE, ENFILE].contains(errno) else { throw .system(errno, "create", target) }
      return nil
    #endif
  }

  /// Creates a file without a name.
  ///
  /// The system deletes the file when it is closed, or when the process ends in any way.
  ///
  /// - Parameters:
  ///   - folder: The folder of the file; `nil` for the one that `TMPDIR` names, otherwise `/tmp`.
  ///   - target: What the error names.
  /// - Throws: `io` when the file cannot be created.
  static func createUnlinked(in folder: String? = nil, for target: String) throws(IOLinkError) -> Descriptor {
    let folder = folder ?? Environment.value(of: "TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    if let unnamed = try createUnnamed(in: folder, permissions: 0o600, target: target) { return unnamed }
    let (descriptor, path) = try create(in: folder, stem: ".iolink-", permissions: 0o600, target: target)
    _ = unsafe unlink(path)  // a C string, alive for the call
    return descriptor
  }

  /// A name of `stem` and `suffix`, with as many whole characters of `stem` as leave room in a name that file systems accept.
  static func name(_ stem: String, _ suffix: String) -> String {
    var stem = stem
    while stem.utf8.count > longestName - suffix.utf8.count, let last = stem.dropLast(8).indices.last { stem.remove(at: last) }
    return stem + suffix
  }

  private static func randomSuffix() -> String {
    String((0..<8).map { _ in alphabet[Int.random(in: alphabet.indices)] })
  }
}
