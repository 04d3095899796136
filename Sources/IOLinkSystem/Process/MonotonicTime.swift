#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A clock that only runs forwards.
public enum MonotonicTime {
  /// Nanoseconds since some moment before this process began.
  public static var nanoseconds: Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)  // a local structure, alive for the call
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
  }
}
