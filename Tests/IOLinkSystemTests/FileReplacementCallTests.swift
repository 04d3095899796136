import Foundation
import IOLinkCore
import Testing

/// `FileReplacement` as the system sees it: which calls it makes and in which order, what remains when the process ends at any of
/// them, and what happens when one fails.
@Suite struct FileReplacementCallTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// The bytes that `SystemTestTool replace` writes.
  static func written(_ count: Int, _ value: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 % 1000 * 7 + value) }
  }

  private static let count = 300_000

  private func replace(_ name: String, _ options: String..., how: String = "") throws -> (status: Int32, output: String, error: String) {
    try Tool(arguments: options + ["replace", folder[name], "\(Self.count)", "5", how]).run()
  }

  /// Compares the bytes here, because a list of their differences would take minutes to print.
  private func isWritten(_ name: String) -> Bool { folder.content(name) == Self.written(Self.count, 5) }

  /// The names of the calls, except those that open a file.
  private func calls(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("open ") }
  }

  /// 300 pieces of 1000 bytes are written, 65 at a time.
  @Test(arguments: [
    "fchown:1", "fchmod:1", "pwrite:1", "pwrite:3", "pwrite:5", "fdatasync:1", "close:1", "rename:1", "fsync:1",
  ]) func killedAtACallItLeavesTheTargetWhole(call: String) throws {
    for name in ["old", "new"] {
      if name == "old" { try folder.file(name, pattern(1_000)) }
      if name == "new", ["fchown:1", "fchmod:1"].contains(call) { continue }
      #expect(try replace(name, "--fault", call + ":kill", how: "always").status == -SIGKILL)
      let leftovers = folder.names.filter { $0.hasPrefix(".") }
      if call == "fsync:1" {
        #expect(isWritten(name))
        #expect(leftovers == [])
      } else {
        #expect(folder.content(name) == (name == "old" ? pattern(1_000) : nil))
        #expect(leftovers.count == 1 && leftovers.allSatisfy { $0.hasPrefix(".\(name).iolink-") })
      }
      for leftover in leftovers { try FileManager.default.removeItem(atPath: folder[leftover]) }
    }
  }

  @Test func theDiskHasTheContentBeforeTheNameAndThenTheName() throws {
    try folder.file("old", [9])
    try folder.setPermissions(0o640, "old")
    let writes = [String](repeating: "pwrite", count: 5)
    let owner = ["fchown \(geteuid()) \(getegid())", "fchmod 640"]
    let waiting = writes + ["fdatasync file", "close file", "rename", "fsync folder", "close folder"]
    let hasty = writes + ["close file", "rename"]
    #expect(calls(try replace("old", "--calls").error) == owner + waiting)
    #expect(calls(try replace("old", "--calls", how: "always").error) == owner + waiting)
    #expect(calls(try replace("old", "--calls", how: "never").error) == owner + hasty)
    #expect(calls(try replace("new", "--calls").error) == hasty)
    #expect(calls(try replace("newer", "--calls", how: "always").error) == waiting)
    #expect(calls(try replace("newest", "--calls", how: "never").error) == hasty)
    #expect(isWritten("newest"))
  }

  /// Other users may not read the new file until it has the owner of the old one.
  @Test func theNewFileIsOursAloneAtFirst() throws {
    try folder.file("old", [9])
    for (name, mode) in [("old", "600"), ("new", "666")] {
      let lines = try replace(name, "--calls").error.split(separator: "\n")
      let start = "open \(folder[""]).\(name).iolink-"
      let line = try #require(lines.first { $0.hasPrefix(start) })
      #expect(line.dropFirst(start.count + 8) == " create exclusive cloexec \(mode)")
    }
  }

  /// Root gives the new file the owner of the old one; other users remain the owner themselves. The mode is kept in both cases.
  @Test(arguments: [0o644, 0o6755]) func ownerAndModeAreKept(mode: Int) throws {
    let path = try folder.file("a", [9])
    let isRoot = geteuid() == 0
    let owner = isRoot ? (12345, 12346) : (Int(geteuid()), Int(getegid()))
    try #require(unsafe chown(path, uid_t(owner.0), gid_t(owner.1)) == 0)  // a C string, alive for the call
    try folder.setPermissions(mode, "a")
    #expect(try replace("a").status == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.ownerAccountID] as? Int == owner.0)
    #expect(attributes[.groupOwnerAccountID] as? Int == owner.1)
    #expect(try folder.permissions("a") == mode)
  }

  @Test func protectedFilesAndFoldersStay() throws {
    try folder.file("a", [9])
    try folder.setPermissions(0o777, "")
    try folder.setPermissions(0o444, "a")
    for (name, permissions) in [("a", 0o777), ("b", 0o555)] {
      try folder.setPermissions(permissions, "")
      let result = try replace(name, "--unprivileged")
      #expect(result.status == 74)
      #expect(result.error.hasPrefix("io: cannot create"))
    }
    try folder.setPermissions(0o777, "")
    #expect(folder.names == ["a"])
    #expect(folder.content("a") == [9])
    // Anyone who may write to a file may replace it, and then owns it.
    try folder.setPermissions(0o666, "a")
    #expect(try replace("a", "--unprivileged").status == 0)
    #expect(isWritten("a"))
    #expect(try folder.permissions("a") == 0o666)
  }

  @Test(arguments: [
    "open:0:error:\(EEXIST)", "open:1:error:\(EACCES)", "pwrite:2:error:\(ENOSPC)", "pwrite:5:error:\(EIO)", "pwrite:3:limit:0",
    "fdatasync:1:error:\(EIO)", "close:1:error:\(EIO)", "rename:1:error:\(EIO)",
  ]) func aCallThatFailsLeavesTheOldFileAlone(fault: String) throws {
    try folder.file("old", pattern(1_000))
    let result = try replace("old", "--fault", fault)
    #expect(result.status == 74)
    #expect(result.error.hasPrefix("io: cannot "))
    #expect(folder.content("old") == pattern(1_000))
    #expect(folder.names == ["old"])
    if fault.hasPrefix("pwrite:3") { #expect(result.error.contains("no space left") && result.error.hasSuffix(" at 130000\n")) }
  }

  /// Interruptions, short writes, names that are taken, and file systems without owners or without syncs.
  @Test(arguments: [
    "open:1:error:\(EEXIST)", "open:1:error:\(EINTR)", "pwrite:2:error:\(EINTR)", "pwrite:0:limit:777", "pwrite:1:limit:1",
    "fchown:1:error:\(EPERM)", "fchmod:1:error:\(EPERM)", "fdatasync:1:error:\(EINVAL)", "fdatasync:1:error:\(ENOTSUP)",
    "close:1:error:\(EINTR)", "fsync:1:error:\(EIO)", "open:2:error:\(EACCES)",
  ]) func whatDoesNoHarmIsNoFailure(fault: String) throws {
    try folder.file("old", pattern(1_000))
    let result = try replace("old", "--fault", fault)
    #expect(result.status == 0, "\(result.error)")
    #expect(isWritten("old"))
    #expect(folder.names == ["old"])
  }

  @Test func aFolderThatRefusesIsAskedOnce() throws {
    func openings(_ fault: String) throws -> Int {
      try replace("a", "--calls", "--fault", fault).error.split(separator: "\n").count { $0.hasPrefix("open ") }
    }
    #expect(try openings("open:0:error:\(EACCES)") == 1)
    #expect(try openings("open:0:error:\(EEXIST)") == 64)
  }

  /// These targets do not name files, but what the process has open.
  @Test(arguments: ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]) func namesOfStandardOutput(target: String) throws {
    // The content that was there before stays.
    try folder.file("log", [1, 2, 3])
    let log = try FileHandle(forUpdating: URL(fileURLWithPath: folder["log"]))
    try log.seekToEnd()
    let tool = try Tool("output", "100", target)
    tool.process.standardOutput = log
    try tool.process.run()
    #expect(tool.wait() == 0)
    #expect(folder.content("log") == [1, 2, 3] + [UInt8](repeating: 65, count: 100_000))
    #expect(folder.names == ["log"])
  }
}
