import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The file with the new content of a target, until it takes the target's name.
///
/// Where the file system can, the file has no name until then: nothing of it stays when its writer is killed. Elsewhere (network file
/// systems, FAT, macOS) its name is `.NAME.iolink-BOOTx`. BOOT stands for this run of this system, and x is a letter.
///
/// The writer holds a lock on the file (`flock`) as long as it lives, in either case. A writer that finds such a name taken removes
/// the file if it gets the lock: all processes of one run of a system see each other's locks, on network file systems too, so the
/// owner is gone. It never touches a file of another system or another run of this one, whose locks may not be visible here.
struct ReplacementFile: Sendable {
  /// Keeps the file open and locked until it has its name: the stream that writes to it is closed before.
  private let holder: Descriptor
  /// The absolute path of the folder of the target.
  let folder: String
  private let name: String
  /// The temporary path; `nil` while the file has no name.
  private let path: String?

  /// Creates the file.
  ///
  /// - Parameters:
  ///   - folder: The absolute path of the folder of the target.
  ///   - name: The name of the target.
  ///   - permissions: The mode of the file, before the process's mask is applied.
  ///   - target: The file that errors name.
  /// - Returns: The file, and a descriptor to write to it.
  /// - Throws: `io` when the file cannot be created.
  static func create(
    in folder: String, for name: String, permissions: mode_t, target: String
  ) throws(IOLinkError) -> (file: ReplacementFile, descriptor: Descriptor) {
    if let unnamed = try TemporaryFile.createUnnamed(in: folder, permissions: permissions, target: target), canLink(unnamed) {
      _ = flock(unnamed.number, LOCK_EX | LOCK_NB)  // nobody else can have it
      return (try ReplacementFile(unnamed, folder, name, path: nil), unnamed)
    }
    var created: Descriptor?
    let path = try takeName(in: folder, for: name, target) { path in
      let number = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, permissions)  // a C string, alive for the call
      guard number >= 0 else { return errno }
      let descriptor = Descriptor(owning: number, path: target)
      guard lock(descriptor, path) else { return EEXIST }
      created = descriptor
      return 0
    }
    guard let created else { throw .system(EEXIST, "create", target) }
    return (try ReplacementFile(created, folder, name, path: path), created)
  }

  private init(_ descriptor: Descriptor, _ folder: String, _ name: String, path: String?) throws(IOLinkError) {
    do throws(IOLinkError) { holder = try Descriptor(duplicating: descriptor.number, path: descriptor.path) } catch {
      if let path { _ = unsafe unlink(path) }  // a C string, alive for the call
      throw error
    }
    self.folder = folder
    self.name = name
    self.path = path
  }

  /// The path of the target.
  var final: String { Path.joined(folder, name) }

  /// Gives the file the name of the target, in place of a file that has it.
  ///
  /// - Throws: `io` when that is not possible. A temporary name is then left to ``discard()``, or gone.
  func publish() throws(IOLinkError) {
    if let path { return try move(path) }
    let number = link(to: final)
    if number == 0 { return }
    guard number == EEXIST else { throw .system(number, "create", holder.path) }
    // A link cannot replace a file, but a file with a name can.
    let path = try Self.takeName(in: folder, for: name, holder.path) { path in link(to: path) }
    do throws(IOLinkError) { try move(path) } catch {
      _ = unsafe unlink(path)  // a C string, alive for the call
      throw error
    }
  }

  /// Removes the temporary name, if there is one.
  func discard() {
    if let path { _ = unsafe unlink(path) }  // a C string, alive for the call
  }

  private func move(_ path: String) throws(IOLinkError) {
    // C strings, alive for the call.
    guard unsafe rename(path, final) == 0 else { throw .system(errno, "create", holder.path) }
  }

  /// Returns 0, or the error of the system.
  private func link(to path: String) -> Int32 {
    // C strings, alive for the call.
    unsafe linkat(AT_FDCWD, Self.link(to: holder), AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno
  }

  /// The link through which a process refers to a file that it has open.
  private static func link(to descriptor: Descriptor) -> String { "/proc/self/fd/\(descriptor.number)" }

  /// Whether the file can be given a name later, which needs `/proc`.
  private static func canLink(_ descriptor: Descriptor) -> Bool {
    unsafe access(link(to: descriptor), F_OK) == 0  // a C string, alive for the call
  }
}

extension ReplacementFile {
  /// The number of names that later writers of the same target look at, and so of writers that can be killed at the same time
  /// without leaving anything for ever.
  private static let sharedNames = Array("abcdefgh")

  /// The first digits of the number that this run of the system has; `nil` where it is not known.
  private static let boot: String? = SmallFile.text(of: "/proc/sys/kernel/random/boot_id").flatMap { text in
    let digits = text.filter(\.isHexDigit)
    return digits.count == 32 ? String(digits.prefix(16)) : nil
  }

  /// Tries names for a temporary file of a target until one is free. Leftovers of dead writers are removed.
  ///
  /// - Parameter take: As for ``TemporaryFile/takeName(in:stem:for:_:)``.
  private static func takeName(
    in folder: String, for name: String, _ target: String, _ take: (String) -> Int32
  ) throws(IOLinkError) -> String {
    let stem = ".\(name).iolink-"
    if let boot {
      for letter in sharedNames {
        let path = Path.joined(folder, TemporaryFile.name(stem, "\(boot)\(letter)"))
        var number = take(path)
        if number == EEXIST, removeLeftover(path) { number = take(path) }
        if number == 0 { return path }
        guard number == EEXIST || number == EINTR else { throw .system(number, "create", target) }
      }
    }
    return try TemporaryFile.takeName(in: folder, stem: stem, for: target, take)
  }

  /// Removes a file of ours whose writer is gone.
  ///
  /// - Returns: Whether the name is free now.
  private static func removeLeftover(_ path: String) -> Bool {
    // Opening neither follows a link nor waits for a pipe. Network file systems lock only what is open for writing.
    guard let file = try? Descriptor(path: path, flags: O_RDWR | O_NOFOLLOW | O_NONBLOCK), let status = try? FileStatus(of: file),
      status.kind == .regular, flock(file.number, LOCK_EX | LOCK_NB) == 0, isNamed(path, file)
    else { return false }
    return unsafe unlink(path) == 0  // a C string, alive for the call
  }

  /// Locks a file that was just created.
  ///
  /// - Returns: `false` when another writer has taken the file for a leftover in the meantime. `true` where files cannot be locked:
  ///   nobody can take it for a leftover there.
  private static func lock(_ file: Descriptor, _ path: String) -> Bool {
    guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else { return errno != EWOULDBLOCK }
    return isNamed(path, file)
  }

  private static func isNamed(_ path: String, _ file: Descriptor) -> Bool {
    guard let named = FileStatus(linkAt: path), let open = try? FileStatus(of: file) else { return false }
    return named.inode == open.inode && named.device == open.device
  }
}
