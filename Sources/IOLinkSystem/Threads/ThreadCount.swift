#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How many threads a process should use.
public enum ThreadCount {
  /// The number of threads of ``ThreadPool/shared``: the environment variable `IOLINK_NUM_THREADS` when it is a positive number (at
  /// most 1024), otherwise ``available``.
  public static var preferred: Int {
    let wanted = Environment.value(of: "IOLINK_NUM_THREADS").flatMap { Int($0) } ?? 0
    return wanted > 0 ? min(wanted, largest) : available
  }

  /// The number of cores that this process may use, at least 1: the cores of its affinity mask, or fewer where the processor quota of
  /// its control groups, rounded up, is less.
  public static var available: Int {
    let cores = affinity ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return max(1, min(cores, CgroupQuota.current ?? cores))
  }

  /// The maximum number of threads that a caller can ask for; a larger number is treated as a mistake.
  private static let largest = 1024

  /// The number of cores in the affinity mask of the calling thread; `nil` where the system does not report it.
  private static var affinity: Int? {
    let status = SmallFile.text(of: "/proc/thread-self/status") ?? SmallFile.text(of: "/proc/self/status")
    guard let status else { return nil }
    return SmallFile.value(of: "Cpus_allowed_list", in: status).flatMap(count(ofList:))
  }

  /// How many numbers a list such as `0-3,8,10-11` contains; `nil` when the text is not such a list.
  static func count(ofList list: some StringProtocol) -> Int? {
    var total = 0
    for part in list.split(separator: ",") {
      let bounds = part.split(separator: "-").map { Int($0) }
      guard bounds.count <= 2, let first = bounds.first ?? nil, let last = bounds.last ?? nil else { return nil }
      guard first <= last else { return nil }
      total += last - first + 1
    }
    return total > 0 ? total : nil
  }
}
