import Foundation
import IOLinkCore
import IOLinkSystem
import Testing

@Suite struct FileReplacementTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func newFileAppearsAtCommitWithTheMaskedMode() throws {
    let mask = umask(0o027)
    defer { umask(mask) }
    let replacement = try FileReplacement(target: folder["a.h5"])
    #expect(!replacement.isDirect)
    #expect(replacement.stream.capabilities == [.read, .write, .seek])
    try replacement.stream.write([1, 2, 3])
    #expect(folder.names == [])
    try replacement.commit(.always)
    #expect(folder.names == ["a.h5"])
    #expect(folder.content("a.h5") == [1, 2, 3])
    #expect(try folder.permissions("a.h5") == 0o640)
    #expect(code { () throws(IOLinkError) in try replacement.commit() } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in try replacement.stream.write([1]) } == .invalidArgument)
  }

  @Test func existingFileKeepsItsModeAndIsWholeUntilThen() throws {
    try folder.file("a", [9, 9])
    try folder.setPermissions(0o604, "a")
    let replacement = try FileReplacement(target: folder["a"])
    try replacement.stream.write(pattern(100_000))
    try replacement.stream.flush()
    #expect(folder.content("a") == [9, 9])
    try replacement.commit()
    #expect(folder.content("a") == pattern(100_000))
    #expect(try folder.permissions("a") == 0o604)
    #expect(folder.names == ["a"])
  }

  @Test func hardLinksAndOpenReadersKeepTheOldContent() throws {
    let path = try folder.file("a", pattern(100_000))
    try FileManager.default.linkItem(atPath: path, toPath: folder["hard"])
    let reader = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    let replacement = try FileReplacement(target: path)
    try replacement.stream.write([1, 2])
    try replacement.commit()
    #expect(folder.content("a") == [1, 2])
    #expect(folder.content("hard") == pattern(100_000))
    #expect(try reader.readToEnd() == Data(pattern(100_000)))
    #expect(folder.names == ["a", "hard"])
  }

  @Test func abortAndDroppingLeaveNothing() throws {
    try folder.file("a", [9])
    do {
      let replacement = try FileReplacement(target: folder["a"])
      try replacement.stream.write([1])
      replacement.abort()
      replacement.abort()
      #expect(folder.names == ["a"])
      #expect(code { () throws(IOLinkError) in try replacement.commit() } == .invalidArgument)
    }
    do {
      let dropped = try FileReplacement(target: folder["b"])
      try dropped.stream.write([1])
    }
    #expect(folder.names == ["a"])
    #expect(folder.content("a") == [9])
  }

  @Test func linksAreFollowedAndStay() throws {
    try FileManager.default.createDirectory(atPath: folder["real"], withIntermediateDirectories: false)
    try folder.file("real/a", [9])
    try folder.link("one", to: "real/a")
    try folder.link("two", to: "one")
    try folder.link("dangling", to: "real/new")
    for link in ["two", "dangling"] {
      let replacement = try FileReplacement(target: folder[link])
      try replacement.stream.write([1, 2])
      try replacement.commit()
    }
    #expect(folder.content("real/a") == [1, 2])
    #expect(folder.content("real/new") == [1, 2])
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder["two"]) == "one")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder["dangling"]) == "real/new")
    #expect(folder.names == ["dangling", "one", "real", "two"])
    try folder.link("loop", to: "loop")
    #expect(code { () throws(IOLinkError) in try FileReplacement(target: folder["loop"]) } == .io)
  }

  @Test func whatCannotBeCreated() throws {
    for target in [folder["none/a"], folder.path, folder.path + "/", folder["a/"], folder["."], "/proc/none"] {
      do throws(IOLinkError) {
        _ = try FileReplacement(target: target)
        Issue.record("created \(target)")
      } catch {
        #expect(error.code == .io)
        #expect(error.reason.hasPrefix("cannot create"))
      }
    }
    #expect(code { () throws(IOLinkError) in try FileReplacement(target: "") } == .invalidArgument)
    #expect(folder.names == [])
  }

  @Test func longNamesHaveRoomForTheSuffix() throws {
    for name in [String(repeating: "n", count: 255), String(repeating: "ü", count: 127)] {
      let replacement = try FileReplacement(target: folder[name])
      try replacement.stream.write([1])
      try replacement.commit()
      #expect(folder.content(name) == [1])
    }
    #expect(folder.names.count == 2)
  }

  @Test func folderThatVanishesIsAnError() throws {
    try FileManager.default.createDirectory(atPath: folder["sub"], withIntermediateDirectories: false)
    let replacement = try FileReplacement(target: folder["sub/a"])
    try replacement.stream.write([1])
    try FileManager.default.removeItem(atPath: folder["sub"])
    #expect(code { () throws(IOLinkError) in try replacement.commit() } == .io)
  }

  @Test func targetThatBecomesAFolderStaysOne() throws {
    let replacement = try FileReplacement(target: folder["a"])
    try replacement.stream.write([1])
    try FileManager.default.createDirectory(atPath: folder["a"], withIntermediateDirectories: false)
    #expect(code { () throws(IOLinkError) in try replacement.commit() } == .io)
    #expect(folder.names == ["a"])
  }

  @Test func pipesAreWrittenDirectly() throws {
    try folder.makePipe("pipe")
    let path = folder["pipe"]
    let reading = DispatchQueue(label: "reader")
    nonisolated(unsafe) var got: [UInt8] = []
    let done = DispatchSemaphore(value: 0)
    reading.async {
      unsafe got = (try? FileHandle(forReadingAtPath: path)?.readToEnd()).map { [UInt8]($0) } ?? []
      done.signal()
    }
    let replacement = try FileReplacement(target: path)
    #expect(replacement.isDirect)
    #expect(replacement.stream.capabilities == .write)
    #expect(code { () throws(IOLinkError) in try replacement.stream.seek(to: 1) } == .unsupported)
    for part in 0..<3 { try replacement.stream.write(pattern(50_000, seed: part)) }
    #expect(replacement.stream.position == 150_000)
    try replacement.commit()
    done.wait()
    let bytes = unsafe got  // the reader has signalled that it is done
    #expect(bytes == pattern(50_000) + pattern(50_000, seed: 1) + pattern(50_000, seed: 2))
    #expect(folder.names == ["pipe"])
  }

  @Test func devicesAreWrittenDirectly() throws {
    let null = try FileReplacement(target: "/dev/null")
    #expect(null.isDirect)
    try null.stream.write(pattern(100_000))
    try null.commit()
    let full = try FileReplacement(target: "/dev/full")
    try full.stream.write([1])
    #expect(code { () throws(IOLinkError) in try full.commit() } == .io)
  }
}
