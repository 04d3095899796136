import Foundation
import Testing

@testable import IOLinkSystem

@Suite struct ThreadCountTests {
  @Test func listsOfCores() {
    #expect(ThreadCount.count(ofList: "0-1") == 2)
    #expect(ThreadCount.count(ofList: "3") == 1)
    #expect(ThreadCount.count(ofList: "0-3,8,10-11") == 7)
    for bad in ["", "a", "3-1", "1-2-3", "1,,x"] { #expect(ThreadCount.count(ofList: bad) == nil, "\(bad)") }
  }

  /// `nproc` looks at the affinity; it knows no quota.
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

  /// File contents as the kernel's documentation shows them.
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
  }
}
