import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What the system says about a file.
struct FileStatus: Sendable {
  enum Kind: Sendable { case regular, folder, symbolicLink, pipe, characterDevice, blockDevice, other }

  var kind: Kind
  var byteCount: Int
  /// Device and inode: two names with equal ones are the same file.
  var device: UInt
  var inode: UInt
  /// Modification time in nanoseconds since 1970.
  var modification: Int
  /// The lower twelve bits of the mode.
  var permissions: mode_t
  var owner: uid_t
  var group: gid_t

  /// The file that `path` leads to, through symbolic links; `nil` when there is none that this process may look at.
  init?(path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }  // a local structure and a C string, alive for the call
    self.init(status)
  }

  /// What `path` itself is, a symbolic link for example.
  init?(linkAt path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }  // as above
    self.init(status)
  }

  init(of descriptor: Descriptor) throws(IOLinkError) {
    var status = stat()
    guard unsafe fstat(descriptor.number, &status) == 0 else {  // a local structure, alive for the call
      throw .system(errno, "look at", descriptor.path)
    }
    self.init(status)
  }

  private init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      case S_IFLNK: .symbolicLink
      case S_IFIFO: .pipe
      case S_IFCHR: .characterDevice
      case S_IFBLK: .blockDevice
      default: .other
      }
    byteCount = Int(status.st_size)
    device = UInt(truncatingIfNeeded: status.st_dev)
    inode = UInt(truncatingIfNeeded: status.st_ino)
    #if canImport(Darwin)
      let time = status.st_mtimespec
    #else
      let time = status.st_mtim
    #endif
    modification = Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    permissions = status.st_mode & 0o7777
    owner = status.st_uid
    group = status.st_gid
  }
}
