#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The process's environment variables.
enum Environment {
  static func value(of name: String) -> String? {
    // The string is copied at once; nobody in this library changes the environment.
    guard let text = unsafe getenv(name) else { return nil }
    return unsafe String(cString: text)
  }
}
