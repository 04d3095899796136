#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The environment variables of the process.
enum Environment {
  /// The value of a variable; `nil` when it is not set.
  static func value(of name: String) -> String? {
    // The string is copied at once, and this library does not change the environment.
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(cString: text)
  }
}
