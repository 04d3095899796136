#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Standard error, unbuffered.
public enum StandardError {
  /// Writes a whole text. Anything that the system does not accept is dropped, because it cannot be reported anywhere else.
  public static func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      // The buffer is alive for the call and has `count` bytes.
      let count = unsafe bytes.withUnsafeBytes { unsafe systemWrite(2, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }

  private static func systemWrite(_ descriptor: Int32, _ base: UnsafeRawPointer?, _ count: Int) -> Int {
    #if canImport(Darwin)
      unsafe Darwin.write(descriptor, base, count)
    #else
      unsafe Glibc.write(descriptor, base, count)
    #endif
  }
}
