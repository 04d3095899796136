import IOLinkCore
import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file descriptor of the operating system, closed when the last reference to it is released.
///
/// The number is not given back while anyone holds the descriptor, so a read cannot reach a file that was opened later under
/// the same number. The exception is `closeNow()`.
final class Descriptor: Sendable {
  let number: Int32
  /// The file as the caller named it, for messages.
  let path: String
  private let isClosed = Atomic<Bool>(false)

  /// The maximum number of bytes that one system call is asked to move: some systems refuse more than 2 GiB.
  private static let largestCall = 1 << 30

  init(owning number: Int32, path: String) {
    self.number = number
    self.path = path
  }

  /// Opens a file. Programs that this process starts do not inherit the descriptor.
  ///
  /// - Parameters:
  ///   - path: The file to open.
  ///   - flags: As for `open(2)`.
  ///   - permissions: The mode of a new file, before the process's mask is applied.
  ///   - action: The verb of the message when it fails.
  /// - Throws: `notFound` when `action` is `open` and the file does not exist; `io` when it cannot be opened; `invalidArgument` when the
  ///   path is empty or has a zero byte.
  convenience init(path: String, flags: Int32, permissions: mode_t = 0o666, action: String = "open") throws(IOLinkError) {
    try IOLinkError.checkPath(path)
    var number: Int32
    repeat {
      number = unsafe open(path, flags | O_CLOEXEC, permissions)  // a C string, alive for the call
    } while number < 0 && errno == EINTR
    guard number >= 0 else { throw .system(errno, action, path) }
    self.init(owning: number, path: path)
  }

  /// Opens what can only be read once, without waiting for the other end of a pipe. Reading waits.
  ///
  /// - Throws: `io` when it cannot be opened.
  convenience init(pipe path: String) throws(IOLinkError) {
    try self.init(path: path, flags: O_RDONLY | O_NOCTTY | O_NONBLOCK)
    guard fcntl(number, F_SETFL, 0) == 0 else { throw .system(errno, "open", path) }
  }

  /// Makes a second descriptor of the file that `number` has open, such as standard input.
  ///
  /// - Throws: `io` when nothing is open under that number.
  convenience init(duplicating number: Int32, path: String) throws(IOLinkError) {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw .system(errno, "open", path) }
    self.init(owning: copy, path: path)
  }

  deinit { if !isClosed.load(ordering: .relaxed) { _ = close(number) } }

  /// Closes the file now, so that an error which the system reports on closing is not lost. Only for a descriptor with one user.
  ///
  /// - Throws: `io` when the system reports that something was not written.
  func closeNow() throws(IOLinkError) {
    guard !isClosed.exchange(true, ordering: .relaxed) else { return }
    guard close(number) == 0 || errno == EINTR else { throw .system(errno, "write", path) }
  }

  /// Reads from a position until the rest of `bytes` is full or the file ends.
  ///
  /// - Parameters:
  ///   - bytes: Where the bytes go.
  ///   - start: The first byte of `bytes` to fill.
  ///   - offset: The position in the file.
  /// - Returns: The number of bytes that were read.
  /// - Throws: `io` when the system cannot read.
  func fill(_ bytes: inout MutableRawSpan, from start: Int = 0, at offset: Int) throws(IOLinkError) -> Int {
    var done = start
    while done < bytes.byteCount {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        // `done` is less than the count, so the pointer is inside; the call gets no more than what is left.
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

  /// Reads the bytes that are available at the system's cursor, waiting for the first one.
  ///
  /// - Returns: The number of bytes that were read; 0 only at the end.
  /// - Throws: `io` when the system cannot read.
  func fillSome(_ bytes: inout MutableRawSpan, from start: Int = 0) throws(IOLinkError) -> Int {
    while true {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        // `start` is at most the count, so the pointer is inside; the call gets no more than what is left.
        unsafe read(number, buffer.baseAddress?.advanced(by: start), min(buffer.count - start, Self.largestCall))
      }
      if count >= 0 { return count }
      guard errno == EINTR else { throw .system(errno, "read", path) }
    }
  }

  /// Writes all of `bytes`, at a position or, when `offset` is `nil`, at the system's cursor.
  ///
  /// - Throws: `io` when the system cannot write, as on a full disk or to a closed pipe.
  func put(_ bytes: RawSpan, at offset: Int?) throws(IOLinkError) {
    var done = 0
    while done < bytes.byteCount {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        // `done` is less than the count, so the pointer is inside; the call gets no more than what is left.
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

  /// Cuts the file, or extends it with zeros, to this size.
  ///
  /// - Throws: `io` when the system cannot do so.
  func resize(to byteCount: Int) throws(IOLinkError) {
    while ftruncate(number, off_t(byteCount)) != 0 {
      guard errno == EINTR else { throw .system(errno, "resize", path) }
    }
  }

  /// Waits until the content of the file, and what is needed to find it, is on the disk.
  ///
  /// - Throws: `io` when the system reports that it could not be written.
  func synchronizeData() throws(IOLinkError) {
    #if canImport(Darwin)
      let result = fsync(number)
    #else
      let result = fdatasync(number)
    #endif
    // Some file systems do not have this call; on them the write is as durable as it can be.
    guard result == 0 || errno == EINVAL || errno == ENOTSUP else { throw .system(errno, "write", path) }
  }

  /// Whether the file can be read and written by position.
  ///
  /// This is false for pipes and terminals, and for files opened for appending, where the system writes at the end whatever
  /// position it is given.
  var isSeekable: Bool {
    let flags = fcntl(number, F_GETFL)
    return flags >= 0 && flags & O_APPEND == 0 && lseek(number, 0, SEEK_CUR) >= 0
  }
}
