public import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

extension DataSource {
  /// Opens a file, or standard input, as a data source.
  ///
  /// What can only be read once (a pipe, a terminal, or standard input from either) is first copied to a temporary file without a
  /// name, in the folder that `TMPDIR` names.
  ///
  /// - Parameters:
  ///   - path: A file, or `-` for standard input.
  ///   - access: Whether the file is opened for reading only, or also for writing within its size.
  ///   - permissions: With `siblings`, a codec may open other files in the folder of this one; standard input has none.
  ///   - spoolLimit: The maximum number of bytes that may be copied; `nil` when only the disk limits them.
  ///   - cancellation: Checked while waiting for bytes to copy.
  /// - Throws: `notFound` when the file does not exist; `io` when it is a folder, or cannot be opened or copied; `invalidArgument` when
  ///   the path is empty or has a zero byte; `unsupported` when something that can only be read once is opened for update, or when
  ///   standard input is; `limitExceeded` when more than `spoolLimit` bytes would be copied; `cancelled`.
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
    if isReadOnce(path) {
      return DataSource(try onceReadable(try Descriptor(pipe: path), access, spoolLimit, cancellation), name: name)
    }
    let bytes = try FileRandomAccess(path: path, access: access)
    let provider = permissions.contains(.siblings) ? try FolderSiblings(folder: Path.folder(of: path)) : nil
    return DataSource(bytes, name: name, siblings: provider)
  }

  /// Whether what a path names can only be read once, so that ``file(_:access:permissions:spoolLimit:cancellation:)`` waits for all of it: a
  /// pipe, a terminal, or standard input.
  public static func isReadOnce(_ path: String) -> Bool {
    guard path != "-" else { return true }
    return switch FileStatus(path: path)?.kind {
    case .pipe, .characterDevice: true
    default: false
    }
  }

  private static func onceReadable(
    _ descriptor: Descriptor, _ access: FileAccess, _ limit: Int?, _ cancellation: Cancellation?
  ) throws(IOLinkError) -> FileRandomAccess {
    guard access == .read else {
      throw IOLinkError(.unsupported, "\"\(descriptor.path)\" can only be read once and cannot be updated")
    }
    // A file that is redirected to standard input, from its beginning, can be read by position and needs no copy.
    if try FileStatus(of: descriptor).kind == .regular, lseek(descriptor.number, 0, SEEK_CUR) == 0 {
      return try FileRandomAccess(descriptor, access: .read)
    }
    return try Spool.randomAccess(from: descriptor, limit: limit, cancellation: cancellation)
  }
}
