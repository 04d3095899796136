#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Whether somebody is watching, and how wide his window is.
public enum Terminal: Int32, Sendable {
  case input = 0
  case output = 1
  case error = 2

  public var isInteractive: Bool { isatty(rawValue) == 1 }

  /// The window's width in characters; `nil` when this is not a terminal or does not say.
  public var columnCount: Int? {
    guard isInteractive else { return nil }
    var size = winsize()
    // A local structure of the kind that this request fills.
    if unsafe ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return Environment.value(of: "COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }
}
