import Foundation
import IOLinkCore
import Testing

@testable import IOLinkSystem

/// Paths, what the system reports about files, and the errors it gives.
@Suite struct PathTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func foldersAndNames() {
    for (path, parent, name) in [
      ("a", ".", "a"), ("/a", "/", "a"), ("/a/b", "/a", "b"), ("a/b/c", "a/b", "c"), ("a/", "a", ""), ("/", "/", ""),
    ] {
      #expect(Path.folder(of: path) == parent, "\(path)")
      #expect(Path.name(of: path) == name, "\(path)")
    }
    #expect(Path.joined("/", "a") == "/a")
    #expect(Path.joined("/a", "b") == "/a/b")
  }

  @Test func namesOfWhatIsOpen() {
    for (path, number) in [
      ("/dev/stdin", 0), ("/dev/stdout", 1), ("/dev/stderr", 2), ("/dev/fd/7", 7), ("/proc/self/fd/12", 12), ("/dev/fd/", nil),
      ("/dev/fd/x", nil), ("/dev/null", nil), ("dev/fd/3", nil), ("/proc/self/fdinfo/3", nil),
    ] as [(String, Int32?)] { #expect(Path.openNumber(in: path) == number, "\(path)") }
  }

  @Test func linksAreFollowedFortyTimes() throws {
    try folder.link("0", to: "end")
    for step in 1..<40 { try folder.link("\(step)", to: step % 2 == 0 ? "\(step - 1)" : folder["\(step - 1)"]) }
    #expect(try Path.followingLinks(folder["38"]) == folder["end"])
    let error = #expect(throws: IOLinkError.self) { try Path.followingLinks(folder["39"]) }
    #expect(error?.code == .io)
    #expect((error?.cause as? SystemErrorNumber)?.number == ELOOP)
    #expect(try Path.followingLinks(folder["none"]) == folder["none"])
    #expect(Path.resolved(folder["0"]) == nil)
    try folder.file("end", [1])
    #expect(Path.resolved(folder["38"]) == folder["end"])
  }

  @Test func statusOfEveryKind() throws {
    try folder.file("a", pattern(77))
    try folder.setPermissions(0o4751, "a")
    try folder.makePipe("pipe")
    try folder.link("link", to: "a")
    let file = try #require(FileStatus(path: folder["a"]))
    #expect(file.kind == .regular && file.byteCount == 77 && file.permissions == 0o4751)
    let attributes = try FileManager.default.attributesOfItem(atPath: folder["a"])
    #expect(attributes[.systemFileNumber] as? Int == Int(file.inode))
    #expect(attributes[.systemNumber] as? Int == Int(file.device))
    #expect(attributes[.ownerAccountID] as? Int == Int(file.owner) && attributes[.groupOwnerAccountID] as? Int == Int(file.group))
    #expect(FileStatus(path: folder["pipe"])?.kind == .pipe)
    #expect(FileStatus(path: folder.path)?.kind == .folder)
    #expect(FileStatus(path: "/dev/null")?.kind == .characterDevice)
    #expect(FileStatus(path: folder["link"])?.kind == .regular)
    #expect(FileStatus(linkAt: folder["link"])?.kind == .symbolicLink)
    #expect(FileStatus(path: folder["none"]) == nil && FileStatus(linkAt: folder["none"]) == nil)
  }

  @Test func whatCanBeSoughtIn() throws {
    try folder.file("a", [1])
    try folder.makePipe("pipe")
    #expect(try Descriptor(path: folder["a"], flags: O_RDWR).isSeekable)
    #expect(try !Descriptor(path: folder["a"], flags: O_RDWR | O_APPEND).isSeekable)
    #expect(try !Descriptor(path: folder["pipe"], flags: O_RDWR).isSeekable)
  }

  @Test func theNumberDecidesTheCode() {
    for (number, action, code) in [
      (ENOENT, "open", .notFound), (ENOTDIR, "open", .notFound), (EACCES, "open", .io), (ELOOP, "open", .io),
      (ENOENT, "create", .io), (ENOTDIR, "create", .io), (ENOENT, "read", .io),
    ] as [(Int32, String, IOLinkError.Code)] {
      let error = IOLinkError.system(number, action, "a.tif", at: 7)
      #expect(error.code == code, "\(number) \(action)")
      #expect(error.reason.hasPrefix("cannot \(action) \"a.tif\": "))
      #expect(error.offset == 7)
      let cause = error.cause as? SystemErrorNumber
      #expect(cause?.number == number && cause?.path == "a.tif" && cause?.description == "errno \(number)")
    }
    #expect(IOLinkError.system(EIO, "read", "a").offset == nil)
  }

  @Test func messagesSayWhatToDo() {
    for (number, text) in [
      (ENOSPC, "no space left on the device (or the quota is used up)"), (EDQUOT, "no space left on the device (or the quota is used up)"),
      (EFBIG, "the file would exceed the largest size allowed here"), (EPIPE, "the reader has closed the pipe"),
    ] { #expect(IOLinkError.system(number, "write", "a").reason == "cannot write \"a\": \(text)") }
    let text = unsafe String(cString: strerror(EIO))  // a constant of the C library
    #expect(IOLinkError.system(EIO, "write", "a").reason == "cannot write \"a\": \(text)")
  }

  @Test func longNamesAreCutAtTheirEnd() throws {
    let name = String(repeating: "n", count: 300)
    let file = try TemporaryFile.create(in: folder.path, stem: name, permissions: 0o600, target: "x")
    #expect(folder.names.first?.utf8.count == 255)
    #expect(folder.names.first.map { $0.hasPrefix(String(repeating: "n", count: 247)) } == true)
    #expect(file.path == folder[folder.names[0]])
  }

  @Test func copiesStopOnRequest() throws {
    let spool = try TemporaryFiles().makeStream()
    #expect(spool.capabilities == [.read, .write, .seek])
    try spool.write(pattern(3_000_000))
    let target = MemoryStream()
    try spool.seek(to: 0)
    try target.write(allOf: spool, cancellation: Cancellation())
    let isSame = target.bytes == pattern(3_000_000)  // compared here, because a list of differences would take minutes to print
    #expect(isSame)
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(code { () throws(IOLinkError) in try target.write(allOf: spool, cancellation: cancellation) } == .cancelled)
  }
}
