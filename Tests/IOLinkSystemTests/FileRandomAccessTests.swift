import Foundation
import IOLinkCore
import IOLinkSystem
import Synchronization
import Testing

@Suite struct FileRandomAccessTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func readsAnyPart() throws {
    let bytes = pattern(10_000)
    let file = try FileRandomAccess(path: folder.file("a", bytes))
    #expect(file.byteCount == 10_000)
    #expect(file.capabilities == [.read, .memoryAccess])
    for (offset, count) in [(0, 10_000), (1, 1), (9_999, 1), (10_000, 0), (4_095, 4_098)] {
      #expect(try file.bytes(at: offset, count: count) == Array(bytes[offset..<(offset + count)]))
    }
  }

  @Test func endOfFileIsTruncated() throws {
    let file = try FileRandomAccess(path: folder.file("a", pattern(100)))
    for (offset, count) in [(0, 101), (100, 1), (-1, 2), (101, 0), (Int.max, 1), (1, Int.max)] {
      #expect(code { () throws(IOLinkError) in try file.bytes(at: offset, count: count) } == .truncated, "\(offset) \(count)")
    }
  }

  @Test func shortenedWhileOpenIsTruncated() throws {
    let path = try folder.file("a", pattern(10_000))
    let file = try FileRandomAccess(path: path)
    try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 5_000)
    #expect(try file.bytes(at: 0, count: 5_000) == Array(pattern(10_000)[..<5_000]))
    do throws(IOLinkError) {
      _ = try file.bytes(at: 4_000, count: 2_000)
      Issue.record("read past the new end")
    } catch {
      #expect(error.code == .truncated)
      #expect(error.offset == 5_000)
    }
    #expect(code { () throws(IOLinkError) in try file.mapped(0..<10_000) } == .truncated)
  }

  @Test func whatCannotBeOpened() throws {
    #expect(code { () throws(IOLinkError) in try FileRandomAccess(path: folder["none"]) } == .notFound)
    #expect(code { () throws(IOLinkError) in try FileRandomAccess(path: folder["none/none"]) } == .notFound)
    #expect(code { () throws(IOLinkError) in try FileRandomAccess(path: folder.path) } == .io)
    #expect(code { () throws(IOLinkError) in try FileRandomAccess(path: folder.path, access: .update) } == .io)
    #expect(code { () throws(IOLinkError) in try FileRandomAccess(path: "/dev/null") } == .io)
    #expect(code { () throws(IOLinkError) in try FileRandomAccess(path: "") } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in try FileRandomAccess(path: "/dev/null\0.tif") } == .invalidArgument)
    try folder.makePipe("pipe")
    #expect(code { () throws(IOLinkError) in try FileRandomAccess(path: folder["pipe"]) } == .io)
  }

  @Test func forbiddenIsIO() throws {
    let path = try folder.file("a", [1])
    try folder.setPermissions(0o777, "")
    try folder.setPermissions(0, "a")
    let result = try Tool("--unprivileged", "read", path).run()
    #expect(result.status == 74)
    #expect(result.error.hasPrefix("io: cannot open"))
  }

  @Test func identityTellsFilesAndStatesApart() throws {
    let path = try folder.file("a", pattern(10))
    let first = try FileRandomAccess(path: path).identity
    #expect(try FileRandomAccess(path: path).identity == first)
    try folder.file("b", pattern(10))
    #expect(try FileRandomAccess(path: folder["b"]).identity != first)
    try folder.link("link", to: "a")
    #expect(try FileRandomAccess(path: folder["link"]).identity == first)
    let time = Date(timeIntervalSince1970: 3.25)
    try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
    #expect(try FileRandomAccess(path: path).identity.modification == 3_250_000_000)
    let times = [timespec(tv_sec: 7, tv_nsec: 1), timespec(tv_sec: 5, tv_nsec: 123_456_789)]
    try #require(unsafe utimensat(AT_FDCWD, path, times, 0) == 0)  // the array holds both times that the call reads
    #expect(try FileRandomAccess(path: path).identity.modification == 5_123_456_789)
  }

  @Test func writesInsideWhenOpenForUpdate() throws {
    let path = try folder.file("a", pattern(100))
    let reader = try FileRandomAccess(path: path)
    let file = try FileRandomAccess(path: path, access: .update)
    #expect(file.capabilities == [.read, .write, .memoryAccess])
    let new: [UInt8] = [1, 2, 3]
    try file.write(at: 97, from: unsafe new.span.bytes)  // bytes have no padding
    #expect(folder.content("a") == Array(pattern(100)[..<97]) + new)
    let passing = code { () throws(IOLinkError) in try file.write(at: 98, from: unsafe new.span.bytes) }
    #expect(passing == .invalidArgument)
    let before = code { () throws(IOLinkError) in try file.write(at: -1, from: unsafe new.span.bytes) }
    #expect(before == .invalidArgument)
    let long = pattern(101)
    #expect(code { () throws(IOLinkError) in try file.write(at: 0, from: unsafe long.span.bytes) } == .invalidArgument)
    let reading = code { () throws(IOLinkError) in try reader.write(at: 0, from: unsafe new.span.bytes) }
    #expect(reading == .unsupported)
    #expect(folder.content("a")?.count == 100)
  }

  @Test func mapsAnyRangeAndOutlivesClosing() throws {
    let bytes = pattern(20_000)
    let file = try FileRandomAccess(path: folder.file("a", bytes))
    let blocks = try [0..<20_000, 4_096..<8_192, 4_097..<4_098, 19_999..<20_000, 5..<5].map { range in
      (range, try #require(try file.mapped(range)))
    }
    file.close()
    for (range, block) in blocks {
      #expect(!block.isWritable)
      #expect(block.withBytes { $0.byteArray() } == Array(bytes[range]))
    }
    #expect(code { () throws(IOLinkError) in try file.mapped(0..<1) } == .invalidArgument)
  }

  @Test func mappedForUpdateChangesTheFile() throws {
    let file = try FileRandomAccess(path: folder.file("a", pattern(10_000)), access: .update)
    let block = try #require(try file.mapped(5_000..<5_002))
    #expect(block.isWritable)
    let new: [UInt8] = [250, 251]
    block.withMutableBytes { $0.copy(from: unsafe new.span.bytes) }
    #expect(try file.bytes(at: 4_999, count: 4) == [pattern(10_000)[4_999], 250, 251, pattern(10_000)[5_002]])
    #expect(folder.content("a")?[5_001] == 251)
  }

  @Test(arguments: [(0, 20_000), (5_000, 13_000), (4_095, 4_097), (8_192, 8_193)])
  func mappingsEndWithTheirBlocks(start: Int, end: Int) throws {
    let result = try Tool("--calls", "map", folder.file("a", pattern(20_000)), "\(start)", "\(end)").run()
    #expect(result.output == "\(end - start)\n")
    let first = start / Int(getpagesize()) * Int(getpagesize())
    let calls = result.error.split(separator: "\n").filter { $0.hasPrefix("mmap ") || $0.hasPrefix("munmap ") }
    #expect(calls == ["mmap \(end - first) \(first)", "munmap \(end - first)"])
  }

  @Test func theWritableMemoryOfNothingIsWritable() throws {
    let file = try FileRandomAccess(path: folder.file("a", pattern(10)), access: .update)
    #expect(try file.mapped(10..<10)?.isWritable == true)
    #expect(code { () throws(IOLinkError) in try file.mapped(9..<11) } == .truncated)
    file.close()
    let new: [UInt8] = [1]
    #expect(code { () throws(IOLinkError) in try file.write(at: 0, from: unsafe new.span.bytes) } == .invalidArgument)
    #expect(code { () throws(IOLinkError) in try file.bytes(at: 0, count: 1) } == .invalidArgument)
  }

  @Test func closedWhileManyThreadsRead() throws {
    let bytes = pattern(100_000)
    let file = try FileRandomAccess(path: folder.file("a", bytes))
    let wrong = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let running = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      running.wrappingAdd(1, ordering: .relaxed)
      for step in 0..<100_000 {
        if worker == 0, step == 50, running.load(ordering: .relaxed) > 1 { file.close() }
        let offset = (step &* 7919 &+ worker &* 104_729) % 99_000
        do throws(IOLinkError) {
          if try file.bytes(at: offset, count: 1_000) != Array(bytes[offset..<(offset + 1_000)]) {
            wrong.wrappingAdd(1, ordering: .relaxed)
          }
        } catch {
          // The number of a closed file may be reused by other threads, and their files must not be read under it.
          if error.code == .invalidArgument { refused.wrappingAdd(1, ordering: .relaxed) }
          if (try? FileRandomAccess(path: "/proc/self/exe").bytes(at: 0, count: 4)) != Array("\u{7F}ELF".utf8) {
            wrong.wrappingAdd(1, ordering: .relaxed)
          }
          return
        }
        if step == 2_000 { file.close() }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
    #expect(refused.load(ordering: .relaxed) == 8)
  }
}
