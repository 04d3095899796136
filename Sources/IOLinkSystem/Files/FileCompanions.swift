import IOLinkCore

/// The files that belong beside the target of a ``FileReplacement``, until they get their names with it.
///
/// They are beside the target as the caller names it, also where that is a link to a file elsewhere: whoever opens the target by this name
/// looks for them there.
final class FileCompanions: CompanionTarget {
  let name: String
  /// The absolute path of the folder, so that the process may change its working folder; `nil` where it does not exist.
  private let folder: String?
  private let files = Guarded<[FileReplacement]?>([])

  init(of target: String) {
    name = Path.name(of: target)
    folder = Path.resolved(Path.folder(of: target))
  }

  func stream(withExtension fileExtension: String) throws(IOLinkError) -> any StreamAccess {
    let companion = companionName(of: name, withExtension: fileExtension)
    guard companion != name else {
      throw IOLinkError(.invalidArgument, "\"\(name)\" is the name of the file that is written beside it, expected another extension")
    }
    guard let folder else { throw IOLinkError(.io, "cannot create \"\(companion)\": its folder does not exist") }
    let file = try FileReplacement(target: Path.joined(folder, companion))
    guard !file.isDirect else { throw IOLinkError(.io, "cannot create \"\(companion)\": its name is that of something else than a file") }
    let isOpen = files.withLock { files in
      files?.append(file)
      return files != nil
    }
    guard isOpen else { throw IOLinkError(.invalidArgument, "\"\(name)\" is complete") }
    return file.stream
  }

  /// Hands out the companions. None can be made afterwards.
  func take() -> [FileReplacement] {
    files.withLock { files in
      defer { files = nil }
      return files ?? []
    }
  }
}
