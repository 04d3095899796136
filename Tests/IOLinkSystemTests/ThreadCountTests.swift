import Foundation
import Testing

@testable import IOLinkSystem

@Suite struct ThreadCountTests {
  /// What `SystemTestTool threads` prints: the preferred threads, the available cores and the threads of the shared pool.
  private func counts(_ options: String..., wanted: String? = nil) throws -> [Int] {
    let tool = try Tool(arguments: options + ["threads"])
    tool.process.environment?["IOLINK_NUM_THREADS"] = wanted
    return try tool.run().output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
  }

  /// A machine of 8 cores, of which a control group may use 2.5.
  @Test func environmentAndQuotaAndAffinityDecide() throws {
    let root = try TemporaryFolder()
    for name in ["proc/self", "proc/thread-self", "sys/fs/cgroup"] {
      try FileManager.default.createDirectory(atPath: root[name], withIntermediateDirectories: true)
    }
    func write(_ name: String, _ text: String) throws { try root.file(name, Array(text.utf8)) }
    let online = try counts("--root", root.path)
    let machine = ProcessInfo.processInfo.activeProcessorCount
    #expect(online == [machine, machine, machine])
    try write("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-4\n")
    #expect(try counts("--root", root.path) == [5, 5, 5])
    try write("proc/thread-self/status", "Cpus_allowed:\tff\nCpus_allowed_list:\t0-7\nMems_allowed_list:\t0\n")
    #expect(try counts("--root", root.path) == [8, 8, 8])
    try write("proc/self/cgroup", "0::/\n")
    try write("sys/fs/cgroup/cpu.max", "1600000 100000\n")
    #expect(try counts("--root", root.path) == [8, 8, 8])
    try write("sys/fs/cgroup/cpu.max", "250000 100000\n")
    #expect(try counts("--root", root.path) == [3, 3, 3])
    for nonsense in ["", "0", "-2", "x", "2.5"] { #expect(try counts("--root", root.path, wanted: nonsense) == [3, 3, 3]) }
    for (wanted, count) in [("1", 1), ("5", 5), ("1024", 1024), ("5000", 1024)] {
      #expect(try counts("--root", root.path, wanted: wanted) == [count, 3, count])
    }
  }

  @Test func aProcessOfOneCoreHasOneThread() throws { #expect(try counts("--one-core") == [1, 1, 1]) }

  @Test func listsOfCores() {
    #expect(ThreadCount.count(ofList: "0-1") == 2)
    #expect(ThreadCount.count(ofList: "3") == 1)
    #expect(ThreadCount.count(ofList: "0-3,8,10-11") == 7)
    for bad in ["", "a", "3-1", "1-2-3", "1,,x"] { #expect(ThreadCount.count(ofList: bad) == nil, "\(bad)") }
  }

  /// `nproc` respects the affinity but not quotas.
  @Test func agreesWithTheSystem() throws {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/nproc")
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let cores = try #require(Int(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect((1...cores).contains(ThreadCount.available))
  }

  /// The contents of files as the kernel's documentation shows them.
  @Test func quotas() {
    func cores(_ files: [String: String]) -> Int? { CgroupQuota.cores { files[$0] } }
    #expect(cores([:]) == nil)
    let unified = "0::/user.slice/app.scope\n"
    #expect(cores(["/proc/self/cgroup": unified, "/sys/fs/cgroup/user.slice/app.scope/cpu.max": "max 100000\n"]) == nil)
    #expect(cores(["/proc/self/cgroup": unified, "/sys/fs/cgroup/user.slice/app.scope/cpu.max": "150000 100000\n"]) == 2)
    #expect(cores(["/proc/self/cgroup": unified, "/sys/fs/cgroup/user.slice/app.scope/cpu.max": "1000 100000\n"]) == 1)
    #expect(
      cores([
        "/proc/self/cgroup": unified, "/sys/fs/cgroup/user.slice/app.scope/cpu.max": "800000 100000\n",
        "/sys/fs/cgroup/user.slice/cpu.max": "300000 100000\n",
      ]) == 3)
    #expect(cores(["/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "200000 100000\n"]) == 2)
    let legacy = "4:memory:/a\n3:cpu,cpuacct:/docker/x\n1:name=systemd:/\n"
    #expect(
      cores([
        "/proc/self/cgroup": legacy, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "250000\n",
        "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      ]) == 3)
    #expect(
      cores([
        "/proc/self/cgroup": legacy, "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "-1\n",
        "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
      ]) == nil)
    // The group's own limit counts in either place. The smaller of two limits counts. A period of 0 is not a limit.
    for folder in ["/sys/fs/cgroup/cpu,cpuacct/docker/x", "/sys/fs/cgroup/cpu/docker/x", "/sys/fs/cgroup/cpu/docker"] {
      var files = ["/proc/self/cgroup": legacy]
      files[folder + "/cpu.cfs_quota_us"] = "400001\n"
      files[folder + "/cpu.cfs_period_us"] = "100000\n"
      #expect(cores(files) == 5, "\(folder)")
      files["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us"] = "200000\n"
      files["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us"] = "100000\n"
      #expect(cores(files) == 2, "\(folder)")
      files["/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us"] = "0\n"
      #expect(cores(files) == 5, "\(folder)")
    }
    let both = "5:cpuset:/a\n0::/a:b\n"
    let other = ["/sys/fs/cgroup/cpuset/a/cpu.cfs_quota_us": "1", "/sys/fs/cgroup/cpuset/a/cpu.cfs_period_us": "1"]
    #expect(cores(other.merging(["/proc/self/cgroup": both]) { $1 }) == nil)
    #expect(cores(["/proc/self/cgroup": both, "/sys/fs/cgroup/unified/a:b/cpu.max": "700000 100000"]) == 7)
    #expect(cores(["/proc/self/cgroup": "nonsense\n\n" + both, "/sys/fs/cgroup/cpu.max": "100001 100000"]) == 2)
  }

  @Test func linesOfSmallFiles() throws {
    let text = "VmHWM2:\t1 kB\nVmHWM:\t  22\tkB  \nEmpty:\n"
    #expect(SmallFile.value(of: "VmHWM", in: text) == "22\tkB")
    #expect(SmallFile.value(of: "Empty", in: text) == "")
    #expect(SmallFile.value(of: "Vm", in: text) == nil)
    #expect(SmallFile.number(in: " 22\tkB") == 22)
    #expect(SmallFile.number(in: "") == nil && SmallFile.number(in: "max 1") == nil)
    let folder = try TemporaryFolder()
    try folder.file("a", [UInt8](repeating: 65, count: 100_000))
    #expect(SmallFile.text(of: folder["a"]) == String(repeating: "A", count: 65_536))
    #expect(SmallFile.text(of: folder["none"]) == nil)
  }

  @Test func memoryUsageIsWhatTheKernelWrites() throws {
    let usage = try #require(MemoryUsage(status: "Name:\tx\nVmPeak:\t  9000 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"))
    #expect(usage.peakResident == 2 << 20)
    #expect(usage.resident == 1 << 20)
    #expect(MemoryUsage(status: "Name:\tx\n") == nil)
    let now = try #require(MemoryUsage.current)
    #expect(now.peakResident >= now.resident && now.resident > 1 << 20)
  }

  @Test func timeRunsForwards() {
    let first = MonotonicTime.nanoseconds
    usleep(2_000)
    #expect(MonotonicTime.nanoseconds - first >= 2_000_000)
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)  // a local structure, alive for the call
    let seconds = MonotonicTime.nanoseconds / 1_000_000_000
    #expect((0...60).contains(seconds - Int(time.tv_sec)))
  }
}
