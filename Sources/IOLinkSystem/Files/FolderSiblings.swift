public import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Opens regular files of one folder for reading.
///
/// A symbolic link is followed only to a file in the same folder. The file itself is opened without following links, so that
/// replacing it with a link at the last moment has no effect.
public struct FolderSiblings: SiblingProvider {
  private let folder: String

  /// Grants access to the files of a folder.
  ///
  /// - Throws: `notFound` when the folder does not exist; `io` when this process has no access to it; `invalidArgument` when the path
  ///   is empty or has a zero byte.
  public init(folder: String) throws(IOLinkError) {
    try IOLinkError.checkPath(folder)
    guard let resolved = Path.resolved(folder) else { throw .system(errno, "open", folder) }
    self.folder = resolved
  }

  /// Opens a file of the folder.
  ///
  /// - Parameter name: The name of the file, without a path.
  /// - Throws: `invalidArgument` when the name is not one of a file in the folder; `notFound` when the file does not exist;
  ///   `unsupported` when it is a link out of the folder; `io` when it is not a regular file or cannot be opened.
  public func sibling(named name: String) throws(IOLinkError) -> DataSource {
    guard !name.isEmpty, !name.utf8.contains(0), !name.contains("/"), name != ".", name != ".." else {
      throw IOLinkError(.invalidArgument, "\"\(name)\" does not name a file in the same folder")
    }
    var path = Path.joined(folder, name)
    if FileStatus(linkAt: path)?.kind == .symbolicLink {
      guard let real = Path.resolved(path) else { throw .system(errno, "open", name) }
      guard Path.folder(of: real) == folder else {
        throw IOLinkError(.unsupported, "\"\(name)\" is a link to a file outside the folder")
      }
      path = real
    }
    let descriptor = try Descriptor(path: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    guard try FileStatus(of: descriptor).kind == .regular else {
      throw IOLinkError(.io, "cannot open \"\(name)\": it is not a regular file")
    }
    return DataSource(try FileRandomAccess(descriptor, access: .read), name: name, siblings: self)
  }
}
