#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// How many threads are worth having.
public enum ThreadCount {
  /// What a pool is made with when the application says nothing: `IOLINK_NUM_THREADS` when it is a positive number, else
  /// `available`.
  public static var preferred: Int {
    let wanted = Environment.value(of: "IOLINK_NUM_THREADS").flatMap { Int($0) } ?? 0
    return wanted > 0 ? min(wanted, largest) : available
  }

  /// The cores that this process may use: its affinity, and its control group's processor quota rounded up; at least 1.
  public static var available: Int {
    let cores = affinity ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return max(1, min(cores, CgroupQuota.current ?? cores))
  }

  /// More threads than this are a mistake, not a wish.
  private static let largest = 1024

  /// The cores in the calling thread's affinity mask; `nil` where the system does not say.
  private static var affinity: Int? {
    let status = SmallFile.text(of: "/proc/thread-self/status") ?? SmallFile.text(of: "/proc/self/status")
    guard let status else { return nil }
    return SmallFile.value(of: "Cpus_allowed_list", in: status).flatMap(count(ofList:))
  }

  /// How many numbers a list such as `0-3,8,10-11` names; `nil` when it is not one.
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
