import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The number that tells why a system call failed. It is the `cause` of an `IOLinkError` that a system call led to.
public struct SystemErrorNumber: Error, Hashable, CustomStringConvertible {
  /// The value of `errno` after the call.
  public let number: Int32
  /// The file as the caller named it; `nil` when the call was not about a file.
  public let path: String?

  /// The number as text, such as `errno 28`.
  public var description: String { "errno \(number)" }
}

extension IOLinkError {
  /// The error for a failed system call: `cannot read "scan.tif": Input/output error`.
  ///
  /// - Parameters:
  ///   - number: The value of `errno` right after the call.
  ///   - action: What failed, as a verb: `open`, `create`, `read` or `write`.
  ///   - path: The file as the caller named it.
  ///   - offset: The position in the file, when it is known.
  /// - Returns: An error with the code `notFound` when a file to open does not exist, and with `io` otherwise.
  static func system(_ number: Int32, _ action: String, _ path: String, at offset: Int? = nil) -> IOLinkError {
    let isMissing = action == "open" && (number == ENOENT || number == ENOTDIR)
    return IOLinkError(
      isMissing ? .notFound : .io, "cannot \(action) \"\(path)\": \(text(of: number))", offset: offset,
      cause: SystemErrorNumber(number: number, path: path))
  }

  /// Checks that a path can be passed to the system.
  ///
  /// - Throws: `invalidArgument` when it is empty, or has a zero byte, at which the system would cut it off.
  static func checkPath(_ path: String) throws(IOLinkError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw IOLinkError(.invalidArgument, path.isEmpty ? "the file name is empty" : "the file name contains a zero byte")
    }
  }

  private static func text(of number: Int32) -> String {
    switch number {
    case ENOSPC, EDQUOT: return "no space left on the device (or the quota is used up)"
    case EFBIG: return "the file would exceed the largest size allowed here"
    case EPIPE: return "the reader has closed the pipe"
    default:
      // The buffer is long enough for any message. `strerror_r` ends it with a zero and stays inside the given count.
      return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let start = buffer.baseAddress, unsafe strerror_r(number, start, buffer.count) == 0 else {
          return "error \(number)"
        }
        return unsafe String(cString: start)
      }
    }
  }
}
