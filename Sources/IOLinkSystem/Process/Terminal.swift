#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A standard stream of the process, which may be connected to a terminal. The raw value is its file descriptor.
public enum Terminal: Int32, Sendable {
  /// Standard input.
  case input = 0
  /// Standard output.
  case output = 1
  /// Standard error.
  case error = 2

  /// Whether the stream is connected to a terminal.
  public var isInteractive: Bool { isatty(rawValue) == 1 }

  /// The width of the terminal in characters, or the value of the environment variable `COLUMNS` where the terminal does not report
  /// one; `nil` where neither is known, or the stream is not connected to a terminal.
  public var columnCount: Int? {
    guard isInteractive else { return nil }
    var size = winsize()
    // The structure is local, and of the type that this request fills.
    if unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return Environment.value(of: "COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }
}
