import IOLinkCore
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An open file of the system, closed when its last holder lets go.
///
/// The number is never given back while anyone holds the descriptor, so that no read can hit a file that was opened
/// later under the same number.
final class Descriptor: Sendable {
  let number: Int32
  /// The file as the caller named it, for messages.
  let path: String
  private let isClosed = Atomic<Bool>(false)

  /// The most that one system call is asked to move: some systems refuse more than 2 GiB.
  private static let largestCall = 1 << 30

  init(owning number: Int32, path: String) {
    self.number = number
    self.path = path
  }

  /// Opens a file. The descriptor is not inherited by programs that this process starts.
  ///
  /// - Parameter action: The verb of the message when it fails.
  convenience init(path: String, flags: Int32, permissions: mode_t = 0o666, action: String = "open") throws(IOLinkError) {
    try IOLinkError.checkPath(path)
    var number: Int32
    repeat {
      number = unsafe open(path, flags | O_CLOEXEC, permissions)  // a C string, alive for the call
    } while number < 0 && errno == EINTR
    guard number >= 0 else { throw .system(errno, action, path) }
    self.init(owning: number, path: path)
  }

  /// A second number for what `number` has open, such as standard input.
  convenience init(duplicating number: Int32, path: String) throws(IOLinkError) {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw .system(errno, "open", path) }
    self.init(owning: copy, path: path)
  }

  deinit { if !isClosed.load(ordering: .relaxed) { _ = close(number) } }

  /// Closes now, so that what the system reports at the end is not lost. Only for a descriptor with a single user.
  func closeNow() throws(IOLinkError) {
    guard !isClosed.exchange(true, ordering: .relaxed) else { return }
    guard close(number) == 0 || errno == EINTR else { throw .system(errno, "write", path) }
  }

  /// Reads from `offset` until `bytes`, from its element `start` on, is full or the file ends.
  ///
  /// - Returns: How many bytes came.
  func fill(_ bytes: inout MutableRawSpan, from start: Int = 0, at offset: Int) throws(IOLinkError) -> Int {
    var done = start
    while done < bytes.byteCount {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        // done < count: the pointer is inside, and the call gets no more than what is left.
        let wanted = min(buffer.count - done, Self.largestCall)
        return unsafe pread(number, buffer.baseAddress?.advanced(by: done), wanted, off_t(offset + done - start))
      }
      if count == 0 { break }
      if count > 0 {
        done += count
      } else if errno != EINTR {
        throw .system(errno, "read", path, at: offset + done - start)
      }
    }
    return done - start
  }

  /// Reads what is there at the system's cursor, waiting for the first byte.
  ///
  /// - Returns: How many bytes came; 0 only at the end.
  func fillSome(_ bytes: inout MutableRawSpan, from start: Int = 0) throws(IOLinkError) -> Int {
    while true {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        // start <= count: the pointer is inside, and the call gets no more than what is left.
        unsafe read(number, buffer.baseAddress?.advanced(by: start), min(buffer.count - start, Self.largestCall))
      }
      if count >= 0 { return count }
      guard errno == EINTR else { throw .system(errno, "read", path) }
    }
  }

  /// Writes all of `bytes`: at `offset`, or at the system's cursor when that is `nil`.
  func put(_ bytes: RawSpan, at offset: Int?) throws(IOLinkError) {
    var done = 0
    while done < bytes.byteCount {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        // done < count: the pointer is inside, and the call gets no more than what is left.
        let start = unsafe buffer.baseAddress?.advanced(by: done)
        let wanted = min(buffer.count - done, Self.largestCall)
        guard let offset else { return unsafe write(number, start, wanted) }
        return unsafe pwrite(number, start, wanted, off_t(offset + done))
      }
      if count > 0 {
        done += count
      } else if count == 0 || errno != EINTR {
        throw .system(count == 0 ? ENOSPC : errno, "write", path, at: offset.map { $0 + done })
      }
    }
  }

  /// Cuts or extends the file to this size.
  func resize(to byteCount: Int) throws(IOLinkError) {
    while ftruncate(number, off_t(byteCount)) != 0 {
      guard errno == EINTR else { throw .system(errno, "resize", path) }
    }
  }

  /// Waits until the content, and what is needed to find it, is on the disk.
  func synchronizeData() throws(IOLinkError) {
    #if canImport(Darwin)
      let result = fsync(number)
    #else
      let result = fdatasync(number)
    #endif
    // A file system without this call cannot do better.
    guard result == 0 || errno == EINVAL || errno == ENOTSUP else { throw .system(errno, "write", path) }
  }

  /// Whether the system's cursor can be moved and positions mean something: false for pipes, terminals and files
  /// opened for appending, where the system writes at the end whatever position it is given.
  var isSeekable: Bool {
    let flags = fcntl(number, F_GETFL)
    return flags >= 0 && flags & O_APPEND == 0 && lseek(number, 0, SEEK_CUR) >= 0
  }
}
