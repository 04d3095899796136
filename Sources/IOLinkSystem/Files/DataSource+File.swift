public import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension DataSource {
  /// A file as a data source; `-` is standard input.
  ///
  /// What can only be read once (a pipe, a terminal, standard input) is first copied to a temporary file without a name
  /// in `TMPDIR`.
  ///
  /// - Parameters:
  ///   - permissions: With `siblings`, a codec may ask for files beside this one. There are none beside `-`.
  ///   - spoolLimit: The most bytes that may be copied; `nil` for no limit but the disk.
  ///   - cancellation: Asked while waiting for bytes to copy.
  /// - Throws: `notFound` when there is no such file; `io` when it is a folder or may not be opened; `unsupported` when
  ///   something that can only be read once is opened for update; `limitExceeded`; `cancelled`.
  public static func file(
    _ path: String, access: FileAccess = .read, permissions: Permissions = [], spoolLimit: Int? = nil,
    cancellation: Cancellation? = nil
  ) throws(IOLinkError) -> DataSource {
    try IOLinkError.checkPath(path)
    if path == "-" {
      let input = try Descriptor(duplicating: 0, path: "standard input")
      return DataSource(try onceReadable(input, access, spoolLimit, cancellation))
    }
    let name = Path.name(of: path)
    switch FileStatus(path: path)?.kind {
    case .pipe, .characterDevice:
      let descriptor = try Descriptor(path: path, flags: O_RDONLY | O_NOCTTY)
      return DataSource(try onceReadable(descriptor, access, spoolLimit, cancellation), name: name)
    default:
      let bytes = try FileRandomAccess(path: path, access: access)
      let provider = permissions.contains(.siblings) ? try FolderSiblings(folder: Path.folder(of: path)) : nil
      return DataSource(bytes, name: name, siblings: provider)
    }
  }

  private static func onceReadable(
    _ descriptor: Descriptor, _ access: FileAccess, _ limit: Int?, _ cancellation: Cancellation?
  ) throws(IOLinkError) -> FileRandomAccess {
    guard access == .read else {
      throw IOLinkError(.unsupported, "\"\(descriptor.path)\" can be read once and not be updated")
    }
    // A file redirected to standard input, from its beginning, needs no copy.
    if try FileStatus(of: descriptor).kind == .regular, lseek(descriptor.number, 0, SEEK_CUR) == 0 {
      return try FileRandomAccess(descriptor, access: .read)
    }
    return try Spool.randomAccess(from: descriptor, limit: limit, cancellation: cancellation)
  }
}
