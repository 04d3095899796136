import Foundation
import IOLinkCore
import Testing

/// Files and pipes whose system calls are interrupted, transfer fewer bytes, or fail.
@Suite struct SystemCallTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private let bytes = pattern(200_000)
  private var summary: String { "\(bytes.count) \(bytes.reduce(0) { $0 + Int($1) })" }

  @Test(arguments: ["pread:1:error:\(EINTR)", "pread:0:limit:1777", "open:1:error:\(EINTR)"])
  func readingByPositionGoesOn(fault: String) throws {
    #expect(try Tool("--fault", fault, "read", folder.file("a", bytes)).run().output == "\(summary) in memory\n")
  }

  @Test func aFailureSaysWhere() throws {
    let path = try folder.file("a", bytes)
    let result = try Tool("--fault", "pread:1:limit:1000", "--fault", "pread:2:error:\(EIO)", "read", path).run()
    #expect(result.status == 74)
    #expect(result.error.hasPrefix("io: cannot read \"\(path)\"") && result.error.hasSuffix(" at 1000\n"))
  }

  @Test func whatCannotBeMappedIsRead() throws {
    let result = try Tool("--fault", "mmap:0:error:\(ENODEV)", "read", folder.file("a", bytes)).run()
    #expect(result.output == "\(summary) by reading\n")
  }

  @Test(arguments: ["read:1:error:\(EINTR)", "read:0:limit:1777", "pwrite:0:limit:999"]) func readingAPipeGoesOn(fault: String) throws {
    #expect(try Tool("--fault", fault, "input", "0").run(input: bytes).output == summary + "\n")
    // The limit is a number of bytes, however they arrive.
    #expect(try Tool("--fault", fault, "input", "200000").run(input: bytes).output == summary + "\n")
    #expect(try Tool("--fault", fault, "input", "199999").run(input: bytes).error.hasPrefix("limitExceeded: "))
  }

  @Test func aPipeThatCannotBeReadIsAnError() throws {
    let result = try Tool("--fault", "read:2:error:\(EIO)", "input", "0").run(input: bytes)
    #expect(result.status == 74)
    #expect(result.error.hasPrefix("io: cannot read \"standard input\""))
  }

  @Test(arguments: ["write:1:error:\(EINTR)", "write:0:limit:1777"]) func writingToAPipeGoesOn(fault: String) throws {
    let result = try Tool("--fault", fault, "output", "300").run()
    #expect(result.status == 0 && result.output == String(repeating: "A", count: 300_000))
  }

  @Test func messagesArriveWhole() throws {
    // The message for a missing file, one byte at a time.
    let whole = try Tool("read", folder["none"]).run().error
    #expect(whole.hasPrefix("notFound: cannot open"))
    #expect(try Tool("--fault", "write:0:limit:1", "read", folder["none"]).run().error == whole)
    let refused = try Tool("--fault", "write:0:error:\(EIO)", "read", folder["none"]).run()
    #expect(refused.status == 74 && refused.error == "")
  }

  @Test func resizingGoesOnOrFails() throws {
    try folder.file("a", [1, 2, 3])
    #expect(try Tool("--fault", "ftruncate:1:error:\(EINTR)", "resize", folder["a"], "2").run().status == 0)
    #expect(folder.content("a") == [1, 2])
    #expect(try Tool("--fault", "ftruncate:1:error:\(EFBIG)", "resize", folder["a"], "1").run().error.hasPrefix("io: cannot resize"))
    #expect(folder.content("a") == [1, 2])
  }

  @Test func temporaryFilesHaveNoNameAndNoOtherReaders() throws {
    for (value, start) in [(folder.path, folder.path), ("", "/tmp")] {
      let tool = try Tool("--calls", "input", "0")
      tool.process.environment?["TMPDIR"] = value
      let lines = try tool.run(input: bytes).error.split(separator: "\n").map(String.init)
      #expect(lines.contains("open \(start) unnamed cloexec 600"))
      #expect(!lines.contains("unlink"))
      #expect(folder.names == [])
    }
    // Where the file system has no files without names.
    let named = try Tool("--calls", "--fault", "open_unnamed:0:error:\(ENOTSUP)", "input", "0")
    named.process.environment?["TMPDIR"] = folder.path
    let lines = try named.run(input: bytes).error.split(separator: "\n").map(String.init)
    let opening = try #require(lines.firstIndex { $0.hasPrefix("open \(folder.path)/.iolink-") })
    #expect(lines[opening].hasSuffix(" create exclusive cloexec 600"))
    #expect(lines[opening + 1] == "unlink")
    #expect(folder.names == [])
    let tool = try Tool("input", "0")
    tool.process.environment?["TMPDIR"] = folder["none"]
    #expect(try tool.run(input: bytes).error.hasPrefix("io: cannot create \"the temporary copy of standard input\""))
  }

  /// The name may become a link or a pipe after it was checked, so opening neither follows links nor waits.
  @Test func siblingsAreOpenedWithoutFollowingAndWaiting() throws {
    try folder.file("a", bytes)
    let result = try Tool("--calls", "sibling", folder.path, "a").run()
    #expect(result.output == "200000\n")
    #expect(result.error.contains("open \(folder["a"]) nofollow nonblock cloexec 0\n"))
    #expect(try Tool("--calls", "read", folder["a"]).run().error.contains("open \(folder["a"]) nonblock cloexec 0\n"))
  }

  @Test func everythingIsClosedOnceAndNothingIsHandedDown() throws {
    let path = try folder.file("a", bytes)
    let many = try Tool("many", path).run()
    #expect(many.status == 0, "\(many.error)")
    #expect(try Tool("children-get-nothing", path).run(input: [1]).output == "true\n")
  }

  /// `MADV_HUGEPAGE` is 14. The advice covers whole pages of 2 MiB, from the beginning of one.
  @Test func memoryIsGivenBackAndComesInHugePages() throws {
    let result = try Tool("memory").run()
    #expect(result.status == 0, "\(result.error)")
    let calls = try Tool("--calls", "memory").run().error.split(separator: "\n").filter { $0.hasPrefix("madvise 14 ") }
    #expect(calls == [Substring](repeating: "madvise 14 0 1073741824", count: 20))
  }
}
