import IOLinkCore

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The number by which the system says why a call failed: the cause of the errors that come of it.
public struct SystemErrorNumber: Error, Hashable, CustomStringConvertible {
  /// `errno`.
  public let number: Int32
  /// The file as the caller named it; `nil` where it is about none.
  public let path: String?

  /// `errno 28`.
  public var description: String { "errno \(number)" }
}

extension IOLinkError {
  /// The error that a failed system call left behind: `cannot read "scan.tif": Input/output error`.
  ///
  /// - Parameters:
  ///   - number: `errno`, read right after the call.
  ///   - action: What failed, as a verb: `open`, `create`, `read`, `write`.
  ///   - path: The file as the caller named it.
  ///   - offset: Where in the file, when that is known.
  static func system(_ number: Int32, _ action: String, _ path: String, at offset: Int? = nil) -> IOLinkError {
    let isMissing = action == "open" && (number == ENOENT || number == ENOTDIR)
    return IOLinkError(
      isMissing ? .notFound : .io, "cannot \(action) \"\(path)\": \(text(of: number))", offset: offset,
      cause: SystemErrorNumber(number: number, path: path))
  }

  /// - Throws: `invalidArgument` for a path that the system would cut short at a zero byte.
  static func checkPath(_ path: String) throws(IOLinkError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw IOLinkError(.invalidArgument, path.isEmpty ? "the file name is empty" : "the file name has a zero byte in it")
    }
  }

  private static func text(of number: Int32) -> String {
    switch number {
    case ENOSPC, EDQUOT: return "no space left on the device (or the quota is used up)"
    case EFBIG: return "the file would pass the largest size allowed here"
    case EPIPE: return "the reader has closed the pipe"
    default:
      // Room for any message; strerror_r ends it with a zero and stays inside the count it is given.
      return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let start = buffer.baseAddress, unsafe strerror_r(number, start, buffer.count) == 0 else {
          return "error \(number)"
        }
        return unsafe String(cString: start)
      }
    }
  }
}
