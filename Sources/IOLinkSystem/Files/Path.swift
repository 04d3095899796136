import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Operations on paths of files.
enum Path {
  /// Everything before the last component: `.` for a plain name, `/` for a file in the root folder.
  static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component of a path; empty when the path ends with a slash.
  static func name(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.index(after: slash)...])
  }

  static func joined(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The absolute path of a file, without symbolic links, `.` and `..`.
  ///
  /// - Returns: `nil` when the file does not exist or this process has no access to it; `errno` says which.
  static func resolved(_ path: String) -> String? {
    // Without a buffer, `realpath` allocates the answer, which is copied and freed here.
    guard let answer = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(answer) }
    return unsafe String(cString: answer)
  }

  /// Follows the symbolic links at the end of a path, to a file that may or may not exist.
  ///
  /// - Throws: `io` when there are more than 40 links in a row.
  static func followingLinks(_ path: String) throws(IOLinkError) -> String {
    var path = path
    for _ in 0..<40 {
      guard FileStatus(linkAt: path)?.kind == .symbolicLink, let link = linkText(path) else { return path }
      path = link.hasPrefix("/") ? link : joined(folder(of: path), link)
    }
    throw .system(ELOOP, "create", path)
  }

  private static func linkText(_ path: String) -> String? {
    let capacity = Int(PATH_MAX)
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
      // `readlink` writes at most `capacity` characters and returns their number.
      guard let start = buffer.baseAddress else { return nil }
      let count = unsafe readlink(path, start, capacity)
      guard count > 0, count < capacity else { return nil }
      return unsafe String(decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]), as: UTF8.self)
    }
  }

  /// The file descriptor in a path such as `/dev/stdout` or `/dev/fd/3`, which names a file that this process has open.
  static func openNumber(in path: String) -> Int32? {
    switch path {
    case "/dev/stdin": return 0
    case "/dev/stdout": return 1
    case "/dev/stderr": return 2
    default:
      for folder in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(folder) {
        return Int32(path.dropFirst(folder.count))
      }
      return nil
    }
  }
}
