import Foundation
import IOLinkCore
import IOLinkSystem
import Testing

@Suite struct DataSourceFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func siblingsOnlyWhereGranted() throws {
    try folder.file("a.tif", [1])
    try folder.file("b.tif", [2, 3])
    let denied = try DataSource.file(folder["a.tif"])
    #expect(denied.name == "a.tif")
    #expect(code { () throws(IOLinkError) in try denied.sibling(named: "b.tif") } == .unsupported)
    let granted = try DataSource.file(folder["a.tif"], permissions: .siblings)
    let sibling = try granted.sibling(named: "b.tif")
    #expect(sibling.name == "b.tif")
    #expect(try sibling.bytes.prefix(10) == [2, 3])
    #expect(!sibling.bytes.capabilities.contains(.write))
    #expect(try sibling.sibling(named: "a.tif").bytes.prefix(10) == [1])
    #expect(code { () throws(IOLinkError) in try granted.sibling(named: "none") } == .notFound)
  }

  @Test func siblingsStayInTheFolder() throws {
    let inner = folder["inner"]
    try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
    try folder.file("outside", [6, 6, 6])
    try folder.file("inner/a", [1])
    try folder.file("inner/b", [2])
    for (link, target) in [
      ("good", "b"), ("absolute", "\(inner)/b"), ("out", "../outside"), ("far", "/etc/passwd"), ("chain", "out"),
      ("dangling", "none"), ("deep", "sub/x"), ("next", "../inner2/x"),
    ] { try folder.link("inner/\(link)", to: target) }
    try folder.makePipe("inner/pipe")
    for other in ["\(inner)/sub", "\(inner)2"] {
      try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: false)
    }
    for other in ["inner/sub/x", "inner2/x"] { try folder.file(other, [6]) }

    let source = try DataSource.file("\(inner)/a", permissions: .siblings)
    #expect(try source.sibling(named: "good").bytes.prefix(9) == [2])
    #expect(try source.sibling(named: "absolute").bytes.prefix(9) == [2])
    for (name, expected) in [
      ("out", .unsupported), ("far", .unsupported), ("chain", .unsupported), ("deep", .unsupported),
      ("next", .unsupported), ("dangling", .notFound), ("pipe", .io),
      ("sub", .io), ("..", .invalidArgument), ("../outside", .invalidArgument), ("", .invalidArgument),
      ("b\0", .invalidArgument), ("sub/x", .invalidArgument),
    ] as [(String, IOLinkError.Code)] {
      #expect(code { () throws(IOLinkError) in try source.sibling(named: name) } == expected, "\(name)")
    }
    // The provider refuses as well, whoever calls it.
    let provider = try FolderSiblings(folder: inner)
    #expect(code { () throws(IOLinkError) in try provider.sibling(named: "../outside") } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in try FolderSiblings(folder: "\(inner)/none") } == .notFound)
  }

  @Test func folderReachedThroughALink() throws {
    try FileManager.default.createDirectory(atPath: folder["real"], withIntermediateDirectories: false)
    try folder.file("real/a", [1])
    try folder.file("real/b", [2])
    try folder.link("real/link", to: "b")
    try folder.link("alias", to: "real")
    let source = try DataSource.file(folder["alias/a"], permissions: .siblings)
    #expect(try source.sibling(named: "link").bytes.prefix(9) == [2])
  }

  @Test func pipesAreSpooled() throws {
    try folder.makePipe("pipe.npy")
    let path = folder["pipe.npy"]
    func feed(_ count: Int) {
      DispatchQueue.global().async {
        signal(SIGPIPE, SIG_IGN)
        let handle = FileHandle(forWritingAtPath: path)
        try? handle?.write(contentsOf: Data(pattern(count)))
        try? handle?.close()
      }
    }
    feed(3_000_000)
    let source = try DataSource.file(path)
    #expect(source.name == "pipe.npy")
    #expect(source.bytes.byteCount == 3_000_000)
    #expect(try source.bytes.bytes(at: 0, count: 3_000_000) == pattern(3_000_000))
    #expect(try source.bytes.mapped(2_999_999..<3_000_000) != nil)
    feed(3_000_000)
    #expect(try DataSource.file(path, spoolLimit: 3_000_000).bytes.byteCount == 3_000_000)
    feed(3_000_000)
    #expect(code { () throws(IOLinkError) in try DataSource.file(path, spoolLimit: 2_999_999) } == .limitExceeded)
    feed(10)
    #expect(code { () throws(IOLinkError) in try DataSource.file(path, access: .update) } == .unsupported)
    #expect(folder.names == ["pipe.npy"])
  }

  @Test func waitingForAPipeCanBeCancelled() throws {
    try folder.makePipe("pipe")
    let writer = try FileHandle(forUpdating: URL(fileURLWithPath: folder["pipe"]))  // keeps the pipe open and writes nothing
    defer { try? writer.close() }
    let cancellation = Cancellation()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { cancellation.cancel() }
    #expect(code { () throws(IOLinkError) in try DataSource.file(folder["pipe"], cancellation: cancellation) } == .cancelled)
  }

  /// Opening a pipe does not wait for its other end, so the wait for its bytes can be cancelled, or ends with them.
  @Test func waitingForTheOtherEndOfAPipeCanBeCancelled() throws {
    try folder.makePipe("pipe")
    let cancellation = Cancellation()
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) { cancellation.cancel() }
    #expect(code { () throws(IOLinkError) in try DataSource.file(folder["pipe"], cancellation: cancellation) } == .cancelled)
    let path = folder["pipe"]
    DispatchQueue.global().asyncAfter(deadline: .now() + 0.2) {
      let handle = FileHandle(forWritingAtPath: path)
      try? handle?.write(contentsOf: Data(pattern(10)))
      try? handle?.close()
    }
    #expect(try DataSource.file(path).bytes.bytes(at: 0, count: 10) == pattern(10))
  }

  @Test func whatIsReadOnceIsTold() throws {
    try folder.makePipe("pipe")
    try folder.file("file", [1])
    try folder.link("link", to: "pipe")
    #expect(["-", folder["pipe"], folder["link"], "/dev/null"].allSatisfy(DataSource.isReadOnce))
    #expect(![folder["file"], folder["none"], folder.path].contains(where: DataSource.isReadOnce))
  }

  @Test func emptyDeviceIsAnEmptyFile() throws {
    #expect(try DataSource.file("/dev/null").bytes.byteCount == 0)
    #expect(code { () throws(IOLinkError) in try DataSource.file(folder["none"]) } == .notFound)
    #expect(code { () throws(IOLinkError) in try DataSource.file(folder.path) } == .io)
  }
}
