import Foundation
import Testing

/// Large files, processes that are killed or stopped, and two processes that write to one file.
struct SafetyTests {
  /// A sparse file of 64 GiB, with known elements in a box of 64³ at (500, 1000, 4000).
  private func sparse(_ folder: TestFolder, _ name: String, header: Data) throws -> Data {
    try folder.write(header, name)
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path(name)))
    try file.truncate(atOffset: UInt64(header.count) + 1 << 36)
    var box = Data()
    for z in 4000..<4064 {
      for y in 1000..<1064 {
        let row = Data((500..<564).map { UInt8(truncatingIfNeeded: $0 + y * 3 + z * 7) })
        try file.seek(toOffset: UInt64(header.count + (z * 4096 + y) * 4096 + 500))
        try file.write(contentsOf: row)
        box += row
      }
    }
    try file.close()
    return box
  }

  @Test("Reading a region of 64³ out of 64 GiB takes less than 64 MiB of memory", arguments: ["in.npy", "in.raw"])
  func largeFile(_ name: String) throws {
    let folder = try TestFolder()
    let isRaw = name == "in.raw"
    let box = try sparse(folder, name, header: isRaw ? Data(repeating: 1, count: 100) : npy("|u1", [4096, 4096, 4096]))
    let reading = isRaw ? ["--from", "raw", "-i", "shape=4096,4096,4096", "-i", "type=uint8", "-i", "offset=100"] : []
    let begin = Date()
    let (status, peak) = try CommandLineTool.peakMemory(
      ["convert", folder.path(name), folder.path("out.npy"), "--crop", "x=500:564,y=1000:1064,z=4000:4064"] + reading)
    print("\(name): \(peak >> 10) KiB at most, \(Date().timeIntervalSince(begin)) s")
    #expect(status == 0)
    #expect(peak < 64 << 20)
    #expect(try folder.data("out.npy").suffix(64 * 64 * 64) == box)
  }

  @Test("After a kill at any moment the target is either the old file, or none, or the whole new one")
  func killed() throws {
    let folder = try TestFolder()
    let pixels = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 97) })
    let source = npy("<u2", [1000, 1500], pixels)
    try folder.write(source, "in.npy")
    let old = Data("the old content".utf8)
    let begin = Date()
    #expect(try CommandLineTool.run("convert", folder.path("in.npy"), folder.path("whole.npy")).status == 0)
    let duration = Date().timeIntervalSince(begin)
    let whole = try folder.data("whole.npy")
    var random = SystemRandomNumberGenerator()
    var killCount = 0
    let attempts = ProcessInfo.processInfo.environment["IOLINK_EXHAUSTIVE"] == "1" ? 50 : 15
    for attempt in 0..<attempts {
      let target = attempt % 2 == 0 ? "out.npy" : "new\(attempt).npy"
      if attempt % 2 == 0 { try folder.write(old, target) }
      let process = try CommandLineTool.process(["convert", folder.path("in.npy"), folder.path(target)])
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(Double.random(in: 0...(duration * 1.1), using: &random) * 1e6))
      kill(process.processIdentifier, SIGKILL)
      if CommandLineTool.wait(process) != 0 { killCount += 1 }
      let found = try? folder.data(target)
      #expect(found == whole || found == (attempt % 2 == 0 ? old : nil), "attempt \(attempt): \(found?.count ?? -1) bytes")
    }
    #expect(killCount > 0)
  }

  @Test("Ctrl-C gives exit code 130, and leaves the old target whole and no other file")
  func interrupted() throws {
    let folder = try TestFolder()
    // Compression makes the conversion slow enough to be interrupted. The source is sparse.
    try folder.write(npy("|u1", [4096, 4096, 64]), "in.npy")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("in.npy")))
    try file.truncate(atOffset: file.seekToEnd() + 1 << 30)
    try file.close()
    let old = Data("the old content".utf8)
    try folder.write(old, "out.npy")
    let process = try CommandLineTool.process(
      ["convert", folder.path("in.npy"), folder.path("out.npy"), "--type", "float64"])
    let error = Pipe()
    process.standardError = error
    try process.run()
    // The conversion has begun when its temporary file appears next to the target.
    for _ in 0..<2000 where try folder.names.count == 2 { usleep(5000) }
    kill(process.processIdentifier, SIGINT)
    let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let status = CommandLineTool.wait(process)
    #expect(status == 130 && message.split(separator: "\n").count == 1, "\(status): \(message)")
    #expect(try folder.data("out.npy") == old)
    #expect(try folder.names == ["in.npy", "out.npy"])
  }

  @Test("Ctrl-C does not wait for a chunk that takes more than ten seconds to compress")
  func interruptedInAChunk() throws {
    let folder = try TestFolder()
    let count = 48 << 20
    let noise = try #require(try FileHandle(forReadingFrom: URL(fileURLWithPath: "/dev/urandom")).read(upToCount: count))
    try folder.write(npy("|u1", [count]) + noise, "in.npy")
    let process = try CommandLineTool.process([
      "convert", folder.path("in.npy"), folder.path("out.h5"), "-o", "chunk=\(count)", "-o", "compression=zstd", "-o", "level=22",
    ])
    let error = Pipe()
    process.standardError = error
    try process.run()
    usleep(1_500_000)
    let start = Date()
    kill(process.processIdentifier, SIGINT)
    let message = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(CommandLineTool.wait(process) == 130 && message.split(separator: "\n").count == 1, "\(message)")
    #expect(Date().timeIntervalSince(start) < 5)
    #expect(try folder.names == ["in.npy"])
  }

  @Test("Two processes that open one NPY file for update can write disjoint halves of it", arguments: ["<u2", ">u2"])
  func update(_ descr: String) throws {
    let folder = try TestFolder()
    let (rows, columns) = (400, 300)
    try folder.write(npy(descr, [rows, columns], Data(count: rows * columns * 2)), "shared.npy")
    // The halves are columns, not rows, so that every row has parts of both.
    let writers = try [(0, 130, 0x0102), (130, 300, 0x0304)].map { first, end, value in
      let process = Process()
      process.executableURL = try CommandLineTool.path("UpdateTool")
      process.arguments = [folder.path("shared.npy"), "\(first)", "\(end)", "\(value)"]
      try process.run()
      return process
    }
    for writer in writers { #expect(CommandLineTool.wait(writer) == 0) }
    let order: [[UInt8]] = descr == "<u2" ? [[2, 1], [4, 3]] : [[1, 2], [3, 4]]
    let row = Data((0..<columns).flatMap { order[$0 < 130 ? 0 : 1] })
    let expected = (0..<rows).reduce(into: Data()) { data, _ in data += row }
    #expect(try folder.data("shared.npy").suffix(rows * columns * 2) == expected)
  }
}
