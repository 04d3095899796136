public import IOLinkCore
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Writes a file so that its name always stands for something whole: the old content, or all of the new one.
///
/// The content goes into `.NAME.iolink-xxxxxxxx` in the same folder and takes the target's name last, by `rename`. A
/// symbolic link is followed and stays a link; an existing file's mode is kept (its other hard links keep the old
/// content). Whoever drops a replacement without `commit` throws the new content away; a killed process leaves
/// the dot-file at most. Pipes, devices and `-` (standard output) are written directly, without SEEK.
public final class FileReplacement: Sendable {
  /// When to wait until the disk has everything.
  public enum Synchronization: Sendable {
    /// When an existing file is replaced.
    case whenReplacing
    case always
    case never
  }

  /// Where the new content goes: READ, WRITE and SEEK for a file, WRITE for a pipe or a device. Closed by `commit` and
  /// `abort`.
  public let stream: FileStream
  private let target: String
  /// `nil` when the target is written directly.
  private let files: (temporary: String, final: String)?
  private let isFinished = Atomic<Bool>(false)

  /// - Parameter target: The file to write; `-` is standard output.
  /// - Throws: `io`, `cannot create …`, when the folder is missing or not writable, or the target is a folder, or a
  ///   file that this process may not write; `invalidArgument` for a name that no file can have.
  /// - Complexity: No content is read. Waits for a reader where the target is a pipe.
  public init(target: String) throws(IOLinkError) {
    try IOLinkError.checkPath(target)
    self.target = target
    if let direct = try Self.openDirectly(target) {
      stream = FileStream(direct, .write, isSeekable: false)
      files = nil
      return
    }
    let (descriptor, temporary, final) = try Self.createBeside(target)
    stream = FileStream(descriptor, [.read, .write])
    files = (temporary, final)
  }

  deinit { abort() }

  /// Whether the target is a pipe or a device, where what was written cannot be taken back.
  public var isDirect: Bool { files == nil }

  /// Gives the new content the target's name.
  ///
  /// - Throws: `io` when something could not be written, and then the target is as it was; `invalidArgument` after
  ///   `commit` or `abort`.
  public func commit(_ synchronization: Synchronization = .whenReplacing) throws(IOLinkError) {
    guard !isFinished.exchange(true, ordering: .acquiringAndReleasing) else {
      throw IOLinkError(.invalidArgument, "the replacement of \"\(target)\" is over")
    }
    guard let files else { return try stream.close() }
    do throws(IOLinkError) {
      let waits = synchronization == .always || (synchronization == .whenReplacing && FileStatus(path: files.final) != nil)
      if waits { try stream.synchronize() }
      try stream.close()
      // C strings, alive for the call.
      guard unsafe rename(files.temporary, files.final) == 0 else { throw .system(errno, "create", target) }
      if waits { Self.synchronizeFolder(of: files.final) }
    } catch {
      stream.discard()
      _ = unsafe unlink(files.temporary)  // a C string, alive for the call
      throw error
    }
  }

  /// Throws the new content away. Does nothing after `commit`.
  public func abort() {
    guard !isFinished.exchange(true, ordering: .acquiringAndReleasing) else { return }
    stream.discard()
    if let files { _ = unsafe unlink(files.temporary) }  // a C string, alive for the call
  }
}

extension FileReplacement {
  /// - Returns: `nil` when the target is, or will be, a regular file.
  private static func openDirectly(_ target: String) throws(IOLinkError) -> Descriptor? {
    if target == "-" { return try Descriptor(duplicating: 1, path: "standard output") }
    if let number = Path.openNumber(in: target) { return try Descriptor(duplicating: number, path: target) }
    switch FileStatus(path: target)?.kind {
    case nil, .regular: return nil
    case .folder: throw .system(EISDIR, "create", target)
    default: return try Descriptor(path: target, flags: O_WRONLY | O_NOCTTY, action: "create")
    }
  }

  private static func createBeside(
    _ target: String
  ) throws(IOLinkError) -> (descriptor: Descriptor, temporary: String, final: String) {
    let followed = try Path.followingLinks(target)
    let name = Path.name(of: followed)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw IOLinkError(.io, "cannot create \"\(target)\": it is a folder")
    }
    // Absolute, so that a later change of the working folder does no harm.
    guard let folder = Path.resolved(Path.folder(of: followed)) else { throw .system(errno, "create", target) }
    let final = Path.joined(folder, name)
    let old = FileStatus(path: final)
    // rename asks the folder only; a file that was protected against writing stays.
    // (A C string, alive for the call.)
    if old != nil, unsafe access(final, W_OK) != 0 { throw .system(errno, "create", target) }
    let (descriptor, temporary) = try TemporaryFile.create(
      in: folder, stem: ".\(name).iolink-", permissions: old == nil ? 0o666 : 0o600, target: target)
    if let old {
      // Whoever may not give files away keeps his own name on it; the mode comes last because chown takes bits away.
      _ = fchown(descriptor.number, old.owner, old.group)
      _ = fchmod(descriptor.number, old.permissions)
    }
    return (descriptor, temporary, final)
  }

  /// Makes the new name durable. The content is safe by now; a folder that cannot be opened or waited for does not count as a failure.
  private static func synchronizeFolder(of path: String) {
    guard let folder = try? Descriptor(path: Path.folder(of: path), flags: O_RDONLY | O_DIRECTORY) else { return }
    _ = fsync(folder.number)
  }
}
