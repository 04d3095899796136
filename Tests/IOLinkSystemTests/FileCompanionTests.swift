import Foundation
import IOLinkCore
import IOLinkSystem
import Testing

/// A file and its companions get their names together, or none of them does.
@Suite struct FileCompanionTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func replacement(_ name: String) throws -> (FileReplacement, any StreamAccess) {
    let replacement = try FileReplacement(target: folder[name])
    let companions = try #require(replacement.stream.companions)
    #expect(companions.name == name)
    try replacement.stream.write([1, 2])
    let companion = try companions.stream(withExtension: "xml")
    try companion.write([3])
    return (replacement, companion)
  }

  @Test func bothAppearAtCommit() throws {
    let (replacement, companion) = try replacement("a.b.h5")
    #expect(folder.names == [])
    try replacement.commit(.always)
    #expect(folder.names == ["a.b.h5", "a.b.xml"] && folder.content("a.b.h5") == [1, 2] && folder.content("a.b.xml") == [3])
    #expect(code { () throws(IOLinkError) in try companion.write([4]) } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in try replacement.stream.companions?.stream(withExtension: "txt") } == .invalidArgument)
  }

  @Test func oldFilesStayUntilThenAndAfterAbort() throws {
    try folder.file("a.h5", [9])
    try folder.file("a.xml", [8])
    do {
      let (replacement, _) = try replacement("a.h5")
      #expect(folder.content("a.h5") == [9] && folder.content("a.xml") == [8])
      replacement.abort()
    }
    do { _ = try replacement("a.h5") }
    #expect(folder.names == ["a.h5", "a.xml"] && folder.content("a.h5") == [9] && folder.content("a.xml") == [8])
    try replacement("a.h5").0.commit()
    #expect(folder.names == ["a.h5", "a.xml"] && folder.content("a.h5") == [1, 2] && folder.content("a.xml") == [3])
  }

  @Test func companionsThatCannotBeWrittenAreRefusedAtOnce() throws {
    try FileManager.default.createDirectory(atPath: folder["b.xml"], withIntermediateDirectories: false)
    for (name, expected) in [("a.xml", IOLinkError.Code.invalidArgument), ("b.h5", .io)] {
      let replacement = try FileReplacement(target: folder[name])
      #expect(code { () throws(IOLinkError) in try replacement.stream.companions?.stream(withExtension: "xml") } == expected)
    }
    #expect(folder.names == ["b.xml"])
  }

  /// What stands between the two steps: the file has its name, and its companion cannot get its own.
  @Test func aLaterFailureLeavesTheNewFileAndTheOldCompanion() throws {
    let (replacement, _) = try replacement("a.h5")
    // A folder has taken the name of the companion meanwhile.
    try FileManager.default.createDirectory(atPath: folder["a.xml"], withIntermediateDirectories: false)
    #expect(code { () throws(IOLinkError) in try replacement.commit() } == .io)
    #expect(folder.names == ["a.h5", "a.xml"] && folder.content("a.h5") == [1, 2])
  }

  @Test func companionsOfALinkAreBesideTheLink() throws {
    let other = try TemporaryFolder()
    try folder.link("a.h5", to: other["b.h5"])
    try replacement("a.h5").0.commit()
    #expect(folder.names == ["a.h5", "a.xml"] && other.names == ["b.h5"])
  }

  @Test func pipesHaveNone() throws {
    #expect(try FileReplacement(target: "/dev/null").stream.companions == nil)
  }
}
