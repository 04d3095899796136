import Foundation
import Testing

/// How the registry uses files: what codecs are given, when a file gets its name, and what goes through a temporary file.
@Suite struct RegistryFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private let bytes: [UInt8] = [1, 2, 3, 4, 5, 6]

  @Test func codecsAreGivenWhatTheContextAllows() throws {
    let path = try folder.file("a", [1])
    for (mode, siblings, answer) in [
      ("read", "alone", "mode read, siblings unsupported"), ("update", "alone", "mode update, siblings unsupported"),
      ("read", "siblings", "mode read, siblings notFound"), ("update", "siblings", "mode update, siblings notFound"),
    ] { #expect(try Tool("open", path, mode, siblings).run().error.contains(answer)) }
  }

  @Test func theExtensionOrTheCallerNamesTheFormat() throws {
    #expect(try Tool("image", folder["a.streaming"]).run().status == 0)
    #expect(try Tool("image", folder["b.none"], "SEEKING").run().status == 0)
    #expect(folder.content("a.streaming") == bytes)
    #expect(folder.content("b.none") == bytes)
    #expect(try Tool("image", folder["c.none"]).run().error.hasPrefix("invalidArgument"))
    #expect(folder.names == ["a.streaming", "b.none"])
  }

  /// The registry waits for the disk on a new file only on request.
  @Test(arguments: ["image", "writer"]) func waitingIsPassedOn(command: String) throws {
    for (wish, count) in [("always", 1), ("never", 0), ("", 0), ("", 1), ("never", 0)] {
      let path = folder["\(wish).streaming"]
      let result = try command == "image" ? Tool("--calls", command, path, "", wish).run() : Tool("--calls", command, path, wish).run()
      #expect(result.status == 0)
      let calls = result.error.split(separator: "\n")
      #expect(calls.count { $0 == "fdatasync file" } == count && calls.count { $0 == "fsync folder" } == count, "\(wish)")
      #expect(folder.content("\(wish).streaming") == bytes)
    }
  }

  @Test(arguments: ["image", "writer"]) func failuresLeaveTheOldFile(command: String) throws {
    try folder.file("a.streaming", [9])
    let result = try Tool("--fault", "pwrite:1:error:\(ENOSPC)", command, folder["a.streaming"]).run()
    #expect(result.status == 74 && result.error.hasPrefix("io: "))
    #expect(folder.content("a.streaming") == [9])
    #expect(folder.names == ["a.streaming"])
  }

  @Test func aWriterThatIsDroppedLeavesTheOldFile() throws {
    try folder.file("half.streaming", [9])
    #expect(try Tool("writer", folder["half.streaming"]).run().status == 0)
    #expect(folder.content("half.streaming") == [9])
    #expect(folder.names == ["half.streaming"])
  }

  /// A format is written to a temporary file first only if it needs more than a pipe provides.
  @Test(arguments: [("streaming", false), ("seeking", true), ("rereading", true)])
  func pipesGetWhatTheyCanTake(format: String, isSpooled: Bool) throws {
    let result = try Tool("--calls", "image", "-", format).run()
    #expect(Array(result.output.utf8) == bytes)
    let temporary = "open \(FileManager.default.temporaryDirectory.path) unnamed"
    #expect(result.error.contains(temporary) == isSpooled)
    #expect(try !Tool("--calls", "image", folder["a"], format).run().error.contains(temporary))
  }
}
