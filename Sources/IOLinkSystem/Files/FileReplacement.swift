public import IOLinkCore
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Writes a file so that its name always refers to complete content: either the old content, or all of the new content.
///
/// The content goes to a file in the same folder, which takes the name of the target last. A symbolic link is followed and stays a
/// link. The mode of an existing file is kept; its other hard links keep the old content.
///
/// A replacement that is released without `commit` discards the new content. A process that is killed leaves nothing, because the file
/// has no name until it is complete. Where the file system does not have such files, it leaves a file `.NAME.iolink-xxxx`, which the next
/// replacement of the same target removes; a file that a living process writes is never removed. Pipes, devices and `-` (standard
/// output) are written directly, without SEEK.
///
/// Some formats consist of a file and companions beside it (`CompanionFile`). All of them are complete, and on the disk where that is waited
/// for, before the first gets its name: the file itself, then its companions. Whoever looks between these steps finds the new file beside an
/// old companion, or beside none. A failure before the first step leaves all old files whole; one after it leaves the new file in place.
public final class FileReplacement: Sendable {
  /// When `commit` waits until the new content is on the disk.
  public enum Synchronization: Sendable {
    /// Wait when an existing file is replaced.
    case whenReplacing
    /// Wait in every case.
    case always
    /// Do not wait.
    case never
  }

  /// Where the new content goes: a stream with READ, WRITE and SEEK for a file, and with WRITE for a pipe or a device. `commit` and
  /// `abort` close it.
  public let stream: FileStream
  private let target: String
  /// `nil` when the target is written directly.
  private let file: ReplacementFile?
  /// `nil` when the target is written directly.
  private let companions: FileCompanions?
  private let isFinished = Atomic<Bool>(false)

  /// Creates the file for the new content. The target is not touched.
  ///
  /// Where the target is a pipe, this waits until it has a reader.
  ///
  /// - Parameter target: The file to write, or `-` for standard output.
  /// - Throws: `io` when the folder does not exist or is not writable, or the target is a folder or a file that this process may not
  ///   write; `invalidArgument` when the path is empty or has a zero byte.
  public init(target: String) throws(IOLinkError) {
    try IOLinkError.checkPath(target)
    self.target = target
    if let direct = try Self.openDirectly(target) {
      stream = FileStream(direct, .write, isSeekable: false)
      (file, companions) = (nil, nil)
      return
    }
    let (file, descriptor) = try Self.createBeside(target)
    let companions = FileCompanions(of: target)
    stream = FileStream(descriptor, [.read, .write], folder: file.folder, companions: companions)
    (self.file, self.companions) = (file, companions)
  }

  deinit { abort() }

  /// Whether the target is written directly, as a pipe or a device is: what has been written there cannot be taken back.
  public var isDirect: Bool { file == nil }

  /// Closes the stream and gives the new content the name of the target, and its companions theirs.
  ///
  /// - Parameter synchronization: Whether to wait until the content is on the disk before the file gets its name.
  /// - Throws: `io` when something could not be written; a target that is a file is then unchanged, unless a companion could not get its
  ///   name. `invalidArgument` after `commit` or `abort`.
  public func commit(_ synchronization: Synchronization = .whenReplacing) throws(IOLinkError) {
    guard !isFinished.exchange(true, ordering: .acquiringAndReleasing) else {
      throw IOLinkError(.invalidArgument, "the replacement of \"\(target)\" has already been committed or aborted")
    }
    var rest = [self] + (companions?.take() ?? [])
    do throws(IOLinkError) {
      let waits = try rest.map { one throws(IOLinkError) in try one.complete(synchronization) }
      for waits in waits {
        try rest[0].publish(waits)
        rest.removeFirst()
      }
    } catch {
      for one in rest { one.discard() }
      throw error
    }
  }

  /// Discards the new content. Does nothing after `commit`.
  public func abort() {
    guard !isFinished.exchange(true, ordering: .acquiringAndReleasing) else { return }
    discard()
    for companion in companions?.take() ?? [] { companion.discard() }
  }

  /// Writes everything and closes the stream.
  ///
  /// - Returns: Whether the content is on the disk, because that had to be waited for.
  private func complete(_ synchronization: Synchronization) throws(IOLinkError) -> Bool {
    guard let file else {
      try stream.close()
      return false
    }
    let waits = synchronization == .always || (synchronization == .whenReplacing && FileStatus(path: file.final) != nil)
    if waits { try stream.synchronize() }
    try stream.close()
    return waits
  }

  /// Gives the complete content its name.
  private func publish(_ waits: Bool) throws(IOLinkError) {
    guard let file else { return }
    try file.publish()
    isFinished.store(true, ordering: .releasing)
    if waits { Self.synchronizeFolder(of: file.final) }
  }

  private func discard() {
    isFinished.store(true, ordering: .releasing)
    stream.discard()
    file?.discard()
  }
}

extension FileReplacement {
  /// Opens a target that is written directly.
  ///
  /// - Returns: `nil` when the target is a regular file, or does not exist.
  private static func openDirectly(_ target: String) throws(IOLinkError) -> Descriptor? {
    if target == "-" { return try Descriptor(duplicating: 1, path: "standard output") }
    if let number = Path.openNumber(in: target) { return try Descriptor(duplicating: number, path: target) }
    switch FileStatus(path: target)?.kind {
    case nil, .regular: return nil
    case .folder: throw .system(EISDIR, "create", target)
    default: return try Descriptor(path: target, flags: O_WRONLY | O_NOCTTY, action: "create")
    }
  }

  /// Creates the file for the new content in the folder of the target.
  private static func createBeside(
    _ target: String
  ) throws(IOLinkError) -> (file: ReplacementFile, descriptor: Descriptor) {
    let followed = try Path.followingLinks(target)
    let name = Path.name(of: followed)
    guard !name.isEmpty, name != ".", name != ".." else {
      throw IOLinkError(.io, "cannot create \"\(target)\": it is a folder")
    }
    // The path is made absolute, so that the process may change its working folder before `commit`.
    guard let folder = Path.resolved(Path.folder(of: followed)) else { throw .system(errno, "create", target) }
    let final = Path.joined(folder, name)
    let old = FileStatus(path: final)
    // `rename` only needs a writable folder, so a file that is protected against writing is checked here.
    // (A C string, alive for the call.)
    if old != nil, unsafe access(final, W_OK) != 0 { throw .system(errno, "create", target) }
    let (file, descriptor) = try ReplacementFile.create(
      in: folder, for: name, permissions: old == nil ? 0o666 : 0o600, target: target)
    if let old {
      // A process without the right to change owners stays the owner. The mode is set last because `fchown` clears some of its bits.
      _ = fchown(descriptor.number, old.owner, old.group)
      _ = fchmod(descriptor.number, old.permissions)
    }
    return (file, descriptor)
  }

  /// Makes the new name durable. The content is already on the disk, so a folder that cannot be opened or waited for is not an error.
  private static func synchronizeFolder(of path: String) {
    guard let folder = try? Descriptor(path: Path.folder(of: path), flags: O_RDONLY | O_DIRECTORY) else { return }
    _ = fsync(folder.number)
  }
}
