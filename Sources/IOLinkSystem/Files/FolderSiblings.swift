public import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Opens regular files of one folder, for reading.
///
/// A symbolic link is followed only to a file of the same folder. The last step never follows a link, so that nobody
/// can slip one in between.
public struct FolderSiblings: SiblingProvider {
  private let folder: String

  /// - Throws: `notFound` when there is no such folder.
  public init(folder: String) throws(IOLinkError) {
    try IOLinkError.checkPath(folder)
    guard let resolved = Path.resolved(folder) else { throw .system(errno, "open", folder) }
    self.folder = resolved
  }

  /// - Throws: `notFound` when there is no such file; `unsupported` when it is a link out of the folder; `io` when it is not
  ///   a regular file or may not be read.
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
