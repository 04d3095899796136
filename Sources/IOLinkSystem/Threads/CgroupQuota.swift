/// The processor time that Linux control groups grant this process, in cores.
///
/// Source: Linux kernel documentation, admin-guide/cgroup-v2 (`cpu.max`) and scheduler/sched-bwc (`cpu.cfs_quota_us`).
enum CgroupQuota {
  /// The quota of this process, rounded up to whole cores; `nil` where nothing limits it.
  static var current: Int? { cores { SmallFile.text(of: $0) } }

  /// The smallest quota of the process's control groups.
  ///
  /// - Parameter text: Returns the content of a file; `nil` where it cannot be read.
  static func cores(reading text: (String) -> String?) -> Int? {
    guard let groups = text("/proc/self/cgroup") else { return nil }
    var least: Int?
    for line in groups.split(separator: "\n") {
      // A line is `hierarchy:controllers:path`; version 2 lists no controllers.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let controllers = fields[1].split(separator: ",")
      guard controllers.isEmpty || controllers.contains("cpu") else { continue }
      for folder in folders(of: String(fields[2])) {
        let cores = controllers.isEmpty ? unified(folder, text) : legacy(String(fields[1]), folder, text)
        if let cores { least = min(cores, least ?? cores) }
      }
    }
    return least
  }

  /// The folder of the group and all folders above it, each of which may have a quota. In a container, only the top may be visible.
  private static func folders(of path: String) -> [String] {
    var folders = [""]
    for part in path.split(separator: "/") { folders.append("\(folders.last ?? "")/\(part)") }
    return folders
  }

  /// The quota of a folder of version 2.
  private static func unified(_ folder: String, _ text: (String) -> String?) -> Int? {
    for root in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] {
      let fields = text("\(root)\(folder)/cpu.max")?.split(whereSeparator: \.isWhitespace)
      guard let fields, fields.count == 2 else { continue }
      return cores(quota: Int(fields[0]), period: Int(fields[1]))
    }
    return nil
  }

  /// The quota of a folder of version 1.
  private static func legacy(_ controllers: String, _ folder: String, _ text: (String) -> String?) -> Int? {
    for root in ["/sys/fs/cgroup/\(controllers)", "/sys/fs/cgroup/cpu"] {
      guard let quota = text("\(root)\(folder)/cpu.cfs_quota_us") else { continue }
      guard let period = text("\(root)\(folder)/cpu.cfs_period_us") else { continue }
      return cores(quota: SmallFile.number(in: quota), period: SmallFile.number(in: period))
    }
    return nil
  }

  /// The cores of a quota, rounded up; `nil` where the quota is `max` or −1, which both mean no limit.
  private static func cores(quota: Int?, period: Int?) -> Int? {
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return max(1, quota / period + (quota % period > 0 ? 1 : 0))
  }
}
