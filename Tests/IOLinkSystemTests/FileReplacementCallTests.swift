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

  /// The names of the calls up to the one that makes the new name durable, except those that open a file, and the closes after the
  /// first of a file.
  private func calls(_ text: String) -> [String] {
    let calls = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("open ") }
    let first = calls.firstIndex(of: "close file") ?? calls.endIndex
    return calls[...first] + calls[(first + 1)...].filter { $0 != "close file" }
  }

  /// The fault of a file system that has no files without names.
  private static let named = ["--fault", "open_unnamed:0:error:\(ENOTSUP)"]

  private var leftovers: [String] { folder.names.filter { $0.hasPrefix(".") } }

  /// 300 pieces of 1000 bytes are written, 65 at a time.
  @Test(arguments: [
    "fchown:1", "fchmod:1", "pwrite:1", "pwrite:3", "pwrite:5", "fdatasync:1", "close:1", "link:1", "link:2", "rename:1", "fsync:1",
  ]) func killedAtACallItLeavesTheTargetWholeAndNothingElse(call: String) throws {
    for name in ["old", "new"] {
      if name == "old" { try folder.file(name, pattern(1_000)) }
      if name == "new", ["fchown:1", "fchmod:1", "link:2", "rename:1"].contains(call) { continue }
      #expect(try replace(name, "--fault", call + ":kill", how: "always").status == -SIGKILL)
      if call == "fsync:1" {
        #expect(isWritten(name))
      } else {
        #expect(folder.content(name) == (name == "old" ? pattern(1_000) : nil))
      }
      // Between its second link and its rename the file has a temporary name.
      #expect(leftovers.count == (call == "rename:1" ? 1 : 0))
      #expect(try replace(name).status == 0)
      #expect(isWritten(name))
      #expect(leftovers == [])
    }
  }

  @Test(arguments: ["fchown:1", "pwrite:3", "fdatasync:1", "rename:1", "fsync:1"])
  func withoutUnnamedFilesTheNextWriterRemovesWhatAKilledOneLeft(call: String) throws {
    for name in ["old", "new"] {
      if name == "old" { try folder.file(name, pattern(1_000)) }
      if name == "new", call == "fchown:1" { continue }
      // Several processes are killed one after another, and each removes what the one before has left.
      for _ in 0..<3 {
        let result = try Tool(
          arguments: Self.named + ["--fault", call + ":kill", "replace", folder[name], "\(Self.count)", "5", "always"]).run()
        #expect(result.status == -SIGKILL)
        if call != "fsync:1" {
          #expect(folder.content(name) == (name == "old" ? pattern(1_000) : nil))
          #expect(leftovers.count == 1 && leftovers.allSatisfy { $0.hasPrefix(".\(name).iolink-") })
        }
      }
      #expect(try Tool(arguments: Self.named + ["replace", folder[name], "\(Self.count)", "5"]).run().status == 0)
      #expect(isWritten(name))
      #expect(leftovers == [])
    }
  }

  /// A leftover has a name that says which run of the system made it, and no lock. Everything else stays.
  @Test func whatIsNotALeftoverStays() throws {
    let tool = try Tool(arguments: Self.named + ["replace", folder["a"], "100000000", "5"])
    try tool.start()
    kill(tool.process.processIdentifier, SIGSTOP)  // it holds its file for as long as the test wants
    let living = try #require(leftovers.first)
    // A file of another run of the system, one of another target, a folder, a link and a pipe under names of ours.
    let stem = String(living.dropLast())
    let foreign = [".a.iolink-0123456789abcdefa", ".b.iolink-" + stem.dropFirst(".a.iolink-".count) + "a"]
    for name in foreign { try folder.file(name, [1]) }
    try FileManager.default.createDirectory(atPath: folder[stem + "b"], withIntermediateDirectories: false)
    try folder.link(stem + "c", to: foreign[0])
    try folder.makePipe(stem + "d")
    try folder.file(stem + "e", [1])
    let result = try Tool(arguments: Self.named + ["replace", folder["a"], "\(Self.count)", "5"]).run()
    #expect(result.status == 0, "\(result.error)")
    #expect(isWritten("a"))
    // Only the last one is a leftover; the writer took its name.
    #expect(leftovers == ([living] + foreign + [stem + "b", stem + "c", stem + "d"]).sorted())
    kill(tool.process.processIdentifier, SIGKILL)
    #expect(tool.wait() == -SIGKILL)
    #expect(isWritten("a"))
  }

  /// Where files cannot be locked, nothing is removed.
  @Test func withoutLocksNothingIsRemoved() throws {
    let options = Self.named + ["--fault", "flock:0:error:\(ENOLCK)"]
    for count in 1...2 {
      let arguments = options + ["--fault", "rename:1:kill", "replace", folder["a"], "\(Self.count)", "5"]
      #expect(try Tool(arguments: arguments).run().status == -SIGKILL)
      #expect(leftovers.count == count)
    }
    #expect(try Tool(arguments: options + ["replace", folder["a"], "\(Self.count)", "5"]).run().status == 0)
    #expect(isWritten("a"))
    #expect(leftovers.count == 2)
  }

  @Test func theDiskHasTheContentBeforeTheNameAndThenTheName() throws {
    try folder.file("old", [9])
    try folder.setPermissions(0o640, "old")
    let writes = [String](repeating: "pwrite", count: 5)
    let owner = ["fchown \(geteuid()) \(getegid())", "fchmod 640"]
    let (durable, replacing) = (["fsync folder", "close folder"], ["link", "link", "rename"])
    let (waiting, hasty) = (writes + ["fdatasync file", "close file"], writes + ["close file"])
    #expect(calls(try replace("old", "--calls").error) == owner + waiting + replacing + durable)
    #expect(calls(try replace("old", "--calls", how: "always").error) == owner + waiting + replacing + durable)
    #expect(calls(try replace("old", "--calls", how: "never").error) == owner + hasty + replacing)
    #expect(calls(try replace("new", "--calls").error) == hasty + ["link"])
    #expect(calls(try replace("newer", "--calls", how: "always").error) == waiting + ["link"] + durable)
    #expect(calls(try replace("newest", "--calls", how: "never").error) == hasty + ["link"])
    #expect(isWritten("newest"))
    // With a name from the beginning, a rename is enough.
    let named = try Tool(arguments: Self.named + ["--calls", "replace", folder["old"], "\(Self.count)", "5"]).run().error
    #expect(calls(named).filter { $0 != "pwrite" } == ["close file"] + owner + ["fdatasync file", "rename"] + durable)
  }

  /// Other users may not read the new file until it has the owner of the old one.
  @Test func theNewFileIsOursAloneAtFirst() throws {
    try folder.file("old", [9])
    for (name, mode) in [("old", "600"), ("new", "666")] {
      let lines = try replace(name, "--calls").error.split(separator: "\n")
      #expect(lines.contains("open \(folder.path) unnamed cloexec \(mode)"))
      if name == "new" { try FileManager.default.removeItem(atPath: folder["new"]) }
      let options = Self.named + ["--calls", "replace", folder[name], "1", "5"]
      let named = try Tool(arguments: options).run().error.split(separator: "\n")
      let start = "open \(folder[""]).\(name).iolink-"
      let line = try #require(named.first { $0.hasPrefix(start) })
      #expect(line.dropFirst(start.count + 17) == " create exclusive cloexec \(mode)")
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
    "fdatasync:1:error:\(EIO)", "close:1:error:\(EIO)", "link:1:error:\(EIO)", "link:2:error:\(EIO)", "link:0:error:\(EEXIST)",
    "rename:1:error:\(EIO)",
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
    "open:3:error:\(EACCES)", "link:2:error:\(EINTR)", "link:2:error:\(EEXIST)",
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
    // A file without a name, the number of this run of the system, and 64 names.
    #expect(try openings("open:0:error:\(EEXIST)") == 1 + 1 + 64)
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
