import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The status of a file, as `stat(2)` reports it.
struct FileStatus: Sendable {
  enum Kind: Sendable { case regular, folder, symbolicLink, pipe, characterDevice, blockDevice, other }

  var kind: Kind
  var byteCount: Int
  /// The number of the device. Two paths with the same device and inode are the same file.
  var device: UInt
  var inode: UInt
  /// Modification time in nanoseconds since 1970.
  var modification: Int
  /// The lower twelve bits of the mode: permissions, set-user-ID, set-group-ID and sticky.
  var permissions: mode_t
  var owner: uid_t
  var group: gid_t

  /// The status of the file that `path` leads to through symbolic links; `nil` when there is none, or this process has no access to it.
  init?(path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }  // a local structure and a C string, both alive for the call
    self.init(status)
  }

  /// The status of `path` itself, which may be a symbolic link; `nil` when there is none, or this process has no access to it.
  init?(linkAt path: String) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }  // as above
    self.init(status)
  }

  /// The status of an open file.
  ///
  /// - Throws: `io` when the system does not report it.
  init(of descriptor: Descriptor) throws(IOLinkError) {
    var status = stat()
    guard unsafe fstat(descriptor.number, &status) == 0 else {  // a local structure, alive for the call
      throw .system(errno, "get the status of", descriptor.path)
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
