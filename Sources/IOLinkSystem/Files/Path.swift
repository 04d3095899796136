import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Paths taken apart and followed.
enum Path {
  /// Everything before the last component: `.` for a plain name, `/` for what lies in the root.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last component; empty when the path ends with a slash.
  static func name(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return path }
    return String(path[path.index(after: slash)...])
  }

  static func joined(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  /// The absolute path without links, `.` and `..`.
  ///
  /// - Returns: `nil` when there is nothing, or nothing that this process may reach; `errno` says which.
  static func resolved(_ path: String) -> String? {
    // realpath allocates the answer when it is given no buffer; it is copied and freed here.
    guard let answer = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(answer) }
    return unsafe String(cString: answer)
  }

  /// Where a chain of symbolic links at the end of `path` leads, whether or not there is a file.
  ///
  /// - Throws: `io` when the chain does not end.
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
      // readlink writes at most `capacity` characters and says how many.
      guard let start = buffer.baseAddress else { return nil }
      let count = unsafe readlink(path, start, capacity)
      guard count > 0, count < capacity else { return nil }
      return unsafe String(decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]), as: UTF8.self)
    }
  }

  /// The number in `/dev/stdout`, `/dev/fd/3` and the like: names for what this process already has open.
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
