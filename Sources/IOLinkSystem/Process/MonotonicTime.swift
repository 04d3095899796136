#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A clock that only runs forwards, for measuring durations.
public enum MonotonicTime {
  /// The nanoseconds since an arbitrary moment, which is the same for the whole life of the process.
  public static var nanoseconds: Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)  // the structure is local and alive for the call
    return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
  }

  /// Lets the calling thread wait, less long when a signal arrives.
  public static func sleep(milliseconds: Int) { usleep(UInt32(clamping: milliseconds * 1_000)) }
}
